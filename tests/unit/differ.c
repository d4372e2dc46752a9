/* Why two outputs of one command differ. */
#include <check.h>
#include <string.h>

#include "inspect/differ.h"
#include "suites.h"

static const int64_t pids[] = { 4711, 4712 };
static const struct differ_facts facts = { .host = "cde-check",
					   .user = "check",
					   .uid = "12345",
					   .cpus = 2,
					   .pid = pids,
					   .pids = 2 };

/* The words of all causes, joined by blanks. */
static const char *
causes(const char *is, const char *was, const char *again)
{
	static char out[200];
	struct str a = STR_INIT, b = STR_INIT, c = STR_INIT;
	struct differ d = { 0 };

	str_set(&a, is);
	str_set(&b, was);
	str_set(&c, again ? again : "");
	differ_compare(&d, &a, &b, again ? &c : NULL, &facts);
	*out = '\0';
	for (int i = 0; i < DIFFER_CAUSES; i++) {
		if (!d.found[i].any)
			continue;
		strcat(out, *out ? " " : "");
		strcat(out, differ_word(i));
	}
	ck_assert_int_eq(!*out, !d.line);
	differ_fini(&d);
	str_fini(&a);
	str_fini(&b);
	str_fini(&c);
	return out;
}

static const struct {
	const char *is, *was, *again, *causes;
} table[] = {
	{ "same\n", "same\n", NULL, "" },
	{ "", "", NULL, "" },
	{ "Linux cde-check 6\n", "Linux alice 6\n", NULL, "host" },
	{ "http://cde-check:80/\n", "http://alice:80/\n", NULL, "host" },
	{ "uid=12345(check) gid=12345(check)\n", "uid=0(root) gid=0(root)\n", NULL,
	  "user" },
	{ "home /nonexistent\n", "home /home/alice\n", NULL, "user" },
	{ "Thu Nov 26 11:30:39 UTC 2026\n", "Wed Nov 25 9:02:11 UTC 2026\n", NULL,
	  "time" },
	{ "at 2026-11-26T11:30:39Z\n", "at 2026-11-25T09:02:11Z\n", NULL, "time" },
	{ "26.11.2026\n", "25.11.2026\n", NULL, "time" },
	{ "t=1795692639\n", "t=1795600000\n", NULL, "time" },
	{ "1795692639.25\n", "1795600000.5\n", NULL, "time" },
	{ "log-20261126.txt\n", "log-20261125.txt\n", NULL, "time" },
	{ "20261126113000\n", "20261125093000\n", NULL, "time" },
	{ "took 0.012s\n", "took 0.9s\n", NULL, "time" },
	{ "took 12 ms\n", "took 900 ms\n", NULL, "time" },
	{ "real 0m0.003s\n", "real 0m1.203s\n", NULL, "time" },
	{ "at 0x7ffd12345678\n", "at 0x7ffe98765432\n", NULL, "address" },
	{ "pid 99\n", "pid 4711\n", NULL, "process" },
	{ "log.99\n", "log.4712\n", NULL, "process" },
	{ "/tmp/tmp.Xa1\n", "/tmp/tmp.Yb2\n", "/tmp/tmp.Zc3\n", "temporary" },
	{ "2\n", "16\n", NULL, "cpus" },
	{ "0.30000000000000004\n", "0.3\n", NULL, "rounding" },
	{ "-1.23456789e-12\n", "-1.23456788e-12\n", NULL, "rounding" },
	{ "0.25\n", "0.5\n", NULL, "unknown" },
	{ "b\na\n", "a\nb\n", NULL, "order" },
	{ "{'b', 'a'}\n", "{'a', 'b'}\n", NULL, "order" },
	{ "key 8f3a\n", "key 11bc\n", "key 9d00\n", "random" },
	{ "key 8f3a\n", "key 11bc\n", "key 8f3a\n", "unknown" },
	{ "a\nb\n", "a\n", NULL, "unknown" },
	{ "a\nb\n", "a\n", "a\n", "random" },
	{ "", "a\n", NULL, "unknown" },
	{ "x", "x\n", NULL, "unknown" },
	/* several at once */
	{ "cde-check 11:30\n7\n", "alice 09:02\n9\n", "cde-check 11:30\n8\n",
	  "host time random" },
};

START_TEST(a_cause_for_each_pair)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		const char *is = causes(table[i].is, table[i].was, table[i].again);

		ck_assert_msg(strcmp(is, table[i].causes) == 0, "%s: %s, not %s",
			      table[i].is, is, table[i].causes);
	}
}
END_TEST

START_TEST(the_first_line_that_is_another)
{
	struct str a = STR_INIT, b = STR_INIT;
	struct differ d = { 0 };

	str_set(&a, "same\nnew one\nx\n");
	str_set(&b, "same\n");
	differ_compare(&d, &a, &b, NULL, &facts);
	ck_assert_uint_eq(d.line, 2);
	ck_assert_str_eq(d.is.s, "new one");
	ck_assert(!d.is_end && d.was_end);
	ck_assert_uint_eq(d.found[DIFFER_OTHER].line, 2);
	differ_fini(&d);
	str_setn(&a, "a\0b\377\n", 5);
	str_setn(&b, "a\0c\377\n", 5);
	differ_compare(&d, &a, &b, NULL, &facts);
	ck_assert_uint_eq(d.line, 1);
	ck_assert_uint_eq(d.is.len, 4);
	differ_fini(&d);
	str_fini(&a);
	str_fini(&b);
}
END_TEST

Suite *
suite_differ(void)
{
	Suite *s = suite_create("differ");
	TCase *t = tcase_create("differ");

	tcase_add_test(t, a_cause_for_each_pair);
	tcase_add_test(t, the_first_line_that_is_another);
	suite_add_tcase(s, t);
	return s;
}
