/* Packages as models: order, repairs of what a manifest cannot mean, hostile ones. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "inspect/db.h"
#include "inspect/detail.h"
#include "inspect/model.h"
#include "inspect/query.h"
#include "inspect/scan.h"
#include "inspect/text.h"
#include "suites.h"

static char dir[64];
static struct err err;
static struct package p;

static void
sh(const char *text)
{
	AUTO(str_fini) struct str cmd = STR_INIT;

	str_addf(&cmd, "cd '%s' && { %s; }", dir, text);
	ck_assert_int_eq(system(cmd.s), 0);
}

static void
setup(void)
{
	strcpy(dir, "/tmp/unit-model-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	err = (struct err)ERR_INIT;
	p = (struct package)PACKAGE_INIT;
	sh("mkdir -p cde-root/usr/lib cde-root/etc; echo 1 >cde-root/usr/lib/b;"
	   "echo 22 >cde-root/usr/lib/a; ln -s b cde-root/usr/lib/l; mkfifo cde-root/p");
}

static void
teardown(void)
{
	package_close(&p);
	err_fini(&err);
	sh("rm -rf \"$PWD\"");
}

static void
reopen(unsigned flags)
{
	package_close(&p);
	p = (struct package)PACKAGE_INIT;
	ck_assert_msg(package_open(&p, dir, flags, &err) == 0, "%s", err.text.s);
}

/* Statements on a manifest that scan has made of the tree. */
static void
with_manifest(const char *sql)
{
	reopen(PACKAGE_WRITE);
	if (sqlite3_exec(p.db, sql, NULL, NULL, NULL) != SQLITE_OK)
		ck_abort_msg("%s: %s", sql, sqlite3_errmsg(p.db));
	reopen(0);
}

static enum model_step
add_path(void *ctx, uint32_t n, const struct entry *x)
{
	str_addf(ctx, "%s%s ", x->path, x->kind == 'd' ? "/" : "");
	return MODEL_ON;
}

static const char *
paths(void)
{
	static struct str text = STR_INIT;
	struct model m = { 0 };

	str_clear(&text);
	ck_assert_msg(model_load(&m, &p, 0, &err) == 0, "%s", err.text.s);
	for (uint32_t i = 1; i < m.n; i++)
		ck_assert_uint_lt(m.node[i].parent, i);
	model_each(&m, 0, add_path, &text);
	model_fini(&m);
	return text.s;
}

static bool
each_path(void *ctx, const struct entry *x)
{
	text_escape(ctx, x->path, x->len);
	str_addc(ctx, ' ');
	return true;
}

static const char *
streamed(void)
{
	static struct str text = STR_INIT;
	struct each how = { .cb = each_path, .ctx = &text };

	str_clear(&text);
	ck_assert_msg(package_each(&p, &how, &err) == 0, "%s", err.text.s);
	return text.s;
}

START_TEST(without_manifest_the_tree_is_shown)
{
	reopen(0);
	ck_assert_ptr_null(p.db);
	ck_assert_str_eq(paths(), "// /etc/ /p /usr/ /usr/lib/ /usr/lib/a /usr/lib/b "
				  "/usr/lib/l ");
}
END_TEST

START_TEST(a_manifest_shows_the_same)
{
	with_manifest("SELECT 1");
	ck_assert_int_eq(p.version, MANIFEST_VERSION);
	ck_assert_str_eq(paths(), "// /etc/ /p /usr/ /usr/lib/ /usr/lib/a /usr/lib/b "
				  "/usr/lib/l ");
}
END_TEST

START_TEST(rows_in_any_order_are_sorted)
{
	with_manifest("DELETE FROM file;"
		      "INSERT INTO file(path, kind, state) VALUES('/b/z','f',0),('/a','f',0),"
		      "('/b','d',0),('/b/y/x','f',0),('/b-c','f',0)");
	ck_assert_str_eq(paths(), "// /a /b/ /b/y/ /b/y/x /b/z /b-c ");
	ck_assert_str_eq(streamed(), "/a /b /b-c /b/y/x /b/z ");
}
END_TEST

START_TEST(bytes_that_are_no_text_are_merged_in)
{
	with_manifest("DELETE FROM file;"
		      "INSERT INTO file(path, kind, state) VALUES(x'2fff','f',0),('/a','f',0),"
		      "(x'2f61ff','f',0),('/b','f',0)");
	ck_assert_str_eq(streamed(), "/a /a\\xff /b /\\xff ");
}
END_TEST

START_TEST(impossible_rows_are_left_out_and_counted)
{
	with_manifest("DELETE FROM file;"
		      "INSERT INTO file(path, kind, state, size) VALUES('/ok','f',0,-5),"
		      "('relative','f',0,1),('/a/../b','f',0,1),('/a//b','f',0,1),"
		      "('/a/.','f',0,1),('/a/','f',0,1),(x'2f610062','f',0,1),('','f',0,1),"
		      "(17,'f',0,1),(zeroblob(100),'f',0,1)");
	ck_assert_str_eq(paths(), "// /ok ");
	ck_assert_uint_eq(p.refused, 9);
}
END_TEST

START_TEST(numbers_do_not_overflow)
{
	struct model m = { 0 };

	with_manifest("DELETE FROM file;"
		      "INSERT INTO file(id, path, kind, state, size) VALUES"
		      "(-7,'/a','f',0,9223372036854775807),(9000000000,'/b','f',0,"
		      "9223372036854775807),(3,'/c','f',0,9223372036854775807),"
		      "(4,'/d','f',99,5),(5,'/e','f','x','y'),(6,'/f',NULL,0,1e300),"
		      "(7,'/g','f',-1,1);"
		      "INSERT INTO access(file, process, kind)"
		      " VALUES(9223372036854775807,1,2),(3,1,-1),(-5,1,1)");
	ck_assert_msg(model_load(&m, &p, MODEL_TOTALS | MODEL_ACCESS | MODEL_PINS, &err) == 0,
		      "%s", err.text.s);
	ck_assert_uint_eq(m.total[0].bytes, UINT64_MAX);
	ck_assert_uint_eq(m.access[model_find(&m, "/c", 2)], 0xff);
	model_fini(&m);
}
END_TEST

START_TEST(a_file_with_children_is_a_directory)
{
	with_manifest("DELETE FROM file;"
		      "INSERT INTO file(path, kind, state) VALUES('/a','f',0),('/a/b','f',0),"
		      "('/','f',0)");
	ck_assert_str_eq(paths(), "// /a/ /a/b ");
}
END_TEST

static void
refused(const char *why)
{
	AUTO(err_fini) struct err e = ERR_INIT;

	package_close(&p);
	p = (struct package)PACKAGE_INIT;
	ck_assert_int_lt(package_open(&p, dir, 0, &e), 0);
	ck_assert_msg(strstr(e.text.s, why), "%s", e.text.s);
	package_close(&p);
	p = (struct package)PACKAGE_INIT;
	ck_assert_int_eq(package_open(&p, dir, PACKAGE_TREE, &e), 0);
}

START_TEST(foreign_and_corrupt_manifests_are_errors)
{
	sh("head -c 5000 /dev/urandom >manifest.db");
	refused("not a database");
	sh("rm manifest.db; sqlite3 manifest.db 'create table t(x)'");
	refused("not a manifest");
	sh("rm manifest.db; ln -s /etc/passwd manifest.db");
	refused("not a regular file");
	sh("rm manifest.db; mkfifo manifest.db");
	refused("not a regular file");
}
END_TEST

START_TEST(what_would_run_when_read_is_refused)
{
	reopen(PACKAGE_WRITE);
	sh("sqlite3 manifest.db 'create trigger t after insert on file begin select 1; end'");
	refused("triggers");
	sh("sqlite3 manifest.db 'drop trigger t; create view v as select 1'");
	refused("triggers");
	sh("sqlite3 manifest.db 'drop view v; alter table file rename to f2; "
	   "create view file as select * from f2'");
	refused("triggers");
	sh("sqlite3 manifest.db 'drop view file; pragma user_version = 99'");
	refused("newer");
}
END_TEST

START_TEST(truncated_manifests_are_errors_not_crashes)
{
	struct stat st;

	with_manifest("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE "
		      "i<3000) INSERT INTO file(path, kind, state) SELECT '/x/'||i,'f',0 FROM n");
	package_close(&p);
	sh("cp manifest.db whole");
	ck_assert_int_eq(stat(dir, &st), 0);
	for (int cut = 100; cut < 120000; cut += 7777) {
		AUTO(err_fini) struct err e = ERR_INIT;
		AUTO(str_fini) struct str cmd = STR_INIT;
		struct model m = { 0 };

		str_addf(&cmd, "head -c %d whole >manifest.db", cut);
		sh(cmd.s);
		p = (struct package)PACKAGE_INIT;
		if (package_open(&p, dir, 0, &e) == 0)
			model_load(&m, &p, MODEL_TOTALS | MODEL_ACCESS, &e);
		model_fini(&m);
		package_close(&p);
	}
	p = (struct package)PACKAGE_INIT;
}
END_TEST

/* As the first version of cde made it. */
static const char version_1[] =
	"CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;"
	"CREATE TABLE run(id INTEGER PRIMARY KEY, argv, cwd, started TEXT, seconds REAL,"
	" status INTEGER, engine TEXT);"
	"CREATE TABLE process(id INTEGER PRIMARY KEY, run INTEGER NOT NULL, parent INTEGER,"
	" pid INTEGER, exe, argv);"
	"CREATE TABLE file(id INTEGER PRIMARY KEY, path UNIQUE NOT NULL, kind TEXT,"
	" mode INTEGER, uid INTEGER, gid INTEGER, size INTEGER, mtime_ns INTEGER,"
	" ctime_ns INTEGER, dev INTEGER, ino INTEGER, link, state INTEGER NOT NULL,"
	" listed INTEGER NOT NULL DEFAULT 0, note, run INTEGER, sha256 TEXT,"
	" origin_class TEXT, origin_package TEXT, origin_version TEXT, mime TEXT,"
	" description TEXT);"
	"CREATE TABLE access(file INTEGER NOT NULL, process INTEGER NOT NULL,"
	" kind INTEGER NOT NULL, PRIMARY KEY(file, process)) WITHOUT ROWID;"
	"CREATE TABLE listing(dir INTEGER NOT NULL, name NOT NULL, type TEXT, run INTEGER,"
	" PRIMARY KEY(dir, name)) WITHOUT ROWID;"
	"CREATE TABLE miss(id INTEGER PRIMARY KEY, run INTEGER NOT NULL, path NOT NULL,"
	" call TEXT, errno INTEGER, process INTEGER, count INTEGER);"
	"CREATE TABLE note(run INTEGER NOT NULL, what TEXT NOT NULL, count INTEGER,"
	" PRIMARY KEY(run, what)) WITHOUT ROWID;"
	"CREATE TABLE edit(id INTEGER PRIMARY KEY, grp INTEGER, verb TEXT, path, arg,"
	" at TEXT, done INTEGER, written INTEGER);"
	"INSERT INTO file(path, kind, state, size) VALUES('/usr/lib/a', 'f', 0, 3);"
	"INSERT INTO run(argv, cwd) VALUES('true', '/');"
	"INSERT INTO process(id, run, pid, argv) VALUES(1, 1, 7, 'true');"
	"INSERT INTO access VALUES(1, 1, 2);"
	"PRAGMA application_id = 0x43444531; PRAGMA user_version = 1;";

START_TEST(version_1_is_read_and_migrated)
{
	AUTO(str_fini) struct str name = STR_INIT;
	detail_runs runs = { 0 };
	struct detail d;
	sqlite3 *db;

	str_addf(&name, "%s/manifest.db", dir);
	ck_assert_int_eq(sqlite3_open(name.s, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, version_1, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	reopen(0);
	ck_assert_int_eq(p.version, 1);
	ck_assert_str_eq(paths(), "// /usr/ /usr/lib/ /usr/lib/a ");
	ck_assert_int_eq(detail_read(&p, "/usr/lib/a", &d, &err), 0);
	ck_assert_int_eq(d.size, 3);
	ck_assert_uint_eq(d.use.n, 1);
	ck_assert_str_eq(d.use.v[0].call, "");
	detail_fini(&d);
	ck_assert_int_eq(detail_runs_read(&p, &runs, &err), 0);
	ck_assert_uint_eq(runs.n, 1);
	detail_runs_fini(&runs);
	reopen(PACKAGE_WRITE);
	ck_assert_int_eq(p.version, MANIFEST_VERSION);
	ck_assert_int_eq(db_number(&p, "SELECT count(*) FROM fact", -1), 0);
	ck_assert_int_eq(db_number(&p, "SELECT kind FROM access WHERE seq IS NULL", -1),
			 ACCESS_READ);
	ck_assert_str_eq(paths(), "// /usr/ /usr/lib/ /usr/lib/a ");
}
END_TEST

START_TEST(no_link_leads_out)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	AUTO(str_fini) struct str real = STR_INIT;
	struct stat st;
	int fd;

	sh("ln -s /etc cde-root/out; ln -s ../../../../../../etc/passwd cde-root/up;"
	   "ln -s loop cde-root/loop");
	reopen(0);
	ck_assert_int_lt(package_file(&p, "/out/passwd", false, NULL, &e), 0);
	ck_assert_int_lt(package_file(&p, "/out/passwd", true, NULL, &e), 0);
	ck_assert_int_lt(package_file(&p, "/up", true, NULL, &e), 0);
	ck_assert_int_lt(package_file(&p, "/loop", true, NULL, &e), 0);
	ck_assert_int_lt(package_file(&p, "/p", true, NULL, &e), 0); /* and does not wait */
	ck_assert_int_lt(package_lstat(&p, "/out/passwd", &st), 0);
	ck_assert_int_eq(package_resolve(&p, "/out", &real), 0);
	ck_assert_str_eq(real.s, "/etc");
	fd = package_file(&p, "/usr/lib/l", true, &st, &e);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(st.st_size, 2);
	close(fd);
}
END_TEST

START_TEST(nodes_can_be_added_and_found)
{
	AUTO(str_fini) struct str path = STR_INIT;
	struct model m = { 0 };
	uint32_t n;

	reopen(0);
	ck_assert_int_eq(model_load(&m, &p, 0, &err), 0);
	n = model_add(&m, "/usr/aa/new", 11);
	ck_assert_uint_ne(n, UINT32_MAX);
	model_path(&m, n, &path);
	ck_assert_str_eq(path.s, "/usr/aa/new");
	ck_assert_uint_eq(model_find(&m, "/usr/aa/new", 11), n);
	ck_assert_uint_eq(model_add(&m, "/usr/aa/new", 11), n);
	ck_assert_uint_eq(model_find(&m, "/usr/aa/ne", 10), UINT32_MAX);
	ck_assert_uint_eq(model_find(&m, "/", 1), 0);
	ck_assert_uint_eq(model_add(&m, "/usr/../x", 9), UINT32_MAX);
	ck_assert_str_eq(model_name(&m, m.node[model_find(&m, "/usr", 4)].first), "aa");
	model_fini(&m);
}
END_TEST

/* Many at once are where they are when they are added one by one. */
START_TEST(many_nodes_are_linked_in_order)
{
	struct model one = { 0 }, many = { 0 };
	unsigned seed = 3;

	for (int turn = 0; turn < 30; turn++) {
		uint32_t from = many.n ? many.n : 1;

		for (int i = 0; i < 100; i++) {
			AUTO(str_fini) struct str path = STR_INIT;

			for (int k = 0; k < 1 + i % 3; k++) {
				seed = seed * 1103515245 + 12345;
				str_addf(&path, "/%u", (seed >> 16) % 40);
			}
			ck_assert_uint_eq(model_put(&many, path.s, path.len),
					  model_add(&one, path.s, path.len));
			ck_assert_uint_ne(model_find(&many, path.s, path.len),
					  UINT32_MAX);
		}
		model_link(&many, from);
		ck_assert_uint_eq(one.n, many.n);
		for (uint32_t n = 0; n < one.n; n++) {
			uint32_t next = many.node[n].next;

			ck_assert_uint_eq(one.node[n].first, many.node[n].first);
			ck_assert_uint_eq(one.node[n].next, next);
			ck_assert(!next || strcmp(model_name(&many, n),
						  model_name(&many, next)) < 0);
		}
	}
	ck_assert_uint_gt(many.n, 1000);
	model_fini(&one);
	model_fini(&many);
}
END_TEST

START_TEST(pins_follow_the_rules)
{
	struct model m = { 0 };

	sh("printf '# cde.options v2\\nignore_prefix=/usr\\nredirect_exact=/usr/lib/a\\n"
	   "hide_exact=/p\\n' >cde.options");
	reopen(0);
	ck_assert_int_eq(model_load(&m, &p, MODEL_PINS, &err), 0);
	ck_assert_uint_eq(m.node[model_find(&m, "/usr", 4)].flags, ENTRY_HOST);
	ck_assert_uint_eq(m.node[model_find(&m, "/usr/lib", 8)].flags,
			  ENTRY_HOST | ENTRY_INHERITED);
	ck_assert_uint_eq(m.node[model_find(&m, "/usr/lib/a", 10)].flags, ENTRY_SANDBOX);
	ck_assert_uint_eq(m.node[model_find(&m, "/usr/lib/b", 10)].flags,
			  ENTRY_HOST | ENTRY_INHERITED);
	ck_assert_uint_eq(m.node[model_find(&m, "/p", 2)].flags, ENTRY_HIDDEN);
	ck_assert_uint_eq(m.node[model_find(&m, "/etc", 4)].flags, 0);
	model_fini(&m);
}
END_TEST

START_TEST(scan_finds_what_came_and_went)
{
	struct scan_counts n = { 0 };

	with_manifest("SELECT 1");
	sh("rm cde-root/usr/lib/a; echo new >cde-root/etc/new");
	reopen(PACKAGE_WRITE);
	ck_assert_msg(scan_rows(&p, &n, &err) == 0, "%s", err.text.s);
	ck_assert_uint_eq(n.added, 1);
	ck_assert_uint_eq(n.lost, 1);
	sh("echo 22 >cde-root/usr/lib/a");
	n = (struct scan_counts){ 0 };
	ck_assert_int_eq(scan_rows(&p, &n, &err), 0);
	ck_assert_uint_eq(n.added + n.lost, 0);
	ck_assert_int_eq(db_number(&p, "SELECT state FROM file WHERE path='/usr/lib/a'", -1),
			 FILE_CAPTURED);
}
END_TEST

START_TEST(two_writers_exclude_each_other)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	struct package q = PACKAGE_INIT;

	reopen(PACKAGE_WRITE);
	ck_assert_int_lt(package_open(&q, dir, PACKAGE_WRITE, &e), 0);
	ck_assert_ptr_nonnull(strstr(e.text.s, "in use"));
	package_close(&q);
	q = (struct package)PACKAGE_INIT;
	ck_assert_int_eq(package_open(&q, dir, 0, &e), 0);
	package_close(&q);
}
END_TEST

Suite *
suite_model(void)
{
	Suite *s = suite_create("model");
	TCase *t = tcase_create("model");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, without_manifest_the_tree_is_shown);
	tcase_add_test(t, a_manifest_shows_the_same);
	tcase_add_test(t, rows_in_any_order_are_sorted);
	tcase_add_test(t, bytes_that_are_no_text_are_merged_in);
	tcase_add_test(t, impossible_rows_are_left_out_and_counted);
	tcase_add_test(t, numbers_do_not_overflow);
	tcase_add_test(t, a_file_with_children_is_a_directory);
	tcase_add_test(t, foreign_and_corrupt_manifests_are_errors);
	tcase_add_test(t, what_would_run_when_read_is_refused);
	tcase_add_test(t, truncated_manifests_are_errors_not_crashes);
	tcase_add_test(t, version_1_is_read_and_migrated);
	tcase_add_test(t, no_link_leads_out);
	tcase_add_test(t, nodes_can_be_added_and_found);
	tcase_add_test(t, many_nodes_are_linked_in_order);
	tcase_add_test(t, pins_follow_the_rules);
	tcase_add_test(t, scan_finds_what_came_and_went);
	tcase_add_test(t, two_writers_exclude_each_other);
	suite_add_tcase(s, t);
	return s;
}
