/* Owners from a dpkg database of our own making. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "pkg/origin.h"
#include "suites.h"

static char root[64];
static struct err err;
static struct origin *o;

static void
sh(const char *text)
{
	AUTO(str_fini) struct str cmd = STR_INIT;

	str_addf(&cmd, "cd '%s' && { %s; }", root, text);
	ck_assert_int_eq(system(cmd.s), 0);
}

static void
setup(void)
{
	strcpy(root, "/tmp/unit-origin-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
	err = (struct err)ERR_INIT;
	sh("mkdir -p var/lib/dpkg/info etc/alternatives usr/bin usr/lib; ln -s usr/bin "
	   "bin;"
	   "printf '/.\\n/bin\\n/bin/ls\\n/usr\\n/lib\\n/lib/libx.so.1\\n'"
	   " > var/lib/dpkg/info/coreutils.list;"
	   "printf '/usr\\n/lib\\n/usr/lib/liby.so\\n/usr/bin/tool\\n'"
	   " > var/lib/dpkg/info/liby:amd64.list;"
	   "printf '/usr/bin/tool\\n/usr/bin/mawk' > var/lib/dpkg/info/newtool.list;"
	   "printf '/usr/bin/tool\\n/usr/bin/tool.old\\nnewtool\\n' > "
	   "var/lib/dpkg/diversions;"
	   "ln -s /etc/alternatives/awk usr/bin/awk; ln -s /usr/bin/mawk "
	   "etc/alternatives/awk;"
	   "printf 'Package: coreutils\\nStatus: install ok installed\\nArchitecture: "
	   "amd64\\n"
	   "Version: 9.1-1\\n\\nPackage: liby\\nStatus: install ok installed\\n"
	   "Architecture: i386\\nVersion: 6\\n\\nPackage: liby\\n"
	   "Status: install ok installed\\nArchitecture: amd64\\nVersion: 1:7+b1\\n'"
	   " > var/lib/dpkg/status");
	o = origin_open(root, &err);
	ck_assert_msg(o, "%s", err.text.s);
}

static void
teardown(void)
{
	origin_close(o);
	err_fini(&err);
	sh("rm -rf \"$PWD\"");
}

static const char *
owner(const char *path)
{
	static char text[200];
	struct origin_owner out;

	if (!origin_find(o, path, &out))
		return "nobody";
	snprintf(text, sizeof(text), "%s %s", out.package, out.version);
	return text;
}

static void
load(const char *const *path)
{
	for (; *path; path++)
		origin_want(o, *path);
	ck_assert_msg(origin_load(o, &err) == 0, "%s", err.text.s);
}

START_TEST(both_spellings_of_merged_usr)
{
	load((const char *const[]){ "/usr/bin/ls", "/bin/ls", "/lib/liby.so",
				    "/usr/lib/libx.so.1", NULL });
	ck_assert_str_eq(owner("/usr/bin/ls"), "coreutils 9.1-1");
	ck_assert_str_eq(owner("/bin/ls"), "coreutils 9.1-1");
	ck_assert_str_eq(owner("/usr/lib/libx.so.1"), "coreutils 9.1-1");
	ck_assert_str_eq(owner("/lib/liby.so"), "liby:amd64 1:7+b1");
}
END_TEST

START_TEST(a_diverted_file_is_the_diverters)
{
	load((const char *const[]){ "/usr/bin/tool", "/usr/bin/tool.old", NULL });
	ck_assert_str_eq(owner("/usr/bin/tool"), "newtool ");
	ck_assert_str_eq(owner("/usr/bin/tool.old"), "liby:amd64 1:7+b1");
}
END_TEST

START_TEST(an_alternative_belongs_to_its_file)
{
	load((const char *const[]){ "/usr/bin/awk", "/etc/alternatives/awk", NULL });
	ck_assert_str_eq(owner("/usr/bin/awk"), "newtool ");
	ck_assert_str_eq(owner("/etc/alternatives/awk"), "newtool ");
}
END_TEST

START_TEST(others_belong_to_nobody)
{
	load((const char *const[]){ "/usr/bin/l", "/usr/bin/lss", "/home/u/x",
				    "/usr/local/bin/ls", "/lib", NULL });
	ck_assert_str_eq(owner("/usr/bin/l"), "nobody");
	ck_assert_str_eq(owner("/usr/bin/lss"), "nobody");
	ck_assert_str_eq(owner("/home/u/x"), "nobody");
	ck_assert_str_eq(owner("/usr/local/bin/ls"), "nobody");
	ck_assert_str_eq(owner("/lib"), "nobody");
	ck_assert_str_eq(owner("/never/wanted"), "nobody");
}
END_TEST

START_TEST(no_database_is_no_error)
{
	sh("rm -r var");
	load((const char *const[]){ "/usr/bin/ls", NULL });
	ck_assert_str_eq(owner("/usr/bin/ls"), "nobody");
}
END_TEST

START_TEST(two_spellings_differ_without_merged_usr)
{
	sh("rm bin; mkdir bin");
	origin_close(o);
	o = origin_open(root, &err);
	load((const char *const[]){ "/usr/bin/ls", "/bin/ls", NULL });
	ck_assert_str_eq(owner("/bin/ls"), "coreutils 9.1-1");
	ck_assert_str_eq(owner("/usr/bin/ls"), "nobody");
}
END_TEST

Suite *
suite_origin(void)
{
	Suite *s = suite_create("origin");
	TCase *t = tcase_create("origin");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, both_spellings_of_merged_usr);
	tcase_add_test(t, a_diverted_file_is_the_diverters);
	tcase_add_test(t, an_alternative_belongs_to_its_file);
	tcase_add_test(t, others_belong_to_nobody);
	tcase_add_test(t, no_database_is_no_error);
	tcase_add_test(t, two_spellings_differ_without_merged_usr);
	suite_add_tcase(s, t);
	return s;
}
