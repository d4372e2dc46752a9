#ifndef CDE_CMD_EDITS_H
#define CDE_CMD_EDITS_H

#include "cmd/cmd.h"
#include "inspect/edit.h"

/*
 * What the verbs that change a package share.  Each is one act: it is staged and, unless
 * --stage, written at once; nothing is left staged when that fails.  When other edits
 * wait to be written, an act without --stage is refused: it would write them, too.
 */
struct edits_opts { /* begins the `own` of such a verb */
	bool stage, force_risk;
};

#define EDITS_OPT_STAGE \
	{ \
		0, "stage", NULL, "only stage it; cde-pkg write applies it", \
			edits_set_stage \
	}
int edits_set_stage(void *ctx, const char *value, struct err *e);

/* A verb with this option does not write, without it, what takes from others of the
 * package the library or interpreter that they need. */
#define EDITS_FORCE_RISK "force-risk"
#define EDITS_OPT_FORCE_RISK \
	{ \
		0, EDITS_FORCE_RISK, NULL, "also what others of the package need", \
			edits_set_force_risk \
	}
int edits_set_force_risk(void *ctx, const char *value, struct err *e);

/* Opens the log (--dry-run: in memory), builds the act, and does with it what the
 * options say; prints the result. */
typedef int edits_build(struct call *c, struct edits *x, struct edit_ops *l,
			struct err *e);
int edits_act(struct call *c, edits_build *build, struct err *e);

/* Writes what is staged, if it shall be, and prints what it was: [first, last) of the
 * groups, or (first > last) all that is staged. */
int edits_end(struct call *c, struct edits *x, size_t first, size_t last, bool stage,
	      struct err *e);

/* Nothing to do: says so, and lists nothing. */
int edits_none(struct call *c, const char *text, struct err *e);

/* undo, redo: [NUMBER] is c->argv[0]. */
int edits_step(struct call *c, int (*step)(struct edits *x, unsigned n, struct err *e),
	       struct err *e);

/* While files are looked at: ctx is a struct progress; false when interrupted. */
bool edits_at_file(void *ctx, uint64_t files, uint64_t bytes);

/* Lines of warnings, if any, to stderr. */
void edits_warn(struct str *warnings);

int edits_begin_verb(struct call *c, struct edits *x, struct err *e);

#endif
