#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * Names below a root that may hold anything: its links never lead out of it.
 */

enum { BENEATH_LINKS_MAX = 40, BENEATH_RETRIES = 32 };

static int
open_in_root(int rootfd, const char *rel, uint64_t flags, mode_t mode, uint64_t resolve)
{
	struct open_how how = { .flags = flags, .mode = mode, .resolve = resolve };
	int fd;

	/* EAGAIN: something was renamed meanwhile, and the kernel cannot be sure */
	for (int i = 0; i < BENEATH_RETRIES; i++) {
		fd = (int)syscall(SYS_openat2, rootfd, rel, &how, sizeof(how));
		if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
			break;
	}
	return fd < 0 ? -errno : fd;
}

struct beneath {
	int root, cur;
	struct str at;	 /* cur's name below root, without links */
	struct str rest; /* what is still to be walked */
	struct str text;
	unsigned links;
};

static void
beneath_fini(struct beneath *b)
{
	fd_drop(&b->cur);
	str_fini(&b->at);
	str_fini(&b->rest);
	str_fini(&b->text);
}

static int
beneath_enter(struct beneath *b, const char *name)
{
	int fd = openat(b->cur < 0 ? b->root : b->cur, name,
			O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	fd_drop(&b->cur);
	b->cur = fd;
	return 0;
}

/* ".." by name: the kernel's would lead out if cur was moved meanwhile. */
static int
beneath_up(struct beneath *b)
{
	AUTO(str_fini) struct str names = STR_INIT;
	char *save = NULL, *slash = strrchr(b->at.s, '/');
	int r = 0;

	str_trunc(&b->at, slash ? (size_t)(slash - b->at.s) : 0);
	fd_drop(&b->cur);
	str_set(&names, b->at.s);
	if (names.len == 0)
		return 0;
	for (char *n = strtok_r(names.s, "/", &save); n && r == 0;
	     n = strtok_r(NULL, "/", &save))
		r = beneath_enter(b, n);
	return r;
}

/* Takes the first component off rest; "" when there is none. */
static void
beneath_next(struct beneath *b, struct str *name)
{
	size_t skip = strspn(b->rest.s, "/");
	size_t n = strcspn(b->rest.s + skip, "/");

	str_setn(name, b->rest.s + skip, n);
	str_setn(&b->rest, b->rest.s + skip + n, b->rest.len - skip - n);
}

/* 1: name was a link, rest is now its text and what followed; 0: it was none. */
static int
beneath_follow(struct beneath *b, const char *name)
{
	int r = fs_readlink(b->cur < 0 ? b->root : b->cur, name, &b->text);

	if (r < 0)
		return r == -EINVAL || r == -ENOENT ? 0 : r;
	if (++b->links > BENEATH_LINKS_MAX)
		return -ELOOP;
	if (b->text.len == 0)
		return -ENOENT;
	if (b->text.s[0] == '/') {
		fd_drop(&b->cur);
		str_clear(&b->at);
	}
	str_add(&b->text, b->rest.s);
	str_swap(&b->text, &b->rest);
	return 1;
}

static int
beneath_step(struct beneath *b, const char *name)
{
	int r;

	if (strcmp(name, ".") == 0)
		return 0;
	if (strcmp(name, "..") == 0)
		return beneath_up(b);
	r = beneath_follow(b, name);
	if (r != 0)
		return r < 0 ? r : 0;
	r = beneath_enter(b, name);
	if (r == 0)
		str_addf(&b->at, "%s%s", b->at.len ? "/" : "", name);
	return r;
}

/* As openat2 with RESOLVE_IN_ROOT, for kernels before 5.6 and filters that deny it. */
static int
walk_in_root(int rootfd, const char *rel, int flags, mode_t mode)
{
	AUTO(beneath_fini)
	struct beneath b = { rootfd, -1, STR_INIT, STR_INIT, STR_INIT, 0 };
	AUTO(str_fini) struct str name = STR_INIT;
	bool follow = !(flags & O_NOFOLLOW) &&
		      (flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL);
	int fd, r;

	if (*rel == '\0')
		return -ENOENT;
	str_set(&b.rest, rel);
	for (;;) {
		bool dots, slash;

		beneath_next(&b, &name);
		dots = name.len == 0 || strcmp(name.s, ".") == 0 ||
		       strcmp(name.s, "..") == 0;
		slash = b.rest.len > 0;
		if (dots && !slash)
			break;
		if (b.rest.s[strspn(b.rest.s, "/")] != '\0' || dots) {
			r = beneath_step(&b, name.s);
			if (r < 0)
				return r;
			continue;
		}
		r = follow || slash ? beneath_follow(&b, name.s) : 0;
		if (r < 0)
			return r;
		if (r > 0)
			continue;
		/* never "name/": the kernel follows a link there, O_NOFOLLOW or not */
		if (slash && (flags & O_CREAT))
			return -EISDIR;
		if (slash)
			flags |= O_DIRECTORY;
		fd = openat(b.cur < 0 ? b.root : b.cur, name.s, flags | O_NOFOLLOW, mode);
		return fd < 0 ? -errno : fd;
	}
	r = name.len ? beneath_step(&b, name.s) : 0;
	if (r < 0)
		return r;
	fd = openat(b.cur < 0 ? b.root : b.cur, ".", flags, mode);
	return fd < 0 ? -errno : fd;
}

int
fs_open_beneath(int rootfd, const char *rel, int flags, mode_t mode)
{
	bool makes = flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY));
	int fd;

	flags |= O_CLOEXEC;
	mode = makes ? mode & 07777 : 0;
	fd = open_in_root(rootfd, rel, (uint64_t)(unsigned)flags, mode,
			  RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
	if (fd == -ENOSYS || fd == -EPERM || fd == -EAGAIN)
		fd = walk_in_root(rootfd, rel, flags, mode);
	return fd;
}

/* One directory; the umask counts, but never against the owner. */
static int
make_dir(int dirfd, const char *name)
{
	struct stat st;

	if (mkdirat(dirfd, name, 0777) < 0)
		return errno == EEXIST ? 0 : -errno;
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if ((st.st_mode & 0700) != 0700 &&
	    fchmodat(dirfd, name, (st.st_mode & 07777) | 0700, 0) < 0)
		return -errno;
	return 0;
}

int
fs_mkdirs(int dirfd, const char *rel)
{
	AUTO(beneath_fini)
	struct beneath b = { dirfd, -1, STR_INIT, STR_INIT, STR_INIT, 0 };
	AUTO(str_fini) struct str name = STR_INIT;
	int r = open_in_root(dirfd, *rel ? rel : ".", O_PATH | O_DIRECTORY | O_CLOEXEC, 0,
			     RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);

	if (r >= 0) {
		fd_drop(&r);
		return 0;
	}
	str_set(&b.rest, rel);
	for (;;) {
		beneath_next(&b, &name);
		if (name.len == 0)
			return 0;
		if (strcmp(name.s, ".") == 0)
			continue;
		if (strcmp(name.s, "..") == 0)
			return -EXDEV;
		r = beneath_enter(&b, name.s);
		if (r == -ENOENT) {
			r = make_dir(b.cur < 0 ? dirfd : b.cur, name.s);
			if (r == 0)
				r = beneath_enter(&b, name.s);
		}
		if (r < 0)
			return r;
	}
}
