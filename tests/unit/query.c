/* The filter language: what matches, and where its errors point. */
#include <check.h>
#include <locale.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/query.h"
#include "inspect/text.h"
#include "suites.h"

static const struct entry sample = {
	.path = "/usr/lib/x86_64/libfoo (1).so.1",
	.len = 31,
	.name = "libfoo (1).so.1",
	.kind = 'f',
	.size = 1536,
	.state = FILE_CAPTURED,
	.origin = ORIGIN_PACKAGE,
	.package = "libfoo1:amd64",
	.version = "1.2",
	.type = "elf-so",
	.access = ACCESS_READ | ACCESS_STAT,
	.flags = ENTRY_MODIFIED,
};

static bool
matches(const char *text, const struct entry *x)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	struct query q = { .root = -1 };
	bool r;

	ck_assert_msg(query_parse(&q, text, NULL, &e) == 0, "'%s': %s", text, e.text.s);
	r = query_match(&q, x);
	query_fini(&q);
	return r;
}

START_TEST(terms)
{
	static const struct {
		const char *text;
		bool want;
	} table[] = {
		{ "", true },
		{ "  ", true },
		{ "libfoo", true },
		{ "usr lib64", false },
		{ "usr foo", true },
		{ "LIBFOO", false },
		{ "name:*.so*", true },
		{ "name:lib", false },
		{ "path:/usr/*so.1", true },
		{ "path:/usr", false },
		{ "re:foo.*[.]so[.][0-9]$", true },
		{ "re:^lib", false },
		{ "type:elf", true },
		{ "type:el", false },
		{ "type:elf-so", true },
		{ "type:e*so", true },
		{ "kind:lf", true },
		{ "kind:l", false },
		{ "origin:libfoo1", true },
		{ "origin:libfoo1:amd64", true },
		{ "origin:libfoo", false },
		{ "origin:libf*", true },
		{ "class:package", true },
		{ "class:user", false },
		{ "size>1K", true },
		{ "size>1.5K", false },
		{ "size>=1.5K", true },
		{ "size<=1536", true },
		{ "size<1536B", false },
		{ "size=1.5KiB", true },
		{ "size<2KB", true },
		{ "size>1G", false },
		{ "acc:r", true },
		{ "acc:wr", true },
		{ "acc:w", false },
		{ "acc:n", false },
		{ "state:M", true },
		{ "state:DH", false },
		{ "modified", true },
		{ "\"modified\"", false },
		{ "missing", false },
		{ "!missing", true },
		{ "!!modified", true },
		{ "!foo", false },
		{ "nothing or foo", true },
		{ "foo nothing or so.1", true },
		{ "foo (nothing or nowhere)", false },
		{ "!(nothing or nowhere)", true },
		{ "(foo)", true },
		{ "libfoo\\ (1)", true },
		{ "\"foo (1)\"", true },
		{ "'foo (1)'", true },
		{ "foo\\x20\\(1\\)", true },
		{ "(1)", true },
		{ "oregon", false },
		{ "proc:sh", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		ck_assert_msg(matches(table[i].text, &sample) == table[i].want, "'%s'",
			      table[i].text);
}
END_TEST

START_TEST(what_is_missing_is_asked_for)
{
	static const struct {
		const char *text;
		bool missing;
	} table[] = { { "missing", true },
		      { "!missing", true },
		      { "x or state:D!", true },
		      { "\"missing\"", false },
		      { "staged", false },
		      { "state:D", false },
		      { "", false } };

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		AUTO(err_fini) struct err e = ERR_INIT;
		struct query q = { .root = -1 };

		ck_assert_int_eq(query_parse(&q, table[i].text, NULL, &e), 0);
		ck_assert_msg(q.missing == table[i].missing, "%s", table[i].text);
		query_fini(&q);
	}
}
END_TEST

START_TEST(parentheses_in_words_are_text)
{
	struct entry x = sample;

	x.path = "/f(x)";
	x.len = 5;
	ck_assert(matches("f(x)", &x));
	ck_assert(matches("(f(x))", &x));
	ck_assert(matches("(f\\( or g)", &x));
}
END_TEST

START_TEST(shown_names_can_be_pasted)
{
	struct entry x = sample;

	x.path = "/a\nb\xff\xe2\x80\xae";
	x.len = strlen(x.path);
	ck_assert(matches("a\\nb\\xff\\u202e", &x));
	ck_assert(!matches("a\\tb", &x));
}
END_TEST

START_TEST(kinds_have_types)
{
	struct entry x = sample;

	x.type = "";
	x.kind = 'l';
	ck_assert(matches("type:link", &x));
	x.kind = 'd';
	ck_assert(matches("type:dir", &x));
	ck_assert(!matches("class:package", &x));
}
END_TEST

START_TEST(language_packages_by_their_name)
{
	struct entry x = sample;

	x.origin = ORIGIN_LANGUAGE;
	x.package = "pip:numpy";
	ck_assert(matches("origin:numpy", &x));
	ck_assert(matches("origin:pip:numpy", &x));
	ck_assert(!matches("origin:pip", &x));
	x.package = "";
	x.origin = ORIGIN_USER;
	ck_assert(matches("origin:user", &x));
}
END_TEST

START_TEST(errors_point_at_the_column)
{
	static const struct {
		const char *text;
		size_t column;
		const char *says;
	} table[] = {
		{ "foo (bar", 4, "closing" },
		{ "foo)", 3, "opening" },
		{ "()", 1, "missing" },
		{ "a or", 4, "missing" },
		{ "or b", 0, "before" },
		{ "a or or b", 5, "before" },
		{ "a !", 2, "behind" },
		{ "a ! b", 2, "behind" },
		{ "x size>", 7, "value" },
		{ "size>x", 5, "number" },
		{ "size>1X", 6, "unit" },
		{ "size>-1", 5, "number" },
		{ "size>nan", 5, "number" },
		{ "name:", 5, "value" },
		{ "re:[a", 3, "regular" },
		{ "re:(((a{99}){99}){99})", 3, "repeats" },
		{ "re:++++++++++++++++++++++++++", 3, "repeats" },
		{ "foo class:nix", 10, "class" },
		{ "acc:rq", 5, "letters" },
		{ "state:DZ", 7, "letters" },
		{ "kind:fz", 6, "letters" },
		{ "a \"bc", 2, "closing" },
		{ "\"\"", 0, "empty" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		AUTO(err_fini) struct err e = ERR_INIT;
		struct query q;
		size_t column = 99;

		ck_assert_msg(query_parse(&q, table[i].text, &column, &e) < 0, "'%s'",
			      table[i].text);
		ck_assert_msg(column == table[i].column, "'%s': column %zu, %s",
			      table[i].text, column, e.text.s);
		ck_assert_msg(strstr(e.text.s, table[i].says), "'%s': %s", table[i].text,
			      e.text.s);
	}
}
END_TEST

START_TEST(deep_and_long_are_refused)
{
	AUTO(str_fini) struct str text = STR_INIT;
	AUTO(err_fini) struct err e = ERR_INIT;
	struct query q;

	for (int i = 0; i < 100000; i++)
		str_addc(&text, '(');
	ck_assert_int_lt(query_parse(&q, text.s, NULL, &e), 0);
	str_clear(&text);
	for (int i = 0; i < 100000; i++)
		str_addc(&text, '!');
	ck_assert_int_lt(query_parse(&q, text.s, NULL, &e), 0);
	str_clear(&text);
	for (int i = 0; i < 100000; i++)
		str_add(&text, "a ");
	ck_assert_int_lt(query_parse(&q, text.s, NULL, &e), 0);
}
END_TEST

/* Whatever the text, it is a filter or an error: no crash, and a column inside. */
START_TEST(random_text)
{
	static const char *const piece[] = { "(",    ")",   "!",      " or ",  " ",
					     "a",    "\"",  "'",      "\\",    "size>",
					     "1M",   "re:", "[",      "name:", "*",
					     "acc:", "r",   "state:", "D",     "missing",
					     "\xff", "\\x4" };
	unsigned seed = 3;

	for (int round = 0; round < 20000; round++) {
		AUTO(str_fini) struct str text = STR_INIT;
		AUTO(err_fini) struct err e = ERR_INIT;
		struct query q;
		size_t column = 0;

		for (int i = rand_r(&seed) % 12; i > 0; i--)
			str_add(&text, piece[(size_t)rand_r(&seed) % ARRAY_SIZE(piece)]);
		if (query_parse(&q, text.s, &column, &e) == 0) {
			query_match(&q, &sample);
			query_fini(&q);
		} else {
			AUTO(str_fini) struct str shown = STR_INIT;

			ck_assert_uint_le(column, text.len);
			query_explain(&shown, text.s, column, e.text.s);
		}
	}
}
END_TEST

START_TEST(explained_with_a_caret)
{
	AUTO(str_fini) struct str out = STR_INIT;

	query_explain(&out, "ä\n(", 3, "no");
	ck_assert_str_eq(out.s, "no\n  ä\\n(\n     ^");
}
END_TEST

START_TEST(a_path_and_all_below_it)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	struct query q;

	ck_assert_int_eq(query_path(&q, "/usr/lib", &e), 0);
	ck_assert(query_match(&q, &sample));
	query_fini(&q);
	ck_assert_int_eq(query_path(&q, "/usr/li", &e), 0);
	ck_assert(!query_match(&q, &sample));
	query_fini(&q);
	ck_assert_int_lt(query_path(&q, "/usr/../etc", &e), 0);
}
END_TEST

START_TEST(sql_has_nothing_of_the_user)
{
	static const char *const table[][2] = {
		{ "", "1" },
		{ "size>1K x", "(max(size,0)>1024 AND instr(path,CAST(x'78' AS TEXT)))" },
		{ "a\\'OR\\ 1", "instr(path,CAST(x'61274f522031' AS TEXT))" },
		{ "name:*a*bcd?[e]fghi", "instr(path,CAST(x'626364' AS TEXT))" },
		{ "path:/a\\*bc*", "instr(path,CAST(x'2f612a6263' AS TEXT))" },
		{ "name:[abc]", "1" },
		{ "\xff*", "1" },
		{ "!x", "1" },
		{ "class:user or size<=2", "(origin_class='user' OR max(size,0)<=2)" },
		{ "!class:user", "1" },
		{ "class:unowned", "1" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		AUTO(err_fini) struct err e = ERR_INIT;
		AUTO(str_fini) struct str sql = STR_INIT;
		struct query q;

		ck_assert_msg(query_parse(&q, table[i][0], NULL, &e) == 0, "%s",
			      e.text.s);
		query_sql(&q, &sql);
		ck_assert_str_eq(sql.s, table[i][1]);
		query_fini(&q);
	}
}
END_TEST

static bool
passes(sqlite3 *db, const char *path, const char *condition)
{
	AUTO(str_fini) struct str sql = STR_INIT;
	sqlite3_stmt *s = NULL;
	bool blob = !text_is_utf8(path, strlen(path)), yes;

	str_addf(&sql, "SELECT 1 FROM (SELECT ?1 AS path) WHERE %s", condition);
	ck_assert_msg(sqlite3_prepare_v2(db, sql.s, -1, &s, NULL) == SQLITE_OK, "%s",
		      sql.s);
	if (blob)
		sqlite3_bind_blob(s, 1, path, (int)strlen(path), SQLITE_STATIC);
	else
		sqlite3_bind_text(s, 1, path, -1, SQLITE_STATIC);
	yes = sqlite3_step(s) == SQLITE_ROW;
	sqlite3_finalize(s);
	return yes;
}

START_TEST(how_paths_begin)
{
	static const char *const table[][2] = {
		{ "path:/usr/lib*", "/usr/lib" },
		{ "path:/usr/li[b]*", "/usr/li" },
		{ "path:/a?b", "/a" },
		{ "path:/exact", "/exact" },
		{ "path:*", "" },
		{ "/usr/lib", "" }, /* a part of it */
		{ "!path:/usr/*", "" },
		{ "path:/usr/* size>1", "/usr/" },
		{ "path:/usr/* path:/usr/lib/*", "/usr/lib/" },
		{ "path:/usr/lib* or path:/usr/bin/x", "/usr/" },
		{ "path:/usr/lib* or size>1", "" },
		{ "", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		AUTO(str_fini) struct str begin = STR_INIT;
		AUTO(err_fini) struct err e = ERR_INIT;
		struct query q;

		ck_assert_int_eq(query_parse(&q, table[i][0], NULL, &e), 0);
		query_prefix(&q, &begin);
		ck_assert_str_eq(begin.s, table[i][1]);
		query_fini(&q);
	}
}
END_TEST

/* What SQLite leaves out, no filter would have matched: names with odd bytes, globs of
 * all sorts. */
START_TEST(sql_loses_nothing)
{
	static const char *const piece[] = {
		"a", "b", "/",	  "\xc3\xa4", "\xa4", "\xc3", "\xff", "'",	     "\\",
		"*", "?", "[ab]", "[",	      "]",    "ab",   "\\*",  "\xe2\x82\xac"
	};
	static const char *const key[] = { "", "name:", "path:", "path:*" };
	unsigned seed = 5;
	int matched = 0;
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(":memory:", &db), SQLITE_OK);
	for (int round = 0; round < 30000; round++) {
		AUTO(str_fini)
		struct str text = STR_INIT, path = STR_INIT, sql = STR_INIT;
		AUTO(str_fini) struct str begin = STR_INIT;
		AUTO(err_fini) struct err e = ERR_INIT;
		struct entry x = sample;
		struct query q;

		if (round == 15000)
			ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C.UTF-8"));
		str_add(&text, key[(size_t)rand_r(&seed) % ARRAY_SIZE(key)]);
		for (int i = 1 + rand_r(&seed) % 4; i > 0; i--)
			str_add(&text, piece[(size_t)rand_r(&seed) % ARRAY_SIZE(piece)]);
		str_addc(&path, '/');
		for (int i = 1 + rand_r(&seed) % 6; i > 0; i--)
			str_add(&path, piece[(size_t)rand_r(&seed) % ARRAY_SIZE(piece)]);
		x.path = path.s;
		x.len = path.len;
		x.name = strrchr(path.s, '/') + 1;
		if (query_parse(&q, text.s, NULL, &e) < 0)
			continue;
		query_sql(&q, &sql);
		query_prefix(&q, &begin);
		if (query_match(&q, &x)) {
			matched++;
			ck_assert_msg(str_has_prefix(path.s, begin.s), "%s: %s: %s",
				      text.s, path.s, begin.s);
			ck_assert_msg(passes(db, path.s, sql.s), "%s: %s: %s", text.s,
				      path.s, sql.s);
		}
		query_fini(&q);
	}
	setlocale(LC_CTYPE, "C");
	sqlite3_close(db);
	ck_assert_int_gt(matched, 1000);
}
END_TEST

Suite *
suite_query(void)
{
	Suite *s = suite_create("query");
	TCase *t = tcase_create("query");

	tcase_add_test(t, terms);
	tcase_add_test(t, what_is_missing_is_asked_for);
	tcase_add_test(t, parentheses_in_words_are_text);
	tcase_add_test(t, shown_names_can_be_pasted);
	tcase_add_test(t, kinds_have_types);
	tcase_add_test(t, language_packages_by_their_name);
	tcase_add_test(t, errors_point_at_the_column);
	tcase_add_test(t, deep_and_long_are_refused);
	tcase_add_test(t, random_text);
	tcase_add_test(t, explained_with_a_caret);
	tcase_add_test(t, a_path_and_all_below_it);
	tcase_add_test(t, sql_has_nothing_of_the_user);
	tcase_add_test(t, how_paths_begin);
	tcase_add_test(t, sql_loses_nothing);
	suite_add_tcase(s, t);
	return s;
}
