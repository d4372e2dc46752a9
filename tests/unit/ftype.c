/* What files are: made ones, real ones, and broken ones. */
#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "inspect/elf.h"
#include "suites.h"

static struct ftyper *typer;
static struct ftype type;

static void
setup(void)
{
	typer = ftyper_new();
	type = (struct ftype)FTYPE_INIT;
}

static void
teardown(void)
{
	ftype_fini(&type);
	ftyper_free(typer);
}

static int
made(const void *data, size_t n)
{
	char name[] = "/tmp/unit-ftype-XXXXXX";
	int fd = mkstemp(name);

	ck_assert_int_ge(fd, 0);
	unlink(name);
	ck_assert_int_eq(fd_write_all(fd, data, n), 0);
	return fd;
}

static const char *
of(const char *path, const void *data, size_t n)
{
	AUTO(fd_drop) int fd = made(data, n);

	AUTO(abi_fini) struct abi abi = { 0 };

	ftype_fini(&type);
	ck_assert_int_eq(ftype_read(typer, fd, n, path, &type), 0);
	abi_read(&abi, fd, n); /* does not crash */
	return type.type;
}

static const char *
fact(const char *key)
{
	for (size_t i = 0; i < type.fact.n; i++)
		if (strcmp(type.fact.v[i].key, key) == 0)
			return type.fact.v[i].value;
	return "none";
}

static bool
has(const char *key, const char *value)
{
	for (size_t i = 0; i < type.fact.n; i++)
		if (strcmp(type.fact.v[i].key, key) == 0 &&
		    strcmp(type.fact.v[i].value, value) == 0)
			return true;
	return false;
}

#define OF(path, text) of(path, text, sizeof(text) - 1)

START_TEST(words)
{
	ck_assert_str_eq(OF("/x", ""), "empty");
	ck_assert_str_eq(OF("/x", "just text\n"), "text");
	ck_assert_str_eq(OF("/x.py", "x = 1\n"), "python");
	ck_assert_str_eq(OF("/x.jar", "PK\003\004"), "java");
	ck_assert_str_eq(OF("/x", "\211PNG\r\n\032\n\0\0\0\rIHDR"), "image");
	ck_assert_str_eq(type.mime.s, "image/png");
	ck_assert_str_eq(OF("/x", "SQLite format 3\0\020\0\1\1\0@  "), "database");
	ck_assert_str_eq(OF("/x", "\037\213\010\0\0\0\0\0\0\003"), "archive");
	ck_assert_str_eq(OF("/x", "\1\2\3\4"), "data");
}
END_TEST

START_TEST(scripts)
{
	ck_assert_str_eq(OF("/x", "#!/bin/sh -e\n"), "shell");
	ck_assert_str_eq(fact("script.interp"), "/bin/sh");
	ck_assert_str_eq(OF("/x", "#! /usr/bin/env python3\n"), "python");
	ck_assert_str_eq(fact("script.interp"), "/usr/bin/env");
	ck_assert_str_eq(OF("/x", "#!/usr/bin/env -S A=b perl -w\n"), "perl");
	ck_assert_str_eq(OF("/x", "#!/usr/bin/env -S\n"), "script");
	ck_assert_str_eq(OF("/x", "#!/usr/bin/awk -f\n"), "script");
}
END_TEST

START_TEST(imports)
{
	OF("/x.py", "import os, a.b as c\nfrom x.y import z, (w\n  import sys\nfrom . import q\n"
		    "important = 1\nfrom\nimport\nimport ");
	ck_assert(has("python.import", "os"));
	ck_assert(has("python.import", "a.b"));
	ck_assert(has("python.import", "x.y"));
	ck_assert(has("python.import", "x.y.z"));
	ck_assert(has("python.import", "x.y.w"));
	ck_assert(has("python.import", "sys"));
	ck_assert(!has("python.import", "q"));
	ck_assert(!has("python.import", "c"));
	ck_assert_uint_eq(type.fact.n, 6);
}
END_TEST

START_TEST(real_programs)
{
	AUTO(fd_drop) int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	struct stat st;

	ck_assert_int_eq(fstat(fd, &st), 0);
	ck_assert_int_eq(ftype_read(typer, fd, (uint64_t)st.st_size, "/unit", &type), 0);
	ck_assert_str_eq(type.type, "elf-exec");
	ck_assert_str_eq(fact("elf.class"), sizeof(void *) == 8 ? "64" : "32");
	ck_assert(has("elf.needed", "libc.so.6"));
	ck_assert(has("elf.needed", "libsqlite3.so.0"));
	ck_assert(strstr(fact("elf.interp"), "/ld-linux"));
	ck_assert_uint_ge(strlen(fact("elf.build-id")), 16);
	ck_assert_str_eq(fact("elf.soname"), "none");
}
END_TEST

/* We run, so our C library gives what we need; it would not if it were older. */
START_TEST(versions_of_symbols)
{
	AUTO(fd_drop) int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	AUTO(abi_fini) struct abi me = { 0 }, libc = { 0 };
	AUTO(str_fini) struct str name = STR_INIT, maps = STR_INIT;
	AUTO(err_fini) struct err e = ERR_INIT;
	struct stat st;
	size_t i;

	ck_assert_int_eq(fstat(fd, &st), 0);
	ck_assert(abi_read(&me, fd, (uint64_t)st.st_size));
	ck_assert_uint_gt(me.need.n, 0);
	ck_assert_int_eq(fs_slurp(AT_FDCWD, "/proc/self/maps", &maps, &e), 0);
	char *at = strstr(maps.s, "/libc.so.6");
	ck_assert_ptr_nonnull(at);
	for (i = 0; at[-1] != ' ';)
		at--;
	str_setn(&name, at, strcspn(at, "\n"));
	AUTO(fd_drop) int lib = open(name.s, O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(fstat(lib, &st), 0);
	ck_assert(abi_read(&libc, lib, (uint64_t)st.st_size));
	ck_assert_str_eq(libc.soname, "libc.so.6");
	ck_assert_ptr_null(abi_lacks(&libc, &me, "libc.so.6"));
	for (; i < libc.give.n; i++)
		if (strcmp(libc.give.v[i], "GLIBC_2.34") == 0)
			strcpy(libc.give.v[i], "gone");
	ck_assert_str_eq(abi_lacks(&libc, &me, "libc.so.6"), "GLIBC_2.34");
	ck_assert_ptr_null(abi_lacks(&libc, &me, "libz.so.1"));
}
END_TEST

/* Each byte of the headers wrong in turn, and cut anywhere: never a crash, a hang, or a
 * read outside of the file (the sanitizers look on). */
START_TEST(broken_elf)
{
	AUTO(str_fini) struct str whole = STR_INIT;
	AUTO(err_fini) struct err e = ERR_INIT;
	unsigned seed = 5;

	ck_assert_int_eq(fs_slurp(AT_FDCWD, "/bin/true", &whole, &e), 0);
	for (int i = 0; i < 300; i++) {
		AUTO(str_fini) struct str x = STR_INIT;

		str_setn(&x, whole.s, i % 3 ? whole.len : (size_t)rand_r(&seed) % 2048);
		for (int k = 0; k < 4 && x.len; k++)
			x.s[(size_t)rand_r(&seed) % (x.len < 1024 ? x.len : 1024)] =
				(char)rand_r(&seed);
		memcpy(x.s, ELFMAG, x.len < 4 ? x.len : 4);
		of("/x", x.s, x.len);
	}
}
END_TEST

START_TEST(other_byte_orders_have_a_class)
{
	unsigned char h[64] = { 0x7f, 'E', 'L', 'F', ELFCLASS32, ELFDATA2MSB, 1 };

	ck_assert_str_eq(of("/x", h, sizeof(h)), "elf-obj");
	ck_assert_str_eq(fact("elf.class"), "32");
	ck_assert_str_eq(fact("elf.machine"), "none");
}
END_TEST

Suite *
suite_ftype(void)
{
	Suite *s = suite_create("ftype");
	TCase *t = tcase_create("ftype");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, words);
	tcase_add_test(t, scripts);
	tcase_add_test(t, imports);
	tcase_add_test(t, real_programs);
	tcase_add_test(t, versions_of_symbols);
	tcase_add_test(t, broken_elf);
	tcase_add_test(t, other_byte_orders_have_a_class);
	suite_add_tcase(s, t);
	return s;
}
