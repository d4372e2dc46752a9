#ifndef CDE_INSPECT_EDIT_H
#define CDE_INSPECT_EDIT_H

#include "inspect/edit_ops.h"
#include "inspect/model.h"
#include "inspect/query.h"

/*
 * Changes to a package that are staged first, can be taken back without limit, and are
 * written in one transaction.
 *
 * The log is the table `edit` of the manifest: groups (one per act of the user) of
 * operations on single paths, in the order in which they were made.  Undo and redo move
 * a bar through the groups; what is staged is always derived from the log:
 *
 *   done, not written    will be applied
 *   written, not done    was taken back after a write: its inverse will be applied
 *
 * A new act cuts off what was undone.  Nothing but edits_write touches a file of the
 * package, and edits_write has one commit point: the SQLite transaction.  Renames that a
 * crash left undone are finished when the log is opened next.
 *
 * The package may be open without PACKAGE_WRITE (cde-tui): each act is then a short
 * transaction of its own, and edits_write takes the lock for as long as it lasts.  When
 * another program changed the log meanwhile, each function looks at it anew first.
 * Not thread-safe, as the package.
 */
const char *edit_verb_name(enum edit_verb v); /* "drop" … */

struct edit_group {
	int64_t number; /* edit.grp */
	char *at;	/* "2026-11-24T11:20:32Z" */
	bool done, written;
	bool cut; /* written, undone, and no redo any more: goes with the next write */
	struct edit_ops op;
};

struct edits {
	struct package *p;
	unsigned flags;
	VEC(struct edit_group) group; /* in order; do not change */
	struct edit_view *view;	      /* private: what is staged, by path */
	int64_t version;	      /* private: PRAGMA data_version of `group` */
	bool pinned;		      /* private: edits_mark has shown staged pins */
	uint64_t generation;	      /* grows with every change of what is staged */
	bool changed; /* another program changed the manifest since edits_open or the
			 last write; the caller may load its model again, and clears it */
};

enum { EDITS_DRY = 1 }; /* in memory only: nothing is stored, edits_write is an error */

/*
 * Reads the log, and finishes a write that was interrupted if the package can be locked
 * and written.  An error without manifest, and, unless EDITS_DRY, with one that cannot
 * be written (code EROFS).  After it edits_close, also when it failed.
 */
int edits_open(struct edits *x, struct package *p, unsigned flags, struct err *e);
void edits_close(struct edits *x); /* before package_close; zero-initialised is fine */

/*
 * An act is built first: a list of operations, to which each of these appends.  All
 * check their arguments against the package as it will be, and leave the list as it was
 * when they fail.  One stage makes the list one group.
 */
/* One path, with all below it. */
int edit_drop(struct edits *x, struct edit_ops *l, const char *path, struct err *e);

/* All files and links that match, one operation each; returns 0 also when none does.
 * q is bound.  Types must be known if it asks for them. */
int edit_drop_query(struct edits *x, struct edit_ops *l, const struct query *q,
		    struct err *e);

/* The same for nodes of a model: files and links as they are, a directory with all below
 * it.  Nodes below others of the list, and those that are not in the package, are
 * passed over. */
int edit_drop_nodes(struct edits *x, struct edit_ops *l, const struct model *m,
		    const query_ids *ids, struct err *e);

/*
 * `path` becomes what `host` is on this machine (NULL: what is at `path`).  Deep: the
 * chain of links, directories on the way, all below a directory, and for programs and
 * libraries what they need on this host (DT_NEEDED, interpreter, "#!"), each an
 * operation of its own with `why`.  What is in the package and the same already is left
 * out.  A needed library that is not found becomes a line of `warnings` (may be NULL).
 */
enum {
	EDIT_ADD_ONLY = 1,     /* this object alone, as it is; no links followed */
	EDIT_ADD_NO_NEEDS = 2, /* not what programs need */
	EDIT_ADD_PACKAGE = 4,  /* all files of the distro package that brought it */
};
struct edit_add {
	const char *path, *host, *why; /* why: NULL, or for EDIT_ADD_ONLY */
	unsigned how;
	struct str *warnings;
	bool (*progress)(void *ctx, uint64_t files, uint64_t bytes); /* false: stop */
	void *ctx;
};
int edit_add(struct edits *x, struct edit_ops *l, const struct edit_add *a,
	     struct err *e);

/*
 * side: "host", "sandbox", "hidden", "inherit" (no rule of its own), "both" (see
 * edit_both), or "absent": a note that it is normal when the name is missing, beside the
 * rule that the path may have; any other side removes it.  Checked at once: an error when
 * cde.options cannot say it (hidden in version 1, a stronger rule).
 */
int edit_pin(struct edits *x, struct edit_ops *l, const char *path, const char *side,
	     struct err *e);

/*
 * A directory: what the package has in it stays the package's, each by a pin of its own,
 * and all else is the host's.  A file: the package's if it has it, else the host's.
 * m: marked with what is staged (edits_mark), or NULL: it is loaded for that.  -1: e, and
 * the list may have grown; so when that would take more than a hundred pins.
 */
int edit_both(struct edits *x, struct edit_ops *l, const struct model *m,
	      const char *path, struct err *e);

/* text "": no note.  The path has a row. */
int edit_note(struct edits *x, struct edit_ops *l, const char *path, const char *text,
	      struct err *e);

/* What is staged (not written) for path and all below it shall not happen. */
int edit_keep(struct edits *x, struct edit_ops *l, const char *path, struct err *e);

/*
 * The list as a new group, in one transaction; what was undone is cut off.  The list is
 * empty afterwards, also after an error.  Returns the index of the group, or -1; an
 * empty list is an error.
 */
int64_t edits_stage(struct edits *x, struct edit_ops *l, struct err *e);

/* n groups back or forth; how many it were (0: there is none), or -1. */
int edits_undo(struct edits *x, unsigned n, struct err *e);
int edits_redo(struct edits *x, unsigned n, struct err *e);

/* Forget what is staged: the log as it was after the last write. */
int edits_discard(struct edits *x, struct err *e);

/* Groups not written but done, plus those written but undone. */
size_t edits_staged(const struct edits *x);

/* Where the bar is: index behind the last group that is done. */
size_t edits_bar(const struct edits *x);

/* Has the log been changed by another program?  Reads it anew then. */
int edits_refresh(struct edits *x, struct err *e);

/* "drop 188 files", "add /opt/x (+ 12 needed)", "pin /etc/foo host"; appends. */
void edit_group_title(const struct edit_group *g, struct str *out);

/* How many of its operations take something away or bring something. */
static inline size_t
edit_group_moves(const struct edit_group *g)
{
	return g->op.count[EDIT_DROP] - g->op.dead[EDIT_DROP] + g->op.count[EDIT_ADD] -
	       g->op.dead[EDIT_ADD];
}

/* What is staged for one path: ENTRY_DROP, ENTRY_ADD, ENTRY_PIN (with ENTRY_HOST … as
 * they will be), 0. */
unsigned edits_at(struct edits *x, const char *path);

/* cde.options as it will be; until the next change of what is staged. */
const struct rules *edits_rules(struct edits *x);

/*
 * Brings the flags of all nodes up to date: ENTRY_DROP, ENTRY_ADD, ENTRY_PIN, and the
 * pins as they will be (if MODEL_PINS is loaded).  Staged additions that have no node
 * get one (ENTRY_ADD; kind, size and type of the host's file); it stays as a node
 * without row, size 0 and flags ENTRY_IMPLIED when the addition is undone.  Totals are
 * the caller's (model_totals).
 */
int edits_mark(struct edits *x, struct model *m, struct err *e);

/*
 * What a part of the log means: groups [first, last), or all that is staged.  Numbers
 * from the manifest and, for additions, the host.  Risks need facts: ftype_update comes
 * before.  Not more than EDIT_RISKS_MAX risks are listed, all are counted.
 */
enum { EDIT_RISKS_MAX = 1000 };
enum edit_risk_kind {
	RISK_USED,	  /* "read by the run" */
	RISK_NEEDED,	  /* "needed by 3 others" */
	RISK_INTERPRETER, /* "interpreter of train.py" */
	RISK_HOST_GONE,	  /* add: no such file on this machine now */
	RISK_KINDS
};
struct edit_risk {
	enum edit_risk_kind kind;
	char *path, *text; /* "" no text */
};
struct edit_cost {
	int64_t files, bytes; /* the package grows by; negative: shrinks */
	uint64_t dropped, added, pins, notes;
	uint64_t dropped_bytes, added_bytes; /* added: what the disk must have free */
	uint64_t risks[RISK_KINDS];
	VEC(struct edit_risk) risk; /* by path */
};
int edits_cost(struct edits *x, size_t first, size_t last, struct edit_cost *out,
	       struct err *e);
int edits_cost_staged(struct edits *x, struct edit_cost *out, struct err *e);
/* Of one operation of a group that is not written; without risks, in constant memory. */
int edit_op_cost(struct edits *x, const struct edit_op *op, struct edit_cost *out,
		 struct err *e);
void edit_cost_fini(struct edit_cost *c);

/* "120 of these were read by the run; needed by 3 others"; appends, "" no risk. */
void edit_cost_risk(const struct edit_cost *c, struct str *out);

/*
 * The log as text, and back (cde-pkg(1), SCRIPTS).  One operation per line, words parted
 * by blanks, names escaped (text.h):
 *
 *   drop PATH
 *   add PATH [from HOSTPATH] [only [for PATH]]     without "only": deep, as edit_add
 *   pin PATH host|sandbox|both|hidden|absent|inherit
 *   note PATH TEXT                                 TEXT up to the end of the line
 *   keep PATH
 *   drop EXPR …                                    when it does not begin with a slash
 *   group                                          what follows is a group of its own
 *   # comment
 *
 * Text without "group" is one group.
 */
void edits_script(const struct edits *x, size_t first, size_t last, struct str *out);

/* A part of it: the line of the group before its first operation, not more than n of
 * them from the i-th on; appends. */
void edit_group_script(const struct edit_group *g, size_t i, size_t n, struct str *out);

/* All or nothing: checks every line, then stages its groups.  An error names the line.
 * Returns how many groups. */
int edits_run_script(struct edits *x, const char *name, const struct str *text,
		     struct err *e);

/* One line of it, appended to the list: for a command line.  -1: e, *column (may be
 * NULL). */
int edit_line(struct edits *x, struct edit_ops *l, const char *line, size_t *column,
	      struct err *e);

/*
 * Apply what is staged.  Returns 0; 1 when nothing is staged; 2 when there are conflicts,
 * which are listed, and nothing was changed; -1.  Code EWOULDBLOCK: another program
 * changes or runs the package, the text says which.  After an error the package is as it
 * was, unless the text says that it was written and only the rest (renames) is left
 * for the next time.  p->rules and p->options are the new ones afterwards.
 */
struct edit_conflict {
	char *path, *text;
};
struct edit_write {
	bool (*progress)(void *ctx, uint64_t files,
			 uint64_t bytes); /* NULL; false: stop */
	void *ctx;
	VEC(struct edit_conflict) conflict;   /* out */
	uint64_t dropped, added, bytes_added; /* out */
};
int edits_write(struct edits *x, struct edit_write *w, struct err *e);
void edit_write_fini(struct edit_write *w);

/*
 * Delete for good what was dropped: .dropped/.  The log up to the last write goes, too,
 * since it cannot be undone any more.  dry: only count.
 */
struct edit_gc {
	uint64_t files, bytes, groups;
};
int edits_gc(struct edits *x, bool dry, struct edit_gc *out, struct err *e);

#endif
