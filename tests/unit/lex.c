#include "path/lex.h"

#include <string.h>

#include "suites.h"

START_TEST(under_needs_a_boundary)
{
	ck_assert(path_under("/etc/passwd", "/etc"));
	ck_assert(path_under("/etc", "/etc"));
	ck_assert(path_under("/etc/a", "/etc/"));
	ck_assert(path_under("/", "/"));
	ck_assert(path_under("/x", "/"));
	ck_assert(!path_under("/etc/passwd-", "/etc/passwd"));
	ck_assert(!path_under("/et", "/etc"));
	ck_assert(!path_under("", "/"));
	ck_assert(!path_under("a", "/"));
}
END_TEST

START_TEST(rest_has_no_leading_slash)
{
	ck_assert_str_eq(path_rest("/a/b/c", "/a"), "b/c");
	ck_assert_str_eq(path_rest("/a", "/a"), "");
	ck_assert_str_eq(path_rest("/a/b", "/"), "a/b");
	ck_assert_str_eq(path_rest("/", "/"), "");
}
END_TEST

START_TEST(base_is_behind_the_last_slash)
{
	ck_assert_str_eq(path_base("/a/b"), "b");
	ck_assert_str_eq(path_base("b"), "b");
	ck_assert_str_eq(path_base("/a/"), "");
	ck_assert_str_eq(path_base(""), "");
}
END_TEST

START_TEST(append_makes_one_slash)
{
	static const struct {
		const char *dir, *name, *want;
	} t[] = {
		{ "/", "a", "/a" },	  { "/a", "b", "/a/b" },  { "/a", "/b", "/a/b" },
		{ "/a/", "//b", "/a/b" }, { "", "a", "/a" },	  { "/a", "", "/a" },
		{ "/a", "/", "/a" },	  { "", "/a/b", "/a/b" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		AUTO(str_fini) struct str x = STR_INIT;

		str_set(&x, t[i].dir);
		path_append(&x, t[i].name);
		ck_assert_str_eq(x.s, t[i].want);
	}
}
END_TEST

START_TEST(parent_stops_at_the_root)
{
	static const char *const t[][2] = {
		{ "/a/b", "/a" },     { "/a", "/" },	 { "/", "/" },
		{ "/a/b/c", "/a/b" }, { "/a//b", "/a" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		AUTO(str_fini) struct str x = STR_INIT;

		str_set(&x, t[i][0]);
		path_to_parent(&x);
		ck_assert_str_eq(x.s, t[i][1]);
	}
}
END_TEST

START_TEST(clean_is_lexical)
{
	static const char *const t[][2] = {
		{ "", "." },
		{ ".", "." },
		{ "/", "/" },
		{ "//", "/" },
		{ "/.", "/" },
		{ "/..", "/" },
		{ "/../../a", "/a" },
		{ "/a/./b//c/", "/a/b/c" },
		{ "/a/b/../c", "/a/c" },
		{ "/a/../..", "/" },
		{ "a/..", "." },
		{ "a/../..", ".." },
		{ "../a", "../a" },
		{ "../../a/..", "../.." },
		{ "./a", "a" },
		{ "a/./b", "a/b" },
		{ "/a/b/..", "/a" },
		{ "/...", "/..." },
		{ "/a/..b/.c", "/a/..b/.c" },
		{ "a/b/../..", "." },
		{ "/a/.", "/a" },
		{ "..//..", "../.." },
		{ "a/../../b", "../b" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		AUTO(str_fini) struct str x = STR_INIT;

		str_set(&x, t[i][0]);
		path_clean(&x);
		ck_assert_msg(strcmp(x.s, t[i][1]) == 0, "'%s': '%s', not '%s'", t[i][0],
			      x.s, t[i][1]);
		ck_assert_uint_eq(x.len, strlen(t[i][1]));
	}
}
END_TEST

Suite *
suite_lex(void)
{
	Suite *s = suite_create("lex");
	TCase *tc = tcase_create("names");

	tcase_add_test(tc, under_needs_a_boundary);
	tcase_add_test(tc, rest_has_no_leading_slash);
	tcase_add_test(tc, base_is_behind_the_last_slash);
	tcase_add_test(tc, append_makes_one_slash);
	tcase_add_test(tc, parent_stops_at_the_root);
	tcase_add_test(tc, clean_is_lexical);
	suite_add_tcase(s, tc);
	return s;
}
