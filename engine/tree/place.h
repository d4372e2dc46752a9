#ifndef CDE_TREE_PLACE_H
#define CDE_TREE_PLACE_H

#include <stdbool.h>

#include "base/str.h"
#include "tree/layout.h"

/*
 * Inside of tree/: where an object of the package goes.  Every name is reached
 * by way of a descriptor of its parent directory, which is opened without
 * following any link: what a package contains can never lead a copy out of it.
 * openat2 does that in one call; where the kernel has none, or a parent is
 * missing, it goes one component at a time.
 */
struct place {
	int dir;	  /* the parent directory, O_PATH */
	const char *name; /* points into rel */
};

#define PLACE_INIT \
	{ \
		-1, NULL \
	}
void place_fini(struct place *p);

/* Finds the parent of `rel` below cde-root, and makes it if asked.  0 or -errno;
 * a link among the parents is -ELOOP or -ENOTDIR. */
int place_find(struct place *p, const struct layout *l, const char *rel, bool make);

/* Opens `name` below dirfd without following any link.  Descriptor or -errno;
 * -ENOSYS when the kernel has no openat2. */
int place_open(int dirfd, const char *name, int flags);

/*
 * A temporary object: in .tmp, or, where there is none (okapi writes into plain
 * directories) or when asked, beside its final place.  temp_fini removes it
 * unless it was moved.  The number in its name is our process: layout_create
 * clears what dead ones left.
 */
struct temp {
	int dir; /* borrowed; AT_FDCWD: there is nothing to remove */
	int tmpdir;
	struct str name;
};

#define TEMP_INIT \
	{ \
		AT_FDCWD, -1, STR_INIT \
	}
void temp_fini(struct temp *t);

/* Only the name, for what open(2) does not make. */
void temp_name(struct temp *t, const struct layout *l, const struct place *p,
	       bool beside);

/* A new empty file, open for writing.  Descriptor or -errno. */
int temp_open(struct temp *t, const struct layout *l, const struct place *p, bool beside);

/* To its place; replaces what is there, except a directory that is not empty. */
int temp_move(struct temp *t, const struct place *p);

/* To its place, unless there is something already: that stays. */
int temp_offer(struct temp *t, const struct place *p);

#endif
