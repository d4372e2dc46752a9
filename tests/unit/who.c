/* The user of this machine in the package's lists of users and groups. */
#include "exec/who.h"
#include "suites.h"

/* Does a file that is `before` become `after`, for user 7 of group 8?  NULL: no need. */
static void
completes(enum who_file file, const char *name, const char *home, const char *before,
	  const char *after)
{
	AUTO(str_fini) struct str text = STR_INIT;
	const struct who_user u = { 7, 8, name, home };

	str_set(&text, before);
	ck_assert_int_eq(who_complete(&text, file, &u), after != NULL);
	ck_assert_str_eq(text.s, after ? after : before);
}

START_TEST(users_are_added)
{
	const struct who_user root = { 0, 0, "alice", NULL };
	AUTO(str_fini) struct str text = STR_INIT;

	completes(WHO_PASSWD, "eve", "/h", "", "eve:x:7:8::/h:/bin/sh\n");
	completes(WHO_GROUP, "eve", "/h", "", "eve:x:8:\n");
	completes(WHO_PASSWD, "eve", "/h", "a:x:7:1::/:/bin/sh\n", NULL);
	completes(WHO_PASSWD, "eve", "/h", "a:x:77:7::/:/bin/sh",
		  "a:x:77:7::/:/bin/sh\neve:x:7:8::/h:/bin/sh\n");
	completes(WHO_GROUP, "eve", "/h", "+\n\n#:\nb:x:8:\n", NULL);
	completes(WHO_GROUP, "eve", "/h", "b:x:7:8\n", "b:x:7:8\neve:x:8:\n");
	/* the name is another's, or cannot be one */
	completes(WHO_PASSWD, "eve", "/h", "eve:x:1:1:::\n",
		  "eve:x:1:1:::\nu7:x:7:8::/h:/bin/sh\n");
	completes(WHO_PASSWD, "e:x:0:0", "a:b", "", "u7:x:7:8::/:/bin/sh\n");
	completes(WHO_PASSWD, "a\nroot", "/\n", "", "u7:x:7:8::/:/bin/sh\n");
	completes(WHO_GROUP, NULL, NULL, "", "g8:x:8:\n");
	completes(WHO_PASSWD, "", "h", "", "u7:x:7:8::/:/bin/sh\n");
	ck_assert(who_complete(&text, WHO_PASSWD, &root));
	ck_assert_str_eq(text.s, "root:x:0:0::/:/bin/sh\n");
}
END_TEST

Suite *
suite_who(void)
{
	Suite *s = suite_create("who");
	TCase *t = tcase_create("who");

	tcase_add_test(t, users_are_added);
	suite_add_tcase(s, t);
	return s;
}
