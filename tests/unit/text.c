/* Names of any bytes, shown and read back. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/text.h"
#include "suites.h"

static const char *
escaped(const char *name, size_t len)
{
	static struct str out = STR_INIT;

	str_clear(&out);
	text_escape(&out, name, len);
	return out.s;
}

#define SHOWN(name, text) ck_assert_str_eq(escaped(name, sizeof(name) - 1), text)

START_TEST(nothing_steers_a_terminal)
{
	SHOWN("plain/ä€😀 name", "plain/ä€😀 name");
	SHOWN("a\nb\tc\rd\\e", "a\\nb\\tc\\rd\\\\e");
	SHOWN("\033[31mred\007\177", "\\e[31mred\\x07\\x7f");
	SHOWN("bad\xff\xfe", "bad\\xff\\xfe");
	SHOWN("cut\xe2\x82", "cut\\xe2\\x82");
	SHOWN("overlong\xc0\xaf", "overlong\\xc0\\xaf");
	SHOWN("surrogate\xed\xa0\x80", "surrogate\\xed\\xa0\\x80");
	SHOWN("rtl\xe2\x80\xaegpj", "rtl\\u202egpj");
	SHOWN("zero\xe2\x80\x8bwidth", "zero\\u200bwidth");
	SHOWN("c1\xc2\x9b", "c1\\u009b");
	SHOWN("tag\xf3\xa0\x80\x81", "tag\\U000e0001");
	SHOWN("bom\xef\xbb\xbf", "bom\\ufeff");
	SHOWN("nul\0x", "nul\\x00x");
}
END_TEST

START_TEST(blanks_at_the_ends_can_be_seen)
{
	AUTO(str_fini) struct str out = STR_INIT;

	text_escape_visible(&out, "  a b ", 6);
	ck_assert_str_eq(out.s, "\\x20\\x20a b\\x20");
	str_clear(&out);
	text_escape_visible(&out, "  ", 2);
	ck_assert_str_eq(out.s, "\\x20\\x20");
}
END_TEST

START_TEST(any_bytes_come_back)
{
	unsigned seed = 7;

	for (int round = 0; round < 3000; round++) {
		AUTO(str_fini) struct str name = STR_INIT, text = STR_INIT, back = STR_INIT;
		int len = rand_r(&seed) % 24;

		for (int i = 0; i < len; i++) {
			if (rand_r(&seed) % 4 == 0)
				str_add(&name, "\xe2\x80\xae");
			str_addc(&name, (char)rand_r(&seed));
		}
		(round % 2 ? text_escape : text_escape_visible)(&text, name.s, name.len);
		ck_assert(text_is_utf8(text.s, text.len));
		for (size_t i = 0; i < text.len; i++)
			ck_assert((unsigned char)text.s[i] >= 0x20 && text.s[i] != 0x7f);
		ck_assert_int_eq(text_unescape(&back, text.s, text.len, NULL), 0);
		ck_assert_uint_eq(back.len, name.len);
		ck_assert_mem_eq(back.s, name.s, name.len);
	}
}
END_TEST

START_TEST(wrong_escapes_are_named)
{
	static const struct {
		const char *text;
		size_t at;
	} table[] = {
		{ "ab\\", 2 },	   { "\\q", 0 },       { "x\\x4", 1 }, { "\\u12g4", 0 },
		{ "\\ud800", 0 },  { "\\U00110000", 0 }, { "a\\nb\\", 4 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		AUTO(str_fini) struct str out = STR_INIT;
		size_t at = 99;

		ck_assert_int_lt(text_unescape(&out, table[i].text, strlen(table[i].text), &at),
				 0);
		ck_assert_uint_eq(at, table[i].at);
	}
}
END_TEST

START_TEST(sizes_fit_ten_columns)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} table[] = {
		{ 0, "0 B" },
		{ 1023, "1023 B" },
		{ 1024, "1.0 KiB" },
		{ 1048575, "1.0 MiB" },
		{ 5ull << 30, "5.0 GiB" },
		{ UINT64_MAX, "16.0 EiB" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		AUTO(str_fini) struct str out = STR_INIT;

		text_size(&out, table[i].bytes);
		ck_assert_str_eq(out.s, table[i].text);
	}
}
END_TEST

START_TEST(base64_of_all_lengths)
{
	static const char *const table[][2] = {
		{ "", "" },	    { "f", "Zg==" },	{ "fo", "Zm8=" },
		{ "foo", "Zm9v" },  { "\xff\xfe\xfd\xfc", "//79/A==" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		AUTO(str_fini) struct str out = STR_INIT;

		text_base64(&out, table[i][0], strlen(table[i][0]));
		ck_assert_str_eq(out.s, table[i][1]);
	}
}
END_TEST

Suite *
suite_text(void)
{
	Suite *s = suite_create("text");
	TCase *t = tcase_create("text");

	tcase_add_test(t, nothing_steers_a_terminal);
	tcase_add_test(t, blanks_at_the_ends_can_be_seen);
	tcase_add_test(t, any_bytes_come_back);
	tcase_add_test(t, wrong_escapes_are_named);
	tcase_add_test(t, sizes_fit_ten_columns);
	tcase_add_test(t, base64_of_all_lengths);
	suite_add_tcase(s, t);
	return s;
}
