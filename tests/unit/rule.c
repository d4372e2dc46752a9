#include "path/rule.h"

#include <stdlib.h>
#include <string.h>

#include "suites.h"

#define V1 "# cde.options v1 (do not alter this first line!)\n"
#define V2 "# cde.options v2\n"

static void
parse_ok(struct rules *r, const char *text)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	int got = rules_parse(r, "cde.options", text, strlen(text), &e);

	ck_assert_msg(got == 0, "%s", e.text.s);
}

static enum verdict
verdict_of(const struct rules *r, const char *abs)
{
	return rules_decide(r, abs, strlen(abs)).verdict;
}

struct expect {
	const char *abs;
	enum verdict verdict;
};

static void
check_all(const char *text, const struct expect *x, size_t n)
{
	AUTO(rules_fini) struct rules r;

	rules_init(&r, 2);
	parse_ok(&r, text);
	for (size_t i = 0; i < n; i++) {
		struct decision d = rules_decide(&r, x[i].abs, strlen(x[i].abs));

		ck_assert_msg(d.verdict == x[i].verdict, "%s: %d", x[i].abs,
			      (int)d.verdict);
		ck_assert((d.rule == NULL) == (d.verdict == VERDICT_DEFAULT));
	}
}

START_TEST(v1_redirect_beats_ignore)
{
	static const struct expect x[] = {
		{ "/tmp", VERDICT_HOST }, /* exact */
		{ "/tmp/a", VERDICT_HOST },
		{ "/tmpfile", VERDICT_DEFAULT },
		{ "/etc/passwd-", VERDICT_HOST }, /* plain string prefix */
		{ "/home/me/.Xauthority", VERDICT_HOST },
		{ "/tmp/keep", VERDICT_PACKAGE },
		{ "/tmp/keep2", VERDICT_HOST },
		{ "/tmp/deep/x/y", VERDICT_PACKAGE },
		{ "/tmp/deepest", VERDICT_PACKAGE },	  /* v1: no boundary */
		{ "/tmp/deep/ignored", VERDICT_PACKAGE }, /* even an exact ignore loses */
		{ "/tmp/a.data.b", VERDICT_PACKAGE },
		{ "/usr/lib", VERDICT_DEFAULT },
	};

	check_all(V1 "ignore_prefix=/tmp/\nignore_exact=/tmp\nignore_prefix=/etc/passwd\n"
		     "ignore_substr=.Xauthority\nredirect_exact=/tmp/keep\n"
		     "redirect_prefix=/tmp/deep\nignore_exact=/tmp/deep/ignored\n"
		     "redirect_substr=.data.\n",
		  x, ARRAY_SIZE(x));
}
END_TEST

START_TEST(v1_whitelist_mode)
{
	static const struct expect x[] = {
		{ "/", VERDICT_HOST },
		{ "/usr/bin/ls", VERDICT_HOST },
		{ "/home/me/proj/a", VERDICT_PACKAGE },
		{ "/home/me/proj", VERDICT_PACKAGE }, /* with what is in it */
		{ "/home/me/project", VERDICT_HOST },
		{ "/home/me", VERDICT_HOST },
	};

	check_all(V1 "ignore_prefix=/\nredirect_prefix=/home/me/proj/\n", x,
		  ARRAY_SIZE(x));
}
END_TEST

START_TEST(v2_most_specific_wins)
{
	static const struct expect x[] = {
		{ "/d", VERDICT_HOST },
		{ "/d/x", VERDICT_HOST },
		{ "/dx", VERDICT_DEFAULT }, /* boundary */
		{ "/d/h", VERDICT_HIDDEN },
		{ "/d/h/i", VERDICT_HOST },
		{ "/d/h/i/r", VERDICT_PACKAGE },
		{ "/d/h/i/r/deep/er", VERDICT_PACKAGE },
		{ "/d/h/i/r/secret", VERDICT_HIDDEN }, /* exact beats prefix */
		{ "/d/h/i/r/secret/x", VERDICT_PACKAGE },
		{ "/d/h/i/rx", VERDICT_HOST },
		{ "/d/h/j", VERDICT_HIDDEN },
		{ "/d/a.key", VERDICT_HOST }, /* prefix beats substr */
		{ "/o/a.key", VERDICT_PACKAGE },
		{ "/o/a.keyring", VERDICT_HOST }, /* the longer substr */
		{ "/o", VERDICT_DEFAULT },
		{ "/", VERDICT_DEFAULT },
	};

	check_all(V2 "redirect_substr=.key\nignore_substr=.keyring\nignore_prefix=/d\n"
		     "redirect_prefix=/d/h/i/r\nhide_prefix=/d/h\nignore_prefix=/d/h/i\n"
		     "hide_exact=/d/h/i/r/secret\n",
		  x, ARRAY_SIZE(x));
}
END_TEST

START_TEST(v2_root_prefix_covers_all)
{
	static const struct expect x[] = {
		{ "/", VERDICT_HOST },
		{ "/a", VERDICT_HOST },
		{ "/home/me", VERDICT_PACKAGE },
		{ "/home/mex", VERDICT_HOST },
	};

	check_all(V2 "ignore_prefix=/\nredirect_prefix=/home/me/\n", x, ARRAY_SIZE(x));
}
END_TEST

START_TEST(v2_values_are_cleaned)
{
	AUTO(rules_fini) struct rules r;

	rules_init(&r, 2);
	parse_ok(&r,
		 V2 "ignore_prefix=//a///b/./\nignore_exact=/c/\nignore_substr=x//\n");
	ck_assert_str_eq(r.rule.v[0].text, "/a/b");
	ck_assert_str_eq(r.rule.v[1].text, "/c");
	ck_assert_str_eq(r.rule.v[2].text, "x//");
	ck_assert_uint_eq(r.rule.v[2].line, 4);
}
END_TEST

START_TEST(v1_values_stay)
{
	AUTO(rules_fini) struct rules r;

	rules_init(&r, 2);
	parse_ok(&r, V1 "ignore_prefix=/a//\nignore_exact=rel\n");
	ck_assert_int_eq(r.version, 1);
	ck_assert_str_eq(r.rule.v[0].text, "/a//");
}
END_TEST

START_TEST(odd_texts_are_read)
{
	static const struct expect x[] = {
		{ "/a=b=c", VERDICT_HOST },  { "/a", VERDICT_DEFAULT },
		{ "/sp ace", VERDICT_HOST }, { "/\xff\xfe", VERDICT_HOST },
		{ "/last", VERDICT_HIDDEN },
	};

	check_all("# cde.options v2\r\n\r\n  # note\r\n\t ignore_exact=/a=b=c \t\r\n"
		  "ignore_exact=/sp ace\r\nignore_exact=/\xff\xfe\nhide_exact=/last",
		  x, ARRAY_SIZE(x));
	check_all("# cde.options v2", x + 1, 1);
}
END_TEST

static const struct {
	const char *text, *error;
} bad[] = {
	{ "", "f:1: the first line is not '# cde.options v1' or '# cde.options v2'" },
	{ "\n" V2,
	  "f:1: the first line is not '# cde.options v1' or '# cde.options v2'" },
	{ "# cde.options v3\n",
	  "f:1: unknown version 'v3' (this program knows 1 and 2)" },
	{ "# cde.options v10\n",
	  "f:1: unknown version 'v10' (this program knows 1 and 2)" },
	{ V2 "\nfoo=1\n", "f:3: unknown key 'foo'" },
	{ V2 "nonsense", "f:2: 'nonsense' is not KEY=VALUE" },
	{ V2 "ignore_exact=a/b\n", "f:2: 'a/b' is not an absolute path" },
	{ V2 "hide_prefix=\n", "f:2: a value is missing" },
	{ V2 "ignore_environment_var=\n", "f:2: a value is missing" },
	{ V2 "ignore_environment_var=A=b\n", "f:2: 'A=b' is not the name of a variable" },
	{ V1 "hide_exact=/a\n",
	  "f:2: unknown key 'hide_exact' (it needs '# cde.options v2')" },
	{ V1 "ignore_exact=\n", "f:2: a value is missing" },
	{ V2 "{\n", "f:2: '{' without ignore_process before it" },
	{ V2 "ignore_process=/p\nignore_exact=/a\n{\n",
	  "f:4: '{' without ignore_process before it" },
	{ V2 "}\n", "f:2: '}' without '{'" },
	{ V2 "ignore_process=/p\n{\n\n", "f:3: '{' has no '}'" },
	{ V2 "process_ignore_prefix=/p\n",
	  "f:2: 'process_ignore_prefix' outside of { }" },
	{ V2 "ignore_process=/p\n{\nignore_exact=/a\n}\n",
	  "f:4: 'ignore_exact' inside of { }" },
	{ V2 "ignore_process=/p\n{\n{\n", "f:4: '{' without ignore_process before it" },
	{ V2 "ignore_process=p\n", "f:2: 'p' is not an absolute path" },
	{ V2 "bad\033key=1\n", "f:2: unknown key 'bad\\x1bkey'" },
	{ V2 "#:absent_exact=a\n", "f:2: 'a' is not an absolute path" },
	{ V2 "absent_exact=/a\n", "f:2: 'absent_exact' is a note: '#:absent_exact='" },
};

START_TEST(errors_name_file_line_reason)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	AUTO(rules_fini) struct rules r;

	rules_init(&r, 2);
	ck_assert_int_eq(rules_parse(&r, "f", bad[_i].text, strlen(bad[_i].text), &e),
			 -1);
	ck_assert_str_eq(e.text.s, bad[_i].error);
}
END_TEST

/* They decide nothing, and one that is not known is a comment. */
START_TEST(notes)
{
	static const char text[] =
		"#:absent_exact=/a//b/\n #: absent_exact=/c=d\n#:later=a\n#:\n"
		"# :absent_exact=/e\n#absent_exact=/e\nignore_process=/p\n"
		"#:absent_exact=/f\n{\n#:absent_exact=/g\n}\nignore_exact=/f\n";
	static const char *const yes[] = { "/c=d", "/f", "/g" };
	static const char *const no[] = { "/", "/a", "/a/b/c", "/e", "/c" };

	for (int version = 1; version <= 2; version++) {
		AUTO(str_fini) struct str all = STR_INIT;
		AUTO(rules_fini) struct rules r;

		str_addf(&all, "# cde.options v%d\n%s", version, text);
		rules_init(&r, 2);
		parse_ok(&r, all.s);
		for (size_t i = 0; i < ARRAY_SIZE(yes); i++)
			ck_assert(rules_expect_absent(&r, yes[i], strlen(yes[i])));
		for (size_t i = 0; i < ARRAY_SIZE(no); i++)
			ck_assert(!rules_expect_absent(&r, no[i], strlen(no[i])));
		ck_assert(rules_expect_absent(&r, "/a/b", 4) == (version == 2));
		ck_assert_int_eq(verdict_of(&r, "/a/b"), VERDICT_DEFAULT);
		ck_assert_int_eq(verdict_of(&r, "/f"), VERDICT_HOST);
		ck_assert(rules_process(&r, "/p"));
	}
}
END_TEST

START_TEST(nul_byte_is_an_error)
{
	static const char text[] = V2 "ignore_exact=/a\0b\n";
	AUTO(err_fini) struct err e = ERR_INIT;
	AUTO(rules_fini) struct rules r;

	rules_init(&r, 2);
	ck_assert_int_eq(rules_parse(&r, "f", text, sizeof(text) - 1, &e), -1);
	ck_assert_str_eq(e.text.s, "f:2: a NUL byte in the line");
}
END_TEST

START_TEST(process_blocks)
{
	AUTO(rules_fini) struct rules r;
	const struct rule_process *p;

	rules_init(&r, 2);
	parse_ok(&r,
		 V2 "ignore_process=/usr/bin/a\n # note\n\n{\nprocess_ignore_prefix=/x/\n"
		    "process_ignore_prefix=/y\n}\nignore_process=/usr/bin/"
		    "b\nignore_exact=/z\n");
	p = rules_process(&r, "/usr/bin/a");
	ck_assert_ptr_nonnull(p);
	ck_assert_uint_eq(p->prefix.n, 2);
	ck_assert_str_eq(p->prefix.v[0], "/x");
	p = rules_process(&r, "/usr/bin/b");
	ck_assert_ptr_nonnull(p);
	ck_assert_uint_eq(p->prefix.n, 0);
	ck_assert_ptr_null(rules_process(&r, "/usr/bin/c"));
	ck_assert_int_eq(verdict_of(&r, "/z"), VERDICT_HOST);
}
END_TEST

START_TEST(added_rules_beat_equal_ones)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	AUTO(rules_fini) struct rules r;

	rules_init(&r, 2);
	ck_assert_int_eq(rules_add(&r, VERDICT_HOST, MATCH_EXACT, "/a//", &e), 0);
	parse_ok(&r, V2 "redirect_exact=/a\nredirect_prefix=/p\nredirect_exact=/q/x\n");
	ck_assert_int_eq(rules_add(&r, VERDICT_HOST, MATCH_PREFIX, "/p", &e), 0);
	ck_assert_int_eq(rules_add(&r, VERDICT_HOST, MATCH_PREFIX, "/q", &e), 0);
	ck_assert_int_eq(verdict_of(&r, "/a"), VERDICT_HOST);
	ck_assert_int_eq(verdict_of(&r, "/p/x"), VERDICT_HOST);
	ck_assert_int_eq(verdict_of(&r, "/q/x"), VERDICT_PACKAGE);
	ck_assert_str_eq(r.rule.v[0].text, "/a");
	ck_assert_str_eq(r.rule.v[2].text, "/q");
	ck_assert_uint_eq(r.rule.v[3].line, 2);
	ck_assert_int_eq(rules_add(&r, VERDICT_HOST, MATCH_EXACT, "rel", &e), -1);
	ck_assert_str_eq(e.text.s, "'rel' is not an absolute path");
	ck_assert_uint_eq(r.rule.n, 6);
}
END_TEST

START_TEST(added_rules_follow_the_version_of_the_file)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	AUTO(rules_fini) struct rules r;

	rules_init(&r, 1);
	ck_assert_int_eq(rules_add(&r, VERDICT_HOST, MATCH_PREFIX, "/a/", &e), 0);
	parse_ok(&r, V2);
	ck_assert_int_eq(verdict_of(&r, "/a"), VERDICT_HOST);
	parse_ok(&r, V1);
	ck_assert_int_eq(verdict_of(&r, "/ab"), VERDICT_HOST);
	ck_assert_int_eq(rules_add(&r, VERDICT_HIDDEN, MATCH_PREFIX, "/a/", &e), -1);
}
END_TEST

START_TEST(five_thousand_entries)
{
	AUTO(str_fini) struct str text = STR_INIT, name = STR_INIT;
	AUTO(rules_fini) struct rules r;

	str_set(&text, _i == 1 ? V1 : V2);
	for (int i = 0; i < 5000; i++)
		str_addf(&text, "%s=/n/%d\n", i % 2 ? "ignore_exact" : "redirect_prefix",
			 i);
	rules_init(&r, 2);
	parse_ok(&r, text.s);
	ck_assert_uint_eq(r.rule.n, 5000);
	for (int i = 1000; i < 5000; i++) {
		enum verdict want = VERDICT_PACKAGE;

		/* v1 has no boundary: /n/1001 begins with the redirected /n/100 */
		if (i % 2 && r.version == 2)
			want = VERDICT_HOST;
		str_clear(&name);
		str_addf(&name, "/n/%d%s", i, i % 2 ? "" : "/x");
		if (i % 2 == 0 || r.version == 2)
			ck_assert_int_eq(verdict_of(&r, name.s), want);
	}
	ck_assert_int_eq(verdict_of(&r, "/n/1111"), VERDICT_HOST);
	ck_assert_int_eq(verdict_of(&r, "/n/1"), VERDICT_HOST);
}
END_TEST

START_TEST(split_below)
{
	AUTO(rules_fini) struct rules r;

	rules_init(&r, 2);
	parse_ok(&r, V2
		 "ignore_prefix=/tmp\nredirect_prefix=/tmp/w\nignore_exact=/etc/hosts\n"
		 "ignore_prefix=/dev\nignore_prefix=/dev/x\nhide_exact=/e\n");
	ck_assert(rules_split_below(&r, "/"));
	ck_assert(rules_split_below(&r, "/tmp"));
	ck_assert(!rules_split_below(&r, "/tmp/w"));
	ck_assert(!rules_split_below(&r, "/tmp/wx"));
	ck_assert(rules_split_below(&r, "/etc"));
	ck_assert(!rules_split_below(&r, "/etcx"));
	ck_assert(!rules_split_below(&r, "/usr"));
	ck_assert(!rules_split_below(&r, "/dev"));
	ck_assert(
		rules_split_below(&r, "/e")); /* the exact one is not for its children */
	parse_ok(&r, V2 "ignore_substr=.X\n");
	ck_assert(rules_split_below(&r, "/usr"));
	ck_assert(!rules_split_below(&r, "/dev"));
	ck_assert(!rules_split_below(&r, "/a.X"));
}
END_TEST

START_TEST(split_below_v1)
{
	AUTO(rules_fini) struct rules r;

	rules_init(&r, 2);
	parse_ok(&r, V1 "ignore_prefix=/tmp/\nignore_exact=/tmp\nredirect_prefix=/tmp/w\n"
			"ignore_prefix=/var/log\n");
	ck_assert(rules_split_below(&r, "/tmp"));
	ck_assert(!rules_split_below(&r, "/tmp/x"));
	ck_assert(!rules_split_below(&r, "/tmp/w"));
	ck_assert(rules_split_below(&r, "/var"));
	ck_assert(!rules_split_below(&r, "/var/logs"));
	ck_assert(!rules_split_below(&r, "/usr"));
}
END_TEST

START_TEST(describe_names_the_place)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	AUTO(str_fini) struct str s = STR_INIT;
	AUTO(rules_fini) struct rules r;

	rules_init(&r, 2);
	parse_ok(&r, V2 "\nignore_prefix=/tmp/\n");
	rule_describe(rules_decide(&r, "/tmp/x", 6).rule, &s);
	ck_assert_str_eq(s.s, "ignore_prefix=/tmp (cde.options:3)");
	ck_assert_int_eq(rules_add(&r, VERDICT_HIDDEN, MATCH_EXACT, "/tmp/x", &e), 0);
	str_clear(&s);
	rule_describe(rules_decide(&r, "/tmp/x", 6).rule, &s);
	ck_assert_str_eq(s.s, "hide_exact=/tmp/x (command line)");
}
END_TEST

START_TEST(defaults_are_sensible)
{
	static const struct expect x[] = {
		{ "/dev/null", VERDICT_HOST },
		{ "/proc", VERDICT_HOST },
		{ "/run/user/1000/bus", VERDICT_HOST },
		{ "/tmp/.X11-unix/X0", VERDICT_HOST },
		{ "/etc/passwd", VERDICT_HOST },
		{ "/etc/passwd-", VERDICT_HOST },
		{ "/etc/passwd.d", VERDICT_DEFAULT },
		{ "/etc/machine-id", VERDICT_HOST },
		{ "/var/lib/dbus/machine-id", VERDICT_HOST },
		{ "/etc/localtime", VERDICT_HOST },
		{ "/usr/share/zoneinfo/Asia/Tokyo", VERDICT_DEFAULT },
		{ "/etc/cups/client.conf", VERDICT_HOST },
		{ "/run/cups/cups.sock", VERDICT_HOST },
		{ "/etc/resolv.conf", VERDICT_HOST },
		{ "/dev/dri/renderD128", VERDICT_HOST },
		{ "/dev/snd/controlC0", VERDICT_HOST },
		{ "/run/user/1000/pulse/native", VERDICT_HOST },
		{ "/run/user/1000/wayland-0", VERDICT_HOST },
		{ "/run/dbus/system_bus_socket", VERDICT_HOST },
		{ "/home/me/.Xauthority", VERDICT_HOST },
		{ "/device", VERDICT_DEFAULT },
		{ "/usr/bin/python3", VERDICT_DEFAULT },
		{ "/etc", VERDICT_DEFAULT },
	};
	AUTO(rules_fini) struct rules r;

	check_all(rules_default_text, x, ARRAY_SIZE(x));
	rules_init(&r, 2);
	parse_ok(&r, rules_default_text);
	ck_assert(rules_ignores_env(&r, "DISPLAY", 7));
	ck_assert(rules_ignores_env(&r, "WAYLAND_DISPLAY", 15));
	ck_assert(rules_ignores_env(&r, "XDG_SESSION_TYPE", 16));
	ck_assert(rules_ignores_env(&r, "PULSE_SERVER", 12));
	ck_assert(rules_ignores_env(&r, "TERM=xterm", 4));
	ck_assert(!rules_ignores_env(&r, "TERMINFO", 8));
	ck_assert(!rules_ignores_env(&r, "TER", 3));
	ck_assert(!rules_ignores_env(&r, "PATH", 4));
}
END_TEST

START_TEST(no_rules_is_default)
{
	AUTO(rules_fini) struct rules r;

	rules_init(&r, 2);
	ck_assert_int_eq(verdict_of(&r, "/a"), VERDICT_DEFAULT);
	ck_assert(!rules_split_below(&r, "/a"));
}
END_TEST

Suite *
suite_rule(void)
{
	Suite *s = suite_create("rule");
	TCase *tc = tcase_create("decisions"), *text = tcase_create("text");

	tcase_add_test(tc, v1_redirect_beats_ignore);
	tcase_add_test(tc, v1_whitelist_mode);
	tcase_add_test(tc, v2_most_specific_wins);
	tcase_add_test(tc, v2_root_prefix_covers_all);
	tcase_add_loop_test(tc, five_thousand_entries, 1, 3);
	tcase_add_test(tc, split_below);
	tcase_add_test(tc, split_below_v1);
	tcase_add_test(tc, added_rules_beat_equal_ones);
	tcase_add_test(tc, added_rules_follow_the_version_of_the_file);
	tcase_add_test(tc, defaults_are_sensible);
	tcase_add_test(tc, no_rules_is_default);
	suite_add_tcase(s, tc);
	tcase_add_test(text, v2_values_are_cleaned);
	tcase_add_test(text, v1_values_stay);
	tcase_add_test(text, odd_texts_are_read);
	tcase_add_loop_test(text, errors_name_file_line_reason, 0, ARRAY_SIZE(bad));
	tcase_add_test(text, nul_byte_is_an_error);
	tcase_add_test(text, process_blocks);
	tcase_add_test(text, notes);
	tcase_add_test(text, describe_names_the_place);
	suite_add_tcase(s, text);
	return s;
}
