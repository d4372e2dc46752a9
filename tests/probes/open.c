/* rows: open openat openat2 creat open_tree open_tree_attr chdir fchdir getcwd uselib
 *
 * Calls that open, and the current directory. */
#include "probe.h"

#include <dirent.h>
#include <sys/mount.h>

struct how {			/* struct open_how of the kernel */
	uint64_t flags, mode, resolve;
};

static struct how how_read = { O_RDONLY | O_CLOEXEC, 0, 0 };
static struct how how_path = { O_PATH | O_NOFOLLOW | O_CLOEXEC, 0, 0 };
static struct how how_no_magic = { O_RDONLY | O_CLOEXEC, 0, 2 };
static struct how how_no_links = { O_RDONLY | O_CLOEXEC, 0, 4 };
static struct how how_beneath = { O_RDONLY | O_CLOEXEC, 0, 8 };
static struct how how_in_root = { O_RDONLY | O_CLOEXEC, 0, 16 };
static struct how how_bad = { O_RDONLY | O_CLOEXEC, 0, 1 << 20 };
static struct how how_create = { O_WRONLY | O_CREAT | O_CLOEXEC, 0640, 0 };

static void
result_fd(long fd)
{
	say_fd(" ", fd);
}

static void
result_write(long fd)
{
	say("  write: %s", outcome(write(fd, "WRITTEN", 7) == 7 ? 0 : -errno));
	close(fd);
}

static void
result_chdir(long r)
{
	char here[4096];

	say("  cwd %s", getcwd(here, sizeof(here)) ? here : outcome(-errno));
	say_file("file");
	say_file("deep");
}

/* Directories by descriptor, and relative names after it. */
static void
fchdir_forms(const struct probe_case *c)
{
	char here[4096];
	int top = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	static const char *const names[] = { "in", "in/sub", "in/dirlink", "in/file", "/",
		"..", NULL };

	for (const char *const *n = names; *n; n++) {
		int fd = open(*n, O_PATH | O_CLOEXEC);
		long r = RAW(fchdir, fd);

		say("fchdir %s = %s", *n, outcome(r));
		if (strcmp(*n, "..") != 0)
			say("  cwd %s", getcwd(here, sizeof(here)));
		say_fd("  file", RAW(openat, AT_FDCWD, "file", O_RDONLY));
		say_fd("  deep", RAW(openat, AT_FDCWD, "./deep", O_RDONLY));
		say_fd("  ../file", RAW(openat, AT_FDCWD, "../in/file", O_RDONLY));
		close(fd);
		RAW(fchdir, top);
	}
	say("fchdir closed = %s", outcome(RAW(fchdir, 777)));
	say("fchdir -1 = %s", outcome(RAW(fchdir, -1)));
	say("fchdir AT_FDCWD = %s", outcome(RAW(fchdir, AT_FDCWD)));
	expect_touched("in/sub/deep", "read");
}

static void
getcwd_buffers(const struct probe_case *c)
{
	size_t n = strlen(probe_cwd) + 1;
	const size_t sizes[] = { 0, 1, 2, n - 1, n, n + 1, n + 100, 4096 };

	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
			memset(probe_buf, '#', sizeof(probe_buf));
			long r = RAW(getcwd, probe_buf, sizes[i]);
			size_t used = r < 0 ? 0 : r;
			bool over = false;

			for (size_t b = used; b < sizes[i] + 600; b++)
				over = over || probe_buf[b] != '#';
			say("getcwd %zu: %s %zu '%s'%s", sizes[i], outcome(r), used,
			    text_of(probe_buf, used), over && r >= 0 ? " OVERRUN" : "");
		}
		if (round == 0 && chdir("in/dirlink") < 0)
			say("chdir: %s", outcome(-errno));
		if (round == 1 && chdir("/") < 0)
			say("chdir: %s", outcome(-errno));
	}
	say("bad buffer: %s", outcome(RAW(getcwd, 8, 4096)));
	say("NULL: %s", outcome(RAW(getcwd, NULL, 4096)));
}

static void
getcwd_removed(const struct probe_case *c)
{
	char here[100];

	put_dir("gone");
	if (chdir("gone") < 0 || rmdir("../gone") < 0)
		say("chdir, rmdir: %s", outcome(-errno));
	say("getcwd: %s", outcome(RAW(getcwd, here, sizeof(here))));
	say("open x: %s", outcome(open("x", O_RDONLY) < 0 ? -errno : 0));
	say("creat x: %s", outcome(open("x", O_RDWR | O_CREAT, 0600) < 0 ? -errno : 0));
	say("stat .: %s", outcome(access(".", F_OK) < 0 ? -errno : 0));
	say("chdir ..: %s", outcome(chdir("..") < 0 ? -errno : 0));
	say_file("in/file");
}

/* cwd "/": relative names from there. */
static void
cwd_root(const struct probe_case *c)
{
	char *name = in_cwd("in/file");

	say("chdir / = %s", outcome(chdir("/") < 0 ? -errno : 0));
	say_fd("relative from /", RAW(openat, AT_FDCWD, name + 1, O_RDONLY));
	say_fd("../../..", RAW(openat, AT_FDCWD, "../../../nothing-of-the-kind", O_RDONLY));
	say("getcwd '%s'", getcwd(probe_buf, sizeof(probe_buf)));
	expect_touched(name, "read");
	free(name);
}

/* Flags of open that matter for names. */
static void
open_flags(const struct probe_case *c)
{
	static const struct { const char *name; int flags; } f[] = {
		{ "O_RDONLY", O_RDONLY }, { "O_NOFOLLOW", O_NOFOLLOW },
		{ "O_PATH", O_PATH }, { "O_PATH|O_NOFOLLOW", O_PATH | O_NOFOLLOW },
		{ "O_DIRECTORY", O_DIRECTORY },
		{ "O_DIRECTORY|O_NOFOLLOW", O_DIRECTORY | O_NOFOLLOW },
		{ "O_CREAT|O_EXCL", O_CREAT | O_EXCL | O_RDWR },
		{ "O_PATH|O_DIRECTORY", O_PATH | O_DIRECTORY },
		{ "O_NONBLOCK", O_NONBLOCK },
	};
	static const char *const names[] = { "w/file", "w/link", "w/sub", "w/dirlink",
		"w/dangling", "w/loop", "w/none", "w/sub/", "w/file/", "w/dirlink/", "" };
	char label[200];

	for (size_t i = 0; i < sizeof(f) / sizeof(*f); i++)
		for (size_t k = 0; k < sizeof(names) / sizeof(*names); k++) {
			snprintf(label, sizeof(label), "%s %s", f[i].name, names[k]);
			say_fd(label, RAW(open, names[k], f[i].flags | O_CLOEXEC, 0644));
			if (f[i].flags & O_CREAT) {
				remove_tree("w");
				make_shapes("w");
			}
		}
}

static void
result_tree(long fd)
{
	struct stat st;

	if (fstat(fd, &st) == 0)
		say("  %s %04o", type_of(st.st_mode), st.st_mode & 07777);
	close(fd);
}

#define AT_OPEN .dir = 0, .path = 1, .flags = -1
#define OPENAT2(how) AT_OPEN, .arg = { 0, 0, (long)&how, sizeof(how) }

const struct probe_case probe_cases[] = {
	CALL_CASE(open, .dir = -1, .path = 0, .arg = { 0, O_RDONLY | O_CLOEXEC },
		  .flags = -1, .kind = "read", .result = result_fd),
	CALL_CASE(openat, .dir = 0, .path = 1, .arg = { 0, 0, O_RDONLY | O_CLOEXEC },
		  .flags = 2, .nofollow = O_NOFOLLOW, .kind = "read", .result = result_fd),
	CALL_CASE_AS("openat_path", openat, .dir = 0, .path = 1,
		     .arg = { 0, 0, O_PATH | O_CLOEXEC }, .flags = 2,
		     .nofollow = O_NOFOLLOW, .kind = "stat", .result = result_fd),
	CALL_CASE_AS("openat_rdwr", openat, .dir = 0, .path = 1,
		     .arg = { 0, 0, O_RDWR | O_CLOEXEC }, .flags = 2,
		     .nofollow = O_NOFOLLOW, .how = CALL_MUTATES, .result = result_write),
	CALL_CASE_AS("openat_trunc", openat, .dir = 0, .path = 1,
		     .arg = { 0, 0, O_WRONLY | O_TRUNC | O_CLOEXEC }, .flags = -1,
		     .how = CALL_MUTATES, .result = result_write),
	CALL_CASE_AS("openat_creat", openat, .dir = 0, .path = 1,
		     .arg = { 0, 0, O_RDWR | O_CREAT | O_CLOEXEC, 0640 }, .flags = -1,
		     .how = CALL_MUTATES, .result = result_write),
	CALL_CASE(creat, .dir = -1, .path = 0, .arg = { 0, 0640 }, .flags = -1,
		  .how = CALL_MUTATES, .result = result_write),
	CALL_CASE(openat2, OPENAT2(how_read), .kind = "read", .result = result_fd),
	CALL_CASE_AS("openat2_path", openat2, OPENAT2(how_path), .result = result_fd),
	CALL_CASE_AS("openat2_no_magic", openat2, OPENAT2(how_no_magic),
		     .result = result_fd),
	CALL_CASE_AS("openat2_no_links", openat2, OPENAT2(how_no_links),
		     .result = result_fd),
	CALL_CASE_AS("openat2_beneath", openat2, OPENAT2(how_beneath), .result = result_fd),
	CALL_CASE_AS("openat2_in_root", openat2, OPENAT2(how_in_root), .result = result_fd),
	CALL_CASE_AS("openat2_bad", openat2, OPENAT2(how_bad), .result = result_fd),
	CALL_CASE_AS("openat2_creat", openat2, OPENAT2(how_create), .how = CALL_MUTATES,
		     .result = result_write),
	ROW_CASE(open_flags, open),
	CALL_CASE(open_tree, .dir = 0, .path = 1, .arg = { 0, 0, 02000000 }, .flags = 2,
		  .nofollow = AT_SYMLINK_NOFOLLOW, .empty = AT_EMPTY_PATH, .kind = "stat",
		  .result = result_tree),
	CALL_CASE(open_tree_attr, .dir = 0, .path = 1, .arg = { 0, 0, 02000000, 0, 0 },
		  .flags = 2, .nofollow = AT_SYMLINK_NOFOLLOW, .empty = AT_EMPTY_PATH,
		  .result = result_tree),
	CALL_CASE(chdir, .dir = -1, .path = 0, .flags = -1, .how = CALL_CHILD,
		  .result = result_chdir),
	CALL_CASE(uselib, .dir = -1, .path = 0, .flags = -1),
	ROW_CASE(fchdir_forms, fchdir),
	ROW_CASE(getcwd_buffers, getcwd),
	CASE(getcwd_removed),
	CASE(cwd_root),
	CASES_END
};
