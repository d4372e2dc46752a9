#include "tree/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "tree/place.h"

static int
place_need(struct place *p, const struct layout *l, const char *rel, struct err *e)
{
	int r = place_find(p, l, rel, true);

	return r < 0 ? err_set(e, -r, "%s/%s", l->root.s, rel) : 0;
}

/* Order: data and xattrs need a writable file and both change mode or times. */
static int
set_metadata(int fd, const struct stat *st)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, st->st_mtim };

	if (fchmod(fd, st->st_mode & 07777) < 0 || futimens(fd, times) < 0)
		return -errno;
	return 0;
}

static int
copy_into(struct layout *l, int src, const struct stat *st, const struct place *p,
	  bool beside)
{
	AUTO(temp_fini) struct temp t = TEMP_INIT;
	AUTO(fd_drop) int fd = temp_open(&t, l, p, beside);
	int r;

	if (fd < 0)
		return fd;
	r = fs_copy_data(src, fd, (uint64_t)st->st_size);
	if (r < 0)
		return r;
	fs_copy_xattrs(src, fd);
	r = set_metadata(fd, st);
	return r < 0 ? r : temp_move(&t, p);
}

int
tree_copy_file(struct layout *l, int src, const struct stat *st, const char *rel,
	       struct err *e)
{
	AUTO(place_fini) struct place p = PLACE_INIT;
	int r = place_need(&p, l, rel, e);

	if (r < 0)
		return r;
	r = copy_into(l, src, st, &p, false);
	if (r == -EXDEV || r == -EACCES) /* .tmp is elsewhere, or somebody's */
		r = copy_into(l, src, st, &p, true);
	return r < 0 ? err_set(e, -r, "copy to %s/%s", l->root.s, rel) : 0;
}

static int
dir_set_mode(int fd, mode_t mode)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if ((st.st_mode & 07777) == mode)
		return 0;
	return fchmod(fd, mode) < 0 ? -errno : 0;
}

static int
make_dir(const struct place *p, mode_t mode)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	AUTO(fd_drop) int fd = -1;
	int r = mkdirat(p->dir, p->name, 0700);

	if (r < 0 && errno == EEXIST) {
		struct stat st;

		if (fstatat(p->dir, p->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return -errno;
		if (!S_ISDIR(st.st_mode) && (unlinkat(p->dir, p->name, 0) < 0 ||
					     mkdirat(p->dir, p->name, 0700) < 0))
			return -errno;
	} else if (r < 0) {
		return -errno;
	}
	fd = openat(p->dir, p->name, flags);
	if (fd < 0 && errno == EACCES && /* a umask took what opening it needs */
	    fchmodat(p->dir, p->name, mode, AT_SYMLINK_NOFOLLOW) == 0)
		fd = openat(p->dir, p->name, flags);
	return fd < 0 ? -errno : dir_set_mode(fd, mode);
}

int
tree_dir(struct layout *l, const char *rel, mode_t mode, struct err *e)
{
	AUTO(place_fini) struct place p = PLACE_INIT;
	AUTO(fd_drop) int fd = -1;
	int r;

	if (!*rel)
		return 0;
	mode = (mode & 07777) | 0700;
	fd = place_open(l->rootfd, rel, O_RDONLY | O_DIRECTORY);
	if (fd >= 0) { /* the usual case: it is there */
		r = dir_set_mode(fd, mode);
	} else {
		if (place_need(&p, l, rel, e) < 0)
			return -1;
		r = make_dir(&p, mode);
	}
	return r < 0 ? err_set(e, -r, "make directory %s/%s", l->root.s, rel) : 0;
}

/* Make something that open(2) does not make: at once, or beside and moved. */
static int
make_node(const struct layout *l, const struct place *p, const char *link)
{
	AUTO(temp_fini) struct temp t = TEMP_INIT;
	int r = link ? symlinkat(link, p->dir, p->name) : mkfifoat(p->dir, p->name, 0600);

	if (r == 0)
		return 0;
	if (errno != EEXIST)
		return -errno;
	do {
		temp_name(&t, l, p, true);
		r = link ? symlinkat(link, t.dir, t.name.s)
			 : mkfifoat(t.dir, t.name.s, 0600);
	} while (r < 0 && errno == EEXIST);
	if (r < 0) {
		t.dir = AT_FDCWD;
		return -errno;
	}
	return temp_move(&t, p);
}

int
tree_link(struct layout *l, const char *rel, const char *text, struct err *e)
{
	AUTO(place_fini) struct place p = PLACE_INIT;
	AUTO(str_fini) struct str old = STR_INIT;
	int r;

	if (place_need(&p, l, rel, e) < 0)
		return -1;
	if (fs_readlink(p.dir, p.name, &old) == 0 && strcmp(old.s, text) == 0)
		return 0;
	r = make_node(l, &p, text);
	return r < 0 ? err_set(e, -r, "make link %s/%s", l->root.s, rel) : 0;
}

int
tree_fifo(struct layout *l, const char *rel, mode_t mode, struct err *e)
{
	AUTO(place_fini) struct place p = PLACE_INIT;
	struct stat st;
	int r = 0;

	if (place_need(&p, l, rel, e) < 0)
		return -1;
	if (fstatat(p.dir, p.name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISFIFO(st.st_mode))
		r = make_node(l, &p, NULL);
	if (r == 0 && fchmodat(p.dir, p.name, mode & 07777, AT_SYMLINK_NOFOLLOW) < 0)
		r = -errno;
	return r < 0 ? err_set(e, -r, "make fifo %s/%s", l->root.s, rel) : 0;
}

int
tree_stat(struct layout *l, const char *rel, struct stat *st)
{
	AUTO(place_fini) struct place p = PLACE_INIT;
	int r;

	if (!*rel)
		return fstat(l->rootfd, st) < 0 ? -errno : 0;
	r = place_find(&p, l, rel, false);
	if (r < 0)
		return r;
	return fstatat(p.dir, p.name, st, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

void
tree_touch(struct layout *l, const char *rel, const struct stat *st)
{
	const struct timespec times[2] = { st->st_atim, st->st_mtim };
	AUTO(place_fini) struct place p = PLACE_INIT;

	if (*rel && place_find(&p, l, rel, false) == 0)
		utimensat(p.dir, p.name, times, AT_SYMLINK_NOFOLLOW);
}

/* Filled before it has its name: nobody ever sees an empty one. */
static int
offer_placeholder(struct layout *l, const struct stat *st, const struct place *p,
		  bool beside)
{
	AUTO(temp_fini) struct temp t = TEMP_INIT;
	AUTO(fd_drop) int fd = temp_open(&t, l, p, beside);
	int r;

	if (fd < 0)
		return fd;
	r = fd_write_all(fd, TREE_PLACEHOLDER_TEXT, strlen(TREE_PLACEHOLDER_TEXT));
	if (r == 0)
		r = set_metadata(fd, st);
	return r < 0 ? r : temp_offer(&t, p);
}

int
tree_placeholder(struct layout *l, const char *rel, const struct stat *st, struct err *e)
{
	AUTO(place_fini) struct place p = PLACE_INIT;
	struct stat old;
	int r;

	if (S_ISLNK(st->st_mode))
		return err_set(e, EINVAL, "placeholder for the link %s/%s", l->root.s,
			       rel);
	if (place_need(&p, l, rel, e) < 0)
		return -1;
	if (fstatat(p.dir, p.name, &old, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	if (S_ISDIR(st->st_mode))
		return tree_dir(l, rel, st->st_mode, e);
	if (S_ISFIFO(st->st_mode)) {
		r = tree_fifo(l, rel, st->st_mode, e);
		tree_touch(l, rel, st);
		return r;
	}
	r = offer_placeholder(l, st, &p, false);
	if (r == -EXDEV || r == -EACCES)
		r = offer_placeholder(l, st, &p, true);
	return r < 0 ? err_set(e, -r, "placeholder %s/%s", l->root.s, rel) : 0;
}

bool
tree_is_placeholder(int dirfd, const char *name, const struct stat *st)
{
	char text[sizeof(TREE_PLACEHOLDER_TEXT)];
	AUTO(fd_drop) int fd = -1;
	ssize_t n;

	if (!S_ISREG(st->st_mode) || st->st_size != sizeof(text) - 1)
		return false;
	fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return false;
	do
		n = pread(fd, text, sizeof(text), 0);
	while (n < 0 && errno == EINTR);
	return n == sizeof(text) - 1 &&
	       memcmp(text, TREE_PLACEHOLDER_TEXT, (size_t)n) == 0;
}
