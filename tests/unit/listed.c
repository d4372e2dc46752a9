#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "own_package.h"
#include "tree/copy.h"
#include "tree/listed.h"

/* The list of placeholders; part of suite_tree. */
TCase *tcase_listed(void);

OWN_PACKAGE("pkg");

static void
placeholder(const char *rel)
{
	struct stat st = { .st_mode = S_IFREG | 0644 };

	ck_assert_msg(tree_placeholder(&l, rel, &st, &e) == 0, "%s", e.text.s);
}

static void
real_file(const char *rel)
{
	AUTO(fd_drop)
	int fd = openat(l.rootfd, rel, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fd_write_all(fd, "text", 4), 0);
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What is found, sorted, joined by spaces; "many". */
static void
expect(const char *rules, size_t most, const char *want)
{
	AUTO(listed_fini) struct listed found = { 0 };
	AUTO(str_fini) struct str text = STR_INIT, got = STR_INIT;
	AUTO(rules_fini) struct rules r;

	rules_init(&r, 2);
	str_set(&text, "# cde.options v2\n");
	str_add(&text, rules);
	ck_assert_int_eq(rules_parse(&r, "t", text.s, text.len, &e), 0);
	listed_find(&l, &r, most, &found);
	if (found.name.n)
		qsort(found.name.v, found.name.n, sizeof(*found.name.v), by_text);
	for (size_t i = 0; i < found.name.n && !found.many; i++)
		str_addf(&got, "%s%s", i ? " " : "", found.name.v[i]);
	if (found.many)
		str_set(&got, "many");
	ck_assert_str_eq(got.s, want);
}

static bool
has_list(void)
{
	struct stat st;

	return fstatat(l.dirfd, PKG_LISTED, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* As found by looking (list 0), and by the list. */
START_TEST(found_both_ways)
{
	placeholder("a/one");
	placeholder("a/b/two words\n");
	placeholder("host/x");
	placeholder("host/in/y");
	placeholder("top");
	real_file("a/real");
	if (_i)
		listed_write(&l);
	ck_assert(has_list() == _i);
	expect("", 9, "/a/b/two words\n /a/one /host/in/y /host/x /top");
	expect("ignore_prefix=/host\nignore_exact=/top\n", 9, "/a/b/two words\n /a/one");
	expect("ignore_prefix=/host\nredirect_prefix=/host/in\n", 9,
	       "/a/b/two words\n /a/one /host/in/y /top");
	expect("", 5, "/a/b/two words\n /a/one /host/in/y /host/x /top");
	expect("", 4, "many");
}
END_TEST

/* What happened to the package after the list was made. */
START_TEST(an_old_list)
{
	placeholder("a/one");
	placeholder("a/two");
	placeholder("b/three");
	listed_write(&l);
	real_file("a/one"); /* in place: nothing else changes */
	expect("", 9, "/a/two /b/three");
	ck_assert_int_eq(renameat(l.rootfd, "a/two", l.rootfd, "b/2"), 0);
	expect("", 9, "/b/2 /b/three");
	placeholder("new/dir/x");
	expect("", 9, "/b/2 /b/three /new/dir/x");
	ck_assert_int_eq(renameat(l.rootfd, "b", l.rootfd, "new/b"), 0);
	expect("", 9, "/new/b/2 /new/b/three /new/dir/x");
	ck_assert_int_eq(unlinkat(l.rootfd, "new/b/2", 0), 0);
	ck_assert_int_eq(symlinkat("three", l.rootfd, "new/b/2"), 0);
	expect("", 9, "/new/b/three /new/dir/x");
	ck_assert_int_eq(renameat(l.rootfd, "new", l.rootfd, "old"), 0);
	ck_assert_int_eq(symlinkat("old", l.rootfd, "new"), 0);
	expect("", 9, "/old/b/three /old/dir/x");
}
END_TEST

/* A directory that was swapped for a link that leads out, with a time that fits. */
START_TEST(swapped_for_a_link)
{
	struct stat st;

	placeholder("d/x");
	listed_write(&l);
	ck_assert_int_eq(fstatat(l.rootfd, "d", &st, 0), 0);
	ck_assert_int_eq(renameat(l.rootfd, "d", AT_FDCWD, "outside"), 0);
	ck_assert_int_eq(symlinkat("../../outside", l.rootfd, "d"), 0);
	utimensat(l.rootfd, "d", (struct timespec[]){ st.st_atim, st.st_mtim },
		  AT_SYMLINK_NOFOLLOW);
	expect("", 9, "");
}
END_TEST

/* Not as it should be: nothing that it says counts. */
START_TEST(a_bad_list)
{
	static const char *const bad[] = {
		"",
		"e",
		"d1.0 /|e",			   /* the NUL at the end */
		"d1.0 /|fx|",			   /* no end */
		"d1.0 /|e|fx|",			   /* more behind the end */
		"d1.0 /a|e|",			   /* not from the root */
		"fx|e|",			   /* in no directory */
		"d1.0 /|d1.0 /../..|fx|e|",	   /* out */
		"d1.0 /|d1.0 //a|e|",		   /* another spelling */
		"d1.0 /|d1.0 a|e|",		   /* not absolute */
		"d1.0 /|f../../x|e|",		   /* a path as a name */
		"d1.0 /|f..|e|",		   /* … */
		"d1.0 /|f|e|",			   /* no name */
		"d /|e|",			   /* no time */
		"d99999999999999999999999.x /|e|", /* … */
		"x|d1.0 /|e|",			   /* no such record */
	};
	AUTO(str_fini) struct str text = STR_INIT;

	placeholder("x");
	str_set(&text, LISTED_HEAD);
	str_add(&text, bad[_i]);
	for (size_t i = strlen(LISTED_HEAD); i < text.len; i++)
		if (text.s[i] == '|')
			text.s[i] = 0;
	ck_assert_int_eq(fs_replace(l.dirfd, PKG_LISTED, text.s, text.len, 0644, &e), 0);
	expect("", 9, "/x");
}
END_TEST

START_TEST(not_a_file)
{
	placeholder("x");
	if (_i == 0)
		ck_assert_int_eq(symlinkat("cde.uname", l.dirfd, PKG_LISTED), 0);
	else if (_i == 1)
		ck_assert_int_eq(mkfifoat(l.dirfd, PKG_LISTED, 0666), 0);
	else
		ck_assert_int_eq(mkdirat(l.dirfd, PKG_LISTED, 0777), 0);
	expect("", 9, "/x");
}
END_TEST

START_TEST(a_million_names)
{
	AUTO(str_fini) struct str text = STR_INIT;
	AUTO(fd_drop) int fd = -1;

	placeholder("x");
	str_set(&text, LISTED_HEAD "d1.0 /");
	str_addc(&text, 0);
	for (int i = 0; i < 1000000; i++)
		str_addn(&text, "fx", 3);
	str_addn(&text, "e", 2);
	ck_assert_int_eq(fs_replace(l.dirfd, PKG_LISTED, text.s, text.len, 0644, &e), 0);
	expect("", 9, "/x");
	for (int i = 0; i < 1100; i++) {
		str_clear(&text);
		str_addf(&text, "many/%d", i);
		placeholder(text.s);
	}
	expect("", 9, "many");
	listed_write(&l);
	expect("", 9, "many");
	fd = openat(l.dirfd, PKG_LISTED, O_RDONLY | O_CLOEXEC);
	str_clear(&text);
	ck_assert_int_eq(fd_read_all(fd, &text), 0);
	ck_assert_uint_lt(text.len, 64);
}
END_TEST

START_TEST(forgotten)
{
	listed_write(&l);
	ck_assert(has_list());
	listed_forget(&l);
	ck_assert(!has_list());
}
END_TEST

TCase *
tcase_listed(void)
{
	TCase *t = tcase_create("listed");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, found_both_ways, 0, 2);
	tcase_add_test(t, an_old_list);
	tcase_add_test(t, swapped_for_a_link);
	tcase_add_loop_test(t, a_bad_list, 0, 16);
	tcase_add_loop_test(t, not_a_file, 0, 3);
	tcase_add_test(t, a_million_names);
	tcase_add_test(t, forgotten);
	return t;
}
