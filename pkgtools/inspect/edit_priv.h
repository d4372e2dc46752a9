#ifndef CDE_INSPECT_EDIT_PRIV_H
#define CDE_INSPECT_EDIT_PRIV_H

#include "base/map.h"
#include "inspect/db.h"
#include "inspect/edit.h"

/*
 * Inside of edit*.c: the log (edit.c, edit_stage.c), acts (edit_act.c, edit_add.c,
 * edit_needs.c), what is staged (edit_each.c, edit_view.c; by name: edit_names.c; in a
 * model: edit_mark.c), what it means (edit_cost.c, edit_risk.c), rules (edit_pin.c,
 * edit_both.c), scripts (edit_script.c), and writing: the transaction (edit_write.c,
 * edit_apply.c), the rows (edit_rows.c), the objects on disk (edit_move.c).
 *
 * An operation that was written keeps two sides: OLD, what it took away, and NEW, what
 * it brought (once it is taken back).  Rows of a side lie in the table `kept`, the
 * object in .dropped/ as "ID.old" or "ID.new"; ID is that of the operation, and is never
 * used again.  Taking back is an exchange of the sides, and so is doing it again.
 */
enum edit_side { SIDE_OLD, SIDE_NEW, SIDES };

/* ---- the log ---- */
/* A short transaction on the manifest, whatever way the package is open.  Between them
 * the log in memory is that of the manifest. */
int edits_begin(struct edits *x, struct err *e);
int edits_commit(struct edits *x, struct err *e);
void edits_rollback(struct edits *x);
int edits_load(struct edits *x, struct err *e);
bool edits_is_dry(const struct edits *x);
void edits_mark_dead(struct edits *x); /* by `keep` */
void edit_group_fini(struct edit_group *g);
void edits_touch(struct edits *x); /* what is staged is another now */
void edit_push(struct edit_ops *l, enum edit_verb v, const char *path, const char *arg,
	       const char *why);
bool edit_side_word(const char *word); /* "host" … */
#define EDIT_ABSENT "absent"	       /* the one that is a note, and no side */

/* Groups in the order in which a write does them: first those to be taken back, the
 * youngest first, then those to be applied. */
typedef VEC(struct edit_group *) group_list;
void edits_back(const struct edits *x, group_list *out);
void edits_forth(const struct edits *x, group_list *out);

/*
 * The operations of these groups with one verb, or EDIT_VERBS: all.  Back: those of a group
 * from the last to the first; forth: without the dead ones.  Zero-initialised is none.
 */
struct edit_each {
	uint32_t number; /* forth: of the present one, from 1 on, through all groups */
	struct edit_walk walk;

	/* private */
	group_list group;
	enum edit_verb verb;
	bool back;
	size_t g, i;
	uint32_t before;
};
void edit_each_back(struct edit_each *k, const struct edits *x, enum edit_verb verb);
void edit_each_forth(struct edit_each *k, const struct edits *x, enum edit_verb verb);
const struct edit_op *edit_each_next(struct edit_each *k); /* the walk's; NULL: no more */
void edit_each_fini(struct edit_each *k);

/* The last operation with this verb for a path, in the groups that would be applied: its
 * number from 1 on, through all of these groups.  Holds until the log is another. */
struct edit_names {
	group_list group;
	VEC(uint32_t) first; /* how many operations are before each group */
	struct edit_name *slot;
	size_t cap; /* 0: there is no such operation */
	struct edit_walk walk;
};
void edit_names_init(struct edit_names *s, const struct edits *x, enum edit_verb verb);
void edit_names_fini(struct edit_names *s);
uint32_t edit_names_get(struct edit_names *s, const char *path, size_t len); /* 0: none */
/* … for the path or a directory above it */
uint32_t edit_names_above(struct edit_names *s, const char *path, size_t len);

/* A set of paths that grows, as small as the names of operations.  Zero-initialised is
 * empty; does not move once something is in it. */
struct edit_set {
	struct edit_group own; /* the paths as operations */
	struct edit_names name;
};
void edit_set_put(struct edit_set *s, const char *path);
bool edit_set_has_above(struct edit_set *s, const char *path); /* or the path itself */
size_t edit_set_find(struct edit_set *s, const char *path); /* its number, 0: not in it */
static inline size_t
edit_set_count(const struct edit_set *s)
{
	return s->own.op.n;
}
/* Numbers are from 1 on, in the order in which they came in; it holds until the next call. */
const char *edit_set_at(struct edit_set *s, size_t number);
void edit_set_fini(struct edit_set *s);

/* ---- what is staged ---- */
struct view_path {     /* what comes here, or was brought here and is taken back */
	uint32_t add;  /* order of the last one; 0: none */
	uint32_t gone; /* the same for an addition taken back: not what is below */
	bool staged;   /* by an operation, not as the inverse of a drop */
	char *host;    /* where it is on the host, heap; NULL: at its own path */
	char kind;     /* of what comes back after a drop; 0: the host knows */
	uint64_t size;
};

struct edit_view {
	struct map path; /* → index + 1 into at */
	VEC(struct view_path) at;
	bool any, drops;
	bool backs;		/* drops are taken back */
	bool adds;		/* additions are taken back, or applied */
	bool pathed, named;	/* path, at and order; drop: made when somebody asks */
	struct edit_names drop; /* what is applied */
	uint32_t order;	    /* of what is taken back; what is applied comes after it */
	struct str options; /* of cde.options, as it will be */
	struct rules rules;
	bool pins; /* options differ */
};

struct edit_view *edits_view(struct edits *x);
struct edit_view *edits_paths(struct edits *x); /* with what comes by name */
struct edit_names *edits_drops(struct edits *x, struct edit_view *v);
void edit_view_free(struct edit_view *v);

/* The rows that an operation keeps on one side.  *s is made at the first time; 0, or -1
 * when they cannot be read. */
struct edit_kept {
	const char *path; /* until the next */
	size_t len;
	char kind;
	uint64_t size;
};

int edit_kept_open(struct edits *x, sqlite3_stmt **s, const struct edit_op *op,
		   enum edit_side side);
bool edit_kept_next(struct edits *x, sqlite3_stmt *s, struct edit_kept *row);

enum view_fate { FATE_NONE, FATE_DROP, FATE_ADD };
/* at: of FATE_ADD */
enum view_fate edit_fate(struct edits *x, const char *path, const struct view_path **at);

/* Is there an operation that is staged for exactly this path? */
bool edit_is_staged(struct edits *x, const char *path, size_t len);

/* Is there an object at `path`, or below it, once all is written?  The list counts. */
bool edit_will_be(struct edits *x, const struct edit_ops *l, const char *path);

/* Rows of `file` below path (not its own), with these columns; cb: 0 on, -1 error, 1
 * stop.  0, 1, -1. */
typedef int edit_row_cb(void *ctx, sqlite3_stmt *row, struct err *e);
int edit_rows_below(struct package *p, const char *columns, const char *path,
		    edit_row_cb *cb, void *ctx, struct err *e);
bool edit_has_row(struct package *p, const char *path);

/* Text kept with an operation that was written (column edit.before); NULL: none. */
char *edit_before(struct package *p, int64_t id);

/* ---- rules ---- */
/* p->options and p->rules from the file, as they are now. */
int edit_reload_rules(struct package *p, struct err *e);
/* Edits the text of cde.options so that path has this side; *before: for edit_pin_restore. */
void edit_pin_set(struct str *text, int version, const char *path, const char *side,
		  bool is_dir, struct str *before);
void edit_pin_restore(struct str *text, int version, const char *path,
		      const char *before);
/* Does the text say what it should?  Else an error with the rule that is stronger. */
int edit_pin_check(const char *text, size_t len, const char *path, const char *side,
		   bool is_dir, struct err *e);
bool edit_pin_is_dir(struct edits *x, const char *path);

/* ---- what programs need on this host ---- */
typedef void needs_cb(void *ctx, const char *path, const char *missing);
void edit_needs(const char *host, needs_cb *cb, void *ctx);

/* ---- writing ---- */
struct edit_store { /* .dropped, for what was taken away, and what is about to come */
	struct layout l; /* its rootfd is .dropped; the rest is the package's */
	int fd;		 /* the same, for reading */
};

#define EDIT_STORE_INIT \
	{ \
		LAYOUT_INIT, -1 \
	}

/* 0; 1: there is none (and it should not be made). */
int edit_store_open(struct edit_store *s, struct package *p, bool make, struct err *e);
void edit_store_fini(struct edit_store *s);
int edit_store_sync(struct edit_store *s,
		    struct err *e); /* all that was written so far */

/* A file of the host becomes the new side of `edit`.  What it is: *st, *link. */
int edit_store_copy(struct edit_store *s, int64_t edit, const char *host, struct stat *st,
		    struct str *link, struct err *e);
void edit_store_remove(struct edit_store *s, int64_t edit, enum edit_side side);

#define EDIT_STORE_OPTIONS "options.new" /* cde.options as it will be */

/* Without PACKAGE_WRITE, rows are written only between these. */
void edit_query_only(struct package *p, bool on);

/* Does the renames of the table `move`, and forgets them. */
int edit_moves_do(struct package *p, struct err *e);
bool edit_moves_pending(struct package *p);

/* Before the commit: whoever finds the package like this knows that it may be a mix. */
int edit_moves_announce(struct package *p, struct err *e);
void edit_moves_over(struct package *p); /* nothing is left to do, or to fear */

/* Finishes a write that was killed, if the package can be locked and written; if not,
 * p->unfinished says so.  -1: it failed. */
int edit_moves_recover(struct package *p, struct err *e);

struct edit_rows { /* the rows of a write, inside of its transaction */
	struct package *p;
	sqlite3_stmt *keep, *remove, *at, *back, *kept, *unkeep, *move;
	sqlite3_stmt *of[3];	 /* access, fact, listing: to another number */
	struct edit_set touched; /* paths whose object comes or goes with this write */
};

int edit_rows_open(struct edit_rows *r, struct package *p, struct err *e);
void edit_rows_fini(struct edit_rows *r);

/* Rows at (deep: and below) the operation's path go to a side of it, and the object
 * goes, too.  Number of files, or -1. */
int64_t edit_rows_stash(struct edit_rows *r, const struct edit_op *op,
			enum edit_side side, bool deep, struct err *e);
/* … and back. */
int64_t edit_rows_unstash(struct edit_rows *r, const struct edit_op *op,
			  enum edit_side side, struct err *e);
int edit_rows_move(struct edit_rows *r, const char *what, const struct edit_op *op,
		   enum edit_side side, struct err *e);
/* Is the tree no witness for path any more, but only the rows? */
void edit_rows_touch(struct edit_rows *r, const char *path);
bool edit_rows_is_touched(struct edit_rows *r, const char *path);

/* Dies by SIGKILL where CDE_FAIL=write:N says, when this is called for the n-th time. */
void edit_fail_point(void);

/* ---- 3: the transaction (edit_apply.c) ---- */
struct edit_copied { /* what an addition is, by the number of its operation */
	struct stat st;
	char *link; /* heap, or NULL */
	char *why_not;
};

struct edit_writing {
	struct edits *x;
	struct edit_write *out;
	struct edit_store store;
	struct edit_rows rows;
	struct origin *origin; /* NULL: nothing is added */
	struct map copied;     /* number as text → index + 1 */
	VEC(struct edit_copied) copy;
	struct str options;
	bool options_changed;
	sqlite3_stmt *insert, *before, *note;
	struct err *e;
};

struct edit_copied *edit_copied_of(struct edit_writing *w, int64_t id, bool make);
void edit_conflict(struct edit_writing *w, const char *path, const char *text);
int edit_apply_prepare(struct edit_writing *w);
int edit_step_once(struct edit_writing *w, sqlite3_stmt *s);

/* What is undone but written is taken back, what is done but not written is applied. */
int edit_replay(struct edit_writing *w);

#endif
