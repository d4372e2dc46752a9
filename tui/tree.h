#ifndef CDE_TUI_TREE_H
#define CDE_TUI_TREE_H

#include "inspect/model.h"
#include "inspect/query.h"

/*
 * Which nodes of the model are shown, in which order: what is open, what the filter lets
 * through, what is marked.  Rows are rebuilt from that whenever it changes; nothing is
 * patched.  A chain of directories that have one child each is one row, that of the last
 * of them.
 *
 * A filter works in slices (tree_filter_step), so that typing goes on meanwhile; until
 * it is through, the old rows stay.
 */
/*   key    word      in the header; largest first at the beginning */
#define TREE_SORTS(S) \
	S('n', NAME, "name", false) \
	S('s', SIZE, "size", true) \
	S('u', UNIQUE, "unique", true) \
	S('t', TYPE, "type", false) \
	S('o', ORIGIN, "origin", false) \
	S('a', ACCESS, "access", true) \
	S('c', COUNT, "count", true) \
	S('p', PATH, "path", false) \
	S('r', RECENT, "recent", true)

enum tree_sort {
#define TREE_SORT_ENUM(key, name, word, down) TREE_##name,
	TREE_SORTS(TREE_SORT_ENUM)
#undef TREE_SORT_ENUM
		TREE_SORT_COUNT,
};

struct tree_sort_row {
	char key;
	const char *word;
	bool down;
};
extern const struct tree_sort_row tree_sorts[TREE_SORT_COUNT];

enum tree_bit {
	TREE_OPEN = 1,
	TREE_MARK = 2,
	TREE_HIT = 4,	/* the filter matches it */
	TREE_SHOWN = 8, /* … or something below it */
	TREE_AUTO = 16, /* open because few things match, and one is below it */
};

struct tree_row {
	uint32_t node;
	uint16_t depth; /* of rows, not of directories */
	uint16_t chain; /* directories above that are in this row, too */
};

/* A walk over all nodes with their paths that can stop and go on. */
struct tree_walk {
	uint32_t at;
	struct str path;
	bool done;
};

/* A directory with all below it. */
struct tree_dir {
	uint64_t bytes; /* of what is shown and counts (tree_counts); saturates */
	uint64_t saved; /* … without what is staged: what is dropped keeps its place
			 * and its size */
	uint32_t files, saved_files;
	uint32_t sorted_at; /* where its children begin in `sorted`, 0: not yet */
};

/* Numbers of the nodes that have children, from 0 on: few, most nodes are files. */
struct tree_dirs {
	uint64_t *bit;	/* per node */
	uint32_t *rank; /* of the first bit of each word */
	uint32_t n;
};

/* Files of the whole package, now and as they will be. */
struct tree_total {
	uint64_t files, bytes, files_after, bytes_after;
	uint64_t dropped, dropped_bytes, added, added_bytes; /* staged */
};

struct tree {
	struct model *m;
	struct package *p;
	uint8_t *bit; /* enum tree_bit, per node */
	uint32_t bits;
	VEC(struct tree_row) row;
	uint32_t *sorted; /* children of directories in order, one list after the other */
	size_t sorted_n, sorted_cap;
	struct tree_dirs dirs;
	struct tree_dir *dir; /* of each node that has children */
	uint8_t *was; /* ENTRY_DROP, ENTRY_ADD of each node that the totals are of */
	VEC(uint32_t) changed; /* by the last tree_staged */
	struct tree_total all;
	bool flat;
	enum tree_sort sort;
	bool down;	      /* largest first */
	const uint64_t *less; /* per node, for TREE_UNIQUE (unique.h); may be NULL */
	uint32_t less_n;
	struct query filter;
	bool filtered;
	struct query next; /* the filter that is being worked on */
	struct tree_walk walk;
	bool working;
	uint32_t hits, walked, marks, marked_dirs;
	uint64_t marked_bytes; /* of marked files, when no directory is */
};

void tree_init(struct tree *t, struct model *m, struct package *p);
void tree_fini(struct tree *t);

/* The model has more nodes, or other sizes, states, origins. */
void tree_changed(struct tree *t);

void tree_rebuild(struct tree *t);

/*
 * Other nodes than before are staged.  True: some that are dropped, or no more; they are
 * in t->changed, and all rows are where they were.  False: everything was made anew.
 */
bool tree_staged(struct tree *t);

/* Of a node and all below it, with the filter and what is staged. */
struct node_total tree_total(const struct tree *t, uint32_t n);
uint64_t tree_saved(const struct tree *t, uint32_t n); /* bytes, without what is staged */
uint32_t tree_saved_files(const struct tree *t, uint32_t n);

/* The row of a node, or of the nearest directory above it that is shown. */
size_t tree_row_of(const struct tree *t, uint32_t node);

/* Opens what is above, so that the node has a row (unless the filter hides it). */
void tree_reveal(struct tree *t, uint32_t node);
void tree_set_open(struct tree *t, uint32_t node, bool open);
void tree_open_below(struct tree *t, uint32_t node, bool open);
bool tree_is_open(const struct tree *t, uint32_t node);

void tree_set_sort(struct tree *t, enum tree_sort key, bool down);
void tree_set_flat(struct tree *t, bool flat);

/*
 * Takes over *q (it is empty then).  The filter holds from when tree_filter_step says
 * true; an empty one holds at once.  A bound query must be given (query_bind).
 */
void tree_filter(struct tree *t, struct query *q);
bool tree_filter_step(struct tree *t, unsigned milliseconds); /* true: it is through */

void tree_mark(struct tree *t, uint32_t node, bool on);
void tree_unmark_all(struct tree *t);
uint64_t tree_marked_bytes(const struct tree *t); /* with what is below directories */

/* Every node that the filter shows, in the order of the paths; false ends it. */
typedef bool tree_cb(void *ctx, uint32_t n);
void tree_each_hit(const struct tree *t, uint32_t top, tree_cb *cb, void *ctx);

/* Is it in the package (as it will be after the staged edits)? */
bool tree_counts(const struct tree *t, uint32_t n);

/* Something whose name contains text (small letters match both), from row `from` on in
 * the given direction, also in closed directories; UINT32_MAX: nothing. */
uint32_t tree_search(const struct tree *t, const char *text, uint32_t from, int step);

/* Next node in the order of the paths; 0 behind the last. */
uint32_t tree_after(const struct model *m, uint32_t n);
uint32_t tree_behind(const struct model *m, uint32_t n); /* … and behind all below n */

#endif
