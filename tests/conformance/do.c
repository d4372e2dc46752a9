/*
 * The part of conform that runs inside: one call, one word about its outcome.  An
 * object tells its side by its mtime, a program by the text behind its end.
 */
#include "conform.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int
outcome(long r)
{
	if (r < 0)
		printf("%s\n", strerrorname_np(errno));
	else
		puts("ok");
	return 0;
}

static int
side_of(int r, const struct stat *st)
{
	if (r < 0)
		return outcome(r);
	puts(st->st_mtime == MTIME_PACKAGE ? "package"
	     : st->st_mtime == MTIME_HOST  ? "host"
					   : "neither");
	return 0;
}

static int
do_stat(char **arg)
{
	struct stat st;

	return side_of(stat(arg[0], &st), &st);
}

static int
do_lstat(char **arg)
{
	struct stat st;

	return side_of(lstat(arg[0], &st), &st);
}

static int
do_statx(char **arg)
{
	struct statx x;
	struct stat st = { 0 };
	int r = statx(AT_FDCWD, arg[0], 0, STATX_MTIME, &x);

	st.st_mtime = x.stx_mtime.tv_sec;
	return side_of(r, &st);
}

static int
do_opath(char **arg)
{
	struct stat st;
	int fd = open(arg[0], O_PATH | O_CLOEXEC);

	return side_of(fd < 0 ? fd : fstatat(fd, "", &st, AT_EMPTY_PATH), &st);
}

static int
show(int fd)
{
	char text[100];
	ssize_t n = fd < 0 ? fd : read(fd, text, sizeof(text) - 1);

	if (n < 0)
		return outcome(n);
	text[n] = 0;
	printf("%s\n", text);
	return 0;
}

static int
do_read(char **arg)
{
	return show(open(arg[0], O_RDONLY | O_CLOEXEC));
}

/* The directory and the name in it; the argument is cut in two. */
static const char *
cut(char *path)
{
	char *slash = strrchr(path, '/');

	*slash = 0;
	return slash + 1;
}

static int
do_read_at(char **arg)
{
	const char *name = cut(arg[0]);
	int dir = open(arg[0], O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return dir < 0 ? outcome(dir) : show(openat(dir, name, O_RDONLY | O_CLOEXEC));
}

static int
do_read_in(char **arg)
{
	const char *name = cut(arg[0]);

	if (chdir(arg[0]) < 0)
		return outcome(-1);
	return show(open(name, O_RDONLY | O_CLOEXEC));
}

/* By way of a root of the program's choice. */
static int
do_read_root(char **arg)
{
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC,
				.resolve = RESOLVE_IN_ROOT };
	int dir = open(arg[0], O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return outcome(dir);
	return show((int)syscall(SYS_openat2, dir, arg[1], &how, sizeof(how)));
}

static int
do_access(char **arg)
{
	return outcome(access(arg[0], R_OK));
}

static int
do_access_w(char **arg)
{
	return outcome(access(arg[0], W_OK));
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int
do_list(char **arg)
{
	DIR *d = opendir(arg[0]);
	struct dirent *x;
	char *name[1000];
	size_t n = 0;

	if (!d)
		return outcome(-1);
	while ((x = readdir(d)) && n < 1000)
		if (strcmp(x->d_name, ".") != 0 && strcmp(x->d_name, "..") != 0)
			name[n++] = strdup(x->d_name);
	qsort(name, n, sizeof(*name), by_name);
	for (size_t i = 0; i < n; i++)
		printf("%s%s", i ? "," : "", name[i]);
	puts(n ? "" : "empty");
	return 0;
}

static int
do_readlink(char **arg)
{
	char text[4096];
	ssize_t n = readlink(arg[0], text, sizeof(text) - 1);

	if (n < 0)
		return outcome(n);
	printf("%.*s\n", (int)n, text);
	return 0;
}

static int
do_realpath(char **arg)
{
	char *s = realpath(arg[0], NULL);

	if (!s)
		return outcome(-1);
	puts(s);
	return 0;
}

static int
do_getcwd(char **arg)
{
	char text[4096];

	if (chdir(arg[0]) < 0 || !getcwd(text, sizeof(text)))
		return outcome(-1);
	puts(text);
	return 0;
}

static int
put(int fd)
{
	return outcome(fd < 0 ? fd : write(fd, "new", 3));
}

static int
do_create(char **arg)
{
	return put(open(arg[0], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
}

static int
do_create_in(char **arg)
{
	const char *name = cut(arg[0]);

	if (chdir(arg[0]) < 0)
		return outcome(-1);
	return put(open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
}

static int
do_write(char **arg)
{
	return put(open(arg[0], O_WRONLY | O_CLOEXEC));
}

static int
do_rewrite(char **arg)
{
	return put(open(arg[0], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
}

static int
do_append(char **arg)
{
	return put(open(arg[0], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
}

static int
do_truncate(char **arg)
{
	return outcome(truncate(arg[0], 1));
}

static int
do_chmod(char **arg)
{
	return outcome(chmod(arg[0], 0700));
}

static int
do_touch(char **arg)
{
	return outcome(utimensat(AT_FDCWD, arg[0], NULL, 0));
}

static int
do_mkdir(char **arg)
{
	return outcome(mkdir(arg[0], 0755));
}

static int
do_mkfifo(char **arg)
{
	return outcome(mkfifo(arg[0], 0644));
}

static int
do_unlink(char **arg)
{
	return outcome(unlink(arg[0]));
}

static int
do_rmdir(char **arg)
{
	return outcome(rmdir(arg[0]));
}

static int
do_symlink(char **arg)
{
	return outcome(symlink("text", arg[0]));
}

static int
do_link(char **arg)
{
	return outcome(link(arg[0], arg[1]));
}

static int
do_rename(char **arg)
{
	return outcome(rename(arg[0], arg[1]));
}

/* Up from a directory, by its descriptor. */
static int
do_read_up(char **arg)
{
	char name[4096];
	int dir = open(arg[0], O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	snprintf(name, sizeof(name), "../%s", arg[1]);
	return dir < 0 ? outcome(dir) : show(openat(dir, name, O_RDONLY | O_CLOEXEC));
}

/* … and as the working directory. */
static int
do_cwd_up(char **arg)
{
	char text[4096];

	if (chdir(arg[0]) < 0 || chdir("..") < 0 || !getcwd(text, sizeof(text)))
		return outcome(-1);
	puts(text);
	return 0;
}

static int
do_create_at(char **arg)
{
	const char *name = cut(arg[0]);
	int dir = open(arg[0], O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return outcome(dir);
	return put(openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
}

static int
do_rename_at(char **arg)
{
	const char *from = cut(arg[0]), *to = cut(arg[1]);
	int a = open(arg[0], O_PATH | O_DIRECTORY | O_CLOEXEC);
	int b = open(arg[1], O_PATH | O_DIRECTORY | O_CLOEXEC);

	return a < 0 || b < 0 ? outcome(-1) : outcome(renameat(a, from, b, to));
}

/* What is written can be read: also by a second descriptor, and in a listing. */
static int
do_write_read(char **arg)
{
	int fd = open(arg[0], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, "new", 3) != 3)
		return outcome(-1);
	return show(open(arg[0], O_RDONLY | O_CLOEXEC));
}

static int
do_create_list(char **arg)
{
	int fd = open(arg[0], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	cut(arg[0]);
	return fd < 0 ? outcome(fd) : do_list(arg);
}

static int
do_remove_list(char **arg)
{
	int r = unlink(arg[0]);

	cut(arg[0]);
	return r < 0 ? outcome(r) : do_list(arg);
}

/* Gone, and made anew as a directory: what was below it is not there. */
static int
do_remake_dir(char **arg)
{
	char name[4096];

	snprintf(name, sizeof(name), "%s/file", arg[0]);
	if (unlink(name) < 0 || rmdir(arg[0]) < 0 || mkdir(arg[0], 0755) < 0)
		return outcome(-1);
	return do_list(arg);
}

/* As mv does: rename, and where that is EXDEV copy and remove. */
static int
do_move(char **arg)
{
	char text[100];
	ssize_t n;
	int from, to;

	if (rename(arg[0], arg[1]) == 0 || errno != EXDEV)
		return outcome(access(arg[1], F_OK));
	from = open(arg[0], O_RDONLY | O_CLOEXEC);
	to = open(arg[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	n = from < 0 || to < 0 ? -1 : read(from, text, sizeof(text));
	if (n < 0 || write(to, text, (size_t)n) != n)
		return outcome(-1);
	return outcome(unlink(arg[0]));
}

/* The descriptor was opened for reading only. */
static int
do_fchmod(char **arg)
{
	struct stat st;
	int fd = open(arg[0], O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fchmod(fd, 0700) < 0 || stat(arg[0], &st) < 0)
		return outcome(-1);
	return outcome((st.st_mode & 0777) == 0700 ? 0 : -1);
}

/* Opened again for writing, by its descriptor. */
static int
do_reopen(char **arg)
{
	char name[64];
	int fd = open(arg[0], O_RDONLY | O_CLOEXEC);

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	return put(fd < 0 ? fd : open(name, O_WRONLY | O_CLOEXEC));
}

static int
do_tmpfile(char **arg)
{
	return outcome(open(arg[0], O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
}

static int
do_watch(char **arg)
{
	int fd = inotify_init1(IN_CLOEXEC);

	return outcome(inotify_add_watch(fd, arg[0], IN_CREATE));
}

static int
do_bind(char **arg)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const char *name = cut(arg[0]);

	if (chdir(arg[0]) < 0)
		return outcome(-1);
	strncpy(un.sun_path, name, sizeof(un.sun_path) - 1);
	return outcome(bind(fd, (struct sockaddr *)&un, sizeof(un)));
}

static int
do_exec(char **arg)
{
	pid_t pid = fork();
	int status;

	fflush(stdout);
	if (pid == 0) {
		execl(arg[0], arg[0], NULL);
		outcome(-1);
		fflush(stdout);
		_exit(0);
	}
	return waitpid(pid, &status, 0) == pid ? 0 : 1;
}

/* Called as a program of the fixture: its last bytes say whose it is. */
int
say_side(void)
{
	char text[9] = "";
	FILE *f = fopen("/proc/self/exe", "r");

	if (!f || fseek(f, -8, SEEK_END) < 0 || fread(text, 1, 8, f) != 8)
		return outcome(-1);
	puts(text + strspn(text, " "));
	return 0;
}

static const struct action {
	const char *name;
	int (*run)(char **arg);
} actions[] = {
	{ "stat", do_stat },	   { "lstat", do_lstat },
	{ "statx", do_statx },	   { "opath", do_opath },
	{ "read", do_read },	   { "read-at", do_read_at },
	{ "read-in", do_read_in }, { "read-root", do_read_root },
	{ "access", do_access },   { "access-w", do_access_w },
	{ "list", do_list },	   { "readlink", do_readlink },
	{ "getcwd", do_getcwd },   { "realpath", do_realpath },
	{ "create", do_create },   { "create-in", do_create_in },
	{ "write", do_write },	   { "append", do_append },
	{ "rewrite", do_rewrite }, { "trunc", do_truncate },
	{ "chmod", do_chmod },	   { "touch", do_touch },
	{ "mkdir", do_mkdir },	   { "mkfifo", do_mkfifo },
	{ "unlink", do_unlink },   { "rmdir", do_rmdir },
	{ "symlink", do_symlink }, { "link", do_link },
	{ "rename", do_rename },   { "tmpfile", do_tmpfile },
	{ "watch", do_watch },	   { "bind", do_bind },
	{ "exec", do_exec },
	{ "read-up", do_read_up }, { "cwd-up", do_cwd_up },
	{ "create-at", do_create_at }, { "rename-at", do_rename_at },
	{ "write-read", do_write_read }, { "create-list", do_create_list },
	{ "remove-list", do_remove_list }, { "remake-dir", do_remake_dir },
	{ "move", do_move },	   { "fchmod", do_fchmod },
	{ "reopen", do_reopen },
};

int
do_call(char **arg)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++)
		if (strcmp(actions[i].name, arg[0]) == 0)
			return actions[i].run(arg + 1);
	fprintf(stderr, "conform: no call '%s'\n", arg[0]);
	return 2;
}
