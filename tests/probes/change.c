/* rows: mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 link linkat symlink
 * symlinkat mknod mknodat chmod fchmodat fchmodat2 chown lchown fchownat chown32 lchown32
 * truncate truncate64 utime utimes futimesat utimensat utimensat_time64 setxattr lsetxattr
 * removexattr lremovexattr setxattrat removexattrat file_setattr
 * fchmod fchown fchown32 fsetxattr fremovexattr
 *
 * Calls that change something; each on fresh shapes, which are listed afterwards. */
#include "probe.h"

#include <sys/xattr.h>

static long old_times[4] = { 1000000000, 1000000000 };		/* utime */
static long times_usec[4] = { 1000000000, 5, 1000000000, 7 };
static long times_nsec[4] = { 1000000000, 11, 1000000000, 13 };
static int64_t times_64[4] = { 1000000000, 11, 1000000000, 13 };
static struct { uint64_t value; uint32_t size, flags; } at_args;
static struct { uint64_t xflags; uint32_t rest[4]; } file_attr = { 0x80, { 0 } };

static void
before_owner(long *a)
{
	for (int i = 1; i < 4; i++)
		if (a[i] == -2)
			a[i] = getuid();
}

static void
before_xattrat(long *a)
{
	at_args.value = (uintptr_t)"new value";
	at_args.size = 9;
}

static void
xattr_of_file(long r)
{
	char text[100] = "";
	ssize_t n = getxattr("w/file", "user.new", text, sizeof(text));

	say("  w/file user.new: %s '%s'", n < 0 ? outcome(-errno) : "ok", text);
}

/* Something to take away on every shape. */
static void
before_remove(long *a)
{
	setxattr("w/file", "user.new", "to go", 5, 0);
	setxattr("w/sub", "user.new", "to go", 5, 0);
}

/* The first change of an input: the package must hold the state before it. */
static void
says(const char *what, long r)
{
	say("%s = %s", what, outcome(r));
}

static void
edit_in_place(const struct probe_case *c)
{
	int fd = open("in/file", O_RDWR | O_CLOEXEC);

	say("pwrite: %zd", pwrite(fd, "THIS", 4, 0));
	close(fd);
	say_tree("in");
	expect_touched("in/file", "write");
}

static void
truncate_input(const struct probe_case *c)
{
	say_fd("O_RDONLY|O_TRUNC", open("in/file", O_RDONLY | O_TRUNC | O_CLOEXEC));
	say_fd("O_WRONLY|O_TRUNC", open("in/dirlink/deep", O_WRONLY | O_TRUNC | O_CLOEXEC));
	say_tree("in");
	expect_touched("in/sub/deep", "write");
}

static void
rename_over_input(const struct probe_case *c)
{
	say_file("in/file");
	put_file("tmp", "replacement\n", 0600);
	says("rename", rename("tmp", "in/file") < 0 ? -errno : 0);
	say_tree("in");
	expect_touched("in/file", "read");
}

static void
unlink_input(const struct probe_case *c)
{
	say_fd("read", open("in/file", O_RDONLY | O_CLOEXEC));
	says("unlink", unlink("in/file") < 0 ? -errno : 0);
	says("unlink unread", unlink("in/sub/deep") < 0 ? -errno : 0);
	says("unlink link", unlink("in/abslink") < 0 ? -errno : 0);
	says("rmdir", rmdir("in/sub") < 0 ? -errno : 0);
	say_tree("in");
}

static void
append_input(const struct probe_case *c)
{
	int fd = open("in/link", O_WRONLY | O_APPEND | O_CLOEXEC);

	say("append: %zd", write(fd, "more\n", 5));
	close(fd);
	say_tree("in");
}

static void
chmod_input(const struct probe_case *c)
{
	says("chmod file", chmod("in/file", 0400) < 0 ? -errno : 0);
	says("chmod through link", chmod("in/dirlink/deep", 0711) < 0 ? -errno : 0);
	says("chmod sub", chmod("in/sub", 0700) < 0 ? -errno : 0);
	say_tree("in");
}

/* Calls that have only a descriptor, which was opened for reading. */
static void
by_descriptor(const struct probe_case *c)
{
	int fd = open("in/file", O_RDONLY | O_CLOEXEC);
	int dir = open("in/sub", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char text[20] = "";

	says("fchmod", RAW(fchmod, fd, 0604));
	says("fchmod dir", RAW(fchmod, dir, 0750));
	says("fchown", RAW(fchown, fd, getuid(), -1));
	says("fchown32", RAW(fchown32, fd, -1, getgid()));
	says("fsetxattr", RAW(fsetxattr, fd, "user.one", "1", 1, 0));
	says("fsetxattr", RAW(fsetxattr, fd, "user.two", "2", 1, 0));
	says("fremovexattr", RAW(fremovexattr, fd, "user.one"));
	says("bad", RAW(fchmod, 99, 0600));
	says("user.one", getxattr("in/file", "user.one", text, 9) < 0 ? -errno : 0);
	says("user.two", getxattr("in/file", "user.two", text, 9) < 0 ? -errno : 0);
	say("%s", text);
	close(fd);
	close(dir);
	say_tree("in");
}

static void
rename_directory(const struct probe_case *c)
{
	int dir = open("in/sub", O_PATH | O_CLOEXEC);

	says("rename in/sub", rename("in/sub", "moved") < 0 ? -errno : 0);
	say_file("moved/deep");
	say_file("in/sub/deep");
	say_file("in/dirlink/deep");
	say_fd("openat its fd", openat(dir, "deep", O_RDONLY | O_CLOEXEC));
	says("rename in", rename("in", "in2") < 0 ? -errno : 0);
	say_file("in2/file");
	say_file("in2/abslink");
	say_fd("stale name", open("in/file", O_RDONLY | O_CLOEXEC));
	close(dir);
}

static void
exchange(const struct probe_case *c)
{
	says("exchange", RAW(renameat2, AT_FDCWD, "in/file", AT_FDCWD, "in/sub/deep", 2));
	says("exchange types", RAW(renameat2, AT_FDCWD, "in/link", AT_FDCWD, "in/sub", 2));
	says("noreplace", RAW(renameat2, AT_FDCWD, "in/file", AT_FDCWD, "in/chain", 1));
	say_tree("in");
}

static void
hard_link_input(const struct probe_case *c)
{
	says("link", link("in/file", "second") < 0 ? -errno : 0);
	int fd = open("second", O_WRONLY | O_CLOEXEC);
	say("write: %zd", pwrite(fd, "THAT", 4, 0));
	close(fd);
	say_file("in/file");
	says("linkat nofollow", linkat(AT_FDCWD, "in/link", AT_FDCWD, "l2", 0) ? -errno : 0);
	says("linkat follow", linkat(AT_FDCWD, "in/link", AT_FDCWD, "f2", AT_SYMLINK_FOLLOW) ?
	     -errno : 0);
	say_file("l2");
	say_file("f2");
}

/* An unnamed file gets a name through its descriptor. */
static void
tmpfile_linkat(const struct probe_case *c)
{
	char proc[40];
	int fd = open("w", O_TMPFILE | O_RDWR | O_CLOEXEC, 0640);

	says("O_TMPFILE", fd < 0 ? -errno : 0);
	if (fd < 0)
		return;
	say("write: %zd", write(fd, "unnamed\n", 8));
	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	says("linkat /proc/self/fd", linkat(AT_FDCWD, proc, AT_FDCWD, "w/named",
	     AT_SYMLINK_FOLLOW) < 0 ? -errno : 0);
	say_fd("reopen", open(proc, O_RDONLY | O_CLOEXEC));
	say_tree("w");
	close(fd);
	fd = open(probe_cwd, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	says("absolute O_TMPFILE", fd < 0 ? -errno : 0);
	close(fd);
}

/* Links that the program makes itself, and follows. */
static void
own_links(const struct probe_case *c)
{
	char *target = in_cwd("in/file"), *dir = in_cwd("in/sub");

	says("symlink absolute", symlink(target, "w/own") < 0 ? -errno : 0);
	says("symlink dir", symlink(dir, "w/owndir") < 0 ? -errno : 0);
	says("symlink root", symlink("/", "w/root") < 0 ? -errno : 0);
	say_file("w/own");
	say_fd("open own", open("w/own", O_RDONLY | O_CLOEXEC));
	say_fd("open owndir/deep", open("w/owndir/deep", O_RDONLY | O_CLOEXEC));
	say_fd("owndir/../file", open("w/owndir/../file", O_RDONLY | O_CLOEXEC));
	snprintf(probe_buf, sizeof(probe_buf), "w/root%s", target);
	say_fd("through root", open(probe_buf, O_RDONLY | O_CLOEXEC));
	expect_touched("in/file", "read");
	expect_touched("in/sub/deep", "read");
	free(target);
	free(dir);
}

static void
fifo_and_modes(const struct probe_case *c)
{
	umask(027);
	says("mkfifo", RAW(mknodat, AT_FDCWD, "w/fifo", S_IFIFO | 0666, 0));
	says("mknod file", RAW(mknodat, AT_FDCWD, "w/made", S_IFREG | 0777, 0));
	says("mkdir", RAW(mkdirat, AT_FDCWD, "w/newdir", 0777));
	says("creat", open("w/new", O_CREAT | O_WRONLY | O_CLOEXEC, 0666) < 0 ? -errno : 0);
	say_tree("w");
}

#define ONE .dir = -1, .path = 0, .flags = -1, .how = CALL_MUTATES
#define AT .dir = 0, .path = 1, .flags = -1, .how = CALL_MUTATES
#define ATF(n) .dir = 0, .path = 1, .flags = n, .how = CALL_MUTATES
#define NF .nofollow = AT_SYMLINK_NOFOLLOW
#define EP .empty = AT_EMPTY_PATH
#define SECOND .dir = -1, .path = 1, .flags = -1, .how = CALL_MUTATES
#define AT2 .dir = 2, .path = 3, .how = CALL_MUTATES
#define TEXT(s) ((long)(s))

const struct probe_case probe_cases[] = {
	CALL_CASE(mkdir, ONE, .arg = { 0, 0750 }),
	CALL_CASE(mkdirat, AT, .arg = { 0, 0, 0750 }),
	CALL_CASE(rmdir, ONE),
	CALL_CASE(unlink, ONE),
	CALL_CASE(unlinkat, AT),
	CALL_CASE_AS("unlinkat_dir", unlinkat, AT, .arg = { 0, 0, AT_REMOVEDIR }),
	CALL_CASE_AS("rename_from", rename, ONE, .arg = { 0, TEXT("w/new") }),
	CALL_CASE_AS("rename_to", rename, SECOND, .arg = { TEXT("w/file") }),
	CALL_CASE_AS("renameat_from", renameat, AT, .arg = { 0, 0, AT_FDCWD, TEXT("w/new") }),
	CALL_CASE_AS("renameat_to", renameat, AT2, .flags = -1,
		     .arg = { AT_FDCWD, TEXT("w/sub/deep") }),
	CALL_CASE_AS("renameat2_from", renameat2, AT,
		     .arg = { 0, 0, AT_FDCWD, TEXT("w/new"), 1 }),
	CALL_CASE_AS("renameat2_to", renameat2, AT2, .flags = 4, .nofollow = 1,
		     .arg = { AT_FDCWD, TEXT("w/file") }),
	CALL_CASE_AS("link_from", link, ONE, .arg = { 0, TEXT("w/new") }),
	CALL_CASE_AS("link_to", link, SECOND, .arg = { TEXT("w/file") }),
	CALL_CASE_AS("linkat_from", linkat, ATF(4), .follow = AT_SYMLINK_FOLLOW,
		     .arg = { 0, 0, AT_FDCWD, TEXT("w/new") }),
	CALL_CASE_AS("linkat_to", linkat, AT2, .flags = -1,
		     .arg = { AT_FDCWD, TEXT("w/link") }),
	CALL_CASE(symlink, SECOND, .arg = { TEXT("some/text/../that stays") }),
	CALL_CASE(symlinkat, .dir = 1, .path = 2, .flags = -1, .how = CALL_MUTATES,
		  .arg = { TEXT("/absolute//text/.") }),
	CALL_CASE(mknod, ONE, .arg = { 0, S_IFIFO | 0640 }),
	CALL_CASE(mknodat, AT, .arg = { 0, 0, S_IFREG | 0640 }),
	CALL_CASE(chmod, ONE, .arg = { 0, 0751 }),
	CALL_CASE(fchmodat, AT, .arg = { 0, 0, 0751 }),
	CALL_CASE(fchmodat2, ATF(3), NF, EP, .arg = { 0, 0, 0751 }),
	CALL_CASE(chown, ONE, .arg = { 0, -2, -1 }, .before = before_owner),
	CALL_CASE(lchown, ONE, .arg = { 0, -2, -1 }, .before = before_owner),
	CALL_CASE(chown32, ONE, .arg = { 0, -2, -1 }, .before = before_owner),
	CALL_CASE(lchown32, ONE, .arg = { 0, -2, -1 }, .before = before_owner),
	CALL_CASE(fchownat, ATF(4), NF, EP, .arg = { 0, 0, -2, -1 }, .before = before_owner),
	CALL_CASE(truncate, ONE, .arg = { 0, 4 }),
	CALL_CASE(truncate64, ONE, .arg = { 0, 4 }),
	CALL_CASE(utime, ONE, .arg = { 0, TEXT(old_times) }),
	CALL_CASE(utimes, ONE, .arg = { 0, TEXT(times_usec) }),
	CALL_CASE(futimesat, AT, .arg = { 0, 0, TEXT(times_usec) }),
	CALL_CASE(utimensat, ATF(3), NF, EP, .arg = { 0, 0, TEXT(times_nsec) }),
	CALL_CASE_AS("utimensat_now", utimensat, ATF(3), NF, EP),
	CALL_CASE(utimensat_time64, ATF(3), NF, EP, .arg = { 0, 0, TEXT(times_64) }),
	CALL_CASE(setxattr, ONE, .arg = { 0, TEXT("user.new"), TEXT("value"), 5 },
		  .result = xattr_of_file),
	CALL_CASE(lsetxattr, ONE, .arg = { 0, TEXT("user.new"), TEXT("value"), 5 },
		  .result = xattr_of_file),
	CALL_CASE(removexattr, ONE, .arg = { 0, TEXT("user.new") },
		  .before = before_remove, .result = xattr_of_file),
	CALL_CASE(lremovexattr, ONE, .arg = { 0, TEXT("user.new") },
		  .before = before_remove, .result = xattr_of_file),
	CALL_CASE(setxattrat, ATF(2), NF, EP,
		  .arg = { 0, 0, 0, TEXT("user.new"), TEXT(&at_args), 16 },
		  .before = before_xattrat, .result = xattr_of_file),
	CALL_CASE(removexattrat, ATF(2), NF, EP, .arg = { 0, 0, 0, TEXT("user.new") },
		  .before = before_remove, .result = xattr_of_file),
	CALL_CASE(file_setattr, ATF(4), NF, EP, .arg = { 0, 0, TEXT(&file_attr), 24 }),
	CASE(edit_in_place), CASE(truncate_input), CASE(rename_over_input),
	CASE(unlink_input), CASE(append_input), CASE(chmod_input), CASE(rename_directory),
	CASE(by_descriptor),
	CASE(exchange), CASE(hard_link_input), CASE(tmpfile_linkat), CASE(own_links),
	CASE(fifo_and_modes),
	CASES_END
};
