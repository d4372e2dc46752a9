#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/map.h"
#include "base/opt.h"
#include "base/vec.h"
#include "suites.h"

START_TEST(str_grows_and_keeps_nul)
{
	AUTO(str_fini) struct str x = STR_INIT;

	ck_assert_str_eq(x.s, "");
	for (int i = 0; i < 1000; i++)
		str_addf(&x, "%d,", i);
	ck_assert_uint_eq(x.len, strlen(x.s));
	str_trunc(&x, 2);
	ck_assert_str_eq(x.s, "0,");
	str_trunc(&x, 99);
	ck_assert_uint_eq(x.len, 2);
	str_addn(&x, "a\0b", 3);
	ck_assert_uint_eq(x.len, 5);
	ck_assert_int_eq(memcmp(x.s, "0,a\0b", 6), 0);
	str_set(&x, "");
	ck_assert_uint_eq(x.len, 0);
}
END_TEST

START_TEST(str_takes_parts_of_itself)
{
	AUTO(str_fini) struct str x = STR_INIT;

	str_set(&x, "0123456789012345678901234567890");
	for (int i = 0; i < 4; i++)
		str_addn(&x, x.s, x.len);
	ck_assert_uint_eq(x.len, 31 * 16);
	str_set(&x, x.s + x.len - 3);
	ck_assert_str_eq(x.s, "890");
}
END_TEST

START_TEST(str_take_gives_memory_away)
{
	struct str x = STR_INIT;
	char *a = str_take(&x), *b;

	ck_assert_str_eq(a, "");
	str_set(&x, "hi");
	b = str_take(&x);
	ck_assert_str_eq(b, "hi");
	ck_assert_uint_eq(x.len, 0);
	str_add(&x, "again");
	ck_assert_str_eq(x.s, "again");
	str_fini(&x);
	free(a);
	free(b);
}
END_TEST

START_TEST(prefix_and_suffix)
{
	ck_assert(str_has_prefix("abc", "ab") && str_has_prefix("abc", ""));
	ck_assert(!str_has_prefix("ab", "abc"));
	ck_assert(str_has_suffix("abc", "bc") && str_has_suffix("abc", ""));
	ck_assert(!str_has_suffix("bc", "abc"));
}
END_TEST

START_TEST(quoting)
{
	static const char *const t[][2] = {
		{ "", "''" },
		{ "plain-1.c", "plain-1.c" },
		{ "a b", "'a b'" },
		{ "it's", "'it'\\''s'" },
		{ "--x=1", "--x=1" },
		{ "A=b", "'A=b'" },
		{ "1=2", "1=2" },
		{ "$x", "'$x'" },
		{ "a\nb", "'a\nb'" },
		{ "~", "'~'" },
		{ "\xc3\xa4", "'\xc3\xa4'" },
		{ "#c", "'#c'" },
		{ "a*", "'a*'" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		AUTO(str_fini) struct str x = STR_INIT;

		str_add_quoted(&x, t[i][0]);
		ck_assert_str_eq(x.s, t[i][1]);
	}
}
END_TEST

START_TEST(sh_reads_what_was_quoted)
{
	static const char *const words[] = { "it's", "a\nb",	 "\\", "\"$(x)`y`", "A=b",
					     "-n",   "\xff\x01", "*",  "" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		AUTO(str_fini) struct str cmd = STR_INIT, out = STR_INIT;
		FILE *f;

		str_set(&cmd, "printf %s. ");
		str_add_quoted(&cmd, words[i]);
		f = popen(cmd.s, "r");
		ck_assert_ptr_nonnull(f);
		ck_assert_int_eq(fd_read_all(fileno(f), &out), 0);
		ck_assert_int_eq(pclose(f), 0);
		ck_assert_uint_eq(out.len, strlen(words[i]) + 1);
		ck_assert_int_eq(memcmp(out.s, words[i], out.len - 1), 0);
	}
}
END_TEST

START_TEST(escaping)
{
	static const char *const t[][2] = {
		{ "plain", "plain" },
		{ "a\nb\tc\\", "a\\nb\\tc\\\\" },
		{ "\033[1m", "\\x1b[1m" },
		{ "\x7f", "\\x7f" },
		{ "\xc3\xa4", "\xc3\xa4" },
		{ "\xe2\x82\xac", "\xe2\x82\xac" },
		{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
		{ "\xc3", "\\xc3" },
		{ "\xc3z", "\\xc3z" },
		{ "\xc0\xaf", "\\xc0\\xaf" },
		{ "\xe0\x80\xaf", "\\xe0\\x80\\xaf" },
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80" },
		{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" },
		{ "\xc2\x9b", "\\xc2\\x9b" },
		{ "\xff", "\\xff" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		AUTO(str_fini) struct str x = STR_INIT;

		str_add_escaped(&x, t[i][0]);
		ck_assert_str_eq(x.s, t[i][1]);
	}
}
END_TEST

START_TEST(vec_pushes_and_pops)
{
	VEC(int) x = { 0 };

	for (int i = 0; i < 100; i++)
		vec_push(&x, i);
	ck_assert_uint_eq(x.n, 100);
	ck_assert_int_eq(vec_pop(&x), 99);
	ck_assert_int_eq(x.v[50], 50);
	vec_fini(&x);
	ck_assert_ptr_null(x.v);
}
END_TEST

/* Against an array that knows the truth. */
START_TEST(map_puts_gets_deletes)
{
	struct map m = { 0 };
	static unsigned char have[2000];
	unsigned seed = 1;
	size_t n = 0, seen = 0;
	char key[16];

	for (int i = 0; i < 40000; i++) {
		unsigned k;
		size_t len;

		seed = seed * 1103515245 + 12345;
		k = (seed >> 8) % 2000;
		len = (size_t)snprintf(key, sizeof(key), "k%u", k);
		ck_assert_int_eq(map_get(&m, key, len) != NULL, have[k]);
		if (seed >> 30 == 0) {
			map_del(&m, key, len);
			n -= have[k];
			have[k] = 0;
		} else {
			struct map_slot *s = map_put(&m, key, len);

			ck_assert_uint_eq(s->u, have[k] ? k + 1 : 0);
			s->u = k + 1;
			n += !have[k];
			have[k] = 1;
		}
		ck_assert_uint_eq(m.n, n);
	}
	for (struct map_slot *s = NULL; (s = map_next(&m, s));)
		seen += have[s->u - 1];
	ck_assert_uint_eq(seen, n);
	map_clear(&m);
	ck_assert_uint_eq(m.n, 0);
	ck_assert_ptr_null(map_next(&m, NULL));
	map_fini(&m);
}
END_TEST

START_TEST(map_keys_are_bytes)
{
	struct map m = { 0 };

	ck_assert_ptr_null(map_get(&m, "a", 1));
	map_del(&m, "a", 1);
	map_put(&m, "a\0b", 3)->u = 1;
	map_put(&m, "a", 1)->u = 2;
	map_put(&m, "", 0)->u = 3;
	ck_assert_uint_eq(map_get(&m, "a\0b", 3)->u, 1);
	ck_assert_uint_eq(map_get(&m, "a", 1)->u, 2);
	ck_assert_uint_eq(map_get(&m, "", 0)->u, 3);
	ck_assert_ptr_null(map_get(&m, "a\0c", 3));
	map_fini(&m);
}
END_TEST

START_TEST(err_texts)
{
	AUTO(err_fini) struct err e = ERR_INIT;

	ck_assert_int_eq(err_set(&e, EACCES, "open %s", "/x"), -1);
	ck_assert_str_eq(e.text.s, "open /x: Permission denied");
	ck_assert_int_eq(err_wrap(&e, "saving %d", 1), -1);
	ck_assert_str_eq(e.text.s, "saving 1: open /x: Permission denied");
	ck_assert_int_eq(e.code, EACCES);
	ck_assert_int_eq(err_set(&e, 0, "again: %s", e.text.s), -1);
	ck_assert_str_eq(e.text.s, "again: saving 1: open /x: Permission denied");
	ck_assert_int_eq(err_set(&e, -ENOENT, "y"), -1);
	ck_assert_int_eq(e.code, ENOENT);
	err_clear(&e);
	ck_assert_str_eq(e.text.s, "");
}
END_TEST

START_TEST(log_die_exits_with_its_status)
{
	fd_drop(&(int){ 2 });
	log_die(EXIT_OURS, "bye");
}
END_TEST

START_TEST(bug_on_aborts)
{
	fd_drop(&(int){ 2 });
	BUG_ON(1 + 1 == 2);
}
END_TEST

static int
opt_note(void *ctx, const char *value, struct err *e)
{
	str_addf(ctx, "%s;", value ? value : "-");
	if (value && strcmp(value, "bad") == 0)
		return err_set(e, 0, "bad is no value");
	return 0;
}

static const struct opt opts[] = {
	{ 'n', "net", NULL, "no network", opt_note },
	{ 'o', "output", "DIR", "where", opt_note },
	{ 0, "rerun", NULL, "again", opt_note },
	{ 'x', "a-very-long-option-name", "ARGUMENT", "long", opt_note },
	{ 0, NULL, NULL, NULL, NULL },
};

static const struct {
	const char *argv[6];
	int index;
	const char *text; /* values, or the error */
} parses[] = {
	{ { "p" }, 1, "" },
	{ { "p", "cmd", "-n" }, 1, "" },
	{ { "p", "-n", "cmd", "-n" }, 2, "-;" },
	{ { "p", "-nn", "--net", "cmd" }, 3, "-;-;-;" },
	{ { "p", "-o", "a", "-ob", "-nod" }, 5, "a;b;-;d;" },
	{ { "p", "--output", "a", "--output=b=c" }, 4, "a;b=c;" },
	{ { "p", "--output=", "--rerun", "--", "-n" }, 4, ";-;" },
	{ { "p", "-", "-n" }, 1, "" },
	{ { "p", "-o", "--", "x" }, 3, "--;" },
	{ { "p", "-z" }, -1, "unknown option '-z'" },
	{ { "p", "--zz=1" }, -1, "unknown option '--zz'" },
	{ { "p", "--outpu", "x" }, -1, "unknown option '--outpu'" },
	{ { "p", "-no" }, -1, "option '-o' needs an argument: DIR" },
	{ { "p", "--output" }, -1, "option '--output' needs an argument: DIR" },
	{ { "p", "--net=1" }, -1, "option '--net' takes no argument" },
	{ { "p", "-obad" }, -1, "bad is no value" },
};

START_TEST(options)
{
	AUTO(str_fini) struct str got = STR_INIT;
	AUTO(err_fini) struct err e = ERR_INIT;
	char **argv = (char **)(uintptr_t)parses[_i].argv;
	int argc = 0;

	while (argv[argc])
		argc++;
	ck_assert_int_eq(opt_parse(opts, argc, argv, &got, &e), parses[_i].index);
	ck_assert_str_eq(parses[_i].index < 0 ? e.text.s : got.s, parses[_i].text);
}
END_TEST

START_TEST(options_help)
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	opt_help(opts, f);
	opt_dump(opts, f);
	fclose(f);
	ck_assert_str_eq(
		text,
		"  -n, --net               no network\n"
		"  -o, --output DIR        where\n"
		"      --rerun             again\n"
		"  -x, --a-very-long-option-name ARGUMENT\n"
		"                          long\n"
		"n net -\no output DIR\n- rerun -\nx a-very-long-option-name ARGUMENT\n");
	free(text);
}
END_TEST

START_TEST(mem_overflow_dies)
{
	fd_drop(&(int){ 2 });
	mem_resize(NULL, SIZE_MAX / 2, 3);
}
END_TEST

static TCase *
strings_case(void)
{
	TCase *tc = tcase_create("strings");

	tcase_add_test(tc, str_grows_and_keeps_nul);
	tcase_add_test(tc, str_takes_parts_of_itself);
	tcase_add_test(tc, str_take_gives_memory_away);
	tcase_add_test(tc, prefix_and_suffix);
	tcase_add_test(tc, quoting);
	tcase_add_test(tc, sh_reads_what_was_quoted);
	tcase_add_test(tc, escaping);
	tcase_add_test(tc, vec_pushes_and_pops);
	tcase_add_test(tc, map_puts_gets_deletes);
	tcase_add_test(tc, map_keys_are_bytes);
	tcase_add_test(tc, err_texts);
	tcase_add_exit_test(tc, mem_overflow_dies, EXIT_OURS);
	tcase_add_exit_test(tc, log_die_exits_with_its_status, EXIT_OURS);
	tcase_add_test_raise_signal(tc, bug_on_aborts, 6);
	tcase_add_loop_test(tc, options, 0, ARRAY_SIZE(parses));
	tcase_add_test(tc, options_help);
	return tc;
}

Suite *
suite_base(void)
{
	Suite *s = suite_create("base");

	suite_add_tcase(s, strings_case());
	return s;
}
