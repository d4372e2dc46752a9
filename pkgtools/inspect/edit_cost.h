#ifndef CDE_INSPECT_EDIT_COST_H
#define CDE_INSPECT_EDIT_COST_H

#include "inspect/edit_priv.h"

/* What edit_cost.c and edit_risk.c share: a count under way. */

/* Numbers of rows; of impossible ones there may be some, too. */
struct rows_of {
	uint64_t *bit;
	int64_t max; /* below this they are bits */
	struct map other;
	int64_t from, to; /* the least, the largest */
	uint64_t n;
};

struct needer { /* who of those that stay needs a name: "N:libz.so.1", "I:/bin/sh" */
	uint64_t count;
	char *first;
};

struct cost {
	struct edits *x;
	struct edit_cost *out;
	bool sizes_only;
	struct rows_of gone,
		back; /* rows of `file` that go, to whose place something comes */
	struct rows_of kept[2]; /* rows of `kept`: they go, they come */
	struct map come;	/* paths of what comes */
	bool comes, adds;	/* any does; out of the host */
	struct map needs;	/* → index + 1 into needer */
	VEC(struct needer) needer;
	sqlite3_stmt *at, *by_id, *kept_rows, *come_rows;
	struct err *e;
};

/* The statement that finds a row of `file` by this column: *s, made at the first time. */
int edit_cost_row(struct cost *c, sqlite3_stmt **s, const char *where);
/* Is that row among them? */
bool edit_cost_is(const struct rows_of *r, int64_t id);

void edit_risk_add(struct cost *c, enum edit_risk_kind kind, const char *path,
		   const char *text);

/* Of all that goes, when that is known.  0 or -1. */
int edit_risks(struct cost *c);

#endif
