#include "exec/layer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "exec/env.h"
#include "exec/install.h"
#include "suites.h"

/* A package with a few things in it, and a layer over it. */
static char dir[64];
static struct layout pkg;
static struct layer l;

static void
put(const char *name, const char *text)
{
	AUTO(str_fini) struct str path = STR_INIT;

	str_addf(&path, "%s/%s", dir, name);
	if (text)
		ck_assert_int_eq(fs_replace(AT_FDCWD, path.s, text, strlen(text), 0644,
					    NULL),
				 0);
	else
		ck_assert_int_eq(mkdir(path.s, 0755), 0);
}

static void
setup(void)
{
	static const char *const names[] = { "pkg",	      "pkg/cde-root",
					     "pkg/cde-root/d", "pkg/cde-root/d/sub",
					     "pkg/cde-root/e" };
	AUTO(str_fini) struct str name = STR_INIT;
	AUTO(err_fini) struct err e = ERR_INIT;

	/* not /tmp: it may be a file system without user attributes */
	strcpy(dir, "/var/tmp/cde-unit.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		put(names[i], NULL);
	put("pkg/cde-root/d/file", "text");
	put("pkg/cde-root/d/sub/deep", "deep");
	str_addf(&name, "%s/pkg", dir);
	pkg = (struct layout)LAYOUT_INIT;
	ck_assert_int_eq(layout_open(&pkg, name.s, &e), 0);
	str_clear(&name);
	str_addf(&name, "%s/changes", dir);
	layer_init(&l, &pkg, name.s);
}

static void
teardown(void)
{
	layer_fini(&l);
	layout_fini(&pkg);
	ck_assert_int_eq(fs_remove_tree(AT_FDCWD, dir), 0);
}

/* This file system has no marks: there is nothing to test. */
static bool
starts(void)
{
	int r = layer_start(&l);

	if (r < 0)
		fprintf(stderr, "layer: skipped: %s: %s\n", dir, strerror(-r));
	return r == 0;
}

static bool
shows(const char *abs)
{
	struct layer_look x;

	layer_look(&l, abs, &x);
	return layer_shows(&x);
}

START_TEST(nothing_is_made_before_a_change)
{
	struct stat st;
	bool upper;

	ck_assert(shows("/d/file"));
	ck_assert(!shows("/d/none"));
	ck_assert_int_eq(layer_stat(&l, "/d/file/x", &st, &upper), -ENOTDIR);
	ck_assert_int_eq(l.upperfd, -1);
	ck_assert(!layer_has_dir(&l, "/d"));
	ck_assert(layer_is_empty(&l, "/e"));
	ck_assert(!layer_is_empty(&l, "/d"));
}
END_TEST

START_TEST(a_copy_has_everything)
{
	AUTO(str_fini) struct str name = STR_INIT, text = STR_INIT;
	struct layer_look x;

	if (!starts())
		return;
	layer_look(&l, "/d/sub/deep", &x);
	ck_assert(x.lower && !x.upper);
	ck_assert_int_eq(layer_copy_up(&l, "/d/sub/deep", &x.st), 0);
	layer_look(&l, "/d/sub/deep", &x);
	ck_assert(x.lower && x.upper && !x.whiteout);
	ck_assert_int_eq(x.st.st_size, x.lower_st.st_size);
	ck_assert_int_eq(x.st.st_mode, x.lower_st.st_mode);
	ck_assert_int_eq(x.st.st_mtim.tv_nsec, x.lower_st.st_mtim.tv_nsec);
	layer_name(&l, true, "/d/sub/deep", &name);
	ck_assert_int_eq(fs_slurp(AT_FDCWD, name.s, &text, NULL), 0);
	ck_assert_str_eq(text.s, "deep");
	ck_assert(layer_has_dir(&l, "/d/sub"));
	ck_assert(shows("/d/file"));
}
END_TEST

START_TEST(whiteouts_hide)
{
	struct layer_look x;

	if (!starts())
		return;
	ck_assert_int_eq(layer_whiteout(&l, "/d/file"), 0);
	layer_look(&l, "/d/file", &x);
	ck_assert(x.whiteout && x.lower && !layer_shows(&x));
	ck_assert_int_eq(layer_drop(&l, "/d/file"), 0);
	ck_assert(shows("/d/file"));
	/* a directory that is gone hides what was below it */
	ck_assert_int_eq(layer_whiteout(&l, "/d/sub"), 0);
	ck_assert(!shows("/d/sub/deep"));
	/* … and one that was made anew does, too */
	ck_assert_int_eq(layer_drop(&l, "/d/sub"), 0);
	ck_assert_int_eq(layer_dir_up(&l, "/d/sub"), 0);
	ck_assert(shows("/d/sub/deep"));
	ck_assert_int_eq(layer_make_opaque(&l, "/d/sub"), 0);
	ck_assert(layer_is_opaque(&l, "/d/sub"));
	ck_assert(!shows("/d/sub/deep"));
	ck_assert(layer_is_empty(&l, "/d/sub"));
	ck_assert(shows("/d/sub"));
}
END_TEST

START_TEST(closed_directories_stay_closed)
{
	AUTO(str_fini) struct str name = STR_INIT;
	struct stat st;

	if (!starts())
		return;
	ck_assert_int_eq(layer_dir_up(&l, "/d/sub"), 0);
	layer_name(&l, true, "/d/sub", &name);
	ck_assert_int_eq(chmod(name.s, 0500), 0);
	ck_assert_int_eq(layer_whiteout(&l, "/d/sub/deep"), 0);
	ck_assert_int_eq(stat(name.s, &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0500);
	ck_assert(geteuid() == 0 || layer_may_change(&l, "/d/sub") == -EACCES);
	ck_assert_int_eq(layer_may_change(&l, "/d"), 0);
}
END_TEST

START_TEST(a_layer_is_found_again)
{
	AUTO(str_fini) struct str name = STR_INIT;

	if (!starts())
		return;
	ck_assert_int_eq(layer_whiteout(&l, "/d/file"), 0);
	str_set(&name, l.dir.s);
	layer_fini(&l);
	layer_init(&l, &pkg, name.s);
	ck_assert_int_ge(l.upperfd, 0);
	ck_assert(!shows("/d/file"));
}
END_TEST

START_TEST(variables_of_here)
{
	static const char stored[] = "HOME=/home/alice\0USER=alice\0TZ=JST-9\0LANG=C";
	static char *const hosts[] = { (char *)"HOME=/home/bob", (char *)"USER=bob",
				       (char *)"LANG=de_DE", (char *)"TZ=EST5", NULL };
	struct env x = { { 0 } };
	struct rules r;

	rules_init(&r, 2);
	env_make(&x, stored, sizeof(stored), &r, hosts);
	ck_assert_str_eq(env_get(&x, "HOME"), "/home/alice");
	env_be_here(&x, hosts, true);
	ck_assert_str_eq(env_get(&x, "HOME"), "/home/alice");
	ck_assert_str_eq(env_get(&x, "USER"), "bob");
	ck_assert_str_eq(env_get(&x, "TZ"), "EST5");
	ck_assert_str_eq(env_get(&x, "LANG"), "C");
	env_be_here(&x, hosts, false);
	ck_assert_str_eq(env_get(&x, "HOME"), "/home/bob");
	env_fini(&x);
	rules_fini(&r);
}
END_TEST

static bool
program(void *ctx, const char *name, struct str *out)
{
	if (strcmp(name, "prog") && strcmp(name, "/opt/a b/prog"))
		return false;
	desktop_add_quoted(out, "/p k/\"x$%\\.cde");
	return true;
}

static bool
icon(void *ctx, const char *name, struct str *out)
{
	str_set(out, "/pkg/icon.png");
	return strcmp(name, "prog") == 0;
}

static const struct {
	const char *in, *out; /* NULL: it starts nothing of the package */
} entries[] = {
	{ "[Desktop Entry]\nExec=prog %U\nIcon=prog\n",
	  "[Desktop Entry]\nExec=\"/p k/\\\\\"x\\\\$%%\\\\\\\\.cde\" %U\n"
	  "Icon=/pkg/icon.png\n" },
	{ "Exec=\"/opt/a b/prog\" -x\r\n\nIcon=other\nName=a",
	  "Exec=\"/p k/\\\\\"x\\\\$%%\\\\\\\\.cde\" -x\n\nIcon=other\nName=a\n" },
	{ "TryExec=prog\nExec=prog\nDBusActivatable=true\n",
	  "Exec=\"/p k/\\\\\"x\\\\$%%\\\\\\\\.cde\"\n" },
	{ "Exec=other\n", NULL },
	{ "Exec=prog\nExec=env prog\n", NULL },
	{ "Name=nothing\n", NULL },
	{ "", NULL },
	{ "Exec=\"", NULL },
	{ "Exec=\\", NULL },
};

START_TEST(desktop_entries)
{
	const struct desktop_view v = { program, icon, NULL };
	AUTO(str_fini) struct str out = STR_INIT;

	ck_assert(desktop_rewrite(entries[_i].in, &v, &out) == !!entries[_i].out);
	if (entries[_i].out)
		ck_assert_str_eq(out.s, entries[_i].out);
}
END_TEST

Suite *
suite_layer(void)
{
	Suite *s = suite_create("layer");
	TCase *t = tcase_create("layer"), *pure = tcase_create("pure");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, nothing_is_made_before_a_change);
	tcase_add_test(t, a_copy_has_everything);
	tcase_add_test(t, whiteouts_hide);
	tcase_add_test(t, closed_directories_stay_closed);
	tcase_add_test(t, a_layer_is_found_again);
	tcase_add_test(pure, variables_of_here);
	tcase_add_loop_test(pure, desktop_entries, 0, (int)ARRAY_SIZE(entries));
	suite_add_tcase(s, t);
	suite_add_tcase(s, pure);
	return s;
}
