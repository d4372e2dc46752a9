/*
 * why: who asked for a path, and what in the package needs it.  The process that touched
 * it first, by which call, and the chain up to the command of the run; the others by name;
 * then needs.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/words.h"
#include "inspect/db.h"
#include "inspect/detail.h"

enum { CHAIN_MAX = 1000 };

static const struct out_column column[] = {
	{ "relation", OUT_TEXT, -14 },
	{ "name", OUT_NAME, 0 },
};

struct why {
	struct call *c;
	uint64_t rows;
};

static void
row(struct why *w, const char *relation, const char *name)
{
	const struct out_cell cell[] = { out_text(relation), out_text(name) };

	out_row(&w->c->out, cell);
	w->rows++;
}

static int
print_run(struct why *w, int64_t id, struct err *e)
{
	detail_runs runs = { 0 };
	int r = detail_runs_read(&w->c->package, &runs, e);

	for (size_t i = 0; r == 0 && i < runs.n; i++) {
		AUTO(str_fini) struct str text = STR_INIT;

		if (runs.v[i].id != id)
			continue;
		str_addf(&text, "%" PRId64 ": %s", id, runs.v[i].argv);
		row(w, "in run", text.s);
		row(w, "in directory", runs.v[i].cwd);
	}
	detail_runs_fini(&runs);
	return r;
}

/* Parents are older, so their numbers are less: a hostile circle ends. */
static int
print_chain(struct why *w, const struct detail_use *first, struct err *e)
{
	AUTO(str_fini) struct str text = STR_INIT, how = STR_INIT;
	int64_t parent = first->parent, process = first->process;

	words_kinds(first->kinds, &how);
	str_add(&how, " by");
	words_process(first, &text);
	row(w, how.s, text.s);
	if (*first->call)
		row(w, "first call", first->call);
	for (int i = 0; i < CHAIN_MAX && parent > 0 && parent < process; i++) {
		struct detail_use u;
		int r = detail_process(&w->c->package, parent, &u, e);

		if (r)
			return r < 0 ? -1 : 0;
		str_clear(&text);
		words_process(&u, &text);
		row(w, "started by", text.s);
		process = u.process;
		parent = u.parent;
		detail_use_fini(&u);
	}
	return 0;
}

static int
print_uses(struct why *w, const struct detail *d, struct err *e)
{
	if (d->use.n == 0)
		return 0;
	if (print_chain(w, &d->use.v[0], e) < 0 || print_run(w, d->use.v[0].run, e) < 0)
		return -1;
	for (size_t i = 1; i < d->use.n; i++) {
		AUTO(str_fini) struct str text = STR_INIT;

		words_use(&d->use.v[i], &text);
		row(w, "also", text.s);
	}
	return 0;
}

static void
need(void *ctx, const char *by, const char *how)
{
	static const char *const word[][2] = {
		{ "elf.needed", "linked by" },
		{ "elf.interp", "loader of" },
		{ "script.interp", "runs script" },
		{ "python.import", "imported by" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(word); i++)
		if (strcmp(how, word[i][0]) == 0)
			how = word[i][1];
	row(ctx, how, by);
}

static int
print_misses(struct why *w, const char *path, struct err *e)
{
	AUTO(db_finalize) sqlite3_stmt *s = NULL;
	int got;

	if (!w->c->package.db)
		return 0;
	if (db_prepare(&w->c->package, &s,
		       "SELECT m.call, m.errno, m.count, q.pid, q.argv, q.exe, m.run "
		       "FROM miss m"
		       " LEFT JOIN process q ON q.id = m.process WHERE m.path=?1 ORDER "
		       "BY m.id",
		       e) < 0)
		return -1;
	db_bind_name(s, 1, path, strlen(path));
	while ((got = db_step(&w->c->package, s, e)) > 0) {
		AUTO(str_fini) struct str text = STR_INIT;
		const char *call = db_name(s, 0, NULL), *argv = db_name(s, 4, NULL);

		str_addf(&text, "%s: %s, %d times, by %d ", call ? call : "?",
			 strerror(sqlite3_column_int(s, 1)), sqlite3_column_int(s, 2),
			 sqlite3_column_int(s, 3));
		str_add(&text, argv && *argv ? argv : db_name(s, 5, NULL) ?: "?");
		row(w, "not found", text.s);
	}
	return got;
}

static void
print_rule(struct why *w, const char *path)
{
	const struct rules *rules = &w->c->package.rules;
	struct decision d = rules_decide(rules, path, strlen(path));
	AUTO(str_fini) struct str text = STR_INIT;

	if (rules_expect_absent(rules, path, strlen(path)))
		row(w, "absent", "is noted: it is normal when it is missing");
	if (!d.rule)
		return;
	rule_describe(d.rule, &text);
	row(w, "rule", text.s);
}

static int
explain(struct why *w, const char *path, struct err *e)
{
	AUTO(err_fini) struct err none = ERR_INIT;
	struct package *p = &w->c->package;
	struct detail d;
	int r;

	if (detail_read(p, path, &d, &none) < 0) {
		if (none.code != ENOENT || print_misses(w, path, e) < 0)
			return none.code == ENOENT ? -1
						   : err_set(e, 0, "%s", none.text.s);
		print_rule(w, path);
		return w->rows ? 0 : err_set(e, ENOENT, "%s", path);
	}
	r = print_uses(w, &d, e);
	if (r == 0 && d.note.len)
		row(w, "note", d.note.s);
	if (r == 0)
		r = detail_needed_by(p, path, need, w, e);
	if (r == 0)
		r = print_misses(w, path, e);
	detail_fini(&d);
	if (r == 0)
		print_rule(w, path);
	if (r == 0 && !w->rows)
		row(w, "nothing", "known of who used it");
	return r;
}

static int
run(struct call *c, struct err *e)
{
	AUTO(str_fini) struct str path = STR_INIT;
	struct why w = { .c = c };

	package_locate(&c->package, c->argv[0], &path);
	if (cmd_types_of_few(c, e) < 0)
		return -1;
	out_begin(&c->out, "why", column, ARRAY_SIZE(column));
	return explain(&w, path.s, e) < 0 ? -1 : out_end(&c->out, e);
}

const struct cmd cmd_why = {
	.name = "why",
	.args = "PATH",
	.brief = "show who asked for a path, and what needs it",
	.group = CMD_LOOK,
	.flags = CMD_LISTS,
	.min = 1,
	.max = 1,
	.run = run,
};
