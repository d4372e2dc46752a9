/* Owners from a dpkg database of our own making. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/vec.h"
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
		return origin_class_name(out.class);
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
	ck_assert_str_eq(owner("/usr/bin/l"), "unowned");
	ck_assert_str_eq(owner("/usr/bin/lss"), "unowned");
	ck_assert_str_eq(owner("/home/u/x"), "user");
	ck_assert_str_eq(owner("/usr/local/bin/ls"), "local");
	ck_assert_str_eq(owner("/lib"), "generated");
	ck_assert_str_eq(owner("/never/wanted"), "unowned");
}
END_TEST

START_TEST(no_database_is_no_error)
{
	sh("rm -r var");
	load((const char *const[]){ "/usr/bin/ls", NULL });
	ck_assert_str_eq(owner("/usr/bin/ls"), "unowned");
}
END_TEST

START_TEST(two_spellings_differ_without_merged_usr)
{
	sh("rm bin; mkdir bin");
	origin_close(o);
	o = origin_open(root, &err);
	load((const char *const[]){ "/usr/bin/ls", "/bin/ls", NULL });
	ck_assert_str_eq(owner("/bin/ls"), "coreutils 9.1-1");
	ck_assert_str_eq(owner("/usr/bin/ls"), "unowned");
}
END_TEST

static const char *
sum(const char *path)
{
	struct origin_owner out;

	origin_find(o, path, &out);
	return out.sum;
}

START_TEST(checksums_of_files_and_conffiles)
{
	sh("echo '0123456789abcdef0123456789abcdef  bin/ls' > "
	   "var/lib/dpkg/info/coreutils.md5sums;"
	   "printf '\\n/etc/x.conf\\n' >> var/lib/dpkg/info/newtool.list;"
	   "echo /etc/old.conf >> var/lib/dpkg/info/newtool.list;"
	   "echo 'ffffffffffffffffffffffffffffffff  usr/bin/tool' > "
	   "var/lib/dpkg/info/liby:amd64.md5sums;"
	   "echo 'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee  usr/bin/tool' > "
	   "var/lib/dpkg/info/newtool.md5sums;"
	   "printf '\\nPackage: newtool\\nStatus: install ok installed\\nVersion: 3\\n"
	   "Conffiles:\\n /etc/x.conf 11111111111111111111111111111111\\n"
	   " /etc/old.conf 22222222222222222222222222222222 obsolete\\n"
	   "Description: x\\n /etc/x.conf 33333333333333333333333333333333\\n'"
	   " >> var/lib/dpkg/status");
	load((const char *const[]){ "/usr/bin/ls", "/etc/x.conf", "/etc/old.conf",
				    "/usr/bin/tool", "/usr/bin/tool.old", NULL });
	ck_assert_str_eq(sum("/bin/ls"), "md5:0123456789abcdef0123456789abcdef");
	ck_assert_str_eq(owner("/etc/x.conf"), "newtool 3");
	ck_assert_str_eq(sum("/etc/x.conf"), "md5:11111111111111111111111111111111");
	ck_assert_str_eq(sum("/etc/old.conf"), "md5:22222222222222222222222222222222");
	ck_assert_str_eq(sum("/usr/bin/tool"), "md5:eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee");
	ck_assert_str_eq(sum("/usr/bin/tool.old"), "md5:ffffffffffffffffffffffffffffffff");
}
END_TEST

START_TEST(apk)
{
	sh("rm -r var; mkdir -p lib/apk/db; printf 'C:Q1x\\nP:musl\\nV:1.2.4-r2\\nA:x86_64\\n"
	   "F:lib\\nR:ld-musl-x86_64.so.1\\na:0:0:755\\n"
	   "Z:Q1LLDvPCFw6UVqqmBbI9hGRTlVUaQ=\\n\\nP:busybox\\nV:1.36\\nF:bin\\nR:busybox\\n"
	   "F:\\nR:top\\n' > lib/apk/db/installed");
	load((const char *const[]){ "/lib/ld-musl-x86_64.so.1", "/bin/busybox", "/bin/x",
				    "/top", NULL });
	ck_assert_str_eq(owner("/lib/ld-musl-x86_64.so.1"), "musl 1.2.4-r2");
	ck_assert_str_eq(sum("/lib/ld-musl-x86_64.so.1"),
			 "sha1:2cb0ef3c2170e9456aaa605b23d84645395551a4");
	ck_assert_str_eq(owner("/bin/busybox"), "busybox 1.36");
	ck_assert_str_eq(owner("/top"), "busybox 1.36");
	ck_assert_str_eq(owner("/bin/x"), "unowned");
}
END_TEST

START_TEST(pacman)
{
	sh("rm -r var; mkdir -p var/lib/pacman/local/bash-5.2-1; cd var/lib/pacman/local;"
	   "echo 9 > ALPM_DB_VERSION; mkdir half-1-1;"
	   "printf '%%NAME%%\\nbash\\n\\n%%VERSION%%\\n5.2-1\\n\\n%%BASE%%\\nbash\\n'"
	   " > bash-5.2-1/desc;"
	   "printf '%%FILES%%\\nusr/\\nusr/bin/\\nusr/bin/bash\\n\\n%%BACKUP%%\\n"
	   "usr/bin/not\\tx\\n' > bash-5.2-1/files");
	load((const char *const[]){ "/usr/bin/bash", "/bin/bash", "/usr/bin/not", "/usr/bin",
				    NULL });
	ck_assert_str_eq(owner("/usr/bin/bash"), "bash 5.2-1");
	ck_assert_str_eq(owner("/bin/bash"), "bash 5.2-1");
	ck_assert_str_eq(owner("/usr/bin/not"), "unowned");
	ck_assert_str_eq(owner("/usr/bin"), "unowned");
}
END_TEST

/* rpm itself is not here: a program of that name prints what it would. */
START_TEST(rpm)
{
	AUTO(str_fini) struct str path = STR_INIT;

	sh("rm -r var; mkdir -p var/lib/rpm tools; touch var/lib/rpm/rpmdb.sqlite;"
	   "printf '#!/bin/sh\\n[ \"$1 $2 $3\" = \"--root %s -qa\" ] || exit 1\\n"
	   "printf \"bash.x86_64\\\\t5.1-2.el9\\\\t8\\\\tabcd\\\\t/usr/bin/bash\\\\n"
	   "bash.x86_64\\\\t5.1-2.el9\\\\t8\\\\t\\\\t/usr/bin/sh\\\\n"
	   "old.noarch\\\\t1:2\\\\t1\\\\tef01\\\\t/etc/old\\\\nbroken\\\\n\"\\n' \"$PWD\""
	   " > tools/rpm; chmod +x tools/rpm");
	str_addf(&path, "%s/tools:%s", root, getenv("PATH"));
	setenv("PATH", path.s, 1);
	load((const char *const[]){ "/usr/bin/bash", "/usr/bin/sh", "/etc/old", NULL });
	ck_assert_str_eq(owner("/usr/bin/bash"), "bash.x86_64 5.1-2.el9");
	ck_assert_str_eq(sum("/usr/bin/bash"), "sha256:abcd");
	ck_assert_str_eq(sum("/usr/bin/sh"), "");
	ck_assert_str_eq(sum("/etc/old"), "md5:ef01");
	ck_assert_str_eq(owner("/etc/old"), "old.noarch 1:2");
}
END_TEST

START_TEST(packages_of_languages)
{
	sh("S=home/u/lib/python3/site-packages; mkdir -p $S/num/__pycache__ "
	   "$S/num-1.2.dist-info $S/old $S/old.egg-info home/u/bin;"
	   "printf 'Metadata-Version: 2\\nName: num\\nVersion: 1.2\\n\\nName: no\\n'"
	   " > $S/num-1.2.dist-info/METADATA;"
	   "printf 'num/x.py,sha256=-_8A,1\\r\\n\"num/a,b.py\",,\\n../../../bin/num,,\\n'"
	   " > $S/num-1.2.dist-info/RECORD;"
	   "printf 'Name: Old\\nVersion: 7\\n' > $S/old.egg-info/PKG-INFO;"
	   "echo old > $S/old.egg-info/top_level.txt;"
	   "N=home/u/node_modules; mkdir -p $N/a/node_modules/@s/b/lib;"
	   "printf '{\"x\":{\"name\":\"no\"},\"name\":\"@s/b\",\"v\":[1],\"version\" : \"2.0\"}'"
	   " > $N/a/node_modules/@s/b/package.json;"
	   "G=var/lib/gems/3.1.0; mkdir -p $G/gems/rack-test-2.1.0/lib $G/specifications;"
	   "touch $G/specifications/rack-test-2.1.0.gemspec;"
	   "C=home/u/.cargo/registry/src/index-1/serde-1.0.2; mkdir -p $C; touch $C/Cargo.toml");
	load((const char *const[]){
		"/home/u/lib/python3/site-packages/num/x.py",
		"/home/u/lib/python3/site-packages/num/a,b.py",
		"/home/u/lib/python3/site-packages/old/y.py", "/home/u/bin/num",
		"/home/u/node_modules/a/node_modules/@s/b/lib/i.js", "/home/u/node_modules/a/x",
		"/var/lib/gems/3.1.0/gems/rack-test-2.1.0/lib/t.rb",
		"/home/u/.cargo/registry/src/index-1/serde-1.0.2/lib.rs",
		"/home/u/lib/python3/site-packages/own.py", NULL });
	ck_assert_str_eq(owner("/home/u/lib/python3/site-packages/num/x.py"), "pip:num 1.2");
	ck_assert_str_eq(sum("/home/u/lib/python3/site-packages/num/x.py"), "sha256:fbff00");
	ck_assert_str_eq(owner("/home/u/lib/python3/site-packages/num/a,b.py"),
			 "pip:num 1.2");
	ck_assert_str_eq(owner("/home/u/bin/num"), "pip:num 1.2");
	ck_assert_str_eq(owner("/home/u/lib/python3/site-packages/old/y.py"), "pip:Old 7");
	ck_assert_str_eq(owner("/home/u/node_modules/a/node_modules/@s/b/lib/i.js"),
			 "npm:@s/b 2.0");
	ck_assert_str_eq(owner("/home/u/node_modules/a/x"), "user");
	ck_assert_str_eq(owner("/var/lib/gems/3.1.0/gems/rack-test-2.1.0/lib/t.rb"),
			 "gem:rack-test 2.1.0");
	ck_assert_str_eq(owner("/home/u/.cargo/registry/src/index-1/serde-1.0.2/lib.rs"),
			 "cargo:serde 1.0.2");
	ck_assert_str_eq(owner("/home/u/lib/python3/site-packages/own.py"), "user");
}
END_TEST

START_TEST(places)
{
	static const char *const table[][2] = {
		{ "/proc/1/stat", "virtual" },	 { "/run/x", "virtual" },
		{ "/etc/passwd", "config" },	 { "/etc/ld.so.cache", "generated" },
		{ "/opt/x", "local" },		 { "/var/cache/x", "generated" },
		{ "/usr/lib/x.pyc", "generated" }, { "/usr/lib/x.so", "unowned" },
		{ "/data/run1/x", "user" },	 { "/data/run", "unowned" },
		{ "/usr/lib", "unowned" },	 { "/srv/home/x", "user" },
	};

	origin_user_dir(o, "/data/run1");
	origin_user_dir(o, "/srv/home");
	origin_user_dir(o, "/");
	origin_user_dir(o, "/usr/lib");
	origin_user_dir(o, "");
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		ck_assert_msg(strcmp(owner(table[i][0]), table[i][1]) == 0, "%s: %s",
			      table[i][0], owner(table[i][0]));
}
END_TEST

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* the machine may be busy */
	return t.tv_sec + t.tv_nsec / 1e9;
}

#ifdef __SANITIZE_ADDRESS__
enum { SECONDS = 8 };
#else
enum { SECONDS = 1 };
#endif

/* Files of this machine's own packages: read in bulk, so that many cost little. */
START_TEST(ten_thousand_in_a_second)
{
	struct origin_owner out;
	char *line = NULL;
	size_t room = 0, wanted = 0, owned = 0;
	FILE *list = popen("cat /var/lib/dpkg/info/*.list 2>/dev/null | grep ^/usr/.*/", "r");
	VEC(char *) path = { 0 };
	double begin;

	origin_close(o);
	o = origin_open("/", &err);
	while (list && wanted < 10000 && getline(&line, &room, list) > 0) {
		line[strcspn(line, "\n")] = '\0';
		origin_want(o, line);
		vec_push(&path, mem_strdup(line));
		wanted++;
	}
	if (list)
		pclose(list);
	begin = now();
	ck_assert_msg(origin_load(o, &err) == 0, "%s", err.text.s);
	for (size_t i = 0; i < path.n; i++)
		owned += origin_find(o, path.v[i], &out);
	ck_assert_msg(now() - begin < SECONDS, "%zu files took %.2f s", wanted, now() - begin);
	ck_assert_uint_ge(owned * 100, wanted * 99);
	free(line);
	for (size_t i = 0; i < path.n; i++)
		free(path.v[i]);
	vec_fini(&path);
}
END_TEST

/* Databases of 100 packages with 100 files each: how they are made, and how the names
 * begin.  awk prints package i and file j. */
#define EACH(text) "awk 'BEGIN { for (i = 0; i < 100; i++) { " text " } }'"
#define FILES(text) "for (j = 0; j < 100; j++) " text
static const struct {
	const char *name, *make, *dir, *rest, *owner;
} bulk[] = {
	{ "apk",
	  "mkdir -p lib/apk/db;" EACH(
		  "printf \"P:p%d\\nV:%d-r0\\nF:usr/d%d\\n\", i, i, i;" FILES(
			  "printf \"R:f%d\\nZ:Q1LLDvPCFw6UVqqmBbI9hGRTlVUaQ=\\n\", j;")
			  "print \"\"") " > lib/apk/db/installed",
	  "/usr/d", "/f", "p7 7-r0" },
	{ "pacman",
	  "L=var/lib/pacman/local; for i in $(seq 0 99); do mkdir -p $L/p$i-1;"
	  "printf '%%NAME%%\\np%d\\n\\n%%VERSION%%\\n%d-1\\n' $i $i > $L/p$i-1/desc; done;" EACH(
		  "f = \"var/lib/pacman/local/p\" i \"-1/files\"; print \"%FILES%\" > f;" FILES(
			  "print \"usr/d\" i \"/f\" j > f;") "close(f)"),
	  "/usr/d", "/f", "p7 7-1" },
	{ "rpm",
	  "mkdir -p var/lib/rpm tools; touch var/lib/rpm/rpmdb.sqlite;" EACH(FILES(
		  "printf \"p%d.noarch\\t%d-1\\t8\\tabcd\\t/usr/d%d/f%d\\n\", i, i, i, j;"))
	  " > all; printf '#!/bin/sh\\ncat \"%s/all\"\\n' \"$PWD\" > tools/rpm;"
	  "chmod +x tools/rpm",
	  "/usr/d", "/f", "p7.noarch 7-1" },
	{ "dpkg",
	  EACH("f = \"var/lib/dpkg/info/p\" i \".list\"; m = \"var/lib/dpkg/info/p\" i "
	       "\".md5sums\"; printf \"\" > f; printf \"\" > m;" FILES(
		       "{ print \"/usr/d\" i \"/f\" j > f;"
		       "printf \"0123456789abcdef0123456789abcdef  usr/d%d/f%d\\n\", i, j "
		       "> m; }") "close(f); close(m);"
		   "printf \"\\nPackage: p%d\\nStatus: install ok installed\\n"
		   "Version: %d\\n\", i, i") " >> var/lib/dpkg/status",
	  "/usr/d", "/f", "p7 7" },
	{ "pip",
	  "S=opt/v/lib/site-packages; for i in $(seq 0 99); do mkdir -p $S/d$i-1.dist-info;"
	  "printf 'Name: p%d\\nVersion: %d\\n' $i $i > $S/d$i-1.dist-info/METADATA; done;" EACH(
		  "f = \"opt/v/lib/site-packages/d\" i \"-1.dist-info/RECORD\";" FILES(
			  "print \"d\" i \"/f\" j \",sha256=AAAA,1\" > f;") "close(f)"),
	  "/opt/v/lib/site-packages/d", "/f", "pip:p7 7" },
	{ "npm",
	  "for i in $(seq 0 99); do mkdir -p opt/node_modules/d$i; printf "
	  "'{\"name\":\"p%d\",\"version\":\"%d\"}' $i $i > "
	  "opt/node_modules/d$i/package.json; done",
	  "/opt/node_modules/d", "/f", "npm:p7 7" },
	{ "gem",
	  "mkdir -p opt/gems opt/specifications; for i in $(seq 0 99); do "
	  "touch opt/specifications/p$i-1.gemspec; done",
	  "/opt/gems/p", "-1/f", "gem:p7 1" },
	{ "cargo",
	  "for i in $(seq 0 99); do mkdir -p opt/registry/src/x/p$i-1;"
	  "touch opt/registry/src/x/p$i-1/Cargo.toml; done",
	  "/opt/registry/src/x/p", "-1/f", "cargo:p7 1" },
};

/* Never a process per file, nor a file per file. */
START_TEST(ten_thousand_of_each_database)
{
	char path[100];
	AUTO(str_fini) struct str tools = STR_INIT;
	struct origin_owner out;
	size_t owned = 0;
	double begin;

	if (strcmp(bulk[_i].name, "dpkg") != 0)
		sh("rm -r var");
	sh(bulk[_i].make);
	str_addf(&tools, "%s/tools:%s", root, getenv("PATH"));
	setenv("PATH", tools.s, 1);
	for (int i = 0; i < 100; i++)
		for (int j = 0; j < 100; j++) {
			snprintf(path, sizeof(path), "%s%d%s%d", bulk[_i].dir, i, bulk[_i].rest, j);
			origin_want(o, path);
		}
	begin = now();
	ck_assert_msg(origin_load(o, &err) == 0, "%s", err.text.s);
	for (int i = 0; i < 100; i++)
		for (int j = 0; j < 100; j++) {
			snprintf(path, sizeof(path), "%s%d%s%d", bulk[_i].dir, i, bulk[_i].rest, j);
			owned += origin_find(o, path, &out);
		}
	begin = now() - begin;
	printf("origin: 10000 files of %s: %.3f s\n", bulk[_i].name, begin);
	ck_assert_uint_eq(owned, 10000);
	snprintf(path, sizeof(path), "%s7%s99", bulk[_i].dir, bulk[_i].rest);
	ck_assert_str_eq(owner(path), bulk[_i].owner);
	ck_assert_msg(begin < SECONDS, "%s: %.2f s", bulk[_i].name, begin);
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
	tcase_add_test(t, checksums_of_files_and_conffiles);
	tcase_add_test(t, apk);
	tcase_add_test(t, pacman);
	tcase_add_test(t, rpm);
	tcase_add_test(t, packages_of_languages);
	tcase_add_test(t, places);
	tcase_add_test(t, ten_thousand_in_a_second);
	tcase_add_loop_test(t, ten_thousand_of_each_database, 0, ARRAY_SIZE(bulk));
	tcase_set_timeout(t, 30);
	suite_add_tcase(s, t);
	return s;
}
