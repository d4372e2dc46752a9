#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "suites.h"

/* Every test of files has a directory of its own, as current directory. */
static char tmp_dir[] = "/tmp/cde-unit.XXXXXX";
static int tmp_fd = -1;

static void
enter_tmp(void)
{
	ck_assert_ptr_nonnull(mkdtemp(tmp_dir));
	ck_assert_int_eq(chdir(tmp_dir), 0);
	tmp_fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(tmp_fd, 0);
}

static void
leave_tmp(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		execlp("rm", "rm", "-rf", tmp_dir, (char *)NULL);
		_exit(127);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	fd_drop(&tmp_fd);
}

static void
put(const char *name, const char *text)
{
	AUTO(fd_drop) int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fd_write_all(fd, text, strlen(text)), 0);
}

/* From now on system call nr fails with this errno, as on an old kernel. */
static int
deny_syscall(unsigned nr, unsigned error)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { ARRAY_SIZE(code), code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0, 0);
}

/* stderr goes to a file named "log". */
START_TEST(log_lines)
{
	AUTO(str_fini) struct str got = STR_INIT;
	AUTO(err_fini) struct err e = ERR_INIT;
	int fd = open("log", O_WRONLY | O_CREAT | O_CLOEXEC, 0600), saved = dup(2);

	dup2(fd, 2);
	log_init("prog", false);
	errno = EPIPE;
	log_error("name %s", "a\033b");
	log_debug("not seen");
	log_set_verbose(true);
	log_debug("seen");
	ck_assert_int_eq(errno, EPIPE);
	dup2(saved, 2);
	ck_assert_int_eq(fs_slurp(AT_FDCWD, "log", &got, &e), 0);
	ck_assert_str_eq(got.s, "prog: name a\\x1bb\nprog: seen\n");
	close(fd);
	close(saved);
}
END_TEST

START_TEST(readlink_of_any_length)
{
	AUTO(str_fini) struct str x = STR_INIT;
	char text[4001];

	memset(text, 'a', sizeof(text) - 1);
	for (size_t n = 254; n < 4001; n += n < 258 ? 1 : 1247) {
		text[n] = '\0';
		unlink("l");
		ck_assert_int_eq(symlink(text, "l"), 0);
		ck_assert_int_eq(fs_readlink(AT_FDCWD, "l", &x), 0);
		ck_assert_uint_eq(x.len, n);
		ck_assert_str_eq(x.s, text);
		text[n] = 'a';
	}
	ck_assert_int_eq(fs_readlink(AT_FDCWD, "none", &x), -ENOENT);
	ck_assert_str_eq(x.s, "");
}
END_TEST

START_TEST(mkdirs_makes_all_and_follows_nothing)
{
	struct stat st;

	umask(0777);
	ck_assert_int_eq(fs_mkdirs(tmp_fd, "a/b//c/"), 0);
	umask(022);
	ck_assert_int_eq(stat("a/b/c", &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0700);
	ck_assert_int_eq(fs_mkdirs(tmp_fd, "a/b/c/d"), 0);
	ck_assert_int_eq(fs_mkdirs(tmp_fd, "a/b/c/d"), 0);
	ck_assert_int_eq(stat("a/b/c/d", &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0755);
	ck_assert_int_eq(fs_mkdirs(tmp_fd, ""), 0);
	put("file", "");
	ck_assert_int_eq(fs_mkdirs(tmp_fd, "file/x"), -ENOTDIR);
	ck_assert_int_eq(symlink("a", "l"), 0);
	ck_assert_int_eq(fs_mkdirs(tmp_fd, "l/x"), -ENOTDIR);
	ck_assert_int_eq(fs_mkdirs(tmp_fd, "a/../../x"), -EXDEV);
}
END_TEST

static void
make_beneath_tree(void)
{
	ck_assert_int_eq(fs_mkdirs(tmp_fd, "root/d/e"), 0);
	put("outside", "outside");
	put("root/outside", "inside");
	put("root/d/e/f", "f");
	ck_assert_int_eq(symlink("/outside", "root/abs"), 0);
	ck_assert_int_eq(symlink("../../../../outside", "root/d/up"), 0);
	ck_assert_int_eq(symlink("/outside", "root/d/e/abs"), 0);
	ck_assert_int_eq(symlink("e", "root/d/l"), 0);
	ck_assert_int_eq(symlink("l/../l/f", "root/d/ll"), 0);
	ck_assert_int_eq(symlink("d/e/", "root/dirslash"), 0);
	ck_assert_int_eq(symlink("loop", "root/loop"), 0);
	ck_assert_int_eq(symlink("d/new", "root/dangling"), 0);
}

static const struct {
	const char *rel;
	int flags, result;
	const char *text; /* of the file; NULL: a directory */
} opens[] = {
	{ "d/e/f", O_RDONLY, 0, "f" },
	{ "/d//e/./f", O_RDONLY, 0, "f" },
	{ "abs", O_RDONLY, 0, "inside" },
	{ "d/up", O_RDONLY, 0, "inside" },
	{ "d/e/abs", O_RDONLY, 0, "inside" },
	{ "../outside", O_RDONLY, 0, "inside" },
	{ "d/../../outside", O_RDONLY, 0, "inside" },
	{ "d/e/../../d/l/f", O_RDONLY, 0, "f" },
	{ "d/ll", O_RDONLY, 0, "f" },
	{ "dirslash/f", O_RDONLY, 0, "f" },
	{ "dirslash", O_RDONLY, 0, NULL },
	{ "d/", O_RDONLY, 0, NULL },
	{ "d/l/", O_RDONLY | O_NOFOLLOW, 0, NULL },
	{ "d/l/.", O_RDONLY, 0, NULL },
	{ "d/..", O_RDONLY, 0, NULL },
	{ ".", O_RDONLY, 0, NULL },
	{ "/", O_RDONLY, 0, NULL },
	{ "", O_RDONLY, -ENOENT, NULL },
	{ "none", O_RDONLY, -ENOENT, NULL },
	{ "none/x", O_RDONLY, -ENOENT, NULL },
	{ "d/e/f/", O_RDONLY, -ENOTDIR, NULL },
	{ "d/e/f/x", O_RDONLY, -ENOTDIR, NULL },
	{ "loop", O_RDONLY, -ELOOP, NULL },
	{ "abs", O_RDONLY | O_NOFOLLOW, -ELOOP, NULL },
	{ "dangling", O_RDWR | O_CREAT, 0, "" },
	{ "abs", O_RDWR | O_CREAT | O_EXCL, -EEXIST, NULL },
	{ "d/made", O_RDWR | O_CREAT | O_EXCL, 0, "" },
};

static void
check_open(int rootfd, size_t i)
{
	AUTO(fd_drop)
	int fd = fs_open_beneath(rootfd, opens[i].rel, opens[i].flags, 0600);
	AUTO(str_fini) struct str got = STR_INIT;
	struct stat st;

	ck_assert_msg((fd < 0 ? fd : 0) == opens[i].result, "%s: %d", opens[i].rel, fd);
	if (fd < 0)
		return;
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(fstat(fd, &st), 0);
	ck_assert_int_eq(S_ISDIR(st.st_mode), opens[i].text == NULL);
	if (!opens[i].text)
		return;
	ck_assert_int_eq(fd_read_all(fd, &got), 0);
	ck_assert_str_eq(got.s, opens[i].text);
}

START_TEST(open_beneath_stays_inside)
{
	AUTO(fd_drop) int root = -1;

	make_beneath_tree();
	root = open("root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	check_open(root, (size_t)_i);
}
END_TEST

START_TEST(open_beneath_without_openat2)
{
	AUTO(fd_drop) int root = -1;

	make_beneath_tree();
	root = open("root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (deny_syscall(SYS_openat2, ENOSYS) < 0) {
		printf("skipped: open_beneath_without_openat2: seccomp is not allowed "
		       "here\n");
		return;
	}
	check_open(root, (size_t)_i);
}
END_TEST

/* 1 MiB hole, data, hole, data, tail hole. */
static uint64_t
make_sparse(const char *name)
{
	AUTO(fd_drop) int fd = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	AUTO(mem_free) char *block = mem_alloc(300000);

	for (int i = 0; i < 300000; i++)
		block[i] = (char)(i * 7 + i / 256 + 1);
	ck_assert_int_eq(pwrite(fd, block, 300000, 1 << 20), 300000);
	ck_assert_int_eq(pwrite(fd, block, 5, 8 << 20), 5);
	ck_assert_int_eq(ftruncate(fd, (12 << 20) + 3), 0);
	return (12 << 20) + 3;
}

static void
check_copy(uint64_t size)
{
	AUTO(fd_drop) int src = open("src", O_RDONLY | O_CLOEXEC);
	AUTO(fd_drop) int dst = open("dst", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	AUTO(str_fini) struct str a = STR_INIT, b = STR_INIT;
	struct stat sa, sb;

	ck_assert_int_eq(fs_copy_data(src, dst, size), 0);
	ck_assert_int_eq(lseek(src, 0, SEEK_SET), 0);
	ck_assert_int_eq(lseek(dst, 0, SEEK_SET), 0);
	ck_assert_int_eq(fd_read_all(src, &a), 0);
	ck_assert_int_eq(fd_read_all(dst, &b), 0);
	if (size < a.len)
		str_trunc(&a, (size_t)size);
	ck_assert_uint_eq(a.len, b.len);
	ck_assert_int_eq(memcmp(a.s, b.s, a.len), 0);
	fstat(src, &sa);
	fstat(dst, &sb);
	ck_assert_int_le(sb.st_blocks, sa.st_blocks + 64);
}

START_TEST(copy_keeps_holes)
{
	check_copy(make_sparse("src"));
}
END_TEST

START_TEST(copy_without_copy_file_range)
{
	uint64_t size = make_sparse("src");

	if (deny_syscall(SYS_copy_file_range, _i ? EXDEV : ENOSYS) < 0) {
		printf("skipped: copy_without_copy_file_range: seccomp is not allowed "
		       "here\n");
		return;
	}
	check_copy(size);
}
END_TEST

START_TEST(copy_of_odd_sizes)
{
	put("src", "hello");
	check_copy(5);
	check_copy(3); /* the source grew meanwhile */
	check_copy(0);
	check_copy(4711); /* it shrank */
}
END_TEST

START_TEST(copy_of_holes_only)
{
	put("src", "");
	ck_assert_int_eq(truncate("src", 5 << 20), 0);
	check_copy(5 << 20);
}
END_TEST

START_TEST(copy_of_proc)
{
	AUTO(fd_drop) int src = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	AUTO(fd_drop) int dst = open("dst", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	struct stat st;

	ck_assert_int_eq(fs_copy_data(src, dst, 0), 0);
	fstat(dst, &st);
	ck_assert_int_eq(st.st_size, 0);
}
END_TEST

START_TEST(copy_errors_are_told)
{
	AUTO(fd_drop) int src = -1, dst = -1;

	put("src", "hello");
	src = open("src", O_RDONLY | O_CLOEXEC);
	dst = open("src", O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(fs_copy_data(src, dst, 5), -EBADF);
}
END_TEST

START_TEST(copy_user_xattrs)
{
	AUTO(fd_drop) int src = -1, dst = -1;
	char got[8];

	put("src", "");
	put("dst", "");
	src = open("src", O_RDONLY | O_CLOEXEC);
	dst = open("dst", O_RDONLY | O_CLOEXEC);
	if (fsetxattr(src, "user.a", "x\0y", 3, 0) < 0) {
		printf("skipped: copy_user_xattrs: %s in /tmp\n", strerror(errno));
		return;
	}
	ck_assert_int_eq(fsetxattr(src, "user.empty", "", 0, 0), 0);
	fs_copy_xattrs(src, dst);
	ck_assert_int_eq(fgetxattr(dst, "user.a", got, sizeof(got)), 3);
	ck_assert_int_eq(memcmp(got, "x\0y", 3), 0);
	ck_assert_int_eq(fgetxattr(dst, "user.empty", got, sizeof(got)), 0);
}
END_TEST

START_TEST(replace_is_whole_or_nothing)
{
	AUTO(str_fini) struct str got = STR_INIT;
	AUTO(err_fini) struct err e = ERR_INIT;
	struct stat st;

	umask(022);
	put("name", "a much longer old text");
	ck_assert_int_eq(fs_replace(tmp_fd, "name", "new", 3, 0755, &e), 0);
	ck_assert_int_eq(fs_slurp(tmp_fd, "name", &got, &e), 0);
	ck_assert_str_eq(got.s, "new");
	ck_assert_int_eq(stat("name", &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0755);
	ck_assert_int_eq(mkdir("dir", 0700), 0);
	ck_assert_int_eq(fs_replace(tmp_fd, "dir", "new", 3, 0600, &e), -1);
	ck_assert_str_eq(e.text.s, "write dir: Is a directory");
	ck_assert_int_eq(fs_replace(tmp_fd, "none/x", "", 0, 0600, &e), -1);
	ck_assert_int_eq(e.code, ENOENT);
	ck_assert_int_eq(system("test \"$(ls -A)\" = \"$(printf 'dir\\nname')\""), 0);
}
END_TEST

START_TEST(slurp_says_what_failed)
{
	AUTO(str_fini) struct str got = STR_INIT;
	AUTO(err_fini) struct err e = ERR_INIT;

	ck_assert_int_eq(fs_slurp(tmp_fd, "none", &got, &e), -1);
	ck_assert_str_eq(e.text.s, "open none: No such file or directory");
	ck_assert_int_eq(fs_slurp(tmp_fd, ".", &got, &e), -1);
	ck_assert_str_eq(e.text.s, "read .: Is a directory");
}
END_TEST

START_TEST(fd_take_keeps_it_open)
{
	int given;

	{
		AUTO(fd_drop) int fd = open("/", O_PATH | O_CLOEXEC);

		given = fd_take(&fd);
		ck_assert_int_eq(fd, -1);
	}
	ck_assert_int_ge(fcntl(given, F_GETFD), 0);
	fd_drop(&given);
	ck_assert_int_eq(given, -1);
}
END_TEST

Suite *
suite_files(void)
{
	Suite *s = suite_create("files");
	TCase *tc = tcase_create("files");

	tcase_add_checked_fixture(tc, enter_tmp, leave_tmp);
	tcase_add_test(tc, log_lines);
	tcase_add_test(tc, readlink_of_any_length);
	tcase_add_test(tc, mkdirs_makes_all_and_follows_nothing);
	tcase_add_loop_test(tc, open_beneath_stays_inside, 0, ARRAY_SIZE(opens));
	tcase_add_loop_test(tc, open_beneath_without_openat2, 0, ARRAY_SIZE(opens));
	tcase_add_test(tc, copy_keeps_holes);
	tcase_add_loop_test(tc, copy_without_copy_file_range, 0, 2);
	tcase_add_test(tc, copy_of_odd_sizes);
	tcase_add_test(tc, copy_of_holes_only);
	tcase_add_test(tc, copy_of_proc);
	tcase_add_test(tc, copy_errors_are_told);
	tcase_add_test(tc, copy_user_xattrs);
	tcase_add_test(tc, replace_is_whole_or_nothing);
	tcase_add_test(tc, slurp_says_what_failed);
	tcase_add_test(tc, fd_take_keeps_it_open);
	suite_add_tcase(s, tc);
	return s;
}
