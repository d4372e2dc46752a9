#ifndef CDE_TUI_TREE_PRIV_H
#define CDE_TUI_TREE_PRIV_H

#include "tree.h"

struct tree_item {
	uint64_t key;
	uint32_t seq,
		node; /* seq: place in the order of the bytes of names, or of paths */
};

/* By t->sort; items come in the order of seq.  Equal ones keep that. */
void tree_sort_items(const struct tree *t, struct tree_item *v, size_t n);

/* By the bytes of their names, upwards. */
void tree_sort_names(const struct tree *t, struct tree_item *v, size_t n);

#endif
