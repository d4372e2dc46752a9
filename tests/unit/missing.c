/* Which names are tries of one search; names of libraries in programs. */
#include <check.h>
#include <string.h>

#include "inspect/missing.h"
#include "inspect/predict.h"
#include "suites.h"

static bool
is_package(void *ctx, const char *dir)
{
	return strcmp(dir, "/usr/lib/python3.11/json") == 0;
}

static const struct missing_names names = {
	.search = "/usr/local/bin:/usr/bin::/bin",
	.is_package = is_package,
};

static const struct {
	const char *path, *program;
	enum missing_kind kind;
	const char *name;
} table[] = {
	{ "/usr/lib/libfoo.so.1", NULL, MISSING_LIBRARY, "libfoo.so.1" },
	{ "/lib/tls/x86_64/libfoo.so.1", "/bin/x", MISSING_LIBRARY, "libfoo.so.1" },
	{ "/opt/lib/libLLVM-14.so.1", NULL, MISSING_LIBRARY, "libLLVM-14.so.1" },
	{ "/opt/lib/.so", NULL, MISSING_PATH, "/opt/lib/.so" },
	{ "/opt/a.sound", NULL, MISSING_PATH, "/opt/a.sound" },
	{ "/usr/lib/python3.11/re.py", NULL, MISSING_MODULE, "re" },
	{ "/usr/lib/python3.11/json/decoder.py", NULL, MISSING_MODULE, "json.decoder" },
	{ "/usr/lib/python3.11/json/__pycache__/decoder.cpython-311.pyc", NULL,
	  MISSING_MODULE, "json.decoder" },
	{ "/usr/lib/python3.11/json/__init__.cpython-311-x86_64-linux-gnu.so", NULL,
	  MISSING_MODULE, "json" },
	{ "/home/u/fast.abi3.so", "/usr/bin/python3.11", MISSING_MODULE, "fast" },
	{ "/home/u/fast.so", "/usr/bin/python3.11", MISSING_MODULE, "fast" },
	{ "/home/u/fast.so", "/usr/bin/perl", MISSING_LIBRARY, "fast.so" },
	{ "/home/u/libfast.so", "/usr/bin/python3", MISSING_LIBRARY, "libfast.so" },
	{ "/home/u/a.b.py", "/usr/bin/python3", MISSING_PATH, "/home/u/a.b.py" },
	{ "/usr/local/bin/git", "/bin/sh", MISSING_PROGRAM, "git" },
	{ "/bin/git", NULL, MISSING_PROGRAM, "git" },
	{ "/opt/bin/git", NULL, MISSING_PATH, "/opt/bin/git" },
	{ "/git", NULL, MISSING_PATH, "/git" },
	{ "/", NULL, MISSING_PATH, "/" },
	{ "/usr/lib/locale/en_US.UTF-8/LC_TIME", NULL, MISSING_LOCALE, "en/LC_TIME" },
	{ "/usr/lib/locale/en/LC_TIME", NULL, MISSING_LOCALE, "en/LC_TIME" },
	{ "/usr/share/locale/de_AT@euro/LC_MESSAGES/x.mo", NULL, MISSING_LOCALE,
	  "de/LC_MESSAGES/x.mo" },
	{ "/usr/lib/locale/locale-archive", NULL, MISSING_PATH,
	  "/usr/lib/locale/locale-archive" },
	{ "/etc/terminfo/x/xterm", NULL, MISSING_TERMINAL, "xterm" },
	{ "/usr/share/terminfo/x/xterm", NULL, MISSING_TERMINAL, "xterm" },
	{ "/usr/share/terminfo/x", NULL, MISSING_PATH, "/usr/share/terminfo/x" },
};

START_TEST(searches)
{
	AUTO(str_fini) struct str key = STR_INIT, name = STR_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		enum missing_kind k = missing_name(&names, table[i].path,
						   table[i].program, &key, &name);

		ck_assert_msg(k == table[i].kind, "%s is a %s", table[i].path,
			      missing_word(k));
		ck_assert_msg(strcmp(name.s, table[i].name) == 0, "%s is '%s'",
			      table[i].path, name.s);
	}
}
END_TEST

/* The same thing has the same key, another thing another. */
START_TEST(keys)
{
	AUTO(str_fini) struct str a = STR_INIT, b = STR_INIT, name = STR_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		for (size_t j = 0; j < ARRAY_SIZE(table); j++) {
			missing_name(&names, table[i].path, table[i].program, &a, &name);
			missing_name(&names, table[j].path, table[j].program, &b, &name);
			ck_assert_msg((strcmp(a.s, b.s) == 0) ==
					      (table[i].kind == table[j].kind &&
					       strcmp(table[i].name, table[j].name) == 0),
				      "%s, %s", table[i].path, table[j].path);
		}
}
END_TEST

START_TEST(reasons)
{
	AUTO(str_fini) struct str text = STR_INIT;
	char none[] = "", by[] = "/bin/x";
	struct missing_thing x = { .why = MISSING_NEEDED, .needer = by };

	missing_reason(&x, &text);
	ck_assert_str_eq(text.s, "needed by /bin/x");
	for (x.why = 0; x.why < MISSING_WHYS; x.why++) {
		str_clear(&text);
		x.needer = none;
		missing_reason(&x, &text);
		ck_assert_uint_gt(text.len, 0);
	}
	ck_assert_str_eq(missing_mark(MISSING_SURE), "!!!");
	ck_assert_str_eq(missing_mark(MISSING_NORMAL), "-");
}
END_TEST

static void
on_name(void *ctx, const char *name, size_t len)
{
	struct str *all = ctx;

	str_addn(all, name, len);
	str_addc(all, ' ');
}

START_TEST(names_in_programs)
{
	static const char data[] = "x\0liba.so\0/usr/lib/libb.so.1\0libc.so.6.2\0.so\0"
				   "see libd.so\0libe.so.x\0libf.so.\0libg.sound\0"
				   "lib-h_2+.so.1\0libi.so"; /* a NUL at the end */
	AUTO(str_fini) struct str all = STR_INIT;

	predict_names(data, sizeof(data), on_name, &all);
	ck_assert_str_eq(all.s, "liba.so libb.so.1 libc.so.6.2 lib-h_2+.so.1 libi.so ");
	str_clear(&all);
	predict_names(data, sizeof(data) - 1, on_name, &all); /* it may be cut */
	ck_assert_str_eq(all.s, "liba.so libb.so.1 libc.so.6.2 lib-h_2+.so.1 ");
	for (size_t n = 0; n < sizeof(data); n++)
		predict_names(data + n, sizeof(data) - n, on_name, &all);
}
END_TEST

Suite *
suite_missing(void)
{
	Suite *s = suite_create("missing");
	TCase *t = tcase_create("missing");

	tcase_add_test(t, searches);
	tcase_add_test(t, keys);
	tcase_add_test(t, reasons);
	tcase_add_test(t, names_in_programs);
	suite_add_tcase(s, t);
	return s;
}
