#ifndef CDE_TUI_UNIQUE_H
#define CDE_TUI_UNIQUE_H

#include "tree.h"

/*
 * What is in the package more than once: names that were hard links of one file when it
 * was captured, and files with the same SHA-256 where that is known (cde-pkg scan).  Each
 * content counts for one of its names, the first that is (and will be) in the package.
 */
struct unique_copy {
	uint32_t node, content;
};

struct unique {
	bool read;
	VEC(struct unique_copy) copy; /* by content, then in the order of the paths */
	uint64_t *less;		      /* per node of the model; NULL: nothing is twice */
	uint32_t nodes, files;	      /* files: that count for another one */
};

/* Zero-initialised is empty.  The nodes are those of m as it is now. */
int unique_read(struct unique *u, struct package *p, const struct model *m,
		struct err *e);
void unique_fini(struct unique *u);

/* After other edits or another filter: what is counted by the tree's totals. */
void unique_count(struct unique *u, const struct tree *t);

/* Bytes of a node, with all below it, that count elsewhere. */
static inline uint64_t
unique_less(const struct unique *u, uint32_t n)
{
	return u->less && n < u->nodes ? u->less[n] : 0;
}

#endif
