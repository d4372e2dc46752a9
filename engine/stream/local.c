#include "stream/local.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fs.h"

mode_t
local_mode(const struct names_entry *x)
{
	return (x->mode & 01777) | 0400;
}

static int
set_attributes(int fd, const struct names_entry *x)
{
	const struct timespec times[2] = {
		{ .tv_nsec = UTIME_OMIT },
		names_time(x->mtime),
	};

	if (fchmod(fd, local_mode(x)) < 0 || futimens(fd, times) < 0)
		return -errno;
	return 0;
}

static int
fill_outline(int fd, const struct names_entry *x)
{
	if (ftruncate(fd, (off_t)x->size) < 0)
		return -errno;
	return set_attributes(fd, x);
}

/* The umask is the program's business, not ours. */
static int
make_dir(int dirfd, const char *name, mode_t mode)
{
	if (mkdirat(dirfd, name, 0700) < 0)
		return -errno;
	return fchmodat(dirfd, name, mode, 0) < 0 ? -errno : 0;
}

int
local_make(int dirfd, const char *name, const struct names_entry *x, mode_t share)
{
	AUTO(fd_drop) int fd = -1;

	switch (x->type) {
	case NAMES_DIR:
		return make_dir(dirfd, name, (x->mode & 01777) | 0700 | share);
	case NAMES_LINK:
		return symlinkat(x->text, dirfd, name) < 0 ? -errno : 0;
	case NAMES_FIFO:
		return mkfifoat(dirfd, name, x->mode & 0777) < 0 ? -errno : 0;
	case NAMES_OTHER:
	case NAMES_UNKNOWN:
		return 0;
	case NAMES_FILE:
		break;
	}
	fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		    0600);
	return fd < 0 ? -errno : fill_outline(fd, x);
}

int
local_outline(struct layout *l, const char *rel, const struct names_entry *x)
{
	AUTO(place_fini) struct place p = PLACE_INIT;
	AUTO(temp_fini) struct temp t = TEMP_INIT;
	AUTO(fd_drop) int fd = local_begin(l, rel, &p, &t);
	int r = fd < 0 ? fd : fill_outline(fd, x);

	return r < 0 ? r : temp_move(&t, &p);
}

int
local_begin(struct layout *l, const char *rel, struct place *p, struct temp *t)
{
	int r = place_find(p, l, rel, true);

	if (r < 0)
		return r;
	r = temp_open(t, l, p, false);
	return r == -EACCES ? temp_open(t, l, p, true) : r; /* .tmp is somebody's */
}

/*
 * The content goes into the outline itself, for a program that looked at it and then
 * opens it compares inodes (cp and mv do).  Half of it is no harm: what is not in the
 * list is fetched again.  1: it cannot be done, a rename will.
 */
static int
fill_in_place(const struct names_entry *x, const struct place *p, const struct temp *t)
{
	const int flags = O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	AUTO(fd_drop) int fd = openat(p->dir, p->name, flags);
	AUTO(fd_drop) int from = openat(t->dir, t->name.s, O_RDONLY | O_CLOEXEC);
	struct stat st;
	int r;

	if (from < 0)
		return 1;
	if (fd < 0 && faccessat(p->dir, p->name, W_OK, 0) < 0 &&
	    fchmodat(p->dir, p->name, local_mode(x) | 0200, 0) == 0)
		fd = openat(p->dir, p->name, flags);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_blocks ||
	    st.st_nlink != 1 || (uint64_t)st.st_size != x->size)
		return 1;
	r = fs_copy_data(from, fd, x->size);
	if (r == 0)
		r = set_attributes(fd, x);
	if (r < 0 && ftruncate(fd, 0) == 0) /* give the blocks back */
		fill_outline(fd, x);
	return r;
}

int
local_sync(int fd)
{
	return fdatasync(fd) < 0 && errno != EINVAL && errno != EROFS ? -errno : 0;
}

int
local_finish(int fd, const struct names_entry *x, struct place *p, struct temp *t,
	     bool replace, int *unsynced)
{
	int r = replace ? 1 : fill_in_place(x, p, t);

	if (r > 0) {
		r = set_attributes(fd, x);
		if (r == 0 && replace)
			r = local_sync(fd);
		if (r == 0)
			r = temp_move(t, p);
	}
	if (r < 0)
		return r;
	*unsynced = openat(p->dir, p->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	return *unsynced < 0 ? -errno : 0;
}
