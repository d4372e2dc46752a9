#ifndef CDE_BASE_FS_H
#define CDE_BASE_FS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

/* AUTO(fd_drop) int fd = -1; closes at end of scope; fd_take gives it away. */
void fd_drop(int *fd);
int fd_take(int *fd);

/* 0 or -errno.  Short reads and EINTR are handled; close is never retried. */
int fd_read_all(int fd, struct str *out); /* appends up to EOF */
int fd_write_all(int fd, const void *data, size_t n);
int fs_readlink(int dirfd, const char *name, struct str *out); /* replaces out */

/*
 * Make `rel` and every missing parent below dirfd, mode 0777 & ~umask | 0700.
 * rel is relative; existing directories are fine.  0 or -errno.
 */
int fs_mkdirs(int dirfd, const char *rel);

/*
 * Open `rel` below rootfd without ever leaving it: no "..", no link is followed
 * out (openat2 RESOLVE_IN_ROOT where the kernel has it, else a walk with
 * O_NOFOLLOW).  Returns a descriptor or -errno.
 */
int fs_open_beneath(int rootfd, const char *rel, int flags, mode_t mode);

/*
 * Content of src (from offset 0, `size` bytes by fstat) into dst: reflink, else
 * copy_file_range, else read/write; holes are kept.  0 or -errno.
 */
int fs_copy_data(int src, int dst, uint64_t size);

/* User xattrs of src to dst; what cannot be kept is passed over. */
void fs_copy_xattrs(int src, int dst);

int fs_slurp(int dirfd, const char *name, struct str *out, struct err *e);

/* Replace a whole file: temporary name beside it, then rename.  One that has these
 * bytes already stays. */
int fs_replace(int dirfd, const char *name, const void *data, size_t n, mode_t mode,
	       struct err *e);

/* Removes a directory with all that is in it, or another object; never through a link.
 * 0 (also when there is nothing) or -errno. */
int fs_remove_tree(int dir, const char *name);

/* What an object is, in one letter: f d l p s c b, or '?'. */
char fs_kind_letter(mode_t mode);

#endif
