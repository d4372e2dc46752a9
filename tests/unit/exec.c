#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "exec/env.h"
#include "exec/missing.h"
#include "exec/world.h"
#include "path/lex.h"
#include "suites.h"
#include "tree/copy.h"

/* Each test has a directory of its own: h/ is what the host has, and the package pkg
 * has other things under the same names. */
static char dir[64];
static struct layout pkg;
static struct rules rules;
static struct world w;
static struct proc p;
static struct look look;

static void
at(struct str *out, const char *rest)
{
	str_clear(out);
	str_addf(out, "%s/%s", dir, rest);
}

static void
make(const char *name, char type, const char *text)
{
	AUTO(str_fini) struct str parent = STR_INIT;
	const char *slash = strrchr(name, '/');

	if (slash && slash > name) {
		str_setn(&parent, name, (size_t)(slash - name));
		ck_assert_int_eq(fs_mkdirs(AT_FDCWD, parent.s), 0);
	}
	if (type == 'd') {
		ck_assert_int_eq(fs_mkdirs(AT_FDCWD, name), 0);
	} else if (type == 'l') {
		ck_assert_msg(symlink(text, name) == 0, "%s: %s", name, strerror(errno));
	} else {
		FILE *f = fopen(name, "w");

		ck_assert_msg(f != NULL, "%s: %s", name, strerror(errno));
		fputs(text, f);
		fclose(f);
	}
}

/* On the host, in the package: `name` is below dir. */
static void
host(const char *name, char type, const char *text)
{
	make(name, type, text);
}

static void
packed(const char *name, char type, const char *text)
{
	AUTO(str_fini) struct str in = STR_INIT;

	str_addf(&in, "pkg/cde-root%s/%s", dir, name);
	make(in.s, type, text);
}

static const char *
exe_of(void *ctx, pid_t pid)
{
	return pid == getpid() ? "/virtual/exe" : NULL;
}

static void
setup(void)
{
	AUTO(err_fini) struct err e = ERR_INIT;

	snprintf(dir, sizeof(dir), "/tmp/unit-exec-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(chdir(dir), 0);
	pkg = (struct layout)LAYOUT_INIT;
	ck_assert_msg(layout_create(&pkg, "pkg", &e) == 0, "%s", e.text.s);
	rules_init(&rules, 2);
	p = (struct proc){ .tid = getpid(), .tgid = getpid() };
}

/* '@' in the rules is dir; NULL: none.  Rules come before the world. */
static void
world(const char *text, bool seamless)
{
	AUTO(str_fini) struct str full = STR_INIT;
	AUTO(err_fini) struct err e = ERR_INIT;

	str_set(&full, "# cde.options v2\n");
	for (; text && *text; text++)
		if (*text == '@')
			str_add(&full, dir);
		else
			str_addc(&full, *text);
	ck_assert_msg(rules_parse(&rules, "cde.options", full.s, full.len, &e) == 0, "%s",
		      e.text.s);
	world_init(&w, &pkg, &rules, seamless);
	look = (struct look){ .w = &w, .p = &p, .exe_of = exe_of, .walk = WALK_INIT };
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *f)
{
	return remove(path);
}

static void
teardown(void)
{
	if (look.w) {
		look_fini(&look);
		world_fini(&w);
	}
	look.w = NULL;
	rules_fini(&rules);
	layout_fini(&pkg);
	ck_assert_int_eq(chdir("/"), 0);
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static enum side
side(const char *rest)
{
	AUTO(str_fini) struct str abs = STR_INIT;

	at(&abs, rest);
	return world_side(&w, &abs);
}

static int
find(const char *rest, unsigned how)
{
	AUTO(str_fini) struct str name = STR_INIT;

	at(&name, rest);
	return look_up(&look, "/", name.s, how);
}

static void
found(const char *rest, int kind, enum side where, const char *canonical)
{
	AUTO(str_fini) struct str abs = STR_INIT;
	int r = find(rest, WALK_FOLLOW);

	ck_assert_msg(r == 0, "%s: %d", rest, r);
	at(&abs, canonical);
	ck_assert_str_eq(look.walk.abs.s, abs.s);
	ck_assert_msg(look.walk.kind == kind, "%s: kind %d", rest, look.walk.kind);
	ck_assert_msg(look.side == where, "%s: side %d", rest, (int)look.side);
}

START_TEST(names)
{
	AUTO(str_fini) struct str s = STR_INIT, t = STR_INIT;

	world(NULL, false);
	world_real(&w, SIDE_PACKAGE, "/a/b", &s);
	str_addf(&t, "%s/pkg/cde-root/a/b", dir);
	ck_assert_str_eq(s.s, t.s);
	ck_assert_str_eq(world_virtual(&w, s.s), "/a/b");
	world_real(&w, SIDE_PACKAGE, "/", &s);
	ck_assert_str_eq(s.s, pkg.root.s);
	ck_assert_str_eq(world_virtual(&w, s.s), "/");
	world_real(&w, SIDE_HOST, "/a/b", &s);
	ck_assert_str_eq(s.s, "/a/b");
	ck_assert_str_eq(world_virtual(&w, "/a/b"), "/a/b");
	/* beside cde-root, and with its name as a mere prefix */
	ck_assert_str_eq(world_virtual(&w, pkg.dir.s), pkg.dir.s);
	str_set(&s, pkg.root.s);
	str_add(&s, "-old/x");
	ck_assert_ptr_eq(world_virtual(&w, s.s), s.s);
}
END_TEST

START_TEST(sandbox)
{
	host("both", 'f', "host");
	host("hostonly", 'f', "host");
	packed("both", 'f', "package");
	packed("d/f", 'f', "package");
	world(NULL, false);
	ck_assert_int_eq(side("both"), SIDE_PACKAGE);
	ck_assert_int_eq(side("hostonly"), SIDE_PACKAGE);
	ck_assert_int_eq(side("neither"), SIDE_PACKAGE);
	found("both", FSV_FILE, SIDE_PACKAGE, "both");
	ck_assert(look.any_package && !look.any_host);
	found("d", FSV_DIR, SIDE_PACKAGE, "d");
	found("d/../d/./f", FSV_FILE, SIDE_PACKAGE, "d/f");
	found("hostonly", FSV_MISSING, SIDE_PACKAGE, "hostonly");
	ck_assert_int_eq(find("nodir/x", 0), -ENOENT);
	ck_assert_int_eq(find("both/x", 0), -ENOTDIR);
	/* from a directory, and never above the root */
	ck_assert_int_eq(look_up(&look, dir, "d/f", WALK_FOLLOW), 0);
	ck_assert_int_eq(look.walk.kind, FSV_FILE);
	ck_assert_int_eq(look_up(&look, "/", "../../..", WALK_FOLLOW), 0);
	ck_assert_str_eq(look.walk.abs.s, "/");
	ck_assert_int_eq(look.side, SIDE_PACKAGE);
	ck_assert(look.walk.clamped);
}
END_TEST

START_TEST(seamless)
{
	host("both", 'f', "host");
	host("hostonly", 'f', "host");
	host("hostdir", 'd', NULL);
	host("dangling", 'l', "nowhere");
	packed("both", 'f', "package");
	packed("pkgdir/f", 'f', "package");
	world(NULL, true);
	ck_assert_int_eq(side("both"), SIDE_PACKAGE);
	ck_assert_int_eq(side("hostonly"), SIDE_HOST);
	ck_assert_int_eq(side("dangling"), SIDE_HOST);
	/* a new name belongs where its directory is; the host's first */
	ck_assert_int_eq(side("hostdir/new"), SIDE_HOST);
	ck_assert_int_eq(side("pkgdir/new"), SIDE_PACKAGE);
	ck_assert_int_eq(side("new"), SIDE_HOST);
	ck_assert_int_eq(side("no/where"), SIDE_HOST);
	found("both", FSV_FILE, SIDE_PACKAGE, "both");
	found("hostonly", FSV_FILE, SIDE_HOST, "hostonly");
	found("pkgdir/f", FSV_FILE, SIDE_PACKAGE, "pkgdir/f");
	found("pkgdir/new", FSV_MISSING, SIDE_PACKAGE, "pkgdir/new");
	found("hostdir/new", FSV_MISSING, SIDE_HOST, "hostdir/new");
}
END_TEST

START_TEST(rule_sides)
{
	host("h/x", 'f', "host");
	host("h/keep/x", 'f', "host");
	host("log", 'f', "host");
	packed("h/x", 'f', "package");
	packed("h/keep/x", 'f', "package");
	packed("h/y.cache", 'f', "package");
	packed("other/y.cache", 'f', "package");
	packed("log", 'f', "package");
	packed("logs", 'f', "package");
	packed("secret/x", 'f', "package");
	world("ignore_prefix=@/h\nredirect_prefix=@/h/keep\nignore_exact=@/log\n"
	      "hide_prefix=@/secret\nignore_substr=.cache\n",
	      _i);
	ck_assert_int_eq(side("h"), SIDE_HOST);
	ck_assert_int_eq(side("h/x"), SIDE_HOST);
	ck_assert_int_eq(side("h/keep"), SIDE_PACKAGE);
	ck_assert_int_eq(side("h/keep/x"), SIDE_PACKAGE);
	ck_assert_int_eq(side("h/keep/none"), SIDE_PACKAGE);
	ck_assert_int_eq(side("h/keeper"), SIDE_HOST); /* not a component */
	ck_assert_int_eq(side("log"), SIDE_HOST);
	ck_assert_int_eq(side("logs"), SIDE_PACKAGE);
	ck_assert_int_eq(side("other/y.cache"), SIDE_HOST);
	ck_assert_int_eq(side("secret"), SIDE_HIDDEN);
	ck_assert_int_eq(side("secret/x"), SIDE_HIDDEN);
	found("h/x", FSV_FILE, SIDE_HOST, "h/x");
	found("h/keep/x", FSV_FILE, SIDE_PACKAGE, "h/keep/x");
	found("secret", FSV_MISSING, SIDE_HIDDEN, "secret");
	ck_assert_int_eq(find("secret/x", WALK_FOLLOW), -ENOENT);
}
END_TEST

/* A directory that only one side has leads to names of the other. */
START_TEST(directories_lead)
{
	packed("pkgtop/cache/keep/f", 'f', "package"); /* this host has no pkgtop */
	host("hosttop/tmp/f", 'f', "host");	       /* the package has no hosttop */
	host("hosttop/other", 'f', "host");
	packed("hid/open/f", 'f', "package");
	world("ignore_prefix=@/pkgtop\nredirect_prefix=@/pkgtop/cache/keep\n"
	      "ignore_prefix=@/hosttop/tmp\nhide_prefix=@/hid\nredirect_prefix=@/hid/"
	      "open\n",
	      false);
	found("pkgtop", FSV_DIR, SIDE_PACKAGE, "pkgtop");
	found("pkgtop/cache/keep/f", FSV_FILE, SIDE_PACKAGE, "pkgtop/cache/keep/f");
	ck_assert_int_eq(side("pkgtop/cache/else"), SIDE_HOST);
	found("hosttop", FSV_DIR, SIDE_HOST, "hosttop");
	found("hosttop/tmp/f", FSV_FILE, SIDE_HOST, "hosttop/tmp/f");
	found("hosttop/other", FSV_MISSING, SIDE_PACKAGE, "hosttop/other");
	found("hid/open/f", FSV_FILE, SIDE_PACKAGE, "hid/open/f");
	found("hid/closed", FSV_MISSING, SIDE_HIDDEN, "hid/closed");
	/* with the package's own directory there it is that */
	packed("hosttop/here", 'f', "package");
	world_forget_all(&w);
	found("hosttop", FSV_DIR, SIDE_PACKAGE, "hosttop");
	found("hosttop/tmp/f", FSV_FILE, SIDE_HOST, "hosttop/tmp/f");
}
END_TEST

START_TEST(links)
{
	AUTO(str_fini) struct str text = STR_INIT;

	packed("d/f", 'f', "package");
	at(&text, "d");
	packed("abs", 'l', text.s); /* absolute: seen from inside the package */
	packed("rel", 'l', "d/../d");
	packed("chain", 'l', "abs");
	packed("up", 'l', "../../../../../../../../..");
	packed("dangling", 'l', "/no/such/name");
	packed("loop1", 'l', "loop2");
	packed("loop2", 'l', "loop1");
	packed("self", 'l', "self");
	host("hostfile", 'f', "host");
	at(&text, "hostfile");
	packed("tohost", 'l', text.s);
	world("ignore_exact=@/hostfile\n", false);
	found("abs/f", FSV_FILE, SIDE_PACKAGE, "d/f");
	ck_assert_uint_eq(look.walk.hops, 1);
	found("rel/f", FSV_FILE, SIDE_PACKAGE, "d/f");
	found("chain/f", FSV_FILE, SIDE_PACKAGE, "d/f");
	ck_assert_uint_eq(look.walk.hops, 2);
	found("tohost", FSV_FILE, SIDE_HOST, "hostfile");
	ck_assert(look.any_package && look.any_host);
	for (int cached = 0; cached < 2; cached++) {
		ck_assert_int_eq(find("loop1", WALK_FOLLOW), -ELOOP);
		ck_assert_int_eq(find("self/x", WALK_FOLLOW), -ELOOP);
	}
	ck_assert_int_eq(find("abs", 0), 0);
	ck_assert_int_eq(look.walk.kind, FSV_LINK);
	ck_assert_int_eq(find("loop1", 0), 0);
	ck_assert_int_eq(find("dangling", WALK_FOLLOW), -ENOENT);
	ck_assert_int_eq(find("up", WALK_FOLLOW), 0);
	ck_assert_str_eq(look.walk.abs.s, "/");
	ck_assert_int_eq(look.side, SIDE_PACKAGE);
}
END_TEST

START_TEST(changes_are_seen)
{
	AUTO(str_fini) struct str abs = STR_INIT;

	packed("l", 'l', "a");
	packed("a/f", 'f', "one");
	packed("b/f", 'f', "two");
	world(NULL, false);
	found("l/f", FSV_FILE, SIDE_PACKAGE, "a/f");
	at(&abs, "l");
	ck_assert_int_eq(unlinkat(pkg.rootfd, abs.s + 1, 0), 0);
	ck_assert_int_eq(symlinkat("b", pkg.rootfd, abs.s + 1), 0);
	world_forget(&w, &abs);
	found("l/f", FSV_FILE, SIDE_PACKAGE, "b/f");
	/* a directory takes what is below it along */
	at(&abs, "b/f");
	ck_assert_int_eq(unlinkat(pkg.rootfd, abs.s + 1, 0), 0);
	at(&abs, "b");
	ck_assert_int_eq(unlinkat(pkg.rootfd, abs.s + 1, AT_REMOVEDIR), 0);
	world_forget(&w, &abs);
	ck_assert_int_eq(find("b/f", 0), -ENOENT);
	/* what was not there is not remembered */
	packed("b/f", 'f', "again");
	found("b/f", FSV_FILE, SIDE_PACKAGE, "b/f");
}
END_TEST

START_TEST(placeholders)
{
	packed("listed", 'f', TREE_PLACEHOLDER_TEXT);
	packed("real", 'f', "content");
	host("there", 'f', TREE_PLACEHOLDER_TEXT);
	world("ignore_exact=@/there\n", false);
	for (int cached = 0; cached < 2; cached++) {
		found("listed", FSV_FILE, SIDE_PACKAGE, "listed");
		ck_assert(look.placeholder);
		found("real", FSV_FILE, SIDE_PACKAGE, "real");
		ck_assert(!look.placeholder);
		found("there", FSV_FILE, SIDE_HOST, "there");
		ck_assert(!look.placeholder);
	}
}
END_TEST

START_TEST(proc_links)
{
	AUTO(str_fini) struct str name = STR_INIT, in = STR_INIT;

	packed("d/f", 'f', "package");
	packed("exe", 'f', "never");
	world("ignore_prefix=/proc\n", false);
	/* exe: what the session says, in virtual names; it is not in this package */
	ck_assert_int_eq(look_up(&look, "/", "/proc/self/exe", 0), 0);
	ck_assert_int_eq(look.walk.kind, FSV_LINK);
	ck_assert_str_eq(look.walk.text.s, "/virtual/exe");
	ck_assert(look.faked);
	ck_assert_int_eq(look_up(&look, "/", "/proc/self/exe", WALK_FOLLOW), -ENOENT);
	str_addf(&name, "/proc/%d/exe", getpid());
	ck_assert_int_eq(look_up(&look, "/", name.s, 0), 0);
	ck_assert_str_eq(look.walk.text.s, "/virtual/exe");
	/* of a process that is not ours: the kernel's */
	ck_assert_int_eq(look_up(&look, "/", "/proc/1/exe", 0), 0);
	ck_assert(!look.faked);
	/* root leads nowhere else than to our root */
	str_clear(&name);
	str_addf(&name, "/proc/self/root%s/d/f", dir);
	ck_assert_int_eq(look_up(&look, "/", name.s, WALK_FOLLOW), 0);
	ck_assert_int_eq(look.side, SIDE_PACKAGE);
	ck_assert(look.faked);
	/* cwd in the package: its virtual name */
	str_addf(&in, "%s%s/d", pkg.root.s, dir);
	ck_assert_int_eq(chdir(in.s), 0);
	ck_assert_int_eq(look_up(&look, "/", "/proc/self/cwd/f", WALK_FOLLOW), 0);
	ck_assert_int_eq(look.side, SIDE_PACKAGE);
	at(&name, "d/f");
	ck_assert_str_eq(look.walk.abs.s, name.s);
	ck_assert_int_eq(look_up(&look, "/", "/proc/thread-self/cwd/../d", WALK_FOLLOW),
			 0);
	at(&name, "d");
	ck_assert_str_eq(look.walk.abs.s, name.s);
	ck_assert_int_eq(chdir(dir), 0);
}
END_TEST

START_TEST(environment)
{
	static const char stored[] =
		"A=package\0EMPTY=\0NL=two\nlines\0LD_LIBRARY_PATH=/pkg\0"
		"DISPLAY=:1\0=odd\0EQ=a=b";
	static char *const hosts[] = { (char *)"A=host",
				       (char *)"B=host",
				       (char *)"EMPTY=no",
				       (char *)"DISPLAY=:7",
				       (char *)"LD_PRELOAD=/evil.so",
				       (char *)"AB=prefix",
				       (char *)"LD_LIBRARY_PATH=/host",
				       NULL };
	struct env x = { { 0 } };

	world("ignore_environment_var=DISPLAY\n", false);
	env_make(&x, stored, sizeof(stored), &rules, hosts);
	ck_assert_str_eq(env_get(&x, "A"), "package");
	ck_assert_str_eq(env_get(&x, "B"), "host");
	ck_assert_str_eq(env_get(&x, "AB"), "prefix");
	ck_assert_str_eq(env_get(&x, "EMPTY"), "");
	ck_assert_str_eq(env_get(&x, "NL"), "two\nlines");
	ck_assert_str_eq(env_get(&x, "EQ"), "a=b");
	ck_assert_str_eq(env_get(&x, "DISPLAY"), ":7");
	ck_assert_str_eq(env_get(&x, "LD_LIBRARY_PATH"), "/pkg");
	ck_assert_ptr_null(env_get(&x, "LD_PRELOAD"));
	ck_assert_ptr_null(env_get(&x, "LD"));
	ck_assert_ptr_null(env_get(&x, ""));
	ck_assert_ptr_null(x.v.v[x.v.n - 1]);
	ck_assert_uint_eq(x.v.n, 9); /* each name once, and the NULL */
	env_fini(&x);
	env_make(&x, "", 0, &rules, hosts + 7);
	ck_assert_uint_eq(x.v.n, 1);
	env_fini(&x);
}
END_TEST

START_TEST(missing_names)
{
	AUTO(str_fini) struct str text = STR_INIT;
	AUTO(err_fini) struct err e = ERR_INIT;
	struct missing m = { 0 };

	ck_assert_int_eq(missing_save(&m, &pkg, &e), 0);
	ck_assert_int_eq(faccessat(pkg.dirfd, PKG_MISSING, F_OK, 0), -1);
	missing_add(&m, "openat", "/a\xff\xc3\xa9\"\\\n\x7f\xe2\x82", ENOENT, false,
		    NULL);
	ck_assert_int_eq(missing_save(&m, &pkg, &e), 0);
	missing_fini(&m);
	m = (struct missing){ 0 };
	for (int i = 0; i < 3; i++)
		missing_add(&m, "stat", "/x", EACCES, false, "/bin/p\xe9");
	ck_assert_uint_eq(m.names.n, 1);
	ck_assert_int_eq(missing_save(&m, &pkg, &e), 0);
	ck_assert_int_eq(fs_slurp(pkg.dirfd, PKG_MISSING, &text, &e), 0);
	ck_assert_str_eq(
		text.s,
		"{\"call\":\"openat\",\"path\":\"/a\\udcff\xc3\xa9\\\"\\\\\\u000a\\u007f"
		"\\udce2\\udc82\",\"errno\":\"ENOENT\",\"placeholder\":false,\"program\":"
		"\"\","
		"\"count\":1}\n"
		"{\"call\":\"stat\",\"path\":\"/"
		"x\",\"errno\":\"EACCES\",\"placeholder\":false,"
		"\"program\":\"/bin/p\\udce9\",\"count\":3}\n");
	for (int i = 0; i < MISSING_MOST + 10; i++) {
		char name[16];

		snprintf(name, sizeof(name), "/n%d", i);
		missing_add(&m, "stat", name, ENOENT, false, NULL);
	}
	ck_assert_uint_eq(m.names.n, MISSING_MOST);
	missing_fini(&m);
}
END_TEST

START_TEST(users_copy_is_read)
{
	AUTO(str_fini) struct str real = STR_INIT;

	world("ignore_exact=/etc/passwd\nignore_exact=/etc/group\n", false);
	str_set(&w.who.passwd, dir);
	str_add(&w.who.passwd, "/copy");
	make(w.who.passwd.s, 'f', "x");
	world_real(&w, SIDE_HOST, "/etc/passwd", &real);
	ck_assert_str_eq(real.s, w.who.passwd.s);
	ck_assert_str_eq(world_virtual(&w, real.s), "/etc/passwd");
	world_real(&w, SIDE_HOST, "/etc/group", &real);
	ck_assert_str_eq(real.s, "/etc/group");
	world_real(&w, SIDE_PACKAGE, "/etc/passwd", &real);
	ck_assert(path_under(real.s, pkg.root.s));
}
END_TEST

Suite *
suite_exec(void)
{
	Suite *s = suite_create("exec");
	TCase *t = tcase_create("world"), *o = tcase_create("package");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, names);
	tcase_add_test(t, sandbox);
	tcase_add_test(t, seamless);
	tcase_add_loop_test(t, rule_sides, 0, 2);
	tcase_add_test(t, directories_lead);
	tcase_add_test(t, links);
	tcase_add_test(t, changes_are_seen);
	tcase_add_test(t, placeholders);
	tcase_add_test(t, proc_links);
	tcase_add_checked_fixture(o, setup, teardown);
	tcase_add_test(o, environment);
	tcase_add_test(o, missing_names);
	tcase_add_test(t, users_copy_is_read);
	suite_add_tcase(s, t);
	suite_add_tcase(s, o);
	return s;
}
