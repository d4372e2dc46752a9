#ifndef CDE_INSPECT_MISSING_PRIV_H
#define CDE_INSPECT_MISSING_PRIV_H

#include "inspect/db.h"
#include "inspect/edit_priv.h"
#include "inspect/missing.h"

/* Inside of missing*.c: what is found goes to missing_push, which groups it. */
struct missing_search {
	struct package *p;
	const struct model *m;
	struct missing_list *out;
	struct missing_names names;
	struct str path;	 /* PATH of the captured run */
	struct map baseline;	 /* names that failed at capture */
	struct edit_set dropped; /* … that an edit took away */
	struct edit_set base;	 /* their last components … */
	VEC(uint32_t) base_of;	 /* … and the number of the first that has it */
	struct map added;	 /* … that an edit brought */
	struct map group;	 /* key → index + 1 into out */
};

struct missing_try { /* one look-up, or one need */
	const char *path, *call, *program, *needer;
	const char *host; /* NULL: not known here */
	int64_t times;
	enum missing_severity severity;
	enum missing_why why;
	bool captured;
};
void missing_push(struct missing_search *s, const struct missing_try *x);

/* Is there a real object at `path` in cde-root?  Its last link is not followed. */
bool missing_has(const struct missing_search *s, const char *path);

/* Files of the manifest that are not in the tree. */
void missing_tree(struct missing_search *s);

/* Libraries, loaders and interpreters that nothing in the package satisfies. */
int missing_needs(struct missing_search *s, struct err *e);

#endif
