#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "own_package.h"
#include "tree/copy.h"
#include "tree/deepcopy.h"

Suite *suite_tree(void);

/* Each test runs in a directory of its own, with a package `pkg` in it. */
OWN_PACKAGE("pkg");

/* A file that only has to be there. */
static void
put(const char *name, const char *text)
{
	AUTO(fd_drop) int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fd_write_all(fd, text, strlen(text)), 0);
}

static void
expect_text(const char *name, const char *text)
{
	AUTO(str_fini) struct str got = STR_INIT;

	ck_assert_int_eq(fs_slurp(AT_FDCWD, name, &got, &e), 0);
	ck_assert_str_eq(got.s, text);
}

static void
expect_link(const char *name, const char *text)
{
	AUTO(str_fini) struct str got = STR_INIT;

	ck_assert_int_eq(fs_readlink(AT_FDCWD, name, &got), 0);
	ck_assert_str_eq(got.s, text);
}

static struct stat
stat_of(const char *name)
{
	struct stat st;

	ck_assert_msg(lstat(name, &st) == 0, "%s: %s", name, strerror(errno));
	return st;
}

static void
expect_no(const char *name)
{
	struct stat st;

	ck_assert_msg(lstat(name, &st) < 0, "%s is there", name);
}

static int
copy(const char *name, const char *rel)
{
	AUTO(fd_drop) int fd = open(name, O_RDONLY);
	struct stat st;

	ck_assert_int_eq(fstat(fd, &st), 0);
	return tree_copy_file(&l, fd, &st, rel, &e);
}

START_TEST(copy_keeps_metadata)
{
	struct timespec t[2] = { { 5, 6 }, { 1000000000, 123456789 } };
	char value[8];
	struct stat st;
	bool xattr;

	put("f", "hello");
	ck_assert_int_eq(truncate("f", 1 << 20), 0);
	xattr = setxattr("f", "user.cde", "v", 1, 0) == 0;
	ck_assert_int_eq(chmod("f", 04550), 0);
	ck_assert_int_eq(utimensat(AT_FDCWD, "f", t, 0), 0);
	ck_assert_int_eq(copy("f", "a/b/f"), 0);
	st = stat_of("pkg/cde-root/a/b/f");
	ck_assert_uint_eq(st.st_mode, S_IFREG | 04550);
	ck_assert_int_eq(st.st_size, 1 << 20);
	ck_assert_int_eq(st.st_mtim.tv_sec, 1000000000);
	ck_assert_int_eq(st.st_mtim.tv_nsec, 123456789);
	ck_assert_int_lt(st.st_blocks, 512); /* the hole is one */
	if (xattr)
		ck_assert_int_eq(getxattr("pkg/cde-root/a/b/f", "user.cde", value, 8), 1);
	else
		fprintf(stderr, "skipped: copy_keeps_metadata: no user xattrs in /tmp\n");
	ck_assert_int_eq(rmdir("pkg/.tmp"), 0); /* nothing is left in it */
}
END_TEST

START_TEST(copy_replaces_what_is_there)
{
	put("f", "new");
	put("victim", "old");
	put("pkg/cde-root/file", "old");
	ck_assert_int_eq(symlink("../../victim", "pkg/cde-root/link"), 0);
	ck_assert_int_eq(mkdir("pkg/cde-root/empty", 0755), 0);
	ck_assert_int_eq(mkdir("pkg/cde-root/full", 0755), 0);
	put("pkg/cde-root/full/x", "x");
	ck_assert_int_eq(copy("f", "file"), 0);
	ck_assert_int_eq(copy("f", "link"), 0);
	ck_assert_int_eq(copy("f", "empty"), 0);
	expect_text("pkg/cde-root/file", "new");
	expect_text("pkg/cde-root/empty", "new");
	ck_assert(S_ISREG(stat_of("pkg/cde-root/link").st_mode));
	expect_text("victim", "old");
	ck_assert_int_eq(copy("f", "full"), -1);
	ck_assert_int_eq(e.code, ENOTEMPTY);
	ck_assert_ptr_nonnull(strstr(e.text.s, "/pkg/cde-root/full"));
	expect_text("pkg/cde-root/full/x", "x");
	ck_assert_int_eq(rmdir("pkg/.tmp"), 0);
}
END_TEST

START_TEST(links_never_lead_out)
{
	struct stat st;

	put("f", "x");
	st = stat_of("f");
	ck_assert_int_eq(mkdir("outside", 0755), 0);
	ck_assert_int_eq(symlink(dir, "pkg/cde-root/abs"), 0);
	ck_assert_int_eq(symlink("../../outside", "pkg/cde-root/rel"), 0);
	ck_assert_int_eq(mkdir("pkg/cde-root/real", 0755), 0);
	ck_assert_int_eq(symlink("real", "pkg/cde-root/inner"), 0);
	ck_assert_int_eq(mkdir("pkg/cde-root/real/sub", 0755), 0);
	ck_assert_int_eq(copy("f", "inner/f"), -1); /* nor elsewhere inside */
	ck_assert_int_eq(copy("f", "inner/sub/f"), -1);
	ck_assert_int_eq(tree_dir(&l, "inner/d", 0755, &e), -1);
	ck_assert_int_eq(rmdir("pkg/cde-root/real/sub") | rmdir("pkg/cde-root/real"), 0);
	ck_assert_int_eq(copy("f", "abs/outside/f"), -1);
	ck_assert_int_eq(copy("f", "rel/f"), -1);
	ck_assert_int_eq(copy("f", "rel/a/b/f"), -1);
	ck_assert_int_eq(copy("f", "../../outside/f"), -1);
	ck_assert_int_eq(copy("f", "../f"), -1);
	ck_assert_int_eq(copy("f", ".."), -1);
	ck_assert_int_eq(copy("f", "a/../../../outside/f"), -1);
	ck_assert_int_eq(tree_dir(&l, "rel/d", 0755, &e), -1);
	ck_assert_int_eq(tree_link(&l, "rel/l", "x", &e), -1);
	ck_assert_int_eq(tree_fifo(&l, "rel/p", 0644, &e), -1);
	ck_assert_int_eq(tree_placeholder(&l, "rel/h", &st, &e), -1);
	ck_assert_int_lt(tree_stat(&l, "rel/f", &st), 0);
	ck_assert_int_eq(rmdir("outside"), 0); /* still empty */
}
END_TEST

START_TEST(copy_without_tmp) /* okapi: a plain directory */
{
	ck_assert_int_eq(rmdir("pkg/.tmp"), 0);
	put("f", "x");
	ck_assert_int_eq(copy("f", "d/f"), 0);
	expect_text("pkg/cde-root/d/f", "x");
	ck_assert_int_eq(unlink("pkg/cde-root/d/f"), 0);
	ck_assert_int_eq(rmdir("pkg/cde-root/d"), 0);
}
END_TEST

START_TEST(directories)
{
	mode_t old = umask(0777);

	ck_assert_int_eq(tree_dir(&l, "a/b", 01577, &e), 0);
	umask(old);
	ck_assert_uint_eq(stat_of("pkg/cde-root/a/b").st_mode, S_IFDIR | 01777);
	ck_assert_uint_eq(stat_of("pkg/cde-root/a").st_mode, S_IFDIR | 0755);
	ck_assert_int_eq(tree_dir(&l, "a", 0050, &e), 0);
	ck_assert_uint_eq(stat_of("pkg/cde-root/a").st_mode, S_IFDIR | 0750);
	ck_assert_int_eq(symlink("a", "pkg/cde-root/was-link"), 0);
	ck_assert_int_eq(tree_dir(&l, "was-link", 0755, &e), 0);
	ck_assert(S_ISDIR(stat_of("pkg/cde-root/was-link").st_mode));
	ck_assert_int_eq(tree_dir(&l, "", 0700, &e), 0);
}
END_TEST

START_TEST(links_and_fifos)
{
	struct stat st;
	ino_t inode;

	ck_assert_int_eq(tree_link(&l, "d/l", "/etc/../x y\n", &e), 0);
	expect_link("pkg/cde-root/d/l", "/etc/../x y\n");
	inode = stat_of("pkg/cde-root/d/l").st_ino;
	ck_assert_int_eq(tree_link(&l, "d/l", "/etc/../x y\n", &e), 0);
	ck_assert_uint_eq(stat_of("pkg/cde-root/d/l").st_ino, inode);
	ck_assert_int_eq(tree_link(&l, "d/l", "other", &e), 0);
	expect_link("pkg/cde-root/d/l", "other");
	ck_assert_int_eq(tree_fifo(&l, "d/l", 0602, &e), 0);
	ck_assert_uint_eq(stat_of("pkg/cde-root/d/l").st_mode, S_IFIFO | 0602);
	ck_assert_int_eq(tree_fifo(&l, "d/l", 0600, &e), 0);
	ck_assert_uint_eq(stat_of("pkg/cde-root/d/l").st_mode, S_IFIFO | 0600);
	ck_assert_int_eq(tree_stat(&l, "d/l", &st), 0);
	ck_assert(S_ISFIFO(st.st_mode));
	ck_assert_int_eq(tree_stat(&l, "d/none", &st), -ENOENT);
	ck_assert_int_eq(tree_stat(&l, "none/none", &st), -ENOENT);
	expect_no("pkg/cde-root/none");
}
END_TEST

START_TEST(placeholders)
{
	const char *name = "pkg/cde-root/d/f";
	struct stat st = { .st_mode = S_IFREG | 0640, .st_mtim = { 77, 88 } };
	struct stat got;

	ck_assert_int_eq(tree_placeholder(&l, "d/f", &st, &e), 0);
	got = stat_of(name);
	ck_assert_uint_eq(got.st_mode, S_IFREG | 0640);
	ck_assert_int_eq(got.st_mtim.tv_sec, 77);
	ck_assert_int_eq(got.st_mtim.tv_nsec, 88);
	expect_text(name, TREE_PLACEHOLDER_TEXT);
	ck_assert(tree_is_placeholder(l.rootfd, "d/f", &got));

	put("f", "real");
	ck_assert_int_eq(copy("f", "d/f"), 0);
	ck_assert_int_eq(tree_placeholder(&l, "d/f", &st, &e), 0);
	expect_text(name, "real");
	got = stat_of(name);
	ck_assert(!tree_is_placeholder(l.rootfd, "d/f", &got));

	st.st_mode = S_IFSOCK | 0600;
	ck_assert_int_eq(tree_placeholder(&l, "d/s", &st, &e), 0);
	expect_text("pkg/cde-root/d/s", TREE_PLACEHOLDER_TEXT);
	st.st_mode = S_IFDIR | 0750;
	ck_assert_int_eq(tree_placeholder(&l, "d/d", &st, &e), 0);
	ck_assert_uint_eq(stat_of("pkg/cde-root/d/d").st_mode, S_IFDIR | 0750);
	st.st_mode = S_IFLNK | 0777;
	ck_assert_int_eq(tree_placeholder(&l, "d/l", &st, &e), -1);
	ck_assert_int_eq(rmdir("pkg/.tmp"), 0);
}
END_TEST

START_TEST(same_size_is_no_placeholder)
{
	char text[sizeof(TREE_PLACEHOLDER_TEXT)];
	struct stat st;

	strcpy(text, TREE_PLACEHOLDER_TEXT);
	text[sizeof(text) - 3] ^= 1;
	put("f", text);
	st = stat_of("f");
	ck_assert(!tree_is_placeholder(AT_FDCWD, "f", &st));
}
END_TEST

/* The source tree of the deep copies. */
static void
make_source(void)
{
	static const char *const links[][2] = {
		{ "/etc/real", "src/a/abs" },
		{ "../a/abs", "src/b/rel" },
		{ "b", "src/dirlink" },
		{ "loop2", "src/a/loop1" },
		{ "loop1", "src/a/loop2" },
		{ "nowhere/x", "src/a/dangling" },
		{ "../../../../../etc/real", "src/a/high" },
		{ ".", "src/a/self" },
	};

	ck_assert_int_eq(mkdir("src", 0755) | mkdir("src/a", 0755), 0);
	ck_assert_int_eq(mkdir("src/b", 0555) | mkdir("src/etc", 0711), 0);
	put("src/etc/real", "data");
	ck_assert_int_eq(chmod("src/b", 0755), 0);
	for (size_t i = 0; i < ARRAY_SIZE(links); i++)
		ck_assert_int_eq(symlink(links[i][0], links[i][1]), 0);
	ck_assert_int_eq(chmod("src/b", 0555), 0);
}

static int
deep(const char *abs)
{
	struct deepcopy d = { .src = "src", .dst = &l };

	return deepcopy_path(&d, abs, &e);
}

START_TEST(deep_chain)
{
	make_source();
	ck_assert_int_eq(deep("/dirlink/rel"), 0);
	expect_link("pkg/cde-root/dirlink", "b");
	expect_link("pkg/cde-root/b/rel", "../a/abs");
	expect_link("pkg/cde-root/a/abs", "/etc/real");
	expect_text("pkg/cde-root/etc/real", "data");
	ck_assert_uint_eq(stat_of("pkg/cde-root/etc").st_mode, S_IFDIR | 0711);
	ck_assert_uint_eq(stat_of("pkg/cde-root/b").st_mode, S_IFDIR | 0755);
	ck_assert_int_eq(deep("/a/high"), 0);
	expect_link("pkg/cde-root/a/high", "../../../../../etc/real");
	ck_assert_int_eq(deep("/a/self/self/abs"), 0);
	expect_link("pkg/cde-root/a/self", ".");
}
END_TEST

START_TEST(deep_ends)
{
	make_source();
	ck_assert_int_eq(deep("/a/loop1"), 1);
	expect_link("pkg/cde-root/a/loop1", "loop2");
	expect_link("pkg/cde-root/a/loop2", "loop1");
	ck_assert_int_eq(deep("/a/dangling"), 1);
	expect_link("pkg/cde-root/a/dangling", "nowhere/x");
	ck_assert_int_eq(deep("/b/../none"), 1); /* b: replay walks there, too */
	ck_assert(S_ISDIR(stat_of("pkg/cde-root/b").st_mode));
	ck_assert_int_eq(deep("/etc/real/x"), 1);
	ck_assert_int_eq(deep("/etc"), 0);
	expect_no("pkg/cde-root/etc/real");
	ck_assert_int_eq(deep("relative"), -1);
}
END_TEST

static void
count_copied(void *ctx, const char *abs, const struct stat *st)
{
	++*(unsigned *)ctx;
}

START_TEST(deep_leaves_a_good_copy_alone)
{
	unsigned seen = 0;
	struct deepcopy d = { "src", &l, count_copied, &seen };
	ino_t inode;

	make_source();
	ck_assert_int_eq(deepcopy_path(&d, "/etc/real", &e), 0);
	ck_assert_uint_eq(seen, 2); /* etc, real */
	inode = stat_of("pkg/cde-root/etc/real").st_ino;
	ck_assert_int_eq(deep("/etc/real"), 0);
	ck_assert_uint_eq(stat_of("pkg/cde-root/etc/real").st_ino, inode);
	put("src/etc/real", "other text");
	ck_assert_int_eq(deep("/etc/real"), 0);
	expect_text("pkg/cde-root/etc/real", "other text");
}
END_TEST

START_TEST(deep_special)
{
	make_source();
	ck_assert_int_eq(mkfifo("src/a/fifo", 0644), 0);
	ck_assert_int_eq(deep("/a/fifo"), 0);
	ck_assert(S_ISFIFO(stat_of("pkg/cde-root/a/fifo").st_mode));
	ck_assert_int_eq(deepcopy_path(&(struct deepcopy){ .src = "", .dst = &l },
				       "/dev/null", &e),
			 -1);
	ck_assert_int_eq(e.code, ENOTSUP);
	ck_assert_str_eq(e.text.s, "/dev/null is a device: not copied");
}
END_TEST

TCase *tcase_layout(void); /* layout.c */
TCase *tcase_listed(void); /* listed.c */
TCase *tcase_passed(void); /* passed.c */

Suite *
suite_tree(void)
{
	Suite *s = suite_create("tree");
	TCase *t = tcase_create("tree");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, copy_keeps_metadata);
	tcase_add_test(t, copy_replaces_what_is_there);
	tcase_add_test(t, links_never_lead_out);
	tcase_add_test(t, copy_without_tmp);
	tcase_add_test(t, directories);
	tcase_add_test(t, links_and_fifos);
	tcase_add_test(t, placeholders);
	tcase_add_test(t, same_size_is_no_placeholder);
	tcase_add_test(t, deep_chain);
	tcase_add_test(t, deep_ends);
	tcase_add_test(t, deep_leaves_a_good_copy_alone);
	tcase_add_test(t, deep_special);
	suite_add_tcase(s, t);
	suite_add_tcase(s, tcase_layout());
	suite_add_tcase(s, tcase_listed());
	suite_add_tcase(s, tcase_passed());
	return s;
}
