/* The manifest as a database: what was put in comes out again, in any order of
 * batches, for any bytes in a name. */
#include <check.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pkg/manifest.h"
#include "suites.h"

static struct layout layout;
static struct err err;

static void
setup(void)
{
	char dir[] = "/tmp/unit-manifest-XXXXXX";

	ck_assert_ptr_nonnull(mkdtemp(dir));
	layout = (struct layout)LAYOUT_INIT;
	err = (struct err)ERR_INIT;
	ck_assert_int_eq(layout_create(&layout, dir, &err), 0);
}

static void
teardown(void)
{
	AUTO(str_fini) struct str cmd = STR_INIT;

	str_addf(&cmd, "rm -rf '%s'", layout.dir.s);
	ck_assert_int_eq(system(cmd.s), 0);
	layout_fini(&layout);
	err_fini(&err);
}

static struct manifest *
open_it(void)
{
	struct manifest *m = manifest_open(&layout, &err);

	ck_assert_msg(m, "%s", err.text.s);
	return m;
}

static void
start_run(struct manifest *m)
{
	char *argv[] = { (char[]){ "a b" }, (char[]){ "c" }, NULL };
	const struct manifest_command command = { argv, "/", "ptrace", "/root" };

	manifest_run(m, &command);
}

static int64_t
number(const char *sql)
{
	AUTO(str_fini) struct str name = STR_INIT;
	sqlite3_stmt *s = NULL;
	sqlite3 *db = NULL;
	int64_t n = -1;

	str_addf(&name, "%s/" PKG_MANIFEST, layout.dir.s);
	ck_assert_int_eq(sqlite3_open_v2(name.s, &db, SQLITE_OPEN_READONLY, NULL),
			 SQLITE_OK);
	ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
	if (sqlite3_step(s) == SQLITE_ROW)
		n = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	sqlite3_close(db);
	return n;
}

static void
add_file(struct manifest *m, const char *path, off_t size, enum file_state state)
{
	struct manifest_file f = { .path = path, .state = state };

	f.st.st_mode = S_IFREG | 0644;
	f.st.st_size = size;
	f.st.st_mtim = (struct timespec){ 1700000000, 123456789 };
	f.st.st_ctim = (struct timespec){ -5, 999999999 };
	manifest_file(m, &f);
}

static void
keep_last(void *ctx, const struct manifest_file *f)
{
	struct stat *st = ctx;

	*st = f->st;
}

START_TEST(a_file_comes_back_as_it_was)
{
	struct manifest *m = open_it();
	struct stat st = { 0 };

	start_run(m);
	add_file(m, "/x", 42, FILE_CAPTURED);
	ck_assert_int_eq(manifest_close(m, &err), 0);
	m = open_it();
	ck_assert_int_eq(manifest_each_file(m, keep_last, &st, &err), 0);
	ck_assert_int_eq(st.st_size, 42);
	ck_assert_int_eq(st.st_mtim.tv_nsec, 123456789);
	ck_assert_int_eq(st.st_ctim.tv_sec, -5);
	ck_assert_int_eq(st.st_ctim.tv_nsec, 999999999);
	st.st_size = 0;
	manifest_find_file(m, "/x", keep_last, &st);
	ck_assert_int_eq(st.st_size, 42);
	manifest_close(m, &err);
}
END_TEST

START_TEST(the_format_is_marked)
{
	manifest_close(open_it(), &err);
	ck_assert_int_eq(number("PRAGMA application_id"), 0x43444531);
	ck_assert_int_eq(number("PRAGMA user_version"), MANIFEST_VERSION);
}
END_TEST

START_TEST(a_newer_format_is_refused)
{
	AUTO(str_fini) struct str name = STR_INIT;
	sqlite3 *db;

	manifest_close(open_it(), &err);
	str_addf(&name, "%s/" PKG_MANIFEST, layout.dir.s);
	sqlite3_open(name.s, &db);
	sqlite3_exec(db, "PRAGMA user_version = 99", NULL, NULL, NULL);
	sqlite3_close(db);
	ck_assert_ptr_null(manifest_open(&layout, &err));
	ck_assert_ptr_nonnull(strstr(err.text.s, "99"));
}
END_TEST

START_TEST(garbage_is_refused)
{
	int fd = openat(layout.dirfd, PKG_MANIFEST, O_WRONLY | O_CREAT, 0644);
	char page[4096];

	memset(page, 'x', sizeof(page));
	ck_assert_int_eq(write(fd, page, sizeof(page)), sizeof(page));
	close(fd);
	ck_assert_ptr_null(manifest_open(&layout, &err));
	ck_assert(err.text.len > 0);
}
END_TEST

START_TEST(names_are_text_or_blob)
{
	struct manifest *m = open_it();

	start_run(m);
	add_file(m, "/caf\xc3\xa9", 1, FILE_CAPTURED);
	add_file(m, "/bad\xff", 1, FILE_CAPTURED);
	add_file(m, "/short\xc3", 1, FILE_CAPTURED);
	manifest_close(m, &err);
	ck_assert_int_eq(number("SELECT count(*) FROM file WHERE typeof(path) = 'text'"),
			 1);
	ck_assert_int_eq(number("SELECT count(*) FROM file WHERE typeof(path) = 'blob'"),
			 2);
}
END_TEST

START_TEST(accesses_of_one_process_are_merged)
{
	struct manifest *m = open_it();
	int64_t process;

	start_run(m);
	process = manifest_process(m, 0, 77, "/bin/x", "x");
	add_file(m, "/x", 1, FILE_CAPTURED);
	manifest_access(m, "/x", process, ACCESS_STAT, "stat");
	manifest_flush(m, &err);
	manifest_access(m, "/x", process, ACCESS_READ, "openat");
	manifest_close(m, &err);
	ck_assert_int_eq(number("SELECT count(*) FROM access"), 1);
	ck_assert_int_eq(number("SELECT kind FROM access"), ACCESS_STAT | ACCESS_READ);
	ck_assert_int_eq(number("SELECT call = 'stat' AND seq = 1 FROM access"), 1);
}
END_TEST

START_TEST(process_numbers_of_two_runs_differ)
{
	struct manifest *m = open_it(), *n = open_it();
	int64_t parent;

	start_run(m);
	start_run(n);
	parent = manifest_process(m, 0, 1, "/a", "a");
	manifest_process(m, parent, 2, "/a", "a");
	manifest_process(n, 0, 1, "/b", "b");
	ck_assert_int_eq(manifest_close(m, &err), 0);
	ck_assert_int_eq(manifest_close(n, &err), 0);
	ck_assert_int_eq(number("SELECT count(*) FROM process"), 3);
	ck_assert_int_eq(number("SELECT count(DISTINCT run) FROM process"), 2);
	ck_assert_int_eq(number("SELECT count(*) FROM process a, process b"
				" WHERE a.parent = b.id AND a.run = b.run"),
			 1);
	ck_assert_int_eq(number("SELECT count(*) FROM process WHERE parent = 0"), 2);
}
END_TEST

START_TEST(a_placeholder_does_not_replace_a_file)
{
	struct manifest *m = open_it();

	start_run(m);
	add_file(m, "/x", 1, FILE_CAPTURED);
	add_file(m, "/x", 2, FILE_PLACEHOLDER);
	add_file(m, "/y", 2, FILE_PLACEHOLDER);
	add_file(m, "/y", 3, FILE_CAPTURED);
	manifest_close(m, &err);
	ck_assert_int_eq(number("SELECT state FROM file WHERE path='/x'"), FILE_CAPTURED);
	ck_assert_int_eq(number("SELECT size FROM file WHERE path='/x'"), 1);
	ck_assert_int_eq(number("SELECT state FROM file WHERE path='/y'"), FILE_CAPTURED);
}
END_TEST

START_TEST(an_origin_is_forgotten_with_the_content)
{
	struct manifest *m = open_it();
	struct manifest_file f = { .path = "/x", .st.st_mode = S_IFREG };

	start_run(m);
	manifest_file(m, &f);
	manifest_origin(m, "/x", &(struct manifest_origin){ "package", "p", "1", "" });
	manifest_file(m, &f);
	manifest_flush(m, &err);
	ck_assert_int_eq(number("SELECT count(*) FROM file WHERE origin_class='package'"),
			 1);
	f.st.st_mtim.tv_nsec = 1;
	manifest_file(m, &f);
	manifest_close(m, &err);
	ck_assert_int_eq(number("SELECT count(*) FROM file WHERE origin_class IS NULL"),
			 1);
}
END_TEST

START_TEST(many_rows_are_written_in_batches)
{
	AUTO(str_fini) struct str path = STR_INIT;
	struct manifest *m = open_it();

	start_run(m);
	for (int i = 0; i < 12000; i++) {
		str_clear(&path);
		str_addf(&path, "/d/%d", i);
		add_file(m, path.s, 1, FILE_CAPTURED);
	}
	/* two batches, and one row is the run's */
	ck_assert_int_eq(number("SELECT count(*) FROM file"), 9999);
	struct manifest_totals t;

	ck_assert_int_eq(manifest_totals(m, &t, &err), 0);
	ck_assert_int_eq(t.files, 12000);
	ck_assert_int_eq(t.bytes, 12000);
	manifest_close(m, &err);
}
END_TEST

static void *
flush_often(void *m)
{
	AUTO(err_fini) struct err e = ERR_INIT;

	for (int i = 0; i < 200; i++)
		if (i % 2)
			manifest_flush(m, &e);
		else
			manifest_flush_idle(m);
	return NULL;
}

/* While one thread adds rows, and asks for those of before, another writes. */
START_TEST(another_thread_writes)
{
	AUTO(str_fini) struct str path = STR_INIT;
	struct manifest *m = open_it();
	struct stat st = { 0 };
	pthread_t writer;

	manifest_be_patient(m, true);
	start_run(m);
	add_file(m, "/first", 7, FILE_CAPTURED);
	ck_assert_int_eq(manifest_flush(m, &err), 0);
	ck_assert_int_eq(pthread_create(&writer, NULL, flush_often, m), 0);
	for (int i = 0; i < 20000; i++) {
		str_clear(&path);
		str_addf(&path, "/d/%d", i);
		add_file(m, path.s, 1, FILE_CAPTURED);
		if (i % 100 == 0)
			manifest_find_file(m, "/first", keep_last, &st);
	}
	pthread_join(writer, NULL);
	ck_assert_int_eq(st.st_size, 7);
	ck_assert_int_eq(manifest_close(m, &err), 0);
	ck_assert_int_eq(number("SELECT count(*) FROM file"), 20001);
}
END_TEST

START_TEST(listings_misses_and_notes)
{
	struct manifest *m = open_it();
	struct manifest_file f = { .path = "/d", .st.st_mode = S_IFDIR, .listed = true };

	start_run(m);
	manifest_file(m, &f);
	manifest_listing(m, "/d", "a", 'f');
	manifest_listing(m, "/d", "a", 'l');
	manifest_miss(m, "/none", "openat", 2, 0, 7);
	manifest_note(m, "strange", 2);
	manifest_note(m, "strange", 3);
	manifest_run_end(m, 256, 1.5);
	manifest_close(m, &err);
	ck_assert_int_eq(number("SELECT count(*) FROM listing WHERE type='l'"), 1);
	ck_assert_int_eq(number("SELECT listed FROM file"), 1);
	ck_assert_int_eq(number("SELECT count FROM miss WHERE path='/none'"), 7);
	ck_assert_int_eq(number("SELECT count FROM note"), 5);
	ck_assert_int_eq(number("SELECT status FROM run WHERE seconds = 1.5"), 256);
}
END_TEST

Suite *
suite_manifest(void)
{
	Suite *s = suite_create("manifest");
	TCase *t = tcase_create("manifest");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_file_comes_back_as_it_was);
	tcase_add_test(t, the_format_is_marked);
	tcase_add_test(t, a_newer_format_is_refused);
	tcase_add_test(t, garbage_is_refused);
	tcase_add_test(t, names_are_text_or_blob);
	tcase_add_test(t, accesses_of_one_process_are_merged);
	tcase_add_test(t, process_numbers_of_two_runs_differ);
	tcase_add_test(t, another_thread_writes);
	tcase_add_test(t, a_placeholder_does_not_replace_a_file);
	tcase_add_test(t, an_origin_is_forgotten_with_the_content);
	tcase_add_test(t, many_rows_are_written_in_batches);
	tcase_add_test(t, listings_misses_and_notes);
	suite_add_tcase(s, t);
	return s;
}
