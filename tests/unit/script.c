#include <check.h>
#include <errno.h>
#include <string.h>

#include "tree/script.h"

/*
 * Every row was compared with what execve of a running Linux 6.18 does.
 */
Suite *suite_script(void);

struct row {
	const char *head;
	size_t len; /* 0: strlen */
	int result;
	const char *interp;
	const char *arg; /* NULL: none */
};

static const struct row rows[] = {
	{ "", 0, 0, NULL, NULL },
	{ "#", 0, 0, NULL, NULL },
	{ "# !/bin/sh\n", 0, 0, NULL, NULL },
	{ "\177ELF", 0, 0, NULL, NULL },
	{ "#!/bin/sh\n", 0, 1, "/bin/sh", NULL },
	{ "#!/bin/sh", 0, 1, "/bin/sh", NULL },
	{ "#!sh\n", 0, 1, "sh", NULL },
	{ "#! \t /bin/sh \t \n", 0, 1, "/bin/sh", NULL },
	{ "#!/bin/sh -e\n", 0, 1, "/bin/sh", "-e" },
	{ "#!/bin/sh\t-e\necho\n", 0, 1, "/bin/sh", "-e" },
	{ "#!/usr/bin/env -S a  b \t\n", 0, 1, "/usr/bin/env", "-S a  b" },
	/* A carriage return is a byte like others. */
	{ "#!/bin/sh\r\n", 0, 1, "/bin/sh\r", NULL },
	{ "#!/bin/sh -e\r\n", 0, 1, "/bin/sh", "-e\r" },
	{ "#!/bin/sh \r\n", 0, 1, "/bin/sh", "\r" },
	{ "#!\n", 0, -ENOEXEC, NULL, NULL },
	{ "#! \t \n", 0, -ENOEXEC, NULL, NULL },
	/* No newline: the kernel's padding ends the line, blanks stay. */
	{ "#!", 0, 1, "", NULL },
	{ "#!/bin/sh ", 0, 1, "/bin/sh", "" },
	{ "#!/bin/sh -e ", 0, 1, "/bin/sh", "-e " },
	/* A newline behind a NUL is not seen. */
	{ "#!/bin/sh\0x\n", 12, 1, "/bin/sh", NULL },
	{ "#!/bin/sh a\0b\n", 14, 1, "/bin/sh", "a" },
	{ "#!/bin/sh \0b\n", 13, 1, "/bin/sh", "" },
	{ "#!\0\n", 4, 1, "", NULL },
};

START_TEST(short_lines)
{
	const struct row *x = &rows[_i];
	struct script_line s = SCRIPT_LINE_INIT;
	size_t n = x->len ? x->len : strlen(x->head);

	ck_assert_int_eq(script_parse(x->head, n, &s), x->result);
	if (x->interp) {
		ck_assert_str_eq(s.interp.s, x->interp);
		ck_assert_int_eq(s.has_arg, x->arg != NULL);
		ck_assert_str_eq(s.arg.s, x->arg ? x->arg : "");
	}
	script_line_fini(&s);
}
END_TEST

/* "#!" blanks name, `len` bytes in all, in a buffer full of `then` behind. */
static void
fill(char *buf, size_t blanks, size_t len, char then)
{
	memset(buf, then, SCRIPT_HEAD);
	memcpy(buf, "#!", 2);
	memset(buf + 2, ' ', blanks);
	memset(buf + 2 + blanks, 'n', len - 2 - blanks);
}

START_TEST(name_at_the_end_of_the_buffer)
{
	struct script_line s = SCRIPT_LINE_INIT;
	char buf[SCRIPT_HEAD];

	fill(buf, 0, 256, 0);
	ck_assert_int_eq(script_parse(buf, 256, &s), -ENOEXEC); /* cut off */
	fill(buf, 100, 256, 0);
	ck_assert_int_eq(script_parse(buf, 256, &s), -ENOEXEC);
	fill(buf, 0, 255, ' ');
	ck_assert_int_eq(script_parse(buf, 256, &s), 1);
	ck_assert_uint_eq(s.interp.len, 253);
	ck_assert(!s.has_arg);
	fill(buf, 0, 255, '\n');
	ck_assert_int_eq(script_parse(buf, 256, &s), 1);
	ck_assert_uint_eq(s.interp.len, 253);
	fill(buf, 0, 255, 'n');
	ck_assert_int_eq(script_parse(buf, 255, &s), 1); /* the file ends there */
	ck_assert_uint_eq(s.interp.len, 253);
	fill(buf, 254, 256, 0);
	ck_assert_int_eq(script_parse(buf, 256, &s), -ENOEXEC); /* all blank */
	script_line_fini(&s);
}
END_TEST

START_TEST(argument_is_cut_at_255)
{
	struct script_line s = SCRIPT_LINE_INIT;
	char buf[SCRIPT_HEAD];

	memset(buf, 'a', sizeof(buf));
	memcpy(buf, "#!/bin/sh ", 10);
	ck_assert_int_eq(script_parse(buf, sizeof(buf), &s), 1);
	ck_assert_str_eq(s.interp.s, "/bin/sh");
	ck_assert_uint_eq(s.arg.len, 245); /* the last byte is lost */
	memset(buf + 200, ' ', 56);
	ck_assert_int_eq(script_parse(buf, sizeof(buf), &s), 1);
	ck_assert_uint_eq(s.arg.len, 190); /* blanks at the cut go */
	script_line_fini(&s);
}
END_TEST

Suite *
suite_script(void)
{
	Suite *s = suite_create("script");
	TCase *t = tcase_create("script");

	tcase_add_loop_test(t, short_lines, 0, (int)ARRAY_SIZE(rows));
	tcase_add_test(t, name_at_the_end_of_the_buffer);
	tcase_add_test(t, argument_is_cut_at_255);
	suite_add_tcase(s, t);
	return s;
}
