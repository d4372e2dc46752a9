/* Edits against a naive reference: a list of whole states, through which undo steps. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "inspect/db.h"
#include "inspect/edit.h"
#include "inspect/scan.h"
#include "suites.h"
#include "tree/copy.h"

enum { FILES = 12, HOST_FILES = 5, PINS = 6, STATES_MAX = 400, DIRS = 4 };

static const char *const name[FILES] = {
	"/a/x", "/a/y", "/a/b/x", "/a/b/y", "/a b/\xff\x01", "/a b/\xc3\xa9",
	"/top", "/ab",	"/a/b.c", "/new/x", "/new/n/y",	     "/a/b/new",
};
static const char *const directory[DIRS] = { "/a", "/a/b", "/a b", "/new" };
static const char *const side[PINS] = { "",	  "host",    "sandbox",
					"hidden", "inherit", "absent" };
enum { PIN_INHERIT = 4, PIN_ABSENT };

struct state {
	int content[FILES]; /* 0 none; 1: as it was; n: host file n */
	int note[FILES];
	int pin[FILES];
	bool absent[FILES];
};

static char dir[64];
static struct package p;
static struct edits x;
static struct err e;
static struct state states[STATES_MAX], saved[STATES_MAX];
static int last, now, saved_last, saved_now; /* states: of the last write, too */
static uint64_t seed;

static unsigned
any(unsigned n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}

static void
ok(int r)
{
	ck_assert_msg(r >= 0, "%s", e.text.s);
}

static void
put(const char *at, const char *text)
{
	AUTO(fd_drop) int fd = open(at, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fd_write_all(fd, text, strlen(text)), 0);
}

static void
open_all(void)
{
	p = (struct package)PACKAGE_INIT;
	ok(package_open(&p, "pkg", any(2) ? PACKAGE_WRITE : 0, &e));
	ok(edits_open(&x, &p, 0, &e));
}

static void
close_all(void)
{
	edits_close(&x);
	package_close(&p);
}

static void
make_package(void)
{
	struct layout l = LAYOUT_INIT;
	AUTO(str_fini) struct str at = STR_INIT;

	ok(layout_create(&l, "pkg", &e));
	put("pkg/cde.options", "# cde.options v2\n# mine\nignore_exact=/top\n\n# end");
	for (int i = 0; i < FILES; i++) {
		AUTO(fd_drop) int fd = -1;
		struct stat st;

		str_clear(&at);
		str_addf(&at, "host%d", i);
		put(at.s, at.s);
		if (i >= 9)
			continue;
		fd = open(at.s, O_RDONLY);
		ck_assert_int_eq(fstat(fd, &st), 0);
		ok(tree_copy_file(&l, fd, &st, name[i] + 1, &e));
	}
	for (int i = 0; i < HOST_FILES; i++) { /* what is added */
		str_clear(&at);
		str_addf(&at, "add%d", i);
		put(at.s, at.s);
	}
	layout_fini(&l);
	p = (struct package)PACKAGE_INIT;
	ok(package_open(&p, "pkg", PACKAGE_WRITE, &e)); /* makes the manifest */
	package_close(&p);
}

static void
setup(void)
{
	snprintf(dir, sizeof(dir), "/tmp/unit-edit-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(chdir(dir), 0);
	e = (struct err)ERR_INIT;
	seed = 1;
	make_package();
	memset(states, 0, sizeof(states));
	last = now = saved_last = saved_now = 0;
	for (int i = 0; i < 9; i++)
		states[0].content[i] = 1;
	states[0].pin[6] = 1;
	memcpy(saved, states, sizeof(saved));
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *f)
{
	return remove(path);
}

static void
teardown(void)
{
	err_fini(&e);
	ck_assert_int_eq(chdir("/"), 0);
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- the reference ---- */

static bool
is_below(const char *path, const char *top)
{
	size_t n = strlen(top);

	return strncmp(path, top, n) == 0 && (path[n] == '/' || !path[n]);
}

static struct state *
next_state(void)
{
	ck_assert_int_lt(now + 1, STATES_MAX);
	states[now + 1] = states[now];
	last = ++now;
	return &states[now];
}

static bool
has_below(const struct state *s, const char *top)
{
	for (int i = 0; i < FILES; i++)
		if (s->content[i] && is_below(name[i], top))
			return true;
	return false;
}

static void
act_drop(struct edit_ops *l, struct state *s)
{
	const char *path = any(4) ? name[any(FILES)] : directory[any(DIRS)];

	if (!has_below(s, path))
		return;
	ok(edit_drop(&x, l, path, &e));
	for (int i = 0; i < FILES; i++)
		if (is_below(name[i], path))
			s->content[i] = s->note[i] = 0;
}

static void
act_add(struct edit_ops *l, struct state *s)
{
	AUTO(str_fini) struct str host = STR_INIT;
	int file = (int)any(FILES), n = (int)any(HOST_FILES);
	struct edit_add a = { .path = name[file], .how = EDIT_ADD_ONLY };

	str_addf(&host, "%s/add%d", dir, n);
	a.host = host.s;
	ok(edit_add(&x, l, &a, &e));
	s->content[file] = n + 2;
	s->note[file] = 0;
}

static void
act_pin(struct edit_ops *l, struct state *s)
{
	int file = (int)any(FILES), n = 1 + (int)any(PINS - 1);

	ok(edit_pin(&x, l, name[file], side[n], &e));
	s->absent[file] = n == PIN_ABSENT;
	if (n != PIN_ABSENT)
		s->pin[file] = n == PIN_INHERIT ? 0 : n;
}

static void
act_note(struct edit_ops *l, struct state *s)
{
	AUTO(str_fini) struct str text = STR_INIT;
	int file = (int)any(FILES), n = (int)any(4);

	if (!s->content[file])
		return;
	if (n)
		str_addf(&text, "note %d", n);
	ok(edit_note(&x, l, name[file], text.s, &e));
	s->note[file] = n;
}

static void
act(void)
{
	static void (*const acts[])(struct edit_ops * l, struct state * s) = {
		act_drop, act_drop, act_add, act_add, act_pin, act_note,
	};
	struct edit_ops l = { 0 };
	struct state s = states[now];

	acts[any(6)](&l, &s); /* one: later ones would have to see it */
	if (!l.n)
		return;
	ok((int)edits_stage(&x, &l, &e));
	*next_state() = s;
}

/* ---- comparing ---- */

static void
check_file(int i, int want)
{
	AUTO(str_fini) struct str at = STR_INIT, text = STR_INIT, have = STR_INIT;
	AUTO(err_fini) struct err none = ERR_INIT;

	str_addf(&at, "pkg/cde-root%s", name[i]);
	if (fs_slurp(AT_FDCWD, at.s, &have, &none) < 0 ||
	    strcmp(have.s, TREE_PLACEHOLDER_TEXT) == 0) { /* a mount point */
		ck_assert_msg(!want, "%s is not there", name[i]);
		return;
	}
	ck_assert_msg(want, "%s is there", name[i]);
	if (want == 1)
		str_addf(&text, "host%d", i);
	else
		str_addf(&text, "add%d", want - 2);
	ck_assert_str_eq(have.s, text.s);
}

static void
check_row(int i, const struct state *want)
{
	AUTO(db_finalize) sqlite3_stmt *s = NULL;
	AUTO(str_fini) struct str note = STR_INIT;
	int got;

	ok(db_prepare(&p, &s, "SELECT size, note FROM file WHERE path=?1", &e));
	db_bind_name(s, 1, name[i], strlen(name[i]));
	got = db_step(&p, s, &e);
	ck_assert_msg(got == !!want->content[i], "row of %s: %d", name[i], got);
	if (!got)
		return;
	if (want->note[i])
		str_addf(&note, "note %d", want->note[i]);
	if (strcmp(db_name(s, 1, NULL) ?: "", "found by scan") != 0)
		ck_assert_str_eq(db_name(s, 1, NULL) ?: "", note.s);
}

static void
check_pin(int i, int want, bool absent)
{
	static const enum verdict v[] = { VERDICT_DEFAULT, VERDICT_HOST, VERDICT_PACKAGE,
					  VERDICT_HIDDEN };

	ck_assert_int_eq(rules_decide(&p.rules, name[i], strlen(name[i])).verdict,
			 v[want]);
	ck_assert_int_eq(rules_expect_absent(&p.rules, name[i], strlen(name[i])), absent);
}

static void
check_package(const struct state *want)
{
	for (int i = 0; i < FILES; i++) {
		check_file(i, want->content[i]);
		check_row(i, want);
		check_pin(i, want->pin[i], want->absent[i]);
	}
}

/* What is staged leads from the last write to here. */
static void
check_staged(void)
{
	for (int i = 0; i < FILES; i++) {
		unsigned f = edits_at(&x, name[i]) & (ENTRY_ADD | ENTRY_DROP);
		int was = saved[saved_now].content[i], is = states[now].content[i];

		if (was != is)
			ck_assert_int_eq(f, is ? ENTRY_ADD : ENTRY_DROP);
		else if (is)
			ck_assert_int_ne(f, ENTRY_DROP);
		else
			ck_assert_int_ne(f, ENTRY_ADD);
	}
}

static void
do_write(void)
{
	AUTO(edit_write_fini) struct edit_write w = { 0 };
	int r = edits_write(&x, &w, &e);

	ok(r);
	if (r == 2)
		ck_abort_msg("conflict: %s: %s", w.conflict.v[0].path,
			     w.conflict.v[0].text);
	ck_assert_uint_eq(edits_staged(&x), 0);
	memcpy(saved, states, sizeof(saved));
	saved_last = last;
	saved_now = now;
	check_package(&states[now]);
}

static void
step(void)
{
	unsigned n = 1 + any(3);
	int moved;

	switch (any(12)) {
	case 0:
	case 1:
		ok(moved = edits_undo(&x, n, &e));
		ck_assert_int_eq(moved, (int)n < now ? (int)n : now);
		now -= moved;
		break;
	case 2:
		ok(moved = edits_redo(&x, n, &e));
		ck_assert_int_eq(moved, (int)n < last - now ? (int)n : last - now);
		now += moved;
		break;
	case 3:
		do_write();
		break;
	case 4:
		close_all();
		open_all();
		break;
	case 5:
		if (any(4))
			break;
		ok(edits_discard(&x, &e));
		memcpy(states, saved, sizeof(states));
		now = last = saved_now;
		break;
	default:
		act();
	}
}

static void
dump(struct str *out)
{
	static const char *const sql[] = {
		"SELECT id, hex(path), kind, mode, size, mtime_ns, hex(note), state, "
		"sha256"
		" FROM file ORDER BY id",
		"SELECT file, process, kind, call, seq FROM access ORDER BY 1, 2",
	};
	AUTO(str_fini) struct str text = STR_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(sql); i++) {
		AUTO(db_finalize) sqlite3_stmt *s = NULL;

		ok(db_prepare(&p, &s, sql[i], &e));
		while (db_step(&p, s, &e) > 0) {
			for (int c = 0; c < sqlite3_column_count(s); c++)
				str_addf(out, "%s|", db_name(s, c, NULL) ?: "-");
			str_addc(out, '\n');
		}
	}
	ok(fs_slurp(AT_FDCWD, "pkg/cde.options", &text, &e));
	str_add(out, text.s);
}

START_TEST(random_edits_as_the_naive_ones)
{
	AUTO(str_fini) struct str before = STR_INIT, after = STR_INIT;

	seed = (uint64_t)_i * 77 + 5;
	open_all();
	ok(sqlite3_exec(p.db,
			"PRAGMA query_only=OFF;"
			"INSERT INTO access SELECT id, 7, 3, 'stat', 1 FROM file;"
			"UPDATE file SET note=NULL",
			NULL, NULL, NULL));
	close_all();
	open_all();
	dump(&before);
	for (int i = 0; i < 90; i++) {
		step();
		check_staged();
	}
	while (now) {
		int moved;

		ok(moved = edits_undo(&x, 1, &e));
		ck_assert_int_eq(moved, 1);
		now--;
	}
	do_write();
	dump(&after);
	ck_assert_str_eq(after.s, before.s);
	close_all();
}
END_TEST

START_TEST(script_is_the_log)
{
	AUTO(str_fini) struct str script = STR_INIT, again = STR_INIT, text = STR_INIT;
	struct edits dry = { 0 };

	seed = (uint64_t)_i * 31 + 1;
	open_all();
	for (int i = 0; i < 15; i++)
		act();
	edits_script(&x, 0, x.group.n, &script);
	ok(edits_discard(&x, &e));
	ok(edits_open(&dry, &p, EDITS_DRY, &e));
	ok(edits_run_script(&dry, "s", &script, &e));
	ok(edits_run_script(&x, "s", &script, &e));
	edits_script(&x, 0, x.group.n, &again);
	ck_assert_uint_eq(x.group.n, dry.group.n);
	edits_close(&dry);
	for (size_t i = 0; i < script.len;) { /* times and numbers are others */
		size_t n = strcspn(script.s + i, "\n") + 1;

		if (strncmp(script.s + i, "group", 5) != 0)
			str_addn(&text, script.s + i, n);
		i += n;
	}
	str_clear(&script);
	for (size_t i = 0; i < again.len;) {
		size_t n = strcspn(again.s + i, "\n") + 1;

		if (strncmp(again.s + i, "group", 5) != 0)
			str_addn(&script, again.s + i, n);
		i += n;
	}
	ck_assert_uint_gt(text.len, 0);
	ck_assert_str_eq(script.s, text.s);
	do_write();
	close_all();
}
END_TEST

START_TEST(script_errors_name_the_place)
{
	static const struct {
		const char *text, *error;
	} bad[] = {
		{ "drop /none\n", "s:1:1: /none: not in the package" },
		{ "drop /a/x\nfly /a\n", "s:2:1: drop, add, pin" },
		{ "pin /a\n", "s:1:7: host, sandbox" },
		{ "pin /a here\n", "'here' is not" },
		{ "drop /a/x\\q\n", "s:1:10: a wrong escape" },
		{ "note /a/none x\n", "not in the manifest" },
		{ "drop /a /b\n", "too many words" },
		{ "drop /a/x\ndrop (x\n", "s:2:" },
		{ "add /a/../b\n", "not an absolute, clean name" },
		{ "drop /a/x\ngroup\ndrop /a/x\n", "s:3:1: /a/x: not in the package" },
		{ "drop /\n", "the whole package" },
	};

	open_all();
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		AUTO(str_fini) struct str text = STR_INIT;

		str_set(&text, bad[i].text);
		ck_assert_int_lt(edits_run_script(&x, "s", &text, &e), 0);
		ck_assert_msg(strstr(e.text.s, bad[i].error), "%s: %s", bad[i].text,
			      e.text.s);
		ck_assert_uint_eq(x.group.n, 0); /* all or nothing */
	}
	close_all();
}
END_TEST

START_TEST(keep_takes_back_one_of_them)
{
	struct edit_ops l = { 0 };

	open_all();
	ok(edit_drop(&x, &l, "/a/x", &e));
	ok(edit_drop(&x, &l, "/a/y", &e));
	ok((int)edits_stage(&x, &l, &e));
	ck_assert_int_lt(edit_keep(&x, &l, "/top", &e), 0);
	ok(edit_keep(&x, &l, "/a/x", &e));
	ok((int)edits_stage(&x, &l, &e));
	ck_assert_uint_eq(edits_at(&x, "/a/x"), 0);
	ck_assert_uint_eq(edits_at(&x, "/a/y"), ENTRY_DROP);
	ok(edits_undo(&x, 1, &e));
	ck_assert_uint_eq(edits_at(&x, "/a/x"), ENTRY_DROP);
	ok(edits_redo(&x, 1, &e));
	states[0].content[1] = 0;
	do_write();
	ck_assert_uint_eq(x.group.n, 1);
	close_all();
}
END_TEST

/* Two programs on one package: each sees what the other one did. */
START_TEST(another_program_edits_too)
{
	AUTO(edit_write_fini) struct edit_write w = { 0 };
	struct package other = PACKAGE_INIT;
	struct edits y = { 0 };
	struct edit_ops l = { 0 };

	p = (struct package)PACKAGE_INIT;
	ok(package_open(&p, "pkg", 0, &e));
	ok(edits_open(&x, &p, 0, &e));
	ok(package_open(&other, "pkg", 0, &e));
	ok(edits_open(&y, &other, 0, &e));
	ok(edit_note(&x, &l, "/a/x", "hello", &e));
	ok((int)edits_stage(&x, &l, &e));
	ok(edit_drop(&y, &l, "/a/x", &e));
	ok((int)edits_stage(&y, &l, &e));
	ck_assert_uint_eq(y.group.n, 2);
	ck_assert(y.changed);
	ck_assert_int_eq(edits_write(&y, &w, &e), 0);
	ok(edits_refresh(&x, &e));
	ck_assert(x.changed);
	ck_assert_uint_eq(edits_staged(&x), 0);
	ok(edit_note(&x, &l, "/a/y", "hello", &e)); /* staged; then it goes */
	ok((int)edits_stage(&x, &l, &e));
	ok(sqlite3_exec(other.db,
			"PRAGMA query_only=OFF; DELETE FROM file WHERE path='/a/y'", NULL,
			NULL, NULL));
	ck_assert_int_eq(edits_write(&x, &w, &e), 2);
	ck_assert_uint_eq(w.conflict.n, 1);
	ck_assert_str_eq(w.conflict.v[0].path, "/a/y");
	edits_close(&y);
	package_close(&other);
	close_all();
}
END_TEST

START_TEST(marks_in_the_model)
{
	AUTO(model_fini) struct model m = { 0 };
	AUTO(str_fini) struct str host = STR_INIT;
	struct edit_add a = { .path = "/new/x", .how = EDIT_ADD_ONLY };
	struct edit_ops l = { 0 };
	uint32_t n;

	open_all();
	ok(model_load(&m, &p, MODEL_PINS, &e));
	str_addf(&host, "%s/add1", dir);
	a.host = host.s;
	ok(edit_drop(&x, &l, "/a", &e));
	ok(edit_add(&x, &l, &a, &e));
	ok(edit_pin(&x, &l, "/ab", "host", &e));
	ok((int)edits_stage(&x, &l, &e));
	ok(edits_mark(&x, &m, &e));
#define FLAGS(path) (m.node[model_find(&m, path, strlen(path))].flags)
	ck_assert(FLAGS("/a/b/x") & ENTRY_DROP);
	ck_assert(FLAGS("/a") & ENTRY_DROP);
	ck_assert(!(FLAGS("/ab") & ENTRY_DROP));
	ck_assert(FLAGS("/ab") & ENTRY_PIN);
	ck_assert(FLAGS("/ab") & ENTRY_HOST);
	n = model_find(&m, "/new/x", 6);
	ck_assert_uint_ne(n, UINT32_MAX);
	ck_assert(m.node[n].flags & ENTRY_ADD);
	ck_assert_uint_eq(m.node[n].size, 4);
	ok(edits_undo(&x, 1, &e));
	ok(edits_mark(&x, &m, &e));
	for (uint32_t i = 0; i < m.n; i++)
		ck_assert_uint_eq(m.node[i].flags & (ENTRY_DROP | ENTRY_ADD | ENTRY_PIN),
				  0);
	ck_assert(!(FLAGS("/ab") & ENTRY_HOST));
	ck_assert_uint_eq(m.node[n].size, 0);
	close_all();
}
END_TEST

static double
since(struct timespec t)
{
	struct timespec n;

	clock_gettime(CLOCK_MONOTONIC, &n);
	return (double)(n.tv_sec - t.tv_sec) + (double)(n.tv_nsec - t.tv_nsec) / 1e9;
}

/* The whole of it is for `make bench`; here a tenth, with room for a busy machine. */
START_TEST(staging_many_is_quick)
{
	AUTO(model_fini) struct model m = { 0 };
	query_ids ids = { 0 };
	struct edit_ops l = { 0 };
	struct edit_cost cost;
	struct timespec t;

	p = (struct package)PACKAGE_INIT;
	ok(package_open(&p, "pkg", PACKAGE_WRITE, &e));
	ok(db_exec(
		&p,
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <"
		" 10000) INSERT INTO file(path, kind, state, size) SELECT '/many/' || i,"
		" 'f', 0, 1 FROM n;"
		"INSERT OR REPLACE INTO access(file, process, kind) SELECT id, 7, 1 + id "
		"% 2"
		" FROM file",
		&e));
	ok(edits_open(&x, &p, 0, &e));
	ok(model_load(&m, &p, 0, &e));
	for (uint32_t i = 1; i < m.n; i++)
		if (m.node[i].kind == 'f')
			vec_push(&ids, i);
	clock_gettime(CLOCK_MONOTONIC, &t);
	ok(edit_drop_nodes(&x, &l, &m, &ids, &e));
	ck_assert_uint_eq(l.n, ids.n);
	ok((int)edits_stage(&x, &l, &e));
	ok(edits_mark(&x, &m, &e));
	ok(edits_cost_staged(&x, &cost, &e));
	ck_assert_msg(since(t) < 0.5, "%f s", since(t));
	ck_assert_uint_eq(cost.risks[RISK_USED],
			  (uint64_t)db_number(&p,
					      "SELECT count(DISTINCT file) FROM access "
					      "WHERE kind & 10 AND file IN (SELECT id "
					      "FROM file WHERE kind = 'f')",
					      0));
	ck_assert_uint_eq(cost.dropped,
			  (uint64_t)db_number(&p,
					      "SELECT count(*) FROM file "
					      "WHERE kind = 'f' AND state = 0",
					      0));
	edit_cost_fini(&cost);
	for (size_t i = 0; i < ids.n; i++)
		ck_assert(m.node[ids.v[i]].flags & ENTRY_DROP);
	vec_fini(&ids);
	close_all();
}
END_TEST

Suite *
suite_edit(void)
{
	Suite *s = suite_create("edit");
	TCase *tc = tcase_create("edit");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, random_edits_as_the_naive_ones, 0, 40);
	tcase_add_loop_test(tc, script_is_the_log, 0, 10);
	tcase_add_test(tc, script_errors_name_the_place);
	tcase_add_test(tc, keep_takes_back_one_of_them);
	tcase_add_test(tc, another_program_edits_too);
	tcase_add_test(tc, marks_in_the_model);
	tcase_add_test(tc, staging_many_is_quick);
	suite_add_tcase(s, tc);
	return s;
}
