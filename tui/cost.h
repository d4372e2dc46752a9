#ifndef CDE_TUI_COST_H
#define CDE_TUI_COST_H

#include "stage.h"
#include "tree.h"

/*
 * What groups of edits mean, and how risky they are (edits_cost).  Few files are looked
 * up at once; for many of them a thread does it, with the package opened once more, and
 * `fd` can be read when it is through.  It must not be at it while the log or the
 * manifest is written: costs_stop comes before.
 */
struct cost_known {
	int64_t number; /* of the group; 0: not known */
	size_t alive;	/* operations in effect */
	bool written;
	int64_t bytes;
	char *risk;
};

struct cost_job;

struct costs {
	struct stage *stage;
	const struct tree *tree;
	VEC(struct cost_known) group; /* by index of the log */
	struct edit_cost staged;      /* of all that waits, when the log was … */
	uint64_t staged_at;
	bool staged_known;
	struct cost_job *job;
	int fd; /* -1: no thread is at work */
};

void costs_init(struct costs *c, struct stage *s, const struct tree *t);
void costs_fini(struct costs *c);

/* Of one group; NULL: not known yet, a thread is at it or will be when asked again. */
const struct cost_known *costs_group(struct costs *c, size_t i);

/* Of all that a write would do; NULL as above.  Until the log changes. */
const struct edit_cost *costs_staged(struct costs *c);

void costs_take(struct costs *c); /* fd can be read: what the thread found is known */
void costs_stop(struct costs *c);
void costs_forget(struct costs *c); /* the package was written; stops, too */

#endif
