#ifndef CDE_INSPECT_EDIT_OPS_H
#define CDE_INSPECT_EDIT_OPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vec.h"

/*
 * Operations of one act, in order, packed: to drop a million files one by one is a million
 * of them.  Of its path each has only what differs from the one before, but every 16th
 * has all of it, so that any can be found.  A drop out of a model takes some 12 bytes.
 */
enum edit_verb { EDIT_DROP, EDIT_ADD, EDIT_PIN, EDIT_NOTE, EDIT_KEEP, EDIT_VERBS };

struct edit_op {
	int64_t id; /* edit.id; 0: not in the log yet */
	enum edit_verb verb;
	const char *path; /* absolute, clean; never "/" for drop and add */
	const char *arg;  /* add: where it is on the host, NULL: at `path` too;
			   * pin: "host", "sandbox", "hidden", "absent", "inherit";
			   * note: the text; drop, keep: NULL */
	const char *why;  /* add: the path for whose sake, NULL: asked for */
	uint32_t row;	  /* private: its row when it was made, or 0 … */
	char kind;	  /* … and what was there, of a file or link; 0 not known */
	uint8_t state;	  /* enum file_state */
	bool dead;	  /* a later `keep` takes it back */
	uint64_t size;
};

struct edit_block;

/* Zero-initialised is empty.  Moves by assignment. */
struct edit_ops {
	size_t n, count[EDIT_VERBS];
	size_t dead[EDIT_VERBS]; /* of `count` */
	size_t needed;		 /* additions for the sake of another */
	int64_t id; /* of the first; 0: they are not in the log yet.  When it is
				  * set later, they have numbers one after another */
	bool stale; /* what was known of rows does not hold any more */

	/* private */
	uint8_t *v;
	size_t len, cap;
	VEC(struct edit_block) block;
	char *last; /* path */
	size_t last_len, last_cap;
	uint32_t last_row;
	uint64_t gaps; /* numbers that were passed over */
};

void edit_ops_fini(struct edit_ops *o);

/* Copies it.  Numbers grow, or all are 0. */
void edit_ops_add(struct edit_ops *o, const struct edit_op *op);
void edit_ops_trunc(struct edit_ops *o, size_t n);

/* One after another is fastest; zero-initialised is a new walk. */
struct edit_walk {
	const struct edit_ops *ops;
	size_t next, at; /* … in ops->v */
	size_t start;	 /* of the present one */
	char *path;
	size_t len, cap;
	uint32_t row;
	uint64_t gaps;
	struct edit_op op;
};

/* The i-th; it is the walk's, until it is asked for another. */
const struct edit_op *edit_ops_at(const struct edit_ops *o, size_t i,
				  struct edit_walk *w);
void edit_walk_fini(struct edit_walk *w);

/* Of the one that the walk is at. */
void edit_ops_set_dead(struct edit_ops *o, const struct edit_walk *w, bool dead);

#endif
