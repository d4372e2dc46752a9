/* Patched copies of programs, and links to them by another name. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "exec/store.h"
#include "suites.h"

static char dir[64];

static void
at(struct str *out, const char *rest)
{
	str_clear(out);
	str_addf(out, "%s/%s", dir, rest);
}

static void
setup(void)
{
	snprintf(dir, sizeof(dir), "/tmp/unit-store-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *f)
{
	return remove(path);
}

static void
teardown(void)
{
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void
check_alias(const char *name, const char *target, const char *base)
{
	AUTO(str_fini) struct str text = STR_INIT;

	ck_assert_str_eq(strrchr(name, '/') + 1, base);
	ck_assert_int_eq(fs_readlink(AT_FDCWD, name, &text), 0);
	ck_assert_str_eq(text.s, target);
}

START_TEST(programs_in_store)
{
	AUTO(str_fini) struct str store = STR_INIT, a = STR_INIT, b = STR_INIT;
	AUTO(elf_head_fini) struct elf_head h = ELF_HEAD_INIT, copy = ELF_HEAD_INIT;
	AUTO(fd_drop) int prog = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	AUTO(fd_drop) int fd = -1;
	struct stat first, second, st;

	ck_assert_int_eq(elf_read(prog, &h), 0);
	ck_assert(h.has_interp);
	ck_assert_int_eq(store_program(&store, prog, &h, "/l", "p", &a), -ENOENT);
	at(&store, "store");
	ck_assert_int_eq(mkdir(store.s, 0700), 0);
	ck_assert_int_eq(store_program(&store, prog, &h, "/pkg/ld.so", "python3", &a), 0);
	check_alias(a.s, "../prog", "python3");
	ck_assert(str_has_prefix(a.s, store.s) && str_has_suffix(a.s, "/as/python3"));
	fd = open(a.s, O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(elf_read(fd, &copy), 0);
	ck_assert_str_eq(copy.interp.s, "/pkg/ld.so");
	ck_assert_int_eq(stat(a.s, &first), 0);
	ck_assert_uint_eq(first.st_mode & 0777, 0700);
	ck_assert_int_eq(fstat(prog, &st), 0);
	ck_assert_int_ge(first.st_size, st.st_size);
	/* another name of the same: no second copy */
	ck_assert_int_eq(store_program(&store, prog, &h, "/pkg/ld.so", "py", &b), 0);
	check_alias(b.s, "../prog", "py");
	ck_assert_int_eq(stat(b.s, &second), 0);
	ck_assert_uint_eq(first.st_ino, second.st_ino);
	/* another loader: another one */
	ck_assert_int_eq(store_program(&store, prog, &h, "/pkg2/ld.so", "py", &b), 0);
	ck_assert_int_eq(stat(b.s, &second), 0);
	ck_assert_uint_ne(first.st_ino, second.st_ino);
}
END_TEST

START_TEST(aliases_in_store)
{
	AUTO(str_fini) struct str store = STR_INIT, a = STR_INIT, b = STR_INIT;

	ck_assert_int_eq(store_alias(&store, "/r", "n", &a), -ENOENT);
	at(&store, "store");
	ck_assert_int_eq(mkdir(store.s, 0700), 0);
	ck_assert_int_eq(store_alias(&store, "/pkg/bin/busybox", "ls", &a), 0);
	check_alias(a.s, "/pkg/bin/busybox", "ls");
	ck_assert_int_eq(store_alias(&store, "/pkg/bin/busybox", "ls", &b), 0);
	ck_assert_str_eq(a.s, b.s);
	ck_assert_int_eq(store_alias(&store, "/pkg/bin/other", "ls", &b), 0);
	ck_assert_str_ne(a.s, b.s);
	/* a link that someone bent is made right again */
	ck_assert_int_eq(unlink(a.s), 0);
	ck_assert_int_eq(symlink("/elsewhere", a.s), 0);
	ck_assert_int_eq(store_alias(&store, "/pkg/bin/busybox", "ls", &b), 0);
	check_alias(b.s, "/pkg/bin/busybox", "ls");
}
END_TEST

/* Only a directory of ours that no one else can write is taken. */
START_TEST(store_directory)
{
	AUTO(str_fini) struct str store = STR_INIT, cache = STR_INIT, want = STR_INIT;
	AUTO(err_fini) struct err e = ERR_INIT;

	at(&cache, "cache");
	ck_assert_int_eq(mkdir(cache.s, 0700), 0);
	setenv("XDG_CACHE_HOME", cache.s, 1);
	setenv("HOME", dir, 1);
	ck_assert_int_eq(store_open(&store, &e), 0);
	at(&want, "cache/cde-exec");
	ck_assert_str_eq(store.s, want.s);
	ck_assert_int_eq(chmod(store.s, 0777), 0);
	ck_assert_int_eq(store_open(&store, &e), 0);
	at(&want, ".cache/cde-exec");
	ck_assert_str_eq(store.s, want.s);
	ck_assert_int_eq(rmdir(store.s), 0);
	ck_assert_int_eq(symlink("/tmp", store.s), 0);
	setenv("XDG_CACHE_HOME", "relative", 1);
	ck_assert_int_eq(store_open(&store, &e), 0);
	ck_assert_msg(!str_has_prefix(store.s, dir), "%s", store.s);
}
END_TEST

Suite *
suite_store(void)
{
	Suite *s = suite_create("store");
	TCase *t = tcase_create("store");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, programs_in_store);
	tcase_add_test(t, aliases_in_store);
	tcase_add_test(t, store_directory);
	suite_add_tcase(s, t);
	return s;
}
