/* Where an archive is unpacked to: beside its place, or for a while only. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "inspect/pack_priv.h"
#include "inspect/unpack_priv.h"
#include "path/lex.h"

struct fresh { /* a directory that did not exist before */
	struct str name;
	int fd;
};

static void
fresh_fini(struct fresh *f)
{
	fd_drop(&f->fd);
	if (f->name.len)
		fs_remove_tree(AT_FDCWD, f->name.s);
	str_fini(&f->name);
}

static int
fresh_make(struct fresh *f, const char *parent, struct err *e)
{
	str_addf(&f->name, "%s/.cde-unpack-XXXXXX", parent);
	if (!mkdtemp(f->name.s)) {
		str_clear(&f->name);
		return err_set(e, errno, "%s", parent);
	}
	f->fd = open(f->name.s, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return f->fd < 0 ? err_set(e, errno, "%s", f->name.s) : 0;
}

static bool
has_root(int fd)
{
	struct stat st;

	return fstatat(fd, PKG_ROOT, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISDIR(st.st_mode);
}

/* The package is the top itself, or the one directory that lies there. */
static int
find_package(int fd, struct str *name, struct err *e)
{
	AUTO(fd_drop) int sub = -1;
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *ent;
	unsigned n = 0;

	str_clear(name);
	while (d && (ent = readdir(d)))
		if (strcmp(ent->d_name, ".") != 0 && strcmp(ent->d_name, "..") != 0 &&
		    ++n)
			str_set(name, ent->d_name);
	if (d)
		closedir(d);
	if (has_root(fd)) {
		str_set(name, ".");
		return 0;
	}
	if (n == 1)
		sub = openat(fd, name->s,
			     O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (sub < 0 || !has_root(sub))
		return err_set(e, 0, "there is no package in it (no " PKG_ROOT ")");
	return 0;
}

/* Beside cde-root there are only plain files: tools read these by name. */
static int
check_top(int fd, const char *name, struct err *e)
{
	int top = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = top < 0 ? NULL : fdopendir(top);
	struct dirent *ent;
	struct stat st;
	int r = 0;

	if (!d)
		return err_set(e, errno, "%s", name);
	while (r == 0 && (ent = readdir(d)))
		if (fstatat(top, ent->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		    (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)))
			r = err_set(e, 0,
				    "%s: neither file nor directory, beside " PKG_ROOT,
				    ent->d_name);
	closedir(d);
	return r;
}

static int
unpack_into(const char *file, struct fresh *f, struct unpack *how, struct str *name,
	    struct err *e)
{
	int r = unpack_below(file, f->fd, how, e);

	if (r)
		return r;
	if (find_package(f->fd, name, e) < 0 || check_top(f->fd, name->s, e) < 0)
		return err_wrap(e, "%s", file);
	return 0;
}

/* A directory "." is renamed by its own name; it has the mode of its entry then. */
static int
move_to(struct fresh *f, const char *name, const char *dir, struct err *e)
{
	AUTO(str_fini) struct str from = STR_INIT;
	struct stat st;

	str_set(&from, f->name.s);
	if (strcmp(name, ".") != 0)
		path_append(&from, name);
	else if (fchmod(f->fd, 0755) < 0)
		return err_set(e, errno, "%s", from.s);
	if (lstat(dir, &st) == 0)
		return err_set(e, EEXIST, "%s", dir);
	if (rename(from.s, dir) < 0)
		return err_set(e, errno, "%s", dir);
	if (strcmp(name, ".") == 0)
		str_clear(&f->name);
	return 0;
}

int
unpack_archive(const char *file, const char *dir, struct unpack *how, struct err *e)
{
	AUTO(fresh_fini) struct fresh f = { STR_INIT, -1 };
	AUTO(str_fini) struct str to = STR_INIT, parent = STR_INIT, name = STR_INIT;
	struct stat st;
	int r;

	str_set(&to, dir);
	while (to.len > 1 && to.s[to.len - 1] == '/')
		str_trunc(&to, to.len - 1);
	if (lstat(to.s, &st) == 0)
		return err_set(e, 0, "%s is there already", to.s);
	str_setn(&parent, to.s, (size_t)(path_base(to.s) - to.s));
	if (fresh_make(&f, parent.len ? parent.s : ".", e) < 0)
		return -1;
	r = unpack_into(file, &f, how, &name, e);
	return r ? r : move_to(&f, name.s, to.s, e);
}

/* The child: whatever ends the other one closes its end of the pipe. */
static _Noreturn void
watch(int end, const char *dir)
{
	char byte;

	setsid();
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_IGN);
	if (dup2(end, 0) == 0)
		close_range(1, ~0u, 0);
	while (read(0, &byte, 1) < 0 && errno == EINTR)
		;
	fs_remove_tree(AT_FDCWD, dir);
	_exit(0);
}

static int
start_watcher(struct unpacked *u, struct err *e)
{
	int end[2];

	if (pipe2(end, O_CLOEXEC) < 0)
		return err_set(e, errno, "pipe");
	u->watcher = fork();
	if (u->watcher == 0) {
		close(end[1]);
		watch(end[0], u->dir.s);
	}
	close(end[0]);
	u->alive = end[1];
	return u->watcher < 0 ? err_set(e, errno, "fork") : 0;
}

int
unpack_private(struct unpacked *u, const char *file, struct err *e)
{
	AUTO(fresh_fini) struct fresh f = { STR_INIT, -1 };
	AUTO(str_fini) struct str name = STR_INIT;
	struct unpack how = { 0 };
	const char *tmp = getenv("TMPDIR");

	if (fresh_make(&f, tmp && *tmp == '/' ? tmp : "/tmp", e) < 0)
		return -1;
	str_set(&u->dir, f.name.s);
	str_clear(&f.name); /* ours now */
	if (start_watcher(u, e) < 0 || unpack_into(file, &f, &how, &name, e) < 0)
		return -1;
	str_set(&u->name, u->dir.s);
	path_append(&u->name, name.s);
	return 0;
}

void
unpack_remove(struct unpacked *u)
{
	if (u->dir.len)
		fs_remove_tree(AT_FDCWD, u->dir.s);
	fd_drop(&u->alive);
	if (u->watcher > 0)
		while (waitpid(u->watcher, NULL, 0) < 0 && errno == EINTR)
			;
	u->watcher = 0;
	str_fini(&u->dir);
	str_fini(&u->name);
}
