#include "tree/layout.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/log.h"

void
layout_fini(struct layout *l)
{
	fd_drop(&l->rootfd);
	fd_drop(&l->dirfd);
	str_fini(&l->root);
	str_fini(&l->dir);
}

/* The name that the kernel knows it by: no links, wherever `dir` came from. */
static int
spell_dir(struct layout *l, const char *dir, struct err *e)
{
	AUTO(str_fini) struct str proc = STR_INIT;
	AUTO(mem_free) char *real = NULL;

	str_addf(&proc, "/proc/self/fd/%d", l->dirfd);
	if (fs_readlink(AT_FDCWD, proc.s, &l->dir) < 0 || l->dir.s[0] != '/') {
		real = realpath(dir, NULL);
		if (!real)
			return err_set(e, errno, "%s", dir);
		str_set(&l->dir, real);
	}
	str_set(&l->root, l->dir.s);
	str_add(&l->root, str_has_suffix(l->dir.s, "/") ? PKG_ROOT : "/" PKG_ROOT);
	return 0;
}

static int
open_dirs(struct layout *l, const char *dir, struct err *e)
{
	const int flags = O_PATH | O_DIRECTORY | O_CLOEXEC;

	l->dirfd = open(dir, flags);
	if (l->dirfd < 0)
		return err_set(e, errno, "%s", *dir ? dir : "''");
	if (spell_dir(l, dir, e) < 0)
		return -1;
	l->rootfd = openat(l->dirfd, PKG_ROOT, flags | O_NOFOLLOW);
	if (l->rootfd < 0 && errno == ENOENT)
		return err_set(e, 0, "%s: no " PKG_ROOT " in it", l->dir.s);
	if (l->rootfd < 0)
		return err_set(e, errno, "%s", l->root.s);
	return 0;
}

int
layout_open(struct layout *l, const char *dir, struct err *e)
{
	int r = open_dirs(l, dir, e);

	if (r < 0)
		layout_fini(l);
	return r;
}

/* Fine if it is there; the umask never counts against the owner. */
static int
make_dir(int dirfd, const char *name, mode_t mode)
{
	struct stat st;

	if (mkdirat(dirfd, name, mode) < 0)
		return errno == EEXIST ? 0 : -errno;
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if ((st.st_mode & 0700) == 0700)
		return 0;
	return fchmodat(dirfd, name, (st.st_mode | 0700) & 07777, 0) < 0 ? -errno : 0;
}

/* Another cde may be at work in the same package: what is its own stays. */
static bool
is_abandoned(const char *name)
{
	char *end;
	long pid = strtol(name, &end, 10);

	if (end == name || *end != '-' || pid <= 0 || pid > INT32_MAX)
		return true;
	return pid == getpid() || (kill((pid_t)pid, 0) < 0 && errno == ESRCH);
}

static int
empty_tmp(struct layout *l)
{
	int fd = openat(l->dirfd, PKG_TMP,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *ent;

	if (!d) {
		int r = -errno;

		fd_drop(&fd);
		return r;
	}
	while ((ent = readdir(d)))
		if (ent->d_name[0] != '.' && is_abandoned(ent->d_name))
			unlinkat(fd, ent->d_name, 0);
	closedir(d);
	return 0;
}

void
layout_clear_tmp(struct layout *l)
{
	if (make_dir(l->dirfd, PKG_TMP, 0700) == 0)
		empty_tmp(l);
}

static int
write_uname(struct layout *l, struct err *e)
{
	AUTO(str_fini) struct str line = STR_INIT;
	struct utsname u;

	if (uname(&u) < 0)
		return err_set(e, errno, "uname");
	str_addf(&line, "uname: '%s' '%s' '%s' '%s'\n", u.sysname, u.release, u.version,
		 u.machine);
	return fs_replace(l->dirfd, PKG_UNAME, line.s, line.len, 0644, e);
}

static int
create(struct layout *l, const char *dir, struct err *e)
{
	AUTO(fd_drop) int fd = -1;
	int r = make_dir(AT_FDCWD, dir, 0777);

	if (r < 0)
		return err_set(e, -r, "%s", dir);
	fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_set(e, errno, "%s", dir);
	r = make_dir(fd, PKG_ROOT, 0777);
	if (r < 0)
		return err_set(e, -r, "%s/" PKG_ROOT, dir);
	if (open_dirs(l, dir, e) < 0)
		return -1;
	r = make_dir(l->dirfd, PKG_TMP, 0700);
	if (r == 0)
		r = empty_tmp(l);
	if (r < 0)
		return err_set(e, -r, "%s/" PKG_TMP, dir);
	return write_uname(l, e) < 0 ? err_wrap(e, "%s", dir) : 0;
}

int
layout_create(struct layout *l, const char *dir, struct err *e)
{
	int r = create(l, dir, e);

	if (r < 0)
		layout_fini(l);
	return r;
}

int
layout_save_env(struct layout *l, char *const *envp, struct err *e)
{
	AUTO(str_fini) struct str all = STR_INIT;

	for (; *envp; envp++)
		str_addn(&all, *envp, strlen(*envp) + 1);
	if (fs_replace(l->dirfd, PKG_ENV, all.s, all.len, 0644, e) < 0)
		return err_wrap(e, "%s", l->dir.s);
	return 0;
}

int
layout_load_env(struct layout *l, struct str *out, struct err *e)
{
	return fs_slurp(l->dirfd, PKG_ENV, out, e) < 0 ? err_wrap(e, "%s", l->dir.s) : 0;
}

/* 1: the one in the package has this size and mtime already. */
static bool
exec_is_current(struct layout *l, const struct stat *st)
{
	struct stat old;

	return fstatat(l->dirfd, PKG_EXEC, &old, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISREG(old.st_mode) && old.st_size == st->st_size &&
	       (old.st_mode & 0777) == 0755 && old.st_mtim.tv_sec == st->st_mtim.tv_sec &&
	       old.st_mtim.tv_nsec == st->st_mtim.tv_nsec;
}

static int
copy_exec(int src, int dst, const struct stat *st)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, st->st_mtim };
	int r = fs_copy_data(src, dst, (uint64_t)st->st_size);

	if (r < 0)
		return r;
	return fchmod(dst, 0755) < 0 || futimens(dst, times) < 0 ? -errno : 0;
}

/* A new file and a rename: the old one may be running (ETXTBSY). */
int
layout_install_exec(struct layout *l, const char *from, struct err *e)
{
	AUTO(fd_drop) int src = open(from, O_RDONLY | O_CLOEXEC);
	AUTO(fd_drop) int dst = -1;
	AUTO(str_fini) struct str tmp = STR_INIT;
	struct stat st;
	int r;

	if (src < 0 || fstat(src, &st) < 0)
		return err_set(e, errno, "%s", from);
	if (!S_ISREG(st.st_mode))
		return err_set(e, 0, "%s: not a regular file", from);
	if (exec_is_current(l, &st))
		return 0;
	str_addf(&tmp, PKG_TMP "/%d-exec", (int)getpid());
	unlinkat(l->dirfd, tmp.s, 0);
	dst = openat(l->dirfd, tmp.s, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
	if (dst < 0)
		return err_set(e, errno, "%s/%s", l->dir.s, tmp.s);
	r = copy_exec(src, dst, &st);
	if (r == 0 && renameat(l->dirfd, tmp.s, l->dirfd, PKG_EXEC) < 0)
		r = -errno;
	if (r == 0)
		return 0;
	unlinkat(l->dirfd, tmp.s, 0);
	return err_set(e, -r, "%s/" PKG_EXEC, l->dir.s);
}

int
layout_check_whole(const struct layout *l, struct err *e)
{
	if (faccessat(l->dirfd, PKG_PENDING, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	return err_set(e, 0,
		       "%s: a write of edits was interrupted, its files may be a mix "
		       "(cde-pkg status finishes it)",
		       l->dir.s);
}

int
layout_hold(const struct layout *l, int *fd, struct err *e)
{
	*fd = openat(l->dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*fd >= 0 && flock(*fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK) {
		log_error("%s is being changed: waiting for that", l->dir.s);
		while (flock(*fd, LOCK_SH) < 0 && errno == EINTR)
			;
	}
	return layout_check_whole(l, e);
}

int
layout_lock_texts(const struct layout *l)
{
	AUTO(fd_drop)
	int fd = openat(l->dirfd, PKG_TMP,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	while (fd >= 0 && flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return -1;
	return fd_take(&fd);
}

void
layout_mark(const struct layout *l, struct str *out)
{
	struct stat st = { 0 };

	fstat(l->rootfd, &st);
	str_addf(out, "cde-exec:%jx:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
}
