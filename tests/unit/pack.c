/* Archives made and unpacked: what the end-to-end tests do not reach. */
#include <check.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "inspect/pack.h"
#include "inspect/unpack.h"
#include "suites.h"

static char dir[64];
static struct package p;
static struct err e;
static uint64_t calls, stop_at;

static void
put(const char *name, const char *text)
{
	AUTO(str_fini) struct str path = STR_INIT;
	AUTO(fd_drop) int fd = -1;

	str_addf(&path, "%s/%s", dir, name);
	fd = open(path.s, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fd_write_all(fd, text, strlen(text)), 0);
}

static void
setup(void)
{
	AUTO(str_fini) struct str path = STR_INIT;

	strcpy(dir, "/tmp/cde-unit-pack-XXXXXX");
	ck_assert(mkdtemp(dir));
	ck_assert_int_eq(chdir(dir), 0);
	ck_assert_int_eq(mkdir("p", 0755) | mkdir("p/cde-root", 0755), 0);
	ck_assert_int_eq(mkdir("p/cde-root/d", 0750) | mkdir("out", 0755), 0);
	put("p/cde-root/d/one", "1");
	put("p/cde-root/d/two", "22");
	put("p/cde.uname", "uname: x\n");
	p = (struct package)PACKAGE_INIT;
	e = (struct err)ERR_INIT;
	str_addf(&path, "%s/p", dir);
	ck_assert_int_eq(package_open(&p, path.s, 0, &e), 0);
	calls = stop_at = 0;
}

static void
teardown(void)
{
	package_close(&p);
	err_fini(&e);
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(fs_remove_tree(AT_FDCWD, dir), 0);
}

static bool
progress(void *ctx, uint64_t files, uint64_t bytes)
{
	ck_assert_ptr_eq(ctx, dir);
	return ++calls != stop_at;
}

static unsigned
names(const char *at)
{
	AUTO(str_fini) struct str cmd = STR_INIT;
	unsigned n = 0;
	FILE *f;

	str_addf(&cmd, "ls -A %s/%s | wc -l", dir, at);
	f = popen(cmd.s, "r");
	ck_assert_int_eq(fscanf(f, "%u", &n), 1);
	pclose(f);
	return n;
}

START_TEST(formats)
{
	ck_assert_int_eq(pack_format_of("x.tar.zst"), PACK_TAR_ZST);
	ck_assert_int_eq(pack_format_of("/a.zip/x.tar.gz"), PACK_TAR_GZ);
	ck_assert_int_eq(pack_format_of("x.tar.xz"), PACK_TAR_XZ);
	ck_assert_int_eq(pack_format_of("x.zip"), PACK_ZIP);
	ck_assert_int_eq(pack_format_of("x.tar"), PACK_NONE);
	ck_assert_int_eq(pack_format_of(""), PACK_NONE);
}
END_TEST

/* Stopped at each call of progress: nothing is there; not stopped: all is. */
START_TEST(stopped)
{
	struct pack how = { .newest = -1, .progress = progress, .ctx = dir };
	struct unpack un = { .progress = progress, .ctx = dir };
	int r = 1;

	for (stop_at = 1; r == 1; stop_at++) {
		calls = 0;
		r = pack_write(&p, "out/x.tar.gz", &how, &e);
		ck_assert_msg(r >= 0, "%s", e.text.s);
		ck_assert_uint_eq(names("out"), r == 0);
	}
	ck_assert_uint_gt(stop_at, 5);
	ck_assert_uint_eq(how.bytes, 12);
	for (stop_at = 1, r = 1; r == 1; stop_at++) {
		calls = 0;
		r = unpack_archive("out/x.tar.gz", "out/y", &un, &e);
		ck_assert_msg(r >= 0, "%s", e.text.s);
		ck_assert_uint_eq(names("out"), 1 + (r == 0));
	}
	ck_assert_uint_gt(stop_at, 5);
	ck_assert_uint_eq(un.bytes, 12);
	ck_assert_uint_eq(names("out/y/cde-root/d"), 2);
}
END_TEST

/* Who stops, as cde-tui may do for hours, gets all memory back: the archive's own, too. */
START_TEST(stopped_is_freed)
{
	static const char *const files[] = { "out/x.tar.gz", "out/x.tar.xz",
					     "out/x.tar.zst", "out/x.zip" };
	struct pack how = { .newest = -1, .progress = progress, .ctx = dir };

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		size_t used = 0;

		for (int round = 0; round < 5; round++) {
			struct mallinfo2 m;

			calls = 0;
			stop_at = 4;
			ck_assert_int_eq(pack_write(&p, files[i], &how, &e), 1);
			m = mallinfo2();
			if (round == 0)
				used = m.uordblks + m.hblkhd;
			ck_assert_msg(m.uordblks + m.hblkhd < used + (32 << 10),
				      "%s: %zu bytes more", files[i],
				      m.uordblks + m.hblkhd - used);
		}
	}
}
END_TEST

START_TEST(limits)
{
	struct pack how = { .newest = -1 };
	struct unpack un = { 0 };

	ck_assert_int_eq(pack_write(&p, "out/x.zip", &how, &e), 0);
	un.bytes_max = 11;
	ck_assert_int_eq(unpack_archive("out/x.zip", "y", &un, &e), -1);
	un.bytes_max = 12;
	un.entries_max = how.files - 1;
	ck_assert_int_eq(unpack_archive("out/x.zip", "y", &un, &e), -1);
	un.entries_max = how.files;
	ck_assert_int_eq(unpack_archive("out/x.zip", "y", &un, &e), 0);
	ck_assert_int_eq(unpack_archive("out/x.zip", "y", &un, &e), -1);
}
END_TEST

/* A package that is an archive, and the directory that it is unpacked to. */
START_TEST(private)
{
	struct pack how = { .newest = -1 };
	struct package q = PACKAGE_INIT;
	struct stat st;

	ck_assert_int_eq(setenv("TMPDIR", dir, 1), 0);
	ck_assert_int_eq(pack_write(&p, "x.tar.xz", &how, &e), 0);
	ck_assert_uint_eq(names("."), 3);
	ck_assert_int_eq(package_open(&q, "x.tar.xz", 0, &e), 0);
	ck_assert_uint_eq(names("."), 4);
	ck_assert_int_eq(package_lstat(&q, "/d/two", &st), 0);
	ck_assert_int_eq(st.st_size, 2);
	package_close(&q);
	ck_assert_uint_eq(names("."), 3);
	q = (struct package)PACKAGE_INIT;
	ck_assert_int_eq(package_open(&q, "x.tar.xz", PACKAGE_WRITE, &e), -1);
	package_close(&q);
	q = (struct package)PACKAGE_INIT;
	ck_assert_int_eq(package_open(&q, "p/cde.uname", 0, &e), -1);
	package_close(&q);
	ck_assert_uint_eq(names("."), 3);
	unsetenv("TMPDIR");
}
END_TEST

Suite *
suite_pack(void)
{
	Suite *s = suite_create("pack");
	TCase *t = tcase_create("pack");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, formats);
	tcase_add_test(t, stopped);
	tcase_add_test(t, stopped_is_freed);
	tcase_add_test(t, limits);
	tcase_add_test(t, private);
	suite_add_tcase(s, t);
	return s;
}
