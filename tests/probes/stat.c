/* rows: stat lstat newfstatat fstatat64 stat64 lstat64 oldstat oldlstat statx access
 * faccessat faccessat2 readlink readlinkat statfs statfs64 name_to_handle_at
 * inotify_add_watch fanotify_mark getxattr lgetxattr listxattr llistxattr getxattrat
 * listxattrat file_getattr
 *
 * Calls that look and change nothing. */
#include "probe.h"

#include <linux/stat.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/xattr.h>

struct xattr_at {		/* struct xattr_args of the kernel */
	uint64_t value;
	uint32_t size, flags;
};

static struct xattr_at at_args = { 0, 256, 0 };
static struct { uint64_t bytes, type, handle[32]; } handle;

static void
say_mode(unsigned mode, long long size, long long mtime)
{
	if ((mode & S_IFMT) == S_IFDIR)
		say("  dir %04o", mode & 07777);
	else
		say("  %s %04o size %lld%s", type_of(mode), mode & 07777, size,
		    mtime == 1000000000 ? " time set" : "");
}

static void
result_stat(long r)
{
#ifdef __i386__
	uint16_t mode;
	uint32_t size;

	memcpy(&mode, probe_buf + 8, 2);
	memcpy(&size, probe_buf + 20, 4);
	say_mode(mode, size, 0);
#else
	const struct stat *st = (const void *)probe_buf;

	say_mode(st->st_mode, st->st_size, st->st_mtim.tv_sec);
#endif
}

static void
result_stat64(long r)		/* i386 only */
{
	uint32_t mode;
	int64_t size;

	memcpy(&mode, probe_buf + 16, 4);
	memcpy(&size, probe_buf + 44, 8);
	say_mode(mode, size, 0);
}

static void
result_statx(long r)
{
	const struct statx *st = (const void *)probe_buf;

	say_mode(st->stx_mode, st->stx_size, st->stx_mtime.tv_sec);
}

static void
result_text(long r)
{
	say("  %ld '%s'", r, text_of(probe_buf, r));
}

static void
before_handle(long *a)
{
	memset(&handle, 0, sizeof(handle));
	*(uint32_t *)&handle = 128;
}

static void
before_inotify(long *a)
{
	static int fd = -1;

	if (fd < 0)
		fd = inotify_init1(IN_CLOEXEC);
	a[0] = fd;
}

static void
result_watch(long r)
{
	say("  a watch");
}

#ifndef __i386__
static void
before_fanotify(long *a)
{
	static int fd = -1;

	if (fd < 0)
		fd = syscall(SYS_fanotify_init, FAN_CLASS_NOTIF | FAN_REPORT_FID | FAN_CLOEXEC,
			     O_RDONLY);
	if (fd < 0)
		say("  fanotify_init: %s", outcome(-errno));
	a[0] = fd;
}
#endif

static void
before_xattrat(long *a)
{
	at_args.value = (uintptr_t)probe_buf;
	at_args.size = 256;
}

static void
xattr_setup(const struct probe_case *c)
{
	probe_fixture(c);
	if (setxattr("in/file", "user.probe", "the value", 9, 0) < 0 ||
	    setxattr("in/sub", "user.probe", "of sub", 6, 0) < 0)
		dprintf(2, "probe: no user xattrs here: %s\n", strerror(errno));
	set_time("in/file");
}

/* Short and exact buffers: never a byte more than asked for, truncated as the kernel does. */
static void
readlink_short(const struct probe_case *c)
{
	static const size_t sizes[] = { 1, 2, 3, 4, 5, 8, 300, 4096 };
	static const char *const names[] = { "in/link", "in/abslink", "in/dirlink",
		"/proc/self/cwd", "/proc/self/exe" };
	int dir = open("in", O_PATH | O_CLOEXEC);

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		for (size_t k = 0; k < sizeof(names) / sizeof(*names); k++) {
			memset(probe_buf, '#', sizeof(probe_buf));
			long r = RAW(readlinkat, AT_FDCWD, names[k], probe_buf, sizes[i]);
			size_t n = r < 0 ? 0 : r;
			bool over = false;

			for (size_t b = n; b < sizes[i] + 600; b++)
				over = over || probe_buf[b] != '#';
			say("readlink %s into %zu: %s '%s'%s", names[k], sizes[i], outcome(r),
			    text_of(probe_buf, n), over ? " OVERRUN" : "");
		}
	say("size 0: %s", outcome(RAW(readlinkat, AT_FDCWD, "in/link", probe_buf, 0)));
	say("bad buffer: %s", outcome(RAW(readlinkat, AT_FDCWD, "in/link", 8, 100)));
	int fd = open("in/link", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	memset(probe_buf, 0, 100);
	long r = RAW(readlinkat, fd, "", probe_buf, 100);
	say("readlinkat fd: %s '%s'", outcome(r), probe_buf);
	expect_touched("in/link", "any");
	close(dir);
}

#define NF .nofollow = AT_SYMLINK_NOFOLLOW
#define EP .empty = AT_EMPTY_PATH
#define BUF ((long)probe_buf)

const struct probe_case probe_cases[] = {
	CALL_CASE(stat, .dir = -1, .path = 0, .arg = { 0, BUF }, .flags = -1, .kind = "stat",
		  .result = result_stat),
	CALL_CASE(lstat, .dir = -1, .path = 0, .arg = { 0, BUF }, .flags = -1,
		  .kind = "stat", .result = result_stat),
	CALL_CASE(newfstatat, .dir = 0, .path = 1, .arg = { 0, 0, BUF }, .flags = 3, NF, EP,
		  .kind = "stat", .result = result_stat),
	CALL_CASE(stat64, .dir = -1, .path = 0, .arg = { 0, BUF }, .flags = -1,
		  .kind = "stat", .result = result_stat64),
	CALL_CASE(lstat64, .dir = -1, .path = 0, .arg = { 0, BUF }, .flags = -1,
		  .kind = "stat", .result = result_stat64),
	CALL_CASE(fstatat64, .dir = 0, .path = 1, .arg = { 0, 0, BUF }, .flags = 3, NF, EP,
		  .kind = "stat", .result = result_stat64),
	CALL_CASE(oldstat, .dir = -1, .path = 0, .arg = { 0, BUF }, .flags = -1),
	CALL_CASE(oldlstat, .dir = -1, .path = 0, .arg = { 0, BUF }, .flags = -1),
	CALL_CASE(statx, .dir = 0, .path = 1, .arg = { 0, 0, 0, STATX_BASIC_STATS, BUF },
		  .flags = 2, NF, EP, .kind = "stat", .result = result_statx),
	CALL_CASE(access, .dir = -1, .path = 0, .arg = { 0, R_OK }, .flags = -1,
		  .kind = "stat"),
	CALL_CASE_AS("access_x", access, .dir = -1, .path = 0, .arg = { 0, X_OK },
		     .flags = -1),
	CALL_CASE(faccessat, .dir = 0, .path = 1, .arg = { 0, 0, R_OK }, .flags = -1,
		  .kind = "stat"),
	CALL_CASE(faccessat2, .dir = 0, .path = 1, .arg = { 0, 0, R_OK }, .flags = 3, NF, EP,
		  .kind = "stat"),
	CALL_CASE(readlink, .dir = -1, .path = 0, .arg = { 0, BUF, 4096 }, .flags = -1,
		  .result = result_text),
	CALL_CASE(readlinkat, .dir = 0, .path = 1, .arg = { 0, 0, BUF, 4096 }, .flags = -1,
		  .result = result_text),
	ROW_CASE(readlink_short, readlinkat),
	CALL_CASE(statfs, .dir = -1, .path = 0, .arg = { 0, BUF }, .flags = -1,
		  .kind = "stat"),
	CALL_CASE(statfs64, .dir = -1, .path = 0, .arg = { 0, 84, BUF }, .flags = -1,
		  .kind = "stat"),
	CALL_CASE(name_to_handle_at, .dir = 0, .path = 1,
		  .arg = { 0, 0, (long)&handle, (long)(probe_buf + 1024) }, .flags = 4, EP,
		  .follow = AT_SYMLINK_FOLLOW, .kind = "stat", .before = before_handle),
	CALL_CASE(inotify_add_watch, .dir = -1, .path = 1, .arg = { 0, 0, IN_MODIFY },
		  .flags = 2, .nofollow = IN_DONT_FOLLOW, .kind = "stat",
		  .before = before_inotify, .result = result_watch),
#ifndef __i386__
	CALL_CASE(fanotify_mark, .dir = 3, .path = 4,
		  .arg = { 0, FAN_MARK_ADD, FAN_OPEN }, .flags = 1,
		  .nofollow = FAN_MARK_DONT_FOLLOW, .kind = "stat",
		  .before = before_fanotify),
#endif
	{ "getxattr", call_forms, xattr_setup, P_TEXT(__NR_getxattr), &(const struct call){
		.dir = -1, .path = 0, .arg = { 0, (long)"user.probe", BUF, 256 }, .flags = -1,
		.kind = "stat", .result = result_text } },
	{ "lgetxattr", call_forms, xattr_setup, P_TEXT(__NR_lgetxattr), &(const struct call){
		.dir = -1, .path = 0, .arg = { 0, (long)"user.probe", BUF, 256 }, .flags = -1,
		.kind = "stat", .result = result_text } },
	{ "listxattr", call_forms, xattr_setup, P_TEXT(__NR_listxattr), &(const struct call){
		.dir = -1, .path = 0, .arg = { 0, BUF, 256 }, .flags = -1,
		.kind = "stat", .result = result_text } },
	{ "llistxattr", call_forms, xattr_setup, P_TEXT(__NR_llistxattr), &(const struct call){
		.dir = -1, .path = 0, .arg = { 0, BUF, 256 }, .flags = -1,
		.kind = "stat", .result = result_text } },
	{ "getxattrat", call_forms, xattr_setup, P_TEXT(__NR_getxattrat), &(const struct call){
		.dir = 0, .path = 1, .arg = { 0, 0, 0, (long)"user.probe", (long)&at_args, 16 },
		.flags = 2, NF, EP, .kind = "stat", .result = result_text,
		.before = before_xattrat } },
	{ "listxattrat", call_forms, xattr_setup, P_TEXT(__NR_listxattrat),
	  &(const struct call){ .dir = 0, .path = 1, .arg = { 0, 0, 0, BUF, 256 },
		.flags = 2, NF, EP, .kind = "stat", .result = result_text } },
	CALL_CASE(file_getattr, .dir = 0, .path = 1, .arg = { 0, 0, BUF, 24 }, .flags = 4,
		  NF, EP, .kind = "stat"),
	CASES_END
};
