#include "base/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void
fd_drop(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}

int
fd_take(int *fd)
{
	int given = *fd;

	*fd = -1;
	return given;
}

int
fd_read_all(int fd, struct str *out)
{
	for (size_t step = 4096;; step = step < (1 << 20) ? step * 2 : step) {
		ssize_t n;

		str_reserve(out, step);
		n = read(fd, out->s + out->len, out->cap - out->len - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return 0;
		out->len += (size_t)n;
		out->s[out->len] = '\0';
	}
}

int
fd_write_all(int fd, const void *data, size_t n)
{
	const char *p = data;

	while (n > 0) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

int
fs_readlink(int dirfd, const char *name, struct str *out)
{
	for (size_t room = 255;; room *= 2) {
		ssize_t n;

		str_clear(out);
		str_reserve(out, room);
		n = readlinkat(dirfd, name, out->s, out->cap - 1);
		if (n < 0) {
			int r = -errno;

			out->s[0] = '\0';
			return r;
		}
		if ((size_t)n < out->cap - 1) {
			out->len = (size_t)n;
			out->s[n] = '\0';
			return 0;
		}
		out->s[0] = '\0';
	}
}

int
fs_slurp(int dirfd, const char *name, struct str *out, struct err *e)
{
	AUTO(fd_drop) int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int r;

	str_clear(out);
	if (fd < 0)
		return err_set(e, errno, "open %s", name);
	r = fd_read_all(fd, out);
	if (r < 0)
		return err_set(e, r, "read %s", name);
	return 0;
}

/* The umask counts, but never against the owner. */
static int
write_new(int fd, const void *data, size_t n, mode_t mode)
{
	struct stat st;
	int r = fd_write_all(fd, data, n);

	if (r < 0)
		return r;
	if (fstat(fd, &st) < 0)
		return -errno;
	if ((mode & ~st.st_mode & 0700) &&
	    fchmod(fd, (st.st_mode | (mode & 0700)) & 07777) < 0)
		return -errno;
	return fsync(fd) < 0 && errno != EINVAL && errno != EROFS ? -errno : 0;
}

/* Is it there with these bytes, and its owner may do what mode says? */
static bool
is_the_same(int dirfd, const char *name, const char *data, size_t n, mode_t mode)
{
	AUTO(fd_drop)
	int fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char buf[4096];
	struct stat st;
	ssize_t got;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    st.st_size != (off_t)n || st.st_nlink != 1 || (mode & ~st.st_mode & 0700))
		return false;
	while (n && (got = read(fd, buf, n < sizeof(buf) ? n : sizeof(buf))) > 0 &&
	       memcmp(buf, data, (size_t)got) == 0) {
		data += got;
		n -= (size_t)got;
	}
	return n == 0;
}

int
fs_replace(int dirfd, const char *name, const void *data, size_t n, mode_t mode,
	   struct err *e)
{
	static atomic_uint serial;
	AUTO(str_fini) struct str tmp = STR_INIT;
	AUTO(fd_drop) int fd = -1;
	int r;

	if (is_the_same(dirfd, name, data, n, mode))
		return 0;
	do {
		str_clear(&tmp);
		str_addf(&tmp, "%s.%d-%u.tmp", name, (int)getpid(),
			 atomic_fetch_add(&serial, 1));
		fd = openat(dirfd, tmp.s, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	} while (fd < 0 && errno == EEXIST);
	if (fd < 0)
		return err_set(e, errno, "create %s", tmp.s);
	r = write_new(fd, data, n, mode);
	if (r == 0 && renameat(dirfd, tmp.s, dirfd, name) < 0)
		r = -errno;
	if (r == 0)
		return 0;
	unlinkat(dirfd, tmp.s, 0);
	return err_set(e, r, "write %s", name);
}

char
fs_kind_letter(mode_t mode)
{
	return S_ISREG(mode)	? 'f'
	       : S_ISDIR(mode)	? 'd'
	       : S_ISLNK(mode)	? 'l'
	       : S_ISFIFO(mode) ? 'p'
	       : S_ISSOCK(mode) ? 's'
	       : S_ISCHR(mode)	? 'c'
	       : S_ISBLK(mode)	? 'b'
				: '?';
}

/* A directory of ours that was closed to us is opened for this. */
static DIR *
open_to_empty(int dir, const char *name)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(dir, name, flags);
	struct stat st;
	DIR *d;

	if (fd < 0 && errno == EACCES &&
	    fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode) &&
	    fchmodat(dir, name, 0700, 0) == 0)
		fd = openat(dir, name, flags);
	if (fd >= 0 && fstat(fd, &st) == 0 && (st.st_mode & 0300) != 0300)
		fchmod(fd, 0700);
	d = fd < 0 ? NULL : fdopendir(fd);
	if (!d)
		fd_drop(&fd);
	return d;
}

int
fs_remove_tree(int dir, const char *name)
{
	DIR *d = open_to_empty(dir, name);
	struct dirent *ent;
	int r = 0, here;

	if (!d) {
		if (errno == ENOTDIR || errno == ELOOP)
			return unlinkat(dir, name, 0) < 0 ? -errno : 0;
		return errno == ENOENT ? 0 : -errno;
	}
	here = dirfd(d);
	while (r == 0 && (ent = readdir(d))) {
		if (strcmp(ent->d_name, ".") == 0 || strcmp(ent->d_name, "..") == 0)
			continue;
		if (ent->d_type == DT_DIR || ent->d_type == DT_UNKNOWN)
			r = fs_remove_tree(here, ent->d_name);
		else if (unlinkat(here, ent->d_name, 0) < 0)
			r = -errno;
	}
	closedir(d);
	if (r == 0 && unlinkat(dir, name, AT_REMOVEDIR) < 0)
		r = -errno;
	return r;
}
