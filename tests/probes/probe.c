/* The frame of a probe program: see probe.h. */
#include "probe.h"

#include <dirent.h>
#include <ftw.h>
#include <limits.h>
#include <time.h>

char probe_cwd[PATH_MAX];
char probe_buf[16384];
char *const *probe_argv;

int
probe_nr(const char *text)
{
	return *text >= '0' && *text <= '9' ? atoi(text) : -1;
}

long
raw(int nr, ...)
{
	long a[6];
	va_list ap;

	if (nr < 0)
		return -ENOSYS;
	va_start(ap, nr);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	long r;

	do /* openat2: "..", while somebody renamed something, anywhere */
		r = syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	while (r == -1 && errno == EAGAIN && nr == __NR_openat2);
	return r == -1 ? -errno : r;
}

void
say(const char *fmt, ...)
{
	char line[65536];
	va_list ap;

	va_start(ap, fmt);
	int n = vsnprintf(line, sizeof(line) - 1, fmt, ap);
	va_end(ap);
	if (n > (int)sizeof(line) - 2)
		n = sizeof(line) - 2;
	line[n++] = '\n';
	if (write(1, line, n) != n)
		_exit(120);
}

const char *
outcome(long r)
{
	const char *name = r < 0 && r > -4096 ? strerrorname_np(-r) : "ok";

	return name ? name : "errno?";
}

const char *
text_of(const void *data, size_t n)
{
	static __thread char store[4][20000];
	static __thread int turn;
	char *s = store[turn++ & 3], *p = s;
	const unsigned char *d = data;

	for (size_t i = 0; i < n && p < s + sizeof(store[0]) - 8; i++) {
		if (d[i] == '\\' || d[i] < ' ' || d[i] >= 127)
			p += sprintf(p, "\\x%02x", d[i]);
		else
			*p++ = d[i];
	}
	*p = 0;
	return s;
}

const char *
type_of(unsigned mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG: return "file";
	case S_IFDIR: return "dir";
	case S_IFLNK: return "link";
	case S_IFIFO: return "fifo";
	case S_IFSOCK: return "socket";
	case S_IFCHR: return "char";
	case S_IFBLK: return "block";
	default: return "?";
	}
}

char *
in_cwd(const char *name)
{
	char *s;

	if (asprintf(&s, "%s/%s", probe_cwd, name) < 0)
		abort();
	return s;
}

static void
check(bool good, const char *what, const char *name)
{
	if (good)
		return;
	dprintf(2, "probe: %s %s: %s\n", what, name, strerror(errno));
	_exit(121);
}

void
put_file(const char *name, const char *text, mode_t mode)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	check(fd >= 0, "create", name);
	check(write(fd, text, strlen(text)) == (ssize_t)strlen(text), "write", name);
	check(fchmod(fd, mode) == 0, "chmod", name);
	close(fd);
	set_time(name);
}

void
put_copy(const char *from, const char *to, mode_t mode)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	char buf[65536];
	ssize_t n;

	check(in >= 0, "open", from);
	check(out >= 0, "create", to);
	while ((n = read(in, buf, sizeof(buf))) > 0)
		check(write(out, buf, n) == n, "write", to);
	check(fchmod(out, mode) == 0, "chmod", to);
	close(in);
	close(out);
	set_time(to);
}

void
put_link(const char *text, const char *name)
{
	check(symlink(text, name) == 0, "symlink", name);
	set_time(name);
}

void
put_dir(const char *name)
{
	check(mkdir(name, 0755) == 0 || errno == EEXIST, "mkdir", name);
}

void
set_time(const char *name)
{
	struct timespec t[2] = { { 1000000000, 123456789 }, { 1000000000, 123456789 } };

	check(utimensat(AT_FDCWD, name, t, AT_SYMLINK_NOFOLLOW) == 0, "utimes", name);
}

static int
remove_one(const char *name, const struct stat *st, int flag, struct FTW *f)
{
	return remove(name);
}

void
remove_tree(const char *name)
{
	nftw(name, remove_one, 20, FTW_DEPTH | FTW_PHYS);
}

void
say_file(const char *name)
{
	struct stat st;
	char text[4096];
	ssize_t n;

	if (lstat(name, &st) < 0) {
		say("  %s: %s", text_of(name, strlen(name)), outcome(-errno));
		return;
	}
	const char *shown = text_of(name, strlen(name));

	if (S_ISLNK(st.st_mode)) {
		n = readlink(name, text, sizeof(text));
		say("  %s: link -> %s", shown, n < 0 ? outcome(-errno) : text_of(text, n));
	} else if (S_ISREG(st.st_mode)) {
		int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
		n = fd < 0 ? -errno : read(fd, text, 60);
		say("  %s: file %04o size %lld time %s '%s'", shown, st.st_mode & 07777,
		    (long long)st.st_size,
		    st.st_mtim.tv_sec < 1700000000 ? "set" : "now",
		    n < 0 ? outcome(n) : text_of(text, n));
		if (fd >= 0)
			close(fd);
	} else {
		say("  %s: %s %04o", shown, type_of(st.st_mode), st.st_mode & 07777);
	}
}

void
say_fd(const char *label, long fd)
{
	char text[64];
	struct stat st;

	if (fd < 0) {
		say("%s = %s", label, outcome(fd));
		return;
	}
	ssize_t n = read(fd, text, sizeof(text));
	if (n < 0)
		n = -errno;
	if (fstat(fd, &st) < 0)
		say("%s = fd, fstat %s", label, outcome(-errno));
	else
		say("%s = fd of %s, read %s '%s'", label, type_of(st.st_mode), outcome(n),
		    n > 0 ? text_of(text, n) : "");
	close(fd);
}

void
say_tree(const char *name)
{
	struct dirent **list;
	struct stat st;
	int n;

	say_file(name);
	if (lstat(name, &st) < 0 || !S_ISDIR(st.st_mode))
		return;
	n = scandir(name, &list, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		char *sub;

		if (strcmp(list[i]->d_name, ".") == 0 || strcmp(list[i]->d_name, "..") == 0)
			continue;
		if (asprintf(&sub, "%s/%s", name, list[i]->d_name) < 0)
			abort();
		say_tree(sub);
		free(sub);
	}
}

void
say_status(const char *label, int status)
{
	if (WIFEXITED(status))
		say("%s: exit %d", label, WEXITSTATUS(status));
	else if (WIFSIGNALED(status))
		say("%s: signal %s", label, sigabbrev_np(WTERMSIG(status)));
	else
		say("%s: status %#x", label, status);
}

pid_t
must_fork(void)
{
	pid_t pid = fork();

	check(pid >= 0, "fork", "");
	return pid;
}

int
must_wait(pid_t pid)
{
	int status;
	pid_t r;

	do
		r = waitpid(pid, &status, 0);
	while (r < 0 && errno == EINTR);
	check(r == pid, "waitpid", "");
	return status;
}

static void
expect_line(const char *fmt, const char *name, const char *kind)
{
	const char *file = getenv("PROBE_EXPECT");
	char *abs = *name == '/' ? strdup(name) : in_cwd(name);

	if (file) {
		int fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
		check(fd >= 0, "open", file);
		dprintf(fd, fmt, abs, kind);
		close(fd);
	}
	free(abs);
}

void
expect_touched(const char *name, const char *kind)
{
	expect_line("touched %s %s\n", name, kind);
}

void
expect_missed(const char *name)
{
	expect_line("missed %s\n", name, NULL);
}

void
make_shapes(const char *dir)
{
	char a[300], b[PATH_MAX + 300];
#define IN(name) (snprintf(a, sizeof(a), "%s/%s", dir, name), a)
	put_dir(dir);
	put_file(IN("file"), "this is the file\n", 0644);
	put_link("file", IN("link"));
	snprintf(b, sizeof(b), "%s/%s/file", probe_cwd, dir);
	put_link(b, IN("abslink"));
	put_dir(IN("sub"));
	put_file(IN("sub/deep"), "deep in sub\n", 0755);
	put_link("sub", IN("dirlink"));
	put_link("dirlink/../link", IN("chain"));
	put_link("nowhere", IN("dangling"));
	put_link("loop", IN("loop"));
#undef IN
}

void
probe_fixture(const struct probe_case *c)
{
	make_shapes("in");
	make_shapes("w");
}

static const struct probe_case *
find_case(const char *name)
{
	for (const struct probe_case *c = probe_cases; c->name; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	dprintf(2, "probe: no case %s\n", name);
	exit(2);
}

/* What probes exec: says how it was called. */
static int
hello(int argc, char **argv)
{
	say("hello argv0=%s argc=%d last=%s", argv[0], argc, argv[argc - 1]);
	return 7;
}

int
main(int argc, char **argv)
{
	umask(022);
	probe_argv = argv;
	if (argc > 1 && strncmp(argv[1], "--hello", 7) == 0)
		return hello(argc, argv);
	if (argc == 2 && strcmp(argv[1], "--list") == 0) {
		for (const struct probe_case *c = probe_cases; c->name; c++)
			if (!c->number || probe_nr(c->number) >= 0)
				puts(c->name);
		return 0;
	}
	check(getcwd(probe_cwd, sizeof(probe_cwd)) != NULL, "getcwd", "");
	if (argc == 3 && strcmp(argv[1], "--setup") == 0) {
		const struct probe_case *c = find_case(argv[2]);
		(c->setup ? c->setup : probe_fixture)(c);
		return 0;
	}
	if (argc < 2)
		return dprintf(2, "usage: %s --list | --setup CASE | CASE\n", argv[0]), 2;
	const struct probe_case *c = find_case(argv[1]);
	c->run(c);
	return 0;
}
