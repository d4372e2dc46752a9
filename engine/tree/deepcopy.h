#ifndef CDE_TREE_DEEPCOPY_H
#define CDE_TREE_DEEPCOPY_H

#include "base/err.h"
#include "tree/layout.h"

/*
 * Copy one absolute path with its whole chain of links and all parent
 * directories from the tree `src` ("" or "/": the host) into a destination
 * root.  Absolute links are resolved inside src.  Link texts are kept as they
 * are.  Loops and dangling links are kept as links.  A directory is made as a
 * node, without its contents.  A copy that is there with the same size, mode
 * and mtime is left alone.  A socket or device is an error with code ENOTSUP.
 * `copied` is told of each object that is in place, directories and links too.
 */
struct deepcopy {
	const char *src;    /* prefix of the source tree, or "" */
	struct layout *dst; /* only dirfd, rootfd, root and dir are used */
	void (*copied)(void *ctx, const char *abs, const struct stat *st); /* or NULL */
	void *ctx;
};

/* 0: something was copied or was there already.  1: the path does not exist in
 * src (its existing links and parents are copied all the same).  -1: error. */
int deepcopy_path(const struct deepcopy *d, const char *abs, struct err *e);

#endif
