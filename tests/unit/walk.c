#include "path/walk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "path/lex.h"
#include "suites.h"

/* A tree from a table: what is not in it is missing. */
static const struct node {
	const char *name;
	int kind;
	const char *text;
} tree[] = {
	{ "/d", FSV_DIR, NULL },
	{ "/d/e", FSV_DIR, NULL },
	{ "/d/e/f", FSV_FILE, NULL },
	{ "/d/f", FSV_FILE, NULL },
	{ "/d/rel", FSV_LINK, "e/f" },
	{ "/d/up", FSV_LINK, "../usr" },
	{ "/d/abs", FSV_LINK, "/usr/lib" },
	{ "/d/slash", FSV_LINK, "f/" },
	{ "/d/dirslash", FSV_LINK, "e/" },
	{ "/d/empty", FSV_LINK, "" },
	{ "/d/new", FSV_LINK, "e/missing" },
	{ "/usr", FSV_DIR, NULL },
	{ "/usr/lib", FSV_DIR, NULL },
	{ "/usr/lib/x", FSV_FILE, NULL },
	{ "/lib", FSV_LINK, "usr/lib" },
	{ "/loop1", FSV_LINK, "loop2" },
	{ "/loop2", FSV_LINK, "loop1" },
	{ "/self", FSV_LINK, "self/x" },
	{ "/locked", FSV_DIR, NULL },
	{ "/locked/in", -EACCES, NULL },
	{ "/fd", FSV_MAGIC, NULL },
};

/* Links /chain/1 -> 2 -> … -> 41, a file. */
static int
chain_lookup(const struct str *abs, struct str *text)
{
	int n = atoi(abs->s + strlen("/chain/"));

	if (n == 41)
		return FSV_FILE;
	str_addf(text, "%d", n + 1);
	return FSV_LINK;
}

static int
fake_lookup(void *ctx, const struct str *abs, bool last, struct str *text)
{
	unsigned *lookups = ctx;

	(*lookups)++;
	ck_assert_uint_eq(text->len, 0);
	if (strcmp(abs->s, "/chain") == 0)
		return FSV_DIR;
	if (str_has_prefix(abs->s, "/chain/"))
		return chain_lookup(abs, text);
	for (size_t i = 0; i < ARRAY_SIZE(tree); i++) {
		if (strcmp(tree[i].name, abs->s) != 0)
			continue;
		if (tree[i].text)
			str_set(text, tree[i].text);
		return tree[i].kind;
	}
	return FSV_MISSING;
}

static void
note_hop(void *ctx, const struct str *abs, const struct str *text)
{
	str_addf(ctx, "%s>%s;", abs->s, text->s);
}

static const struct {
	const char *base, *name;
	unsigned how;
	int result;
	const char *abs;
	int kind;
	const char *hops;
} walks[] = {
	{ "/", "/d/e/f", WALK_FOLLOW, 0, "/d/e/f", FSV_FILE, "" },
	{ "/d", "e//./f", WALK_FOLLOW, 0, "/d/e/f", FSV_FILE, "" },
	{ "/d", "/", WALK_FOLLOW, 0, "/", FSV_DIR, "" },
	{ "/d", ".", WALK_FOLLOW, 0, "/d", FSV_DIR, "" },
	{ "/d", "..", WALK_FOLLOW, 0, "/", FSV_DIR, "" },
	{ "/d", "../../../d/f", WALK_FOLLOW, 0, "/d/f", FSV_FILE, "" },
	{ "/d", "", WALK_FOLLOW, -ENOENT, "/d", FSV_DIR, "" },
	{ "/d", "none", WALK_FOLLOW, 0, "/d/none", FSV_MISSING, "" },
	{ "/d", "none/", WALK_FOLLOW, 0, "/d/none", FSV_MISSING, "" },
	{ "/d", "none/.", WALK_FOLLOW, -ENOENT, "/d/none", FSV_MISSING, "" },
	{ "/d", "none/a/../b", WALK_FOLLOW, -ENOENT, "/d/none/b", FSV_MISSING, "" },
	{ "/d", "f/", 0, -ENOTDIR, "/d/f", FSV_FILE, "" },
	{ "/d", "f/x", 0, -ENOTDIR, "/d/f/x", FSV_FILE, "" },
	{ "/d", "f/..", 0, -ENOTDIR, "/d", FSV_FILE, "" },
	/* links */
	{ "/d", "rel", WALK_FOLLOW, 0, "/d/e/f", FSV_FILE, "/d/rel>e/f;" },
	{ "/d", "rel", 0, 0, "/d/rel", FSV_LINK, "/d/rel>e/f;" },
	{ "/d", "up/lib/x", 0, 0, "/usr/lib/x", FSV_FILE, "/d/up>../usr;" },
	{ "/d", "up/..", 0, 0, "/", FSV_DIR, "/d/up>../usr;" },
	{ "/d", "abs/x", 0, 0, "/usr/lib/x", FSV_FILE, "/d/abs>/usr/lib;" },
	{ "/d", "abs/", 0, 0, "/usr/lib", FSV_DIR, "/d/abs>/usr/lib;" },
	{ "/", "lib", WALK_FOLLOW, 0, "/usr/lib", FSV_DIR, "/lib>usr/lib;" },
	{ "/d", "slash", WALK_FOLLOW, -ENOTDIR, "/d/f", FSV_FILE, "/d/slash>f/;" },
	{ "/d", "dirslash", WALK_FOLLOW, 0, "/d/e", FSV_DIR, "/d/dirslash>e/;" },
	{ "/d", "empty", WALK_FOLLOW, -ENOENT, "/d/empty", FSV_LINK, "/d/empty>;" },
	{ "/d", "new", WALK_FOLLOW, 0, "/d/e/missing", FSV_MISSING, "/d/new>e/missing;" },
	{ "/d", "new", WALK_LEAF, 0, "/d/new", FSV_MISSING, "" },
	{ "/", "/locked/in/x", 0, -EACCES, "/locked/in/x", FSV_MISSING, "" },
	/* /proc */
	{ "/", "fd", WALK_FOLLOW, 0, "/fd", FSV_MAGIC, "" },
	{ "/", "fd", WALK_FOLLOW | WALK_NO_MAGIC, -ELOOP, "/fd", FSV_MAGIC, "" },
	{ "/", "fd", WALK_NO_MAGIC, 0, "/fd", FSV_MAGIC, "" },
	{ "/", "fd/x", 0, -ENOTDIR, "/fd/x", FSV_MAGIC, "" },
	{ "/", "fd", WALK_FOLLOW | WALK_IN_ROOT, -EXDEV, "/fd", FSV_MAGIC, "" },
	/* openat2 */
	{ "/d", "rel", WALK_FOLLOW | WALK_NO_LINKS, -ELOOP, "/d/rel", FSV_LINK, "" },
	{ "/d", "rel", WALK_NO_LINKS, 0, "/d/rel", FSV_LINK, "/d/rel>e/f;" },
	{ "/d", "e/../rel", WALK_FOLLOW | WALK_BENEATH, 0, "/d/e/f", FSV_FILE,
	  "/d/rel>e/f;" },
	{ "/d", "../d/f", WALK_BENEATH, -EXDEV, "/d/d/f", FSV_DIR, NULL },
	{ "/d", "up/lib", WALK_BENEATH, -EXDEV, NULL, FSV_DIR, NULL },
	{ "/d", "/d/f", WALK_BENEATH, -EXDEV, NULL, FSV_DIR, NULL },
	{ "/d", "abs", WALK_FOLLOW | WALK_BENEATH, -EXDEV, NULL, FSV_LINK, NULL },
	{ "/d", "/../e/f", WALK_IN_ROOT, 0, "/d/e/f", FSV_FILE, "" },
	{ "/d", "../..", WALK_IN_ROOT, 0, "/d", FSV_DIR, "" },
	{ "/d", "abs", WALK_IN_ROOT | WALK_FOLLOW, -ENOENT, "/d/usr/lib", FSV_MISSING,
	  "/d/abs>/usr/lib;" },
};

START_TEST(walk_table)
{
	AUTO(walk_fini) struct walk w = WALK_INIT;
	AUTO(str_fini) struct str hops = STR_INIT;
	unsigned lookups = 0;
	struct fsview v = { fake_lookup, &lookups };
	const char *name = walks[_i].name;
	int r = path_walk(&v, walks[_i].base, name, walks[_i].how, note_hop, &hops, &w);

	ck_assert_msg(r == walks[_i].result, "'%s': %d, not %d", name, r,
		      walks[_i].result);
	if (walks[_i].abs)
		ck_assert_msg(strcmp(w.abs.s, walks[_i].abs) == 0, "'%s': '%s', not '%s'",
			      name, w.abs.s, walks[_i].abs);
	ck_assert_msg(w.kind == walks[_i].kind, "'%s': kind %d", name, w.kind);
	if (walks[_i].hops)
		ck_assert_str_eq(hops.s, walks[_i].hops);
}
END_TEST

START_TEST(forty_links_and_no_more)
{
	AUTO(walk_fini) struct walk w = WALK_INIT;
	unsigned lookups = 0;
	struct fsview v = { fake_lookup, &lookups };

	ck_assert_int_eq(path_walk(&v, "/", "chain/1", WALK_FOLLOW, NULL, NULL, &w), 0);
	ck_assert_uint_eq(w.hops, 40);
	ck_assert_str_eq(w.abs.s, "/chain/41");
	ck_assert_int_eq(path_walk(&v, "/", "chain/0", WALK_FOLLOW, NULL, NULL, &w),
			 -ELOOP);
	ck_assert_int_eq(path_walk(&v, "/", "loop1", WALK_FOLLOW, NULL, NULL, &w),
			 -ELOOP);
	ck_assert_int_eq(path_walk(&v, "/", "self", WALK_FOLLOW, NULL, NULL, &w), -ELOOP);
	ck_assert_int_eq(path_walk(&v, "/", "loop1", 0, NULL, NULL, &w), 0);
}
END_TEST

START_TEST(flags_say_how_the_name_went)
{
	AUTO(walk_fini) struct walk w = WALK_INIT;
	unsigned lookups = 0;
	struct fsview v = { fake_lookup, &lookups };

	ck_assert_int_eq(path_walk(&v, "/", "/d/e", 0, NULL, NULL, &w), 0);
	ck_assert(!w.slash && !w.dotdot && !w.clamped);
	ck_assert_int_eq(path_walk(&v, "/", "/d/e/", 0, NULL, NULL, &w), 0);
	ck_assert(w.slash && !w.dotdot);
	ck_assert_int_eq(path_walk(&v, "/", "/d/e/.", 0, NULL, NULL, &w), 0);
	ck_assert(w.slash);
	ck_assert_int_eq(path_walk(&v, "/", "/d/../d", 0, NULL, NULL, &w), 0);
	ck_assert(w.dotdot && !w.clamped && !w.slash);
	ck_assert_int_eq(path_walk(&v, "/", "/../d", 0, NULL, NULL, &w), 0);
	ck_assert(w.dotdot && w.clamped);
}
END_TEST

START_TEST(leaf_is_not_looked_up)
{
	AUTO(walk_fini) struct walk w = WALK_INIT;
	unsigned lookups = 0;
	struct fsview v = { fake_lookup, &lookups };

	ck_assert_int_eq(path_walk(&v, "/", "/d/f", WALK_LEAF, NULL, NULL, &w), 0);
	ck_assert_uint_eq(lookups, 1);
	ck_assert_int_eq(w.kind, FSV_MISSING);
	ck_assert_int_eq(path_walk(&v, "/", "/d/..", WALK_LEAF, NULL, NULL, &w), 0);
	ck_assert_int_eq(w.kind, FSV_DIR);
}
END_TEST

Suite *
suite_walk(void)
{
	Suite *s = suite_create("walk");
	TCase *tc = tcase_create("resolution");

	tcase_add_loop_test(tc, walk_table, 0, ARRAY_SIZE(walks));
	tcase_add_test(tc, forty_links_and_no_more);
	tcase_add_test(tc, flags_say_how_the_name_went);
	tcase_add_test(tc, leaf_is_not_looked_up);
	suite_add_tcase(s, tc);
	return s;
}
