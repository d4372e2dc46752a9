#ifndef CDE_STREAM_LOCAL_H
#define CDE_STREAM_LOCAL_H

#include "stream/names.h"
#include "tree/layout.h"
#include "tree/place.h"

/*
 * The local copies.  A file that is not fetched yet is an *outline*: a sparse file
 * with the size, mode and mtime that the remote's has, so that stat, access and
 * listings are the kernel's own.  What tells it from a fetched one is that it is not
 * in the list (fetched.h): nothing about the file itself, so that a workspace can be
 * copied by any means.  Whoever opens it gets it fetched before.
 */

/* Directories of a shared workspace: bits that they get besides the remote's. */
enum { LOCAL_SHARE = S_ISGID | S_IWGRP | S_IWOTH };

/* Mode of the copy: never setuid, and readable for us. */
mode_t local_mode(const struct names_entry *x);

/* Make `name` in the open directory, where there is nothing yet.  -EEXIST: there is. */
int local_make(int dirfd, const char *name, const struct names_entry *x, mode_t share);

/* The outline at `rel` gets these attributes; by rename, for others may look. */
int local_outline(struct layout *l, const char *rel, const struct names_entry *x);

/* A temporary file for the content of `rel`: descriptor or -errno. */
int local_begin(struct layout *l, const char *rel, struct place *p, struct temp *t);

/*
 * Written: attributes, to its place; with `replace` as a new file, for programs may be
 * reading the one before, and to the disk first.  0 or -errno.  *unsynced: the file for
 * reading, to be synced; as long as one for writing is open, it cannot be executed.
 */
int local_finish(int fd, const struct names_entry *x, struct place *p, struct temp *t,
		 bool replace, int *unsynced);
int local_sync(int fd); /* where the file system can */

#endif
