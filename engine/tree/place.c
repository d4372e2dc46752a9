#include "tree/place.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fs.h"

void
place_fini(struct place *p)
{
	fd_drop(&p->dir);
}

int
place_open(int dirfd, const char *name, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC | O_NOFOLLOW),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};
	long r;

	do
		r = syscall(SYS_openat2, dirfd, name, &how, sizeof(how));
	while (r < 0 && (errno == EINTR || errno == EAGAIN));
	if (r >= 0)
		return (int)r;
	return errno == EPERM ? -ENOSYS : -errno; /* a sandbox's filter, too */
}

static int
open_component(int dirfd, const char *name, bool make)
{
	const int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(dirfd, name, flags);

	if (fd < 0 && errno == ENOENT && make) {
		if (mkdirat(dirfd, name, 0755) == 0) /* whatever the umask is: */
			fchmodat(dirfd, name, 0755, AT_SYMLINK_NOFOLLOW);
		else if (errno != EEXIST)
			return -errno;
		fd = openat(dirfd, name, flags);
	}
	return fd < 0 ? -errno : fd;
}

/* The directory `path` (n bytes, relative) below rootfd, one step at a time. */
static int
walk_parent(int rootfd, const char *path, size_t n, bool make)
{
	AUTO(str_fini) struct str part = STR_INIT;
	AUTO(fd_drop) int fd = open_component(rootfd, ".", false);

	for (size_t at = 0; fd >= 0 && at < n;) {
		size_t len = strcspn(path + at, "/");
		int next;

		if (at + len > n)
			len = n - at;
		str_setn(&part, path + at, len);
		at += len + 1;
		if (len == 0 || strcmp(part.s, ".") == 0)
			continue;
		next = strcmp(part.s, "..") == 0 ? -EXDEV
						 : open_component(fd, part.s, make);
		fd_drop(&fd);
		fd = next;
	}
	return fd < 0 ? fd : fd_take(&fd);
}

static int
open_parent(int rootfd, const char *rel, size_t n, bool make)
{
	AUTO(str_fini) struct str dir = STR_INIT;
	int fd;

	str_setn(&dir, n ? rel : ".", n ? n : 1);
	fd = place_open(rootfd, dir.s, O_PATH | O_DIRECTORY);
	if (fd == -ENOSYS || fd == -EINVAL || fd == -ENAMETOOLONG ||
	    (fd == -ENOENT && make))
		fd = walk_parent(rootfd, dir.s, dir.len, make);
	return fd;
}

int
place_find(struct place *p, const struct layout *l, const char *rel, bool make)
{
	const char *slash = strrchr(rel, '/');

	p->name = slash ? slash + 1 : rel;
	if (!*p->name || strcmp(p->name, ".") == 0 || strcmp(p->name, "..") == 0)
		return -EINVAL;
	p->dir = open_parent(l->rootfd, rel, slash ? (size_t)(slash - rel) : 0, make);
	return p->dir < 0 ? p->dir : 0;
}

void
temp_fini(struct temp *t)
{
	if (t->dir != AT_FDCWD)
		unlinkat(t->dir, t->name.s, 0);
	fd_drop(&t->tmpdir);
	str_fini(&t->name);
}

void
temp_name(struct temp *t, const struct layout *l, const struct place *p, bool beside)
{
	static atomic_uint count;

	if (!beside)
		t->tmpdir = place_open(l->dirfd, PKG_TMP, O_PATH | O_DIRECTORY);
	if (!beside && t->tmpdir == -ENOSYS)
		t->tmpdir = open_component(l->dirfd, PKG_TMP, false);
	t->dir = t->tmpdir >= 0 ? t->tmpdir : p->dir;
	str_clear(&t->name);
	str_addf(&t->name, "%s%d-%u", t->tmpdir >= 0 ? "" : ".cde-tmp-", (int)getpid(),
		 atomic_fetch_add(&count, 1));
}

int
temp_open(struct temp *t, const struct layout *l, const struct place *p, bool beside)
{
	int fd;

	do {
		fd_drop(&t->tmpdir);
		temp_name(t, l, p, beside);
		fd = openat(t->dir, t->name.s,
			    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	} while (fd < 0 && errno == EEXIST);
	if (fd < 0)
		t->dir = AT_FDCWD;
	return fd < 0 ? -errno : fd;
}

int
temp_move(struct temp *t, const struct place *p)
{
	int r = renameat(t->dir, t->name.s, p->dir, p->name);

	if (r < 0 && errno == EISDIR) {
		if (unlinkat(p->dir, p->name, AT_REMOVEDIR) < 0)
			return -errno;
		r = renameat(t->dir, t->name.s, p->dir, p->name);
	}
	if (r < 0)
		return -errno;
	t->dir = AT_FDCWD;
	return 0;
}

int
temp_offer(struct temp *t, const struct place *p)
{
	int r = renameat2(t->dir, t->name.s, p->dir, p->name, RENAME_NOREPLACE);

	if (r == 0) {
		t->dir = AT_FDCWD;
		return 0;
	}
	if (errno == EINVAL || errno == ENOSYS) /* not every file system can */
		r = linkat(t->dir, t->name.s, p->dir, p->name, 0);
	return r == 0 || errno == EEXIST ? 0 : -errno;
}
