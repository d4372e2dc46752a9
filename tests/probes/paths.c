/* rows: getdents getdents64
 *
 * Names: chains and loops of links, any bytes, long ones, big directories, /proc. */
#include "probe.h"

#include <dirent.h>
#include <limits.h>
#include <sys/mman.h>

static void
open_it(const char *name)
{
	const char *shown = strlen(name) > 200 ? name + strlen(name) - 20 : name;

	say_fd(text_of(shown, strlen(shown)), RAW(openat, AT_FDCWD, name, O_RDONLY | O_CLOEXEC));
}

static void
link_chain_setup(const struct probe_case *c)
{
	char a[20], b[20];

	probe_fixture(c);
	for (int i = 0; i <= 45; i++) {
		snprintf(a, sizeof(a), "chain%d", i);
		snprintf(b, sizeof(b), "chain%d", i + 1);
		put_link(i == 45 ? "in/file" : b, a);
	}
	put_link("ring2", "ring1");
	put_link("ring1", "ring2");
	put_link("self/x", "self");
	put_link(".", "here");
	put_link("here/here/in", "hops");
	put_link("in/file/", "slash");
	put_link("..", "in/sub/up");
	put_link("/", "in/root");
	put_link("in//./sub/../file", "messy");
}

/* 40 links are followed, not 41. */
static void
link_chain(const struct probe_case *c)
{
	char name[PATH_MAX] = "";
	static const char *const names[] = { "chain45", "chain7", "chain6", "chain5", "chain4",
		"chain0", "ring1", "self", "self/y", "hops/file", "here/here/here/in/link",
		"slash", "in/sub/up/file", "in/sub/up/sub/up/link", "in/dirlink/up/file",
		"messy", "messy/", "in/dirlink/../file", "in/root/nonexistent",
		"in/dirlink/../../in/file", "in/../../../../../../../../../nothing" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		open_it(names[i]);
	for (int i = 0; i < 41; i++) {
		strcat(name, "here/");
		if (i >= 38) {
			size_t n = strlen(name);
			strcat(name, "in/file");
			say("%d links", i + 1);
			open_it(name);
			name[n] = 0;
		}
	}
	say_file("chain0");
	say_file("ring1");
	expect_touched("chain6", "link");
	expect_touched("in/file", "read");
}

static void
any_bytes_setup(const struct probe_case *c)
{
	char name[20];

	put_dir("bytes");
	for (int i = 1; i < 256; i++) {
		if (i == '/')
			continue;
		snprintf(name, sizeof(name), "bytes/x%cy", i);
		put_file(name, "some byte\n", 0644);
	}
	put_file("bytes/\xff\xfe\xc3(", "not UTF-8\n", 0644);
	put_file("bytes/ lead and trail ", "blanks\n", 0644);
	put_file("bytes/-rf", "dash\n", 0644);
	put_file("bytes/'\"`$(x)\\", "quotes\n", 0644);
	put_dir("bytes/new\nline");
	put_file("bytes/new\nline/\xc3\xa4\xe2\x82\xac", "UTF-8\n", 0644);
	put_link("\xff\xfe\xc3(", "bytes/link\xf0");
}

static void
any_bytes(const struct probe_case *c)
{
	char name[20];

	for (int i = 1; i < 256; i++) {
		if (i == '/')
			continue;
		snprintf(name, sizeof(name), "bytes/x%cy", i);
		open_it(name);
	}
	open_it("bytes/\xff\xfe\xc3(");
	open_it("bytes/link\xf0");
	say_tree("bytes");
	expect_touched("bytes/-rf", "read");
	expect_touched("bytes/\xff\xfe\xc3(", "read");
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void
list(const char *name)
{
	struct dirent **e;
	int n = scandir(name, &e, NULL, by_name);

	say("%s: %d entries", name, n);
	for (int i = 0; i < n; i++) {
		if (n < 100 || i % 100 == 0)
			say("  %s type %d", text_of(e[i]->d_name, strlen(e[i]->d_name)),
			    e[i]->d_type);
		free(e[i]);
	}
	if (n >= 0)
		free(e);
}

static void
big_directory_setup(const struct probe_case *c)
{
	char name[40];

	probe_fixture(c);
	put_dir("big");
	for (int i = 0; i < 2000; i++) {
		snprintf(name, sizeof(name), "big/entry-%04d", i);
		if (i % 10 == 3)
			put_link("entry-0000", name);
		else if (i % 10 == 4)
			put_dir(name);
		else
			put_file(name, "x", i % 10 == 5 ? 0755 : 0644);
	}
	mkfifo("big/fifo", 0600);
}

/* A directory that was only listed shows the same names and types. */
static void
big_directory(const struct probe_case *c)
{
	list("big");
	list("in");
	expect_touched("big", "list");
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Both calls by themselves, with a buffer for a few names at a time. */
static void
list_raw(const char *dir, bool old)
{
	union { unsigned long word; char bytes[200]; } buf;
	size_t at_name = old ? 2 * sizeof(long) + 2 : 19, n = 0;
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char *name[100];
	long r;

	while ((r = old ? RAW(getdents, fd, &buf, sizeof(buf)) :
			  RAW(getdents64, fd, &buf, sizeof(buf))) > 0)
		for (long at = 0, size; at < r && n < 100; at += size) {
			char *x = buf.bytes + at;
			uint16_t reclen;

			memcpy(&reclen, x + at_name - (old ? 2 : 3), sizeof(reclen));
			size = reclen;
			if (asprintf(&name[n++], "%d %s", old ? x[size - 1] : x[18],
				     x + at_name) < 0)
				abort();
		}
	qsort(name, n, sizeof(*name), by_text);
	for (size_t i = 0; i < n; i++)
		say("%s %s: %s", old ? "getdents" : "getdents64", dir, name[i]);
	say("end = %s", outcome(r));
	close(fd);
}

static void
raw_listing(const struct probe_case *c)
{
	list_raw("in", false);
	if (P(getdents) >= 0)
		list_raw("in", true);
	say("small buffer = %s", outcome(RAW(getdents64, open("in", O_RDONLY), probe_buf, 5)));
	say("no directory = %s", outcome(RAW(getdents64, 0, probe_buf, 500)));
}

/* Names that were only listed can be stat'ed with the same answer. */
static void
listed_then_stat(const struct probe_case *c)
{
	struct stat st;
	DIR *d = opendir("in");
	int n = 0;

	for (struct dirent *e; d && (e = readdir(d)); n++)
		if (fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			say("fstatat %s: %s", e->d_name, outcome(-errno));
	say("%d entries", n);
	closedir(d);
	static const char *const names[] = { "file", "link", "sub", "dangling", "loop" };
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(probe_buf, 100, "in/%s", names[i]);
		if (lstat(probe_buf, &st) == 0)
			say("%s: %s %04o %lld", probe_buf, type_of(st.st_mode),
			    st.st_mode & 07777,
			    S_ISDIR(st.st_mode) ? 0 : (long long)st.st_size);
	}
}

/* Directories below directories, to a name of 4,095 bytes and beyond by chdir. */
static void
deep_names_setup(const struct probe_case *c)
{
	char part[206];
	int top = open(".", O_PATH | O_CLOEXEC);

	memset(part, 'd', 200);
	part[200] = 0;
	for (int i = 0; i < 20; i++) {
		put_dir(part);
		if (chdir(part) < 0)
			_exit(122);
		put_file("f", "deep down\n", 0644);
	}
	if (fchdir(top) < 0)
		_exit(122);
	put_file("f", "top\n", 0644);
}

static void
deep_names(const struct probe_case *c)
{
	char part[206], name[5000] = "";
	char *abs = NULL;

	memset(part, 'd', 200);
	part[200] = 0;
	for (int i = 0; i < 20; i++) {
		strcat(name, part);
		strcat(name, "/");
		if (i % 5 == 0 || i > 17) {
			size_t n = strlen(name);
			strcat(name, "f");
			free(abs);
			abs = in_cwd(name);
			say("relative, %zu levels", (size_t)i + 1);
			open_it(name);
			say("absolute");
			open_it(abs);
			name[n] = 0;
		}
	}
	/* exactly PATH_MAX - 1 and PATH_MAX */
	free(abs);
	abs = malloc(PATH_MAX + 2);
	for (int len = PATH_MAX - 2; len <= PATH_MAX; len++) {
		memset(abs, '/', len);
		memcpy(abs, "./", 2);
		abs[len - 1] = 'f';
		abs[len] = 0;
		say("%d bytes", len);
		open_it(abs);
	}
	free(abs);
	for (int i = 0; i < 20; i++)
		if (chdir(part) < 0)
			say("chdir: %s", outcome(-errno));
	say("getcwd: %s", getcwd(name, sizeof(name)) ? "ok" : outcome(-errno));
	open_it("f");
	open_it("../f");
}

/* Ways through /proc. */
static void
through_proc(const struct probe_case *c)
{
	char name[PATH_MAX + 100];
	int dir = open("in", O_PATH | O_CLOEXEC), file = open("in/file", O_RDONLY | O_CLOEXEC);
	int gone, mem = memfd_create("probe", MFD_CLOEXEC), pipes[2];
	static const char *const formats[] = { "/proc/self/fd/%d", "/proc/thread-self/fd/%d",
		"/dev/fd/%d", "/proc/self/task/../fd/%d" };

	open_it("/proc/self/cwd/in/file");
	snprintf(name, sizeof(name), "/proc/%d/cwd/in/file", getpid());
	say_fd("/proc/PID/cwd/in/file", open(name, O_RDONLY | O_CLOEXEC));
	snprintf(name, sizeof(name), "/proc/self/root%s/in/file", probe_cwd);
	open_it(name);
	for (size_t i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), formats[i], file);
		say_fd(formats[i], open(name, O_RDONLY | O_CLOEXEC));
		say("O_NOFOLLOW: %s", outcome(open(name, O_RDONLY | O_NOFOLLOW) < 0 ? -errno : 0));
		ssize_t n = readlink(name, probe_buf, 4096);
		say("readlink: '%s'", text_of(probe_buf, n > 0 ? n : 0));
		snprintf(name, sizeof(name), formats[i], dir);
		strcat(name, "/sub/../link");
		say_fd("  below the directory", open(name, O_RDONLY | O_CLOEXEC));
	}
	put_file("w/gone", "deleted, but open\n", 0644);
	gone = open("w/gone", O_RDONLY | O_CLOEXEC);
	unlink("w/gone");
	snprintf(name, sizeof(name), "/proc/self/fd/%d", gone);
	say_fd("deleted", open(name, O_RDONLY | O_CLOEXEC));
	ssize_t n = readlink(name, probe_buf, 4096);
	say("readlink: '%s'", text_of(probe_buf, n > 0 ? n : 0));
	if (write(mem, "in memory\n", 10) != 10 || pipe(pipes) < 0)
		say("memfd, pipe: %s", outcome(-errno));
	snprintf(name, sizeof(name), "/proc/self/fd/%d", mem);
	say_fd("memfd", open(name, O_RDONLY | O_CLOEXEC));
	if (write(pipes[1], "in the pipe\n", 12) != 12)
		say("write: %s", outcome(-errno));
	snprintf(name, sizeof(name), "/proc/self/fd/%d", pipes[0]);
	say_fd("pipe", open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC));
	open_it("/proc/self/fd/777");
	open_it("/proc/self/fd/x");
	open_it("/proc/self/nothing");
	n = readlink("/proc/self/cwd", probe_buf, 4096);
	say("cwd '%s'", text_of(probe_buf, n > 0 ? n : 0));
}

/* Descriptors that are no directories, or no longer. */
static void
odd_dirfds(const struct probe_case *c)
{
	int pipes[2], gone, renamed;
	long wide = (long)((unsigned long)AT_FDCWD & 0xffffffffUL);

	if (pipe(pipes) < 0)
		say("pipe: %s", outcome(-errno));
	put_dir("w/gone");
	put_dir("w/old");
	put_file("w/old/f", "moved along\n", 0644);
	gone = open("w/gone", O_PATH | O_CLOEXEC);
	renamed = open("w/old", O_PATH | O_CLOEXEC);
	rmdir("w/gone");
	rename("w/old", "w/new");
	say_fd("at pipe", RAW(openat, pipes[0], "file", O_RDONLY));
	say_fd("at removed", RAW(openat, gone, "file", O_RDONLY));
	say_fd("at removed ..", RAW(openat, gone, "../file", O_RDONLY));
	say_fd("at renamed", RAW(openat, renamed, "f", O_RDONLY));
	say_fd("at renamed ..", RAW(openat, renamed, "../file", O_RDONLY));
	say_fd("AT_FDCWD, upper half 0", RAW(openat, wide, "in/file", O_RDONLY));
	say_fd("closed", RAW(openat, 555, "file", O_RDONLY));
	close_range(3, 500, 0);
	say_fd("after close_range", RAW(openat, renamed, "f", O_RDONLY));
	int again = open("in", O_PATH | O_CLOEXEC);
	say_fd("number used again", RAW(openat, again, "file", O_RDONLY));
	dup2(open("in/sub", O_PATH), again);
	say_fd("number after dup2", RAW(openat, again, "deep", O_RDONLY));
}

/* A name that changes under the call: whichever it was, the tracer lives. */
static void
unreadable_and_modes(const struct probe_case *c)
{
	put_dir("w/locked");
	put_file("w/locked/f", "locked in\n", 0644);
	chmod("w/locked", 0);
	if (getuid() != 0)
		open_it("w/locked/f");
	chmod("w/locked", 0700);
	open_it("w/locked/f");
	chmod("w/file", 0);
	if (getuid() != 0)
		open_it("w/file");
	say("access W_OK: %s", outcome(access("in/file", W_OK) < 0 ? -errno : 0));
	if (getuid() != 0) {
		say_fd("/etc/shadow", open("/etc/shadow", O_RDONLY | O_CLOEXEC));
	}
}

static void
devices(const struct probe_case *c)
{
	say_fd("/dev/null", open("/dev/null", O_RDWR | O_CLOEXEC));
	int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	char z[4] = "xxx";
	say("read /dev/zero: %zd %d", read(fd, z, 4), z[0]);
	open_it("/dev/null/x");
	open_it("/nonexistent/of/the/harness");
	expect_missed("/nonexistent/of/the/harness");
	say("write /dev/full: %s",
	    outcome(write(open("/dev/full", O_WRONLY), "x", 1) < 0 ? -errno : 0));
}

const struct probe_case probe_cases[] = {
	CASE_WITH(link_chain, link_chain_setup), CASE_WITH(any_bytes, any_bytes_setup),
	CASE_WITH(big_directory, big_directory_setup), CASE(listed_then_stat),
	CASE(raw_listing),
	CASE_WITH(deep_names, deep_names_setup), CASE(through_proc), CASE(odd_dirfds),
	CASE(unreadable_and_modes), CASE(devices),
	CASES_END
};
