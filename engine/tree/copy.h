#ifndef CDE_TREE_COPY_H
#define CDE_TREE_COPY_H

#include <sys/stat.h>

#include "base/err.h"
#include "tree/layout.h"

/*
 * One object of the host into cde-root, with its metadata.  `rel` is the name
 * below cde-root, without leading slash; parents are made when missing (mode
 * 0755; tree_dir gives them their own).  Nothing here follows a link of the
 * package.  All are safe to call from several threads with different names.
 */

/*
 * Regular file: `src` is open for reading, `st` its fstat at the moment that
 * counts.  Written to .tmp and renamed into place, so a file is whole or not
 * there.  Mode (without setuid unless asked by st), mtime in ns, user xattrs
 * and holes are kept.  An existing object of any type is replaced (a non-empty
 * directory is an error).
 */
int tree_copy_file(struct layout *l, int src, const struct stat *st, const char *rel,
		   struct err *e);

/*
 * Directory node with mode (|0700).  Something else of that name is replaced.
 * rel "" is cde-root itself, which keeps its mode.
 */
int tree_dir(struct layout *l, const char *rel, mode_t mode, struct err *e);

/* Symbolic link with exactly this text; replaces a link with another text. */
int tree_link(struct layout *l, const char *rel, const char *text, struct err *e);

int tree_fifo(struct layout *l, const char *rel, mode_t mode, struct err *e);

/* Give a link, a FIFO or a directory the times of st; best effort. */
void tree_touch(struct layout *l, const char *rel, const struct stat *st);

/* lstat of `rel`; no link is followed on the way.  0 or -errno. */
int tree_stat(struct layout *l, const char *rel, struct stat *st);

/*
 * Placeholder: a name that was listed but whose content was not captured.  A
 * small regular file with a text that says so; directories and FIFOs that were
 * listed are made as what they are, sockets and devices as placeholders.  A
 * link is an error (EINVAL): its text is needed, tree_link makes it.
 * Never replaces anything.  It has the mode and the mtime of the original.
 */
int tree_placeholder(struct layout *l, const char *rel, const struct stat *st,
		     struct err *e);

/* Is it one?  st is its lstat; reads it only when the size fits. */
bool tree_is_placeholder(int dirfd, const char *name, const struct stat *st);
#define TREE_PLACEHOLDER_TEXT \
	"cde placeholder: this file was listed but never opened, so its content is not " \
	"here\n"

#endif
