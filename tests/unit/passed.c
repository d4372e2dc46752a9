#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/miss.h"
#include "own_package.h"

/* Names that searches passed; part of suite_tree. */
TCase *tcase_passed(void);

OWN_PACKAGE("pkg");

static void
put_file(const char *text, size_t n)
{
	ck_assert_int_eq(fs_replace(l.dirfd, PKG_PASSED, text, n, 0644, &e), 0);
}

static bool
has_file(void)
{
	return faccessat(l.dirfd, PKG_PASSED, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* What the package's file says of a name. */
static void
expect(const char *name, const char *found)
{
	AUTO(passed_fini) struct passed x = { 0 };
	const char *got;

	passed_read(&x, &l);
	got = passed_found(&x, name, strlen(name));
	if (found)
		ck_assert_str_eq(got, found);
	else
		ck_assert_ptr_null(got);
}

START_TEST(written_and_read_again)
{
	AUTO(passed_fini) struct passed x = { 0 }, none = { 0 };

	passed_put(&x, "/usr/a/f", "/usr/old/f");
	passed_put(&x, "/usr/a/f", "/usr/b/f");
	passed_put(&x, "/usr/a/g\nh", "/usr/b/g\nh");
	passed_write(&x, &l);
	expect("/usr/a/f", "/usr/b/f");
	expect("/usr/a/g\nh", "/usr/b/g\nh");
	expect("/usr/b/f", NULL);
	ck_assert(passed_in(&x, "/usr/a") && !passed_in(&x, "/usr"));
	passed_write(&none, &l);
	ck_assert(!has_file());
	expect("/usr/a/f", NULL);
}
END_TEST

START_TEST(what_is_no_list_says_nothing)
{
#define BYTES(text) text, sizeof(text) - 1
	put_file(BYTES("cde passed 2\n/usr/a\0/usr/b\0"));
	expect("/usr/a", NULL);
	put_file(BYTES("cde passed 1\n/usr/a\0/usr/b"));
	expect("/usr/a", NULL);
	put_file(BYTES("cde passed 1\n"));
	expect("/usr/a", NULL);
	put_file(BYTES("cde passed 1\n/usr/a\0/usr/b\0/usr/c\0"));
	expect("/usr/a", "/usr/b");
	expect("/usr/c", NULL);
	put_file(BYTES("cde passed 1\nusr/a\0/usr/b\0\0\0/usr/c\0/usr/d\0"));
	expect("usr/a", NULL);
	expect("/usr/c", "/usr/d");
	ck_assert_int_eq(unlinkat(l.dirfd, PKG_PASSED, 0), 0);
	ck_assert_int_eq(mkfifoat(l.dirfd, PKG_PASSED, 0666), 0);
	expect("/usr/a", NULL);
	ck_assert_int_eq(unlinkat(l.dirfd, PKG_PASSED, 0), 0);
	ck_assert_int_eq(symlinkat("/etc/passwd", l.dirfd, PKG_PASSED), 0);
	expect("/usr/a", NULL);
}
END_TEST

START_TEST(names_that_count)
{
	ck_assert(passed_counts("/usr/lib/x") && passed_counts("/opt/x/y"));
	ck_assert(passed_counts("/lib64/x") && passed_counts("/sbin/x"));
	ck_assert(!passed_counts("/usr/local/lib/x") && !passed_counts("/home/x"));
	ck_assert(!passed_counts("/etc/x") && !passed_counts("/library/x"));
}
END_TEST

static void
node(struct view *v, const char *path, enum fsview_kind kind, unsigned flags)
{
	struct node *n = view_node(v, path, strlen(path));

	n->kind = (uint8_t)kind;
	n->flags |= (uint16_t)flags;
}

static void
miss(struct misses *x, const char *path, int error)
{
	AUTO(str_fini) struct str p = STR_INIT;

	str_set(&p, path);
	misses_add(x, &p, "openat", error, 1);
}

static void
pair(const struct passed *x, const char *name, const char *found)
{
	const char *got = passed_found(x, name, strlen(name));

	if (found)
		ck_assert_str_eq(got, found);
	else
		ck_assert_ptr_null(got);
}

START_TEST(which_search_found_what)
{
	AUTO(passed_fini) struct passed x = { 0 };
	struct misses m = { 0 };
	struct view v;

	view_init(&v);
	node(&v, "/usr/lib/perl", FSV_DIR, NODE_STORED);
	node(&v, "/usr/lib/perl/List/Util.pm", FSV_FILE, NODE_STORED);
	node(&v, "/usr/lib/perl/Hash/Util.pm", FSV_FILE, NODE_STORED);
	node(&v, "/usr/lib/js/a/main.js", FSV_FILE, NODE_STORED);
	node(&v, "/usr/lib/made.pm", FSV_FILE, NODE_STORED | NODE_MADE);
	node(&v, "/usr/lib/seen.pm", FSV_FILE, 0);
	node(&v, "/home/u/own.pm", FSV_FILE, NODE_STORED);
	node(&v, "/usr/lib/d", FSV_DIR, NODE_STORED);
	node(&v, "/usr/share/perl5", FSV_DIR, 0);
	miss(&m, "/usr/share/perl5/List/Util.pm", ENOENT);
	miss(&m, "/usr/share/perl5/Hash/Util.pm", ENOENT);
	miss(&m, "/usr/local/share/List/Util.pm", ENOENT);
	miss(&m, "/etc/perl/List/Util.pm", ENOENT);
	miss(&m, "/usr/share/perl5/made.pm", ENOENT);
	miss(&m, "/usr/share/perl5/seen.pm", ENOENT);
	miss(&m, "/usr/share/perl5/own.pm", ENOENT);
	miss(&m, "/usr/share/perl5/d", ENOENT);
	miss(&m, "/usr/share/perl5/nowhere.pm", ENOENT);
	miss(&m, "/usr/lib/js/b/main.js", ENOENT); /* another module */
	miss(&m, "/opt/Util.pm", EACCES);
	misses_passed(&m, &v, &x);
	pair(&x, "/usr/share/perl5/List/Util.pm", "/usr/lib/perl/List/Util.pm");
	pair(&x, "/usr/share/perl5/Hash/Util.pm", "/usr/lib/perl/Hash/Util.pm");
	ck_assert_uint_eq(x.found.n, 2);
	misses_fini(&m);
	view_fini(&v);
}
END_TEST

TCase *
tcase_passed(void)
{
	TCase *t = tcase_create("passed");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, written_and_read_again);
	tcase_add_test(t, what_is_no_list_says_nothing);
	tcase_add_test(t, names_that_count);
	tcase_add_test(t, which_search_found_what);
	return t;
}
