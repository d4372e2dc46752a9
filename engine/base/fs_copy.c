#include "base/fs.h"

#include <errno.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

/*
 * The contents of a file.  fs_copy_data tries the cheapest way first: a reflink
 * of the whole, then segment by segment (so that holes stay holes) inside the
 * kernel, then by read and write.
 */

enum { COPY_CHUNK = 1 << 17, COPY_RANGE_MAX = 1 << 30 };

struct copier {
	int src, dst;
	bool by_hand; /* copy_file_range does not work for this pair */
	char *buf;
};

static int
pwrite_all(int fd, const char *data, size_t n, uint64_t at)
{
	while (n > 0) {
		ssize_t done = pwrite(fd, data, n, (off_t)at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		data += done;
		at += (uint64_t)done;
		n -= (size_t)done;
	}
	return 0;
}

/* Both copy a part of [at, at + n): bytes copied, 0 at end of file, or -errno. */
static ssize_t
copy_by_hand(struct copier *c, uint64_t at, uint64_t n)
{
	ssize_t got;
	int r;

	if (!c->buf)
		c->buf = mem_alloc(COPY_CHUNK);
	do
		got = pread(c->src, c->buf, n < COPY_CHUNK ? (size_t)n : COPY_CHUNK,
			    (off_t)at);
	while (got < 0 && errno == EINTR);
	if (got <= 0)
		return got < 0 ? -errno : 0;
	r = pwrite_all(c->dst, c->buf, (size_t)got, at);
	return r < 0 ? r : got;
}

static ssize_t
copy_some(struct copier *c, uint64_t at, uint64_t n)
{
	loff_t in = (loff_t)at, out = (loff_t)at;
	ssize_t done;

	if (c->by_hand)
		return copy_by_hand(c, at, n);
	do
		done = syscall(SYS_copy_file_range, c->src, &in, c->dst, &out,
			       n < COPY_RANGE_MAX ? (size_t)n : COPY_RANGE_MAX, 0);
	while (done < 0 && errno == EINTR);
	if (done > 0)
		return done;
	if (done < 0 && (errno == ENOSPC || errno == EDQUOT || errno == EFBIG))
		return -errno;
	/* 0 is also what some file systems say before the end: read() knows */
	c->by_hand = true;
	return copy_by_hand(c, at, n);
}

static int
copy_segment(struct copier *c, uint64_t at, uint64_t end)
{
	while (at < end) {
		ssize_t n = copy_some(c, at, end - at);

		if (n < 0)
			return (int)n;
		if (n == 0)
			break;
		at += (uint64_t)n;
	}
	return 0;
}

/* *from and *to: the next data at or behind *from.  False: only a hole is left.
 * A file system that does not know holes gives all as data. */
static bool
next_data(int fd, uint64_t *from, uint64_t *to, uint64_t size)
{
	off_t data, hole;

	if (*from >= size)
		return false;
	*to = size;
	data = lseek(fd, (off_t)*from, SEEK_DATA);
	if (data < 0)
		return errno != ENXIO;
	if ((uint64_t)data >= size)
		return false;
	*from = (uint64_t)data;
	hole = lseek(fd, data, SEEK_HOLE);
	if (hole > data && (uint64_t)hole < size)
		*to = (uint64_t)hole;
	return true;
}

/* Tail holes, a source that grew (reflink takes it all) or shrank. */
static int
set_size(int src, int dst, uint64_t size)
{
	struct stat now, have;

	if (fstat(src, &now) < 0 || fstat(dst, &have) < 0)
		return -errno;
	if (S_ISREG(now.st_mode) && (uint64_t)now.st_size < size)
		size = (uint64_t)now.st_size;
	if ((uint64_t)have.st_size != size && ftruncate(dst, (off_t)size) < 0)
		return -errno;
	return 0;
}

int
fs_copy_data(int src, int dst, uint64_t size)
{
	AUTO(mem_free) char *buf = NULL;
	struct copier c = { .src = src, .dst = dst };
	uint64_t from = 0, to;
	int r = 0;

	if (size > INT64_MAX)
		return -EFBIG;
	if (size == 0 || ioctl(dst, FICLONE, src) == 0)
		return set_size(src, dst, size);
	while (r == 0 && next_data(src, &from, &to, size)) {
		r = copy_segment(&c, from, to);
		from = to;
	}
	buf = c.buf;
	return r < 0 ? r : set_size(src, dst, size);
}

static void
copy_xattr(int src, int dst, const char *name)
{
	AUTO(mem_free) char *value = NULL;
	ssize_t n = fgetxattr(src, name, NULL, 0);

	if (n < 0)
		return;
	value = mem_alloc((size_t)n);
	n = fgetxattr(src, name, value, (size_t)n);
	if (n >= 0)
		(void)!fsetxattr(dst, name, value, (size_t)n, 0);
}

void
fs_copy_xattrs(int src, int dst)
{
	AUTO(mem_free) char *names = NULL;
	ssize_t n = flistxattr(src, NULL, 0);

	if (n <= 0)
		return;
	names = mem_alloc((size_t)n + 1);
	n = flistxattr(src, names, (size_t)n);
	for (ssize_t i = 0; i < n; i += (ssize_t)strlen(names + i) + 1)
		if (str_has_prefix(names + i, "user."))
			copy_xattr(src, dst, names + i);
}
