/*
 * Acts on the log: a new group, and the bar that undo and redo move.  Each is one
 * transaction; the log in memory is changed with it, or read anew when that failed.
 */
#include <string.h>
#include <time.h>

#include "inspect/edit_priv.h"

/* done: 1, 0, or -1: cut. */
static int
store_done(struct edits *x, const struct edit_group *g, int done, struct err *e)
{
	AUTO(db_finalize) sqlite3_stmt *s = NULL;

	if (db_prepare(x->p, &s, "UPDATE edit SET done=?2 WHERE grp=?1", e) < 0)
		return -1;
	sqlite3_bind_int64(s, 1, g->number);
	sqlite3_bind_int(s, 2, done);
	return db_step(x->p, s, e);
}

#define CUT "done = 0 AND written IS NOT 1"

/* Of a million rows one by one takes half a second, of a whole table no time. */
static int
delete_cut(struct edits *x, struct err *e)
{
	if (db_number(x->p, "SELECT 1 FROM kept LIMIT 1", 0) &&
	    db_exec(x->p,
		    "DELETE FROM kept WHERE edit IN (SELECT id FROM edit WHERE " CUT ")",
		    e) < 0)
		return -1;
	if (db_number(x->p, "SELECT 1 FROM edit WHERE NOT (" CUT ") LIMIT 1", 0))
		return db_exec(x->p, "DELETE FROM edit WHERE " CUT, e);
	return db_exec(x->p, "DELETE FROM edit", e);
}

/* What was undone and not written is gone; what was written stays until the next write
 * has taken it back. */
static int
cut_redo(struct edits *x, struct err *e)
{
	size_t keep = 0;
	int r = 0;

	for (size_t i = 0; i < x->group.n; i++) {
		struct edit_group *g = &x->group.v[i];

		if (!g->done && !g->written) {
			edit_group_fini(g);
			continue;
		}
		if (!g->done && !g->cut && !edits_is_dry(x) && r == 0)
			r = store_done(x, g, -1, e);
		g->cut = !g->done;
		x->group.v[keep++] = *g;
	}
	x->group.n = keep;
	if (!edits_is_dry(x) && r == 0)
		r = delete_cut(x, e);
	return r;
}

/* Numbers are never used again: objects in .dropped are named by them. */
static int
next_number(struct edits *x, const char *column, int64_t *out, struct err *e)
{
	AUTO(db_finalize) sqlite3_stmt *s = NULL;
	AUTO(str_fini) struct str sql = STR_INIT;
	int got;

	str_addf(&sql,
		 "SELECT max(ifnull((SELECT max(%s) FROM edit), 0), ifnull((SELECT"
		 " CAST(value AS INTEGER) FROM meta WHERE key='edit.%s'), 0))",
		 column, column);
	if (db_prepare(x->p, &s, sql.s, e) < 0)
		return -1;
	got = db_step(x->p, s, e);
	if (got < 0)
		return -1;
	*out = got ? sqlite3_column_int64(s, 0) + 1 : 1;
	if (*out <= 0 || *out > INT64_MAX / 2)
		return err_set(e, 0, "%s: impossible numbers of edits", PKG_MANIFEST);
	return 0;
}

static int
store_number(struct edits *x, const char *key, int64_t n, struct err *e)
{
	AUTO(db_finalize) sqlite3_stmt *s = NULL;

	if (db_prepare(x->p, &s, "INSERT OR REPLACE INTO meta(key, value) VALUES(?1, ?2)",
		       e) < 0)
		return -1;
	sqlite3_bind_text(s, 1, key, -1, SQLITE_STATIC);
	sqlite3_bind_int64(s, 2, n);
	return db_step(x->p, s, e);
}

static void
bind_or_null(sqlite3_stmt *s, int at, const char *text)
{
	if (text)
		db_bind_name(s, at, text, strlen(text));
	else
		sqlite3_bind_null(s, at);
}

static int
store_ops(struct edits *x, struct edit_group *g, int64_t id, struct err *e)
{
	AUTO(edit_walk_fini) struct edit_walk w = { 0 };
	AUTO(db_finalize) sqlite3_stmt *s = NULL;

	if (db_prepare(
		    x->p, &s,
		    "INSERT INTO edit(id, grp, verb, path, arg, why, at, done, written)"
		    " VALUES(?1,?2,?3,?4,?5,?6,?7,1,0)",
		    e) < 0)
		return -1;
	sqlite3_bind_int64(s, 2, g->number);
	sqlite3_bind_text(s, 7, g->at, -1, SQLITE_STATIC);
	g->op.id = id;
	for (size_t i = 0; i < g->op.n; i++) {
		const struct edit_op *op = edit_ops_at(&g->op, i, &w);

		sqlite3_bind_int64(s, 1, op->id);
		sqlite3_bind_text(s, 3, edit_verb_name(op->verb), -1, SQLITE_STATIC);
		db_bind_name(s, 4, op->path, strlen(op->path));
		bind_or_null(s, 5, op->arg);
		bind_or_null(s, 6, op->why);
		if (db_step(x->p, s, e) < 0)
			return -1;
		sqlite3_reset(s);
	}
	return store_number(x, "edit.id", id + (int64_t)g->op.n - 1, e);
}

/* The list becomes the last group, in memory and (unless dry) in the open transaction. */
static int
append(struct edits *x, struct edit_ops *l, struct err *e)
{
	struct edit_group g = { .done = true, .at = mem_alloc(32) };
	time_t now = time(NULL);
	struct tm tm;
	int64_t id = 1;

	strftime(g.at, 32, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	g.op = *l;
	*l = (struct edit_ops){ 0 };
	g.number = x->group.n ? x->group.v[x->group.n - 1].number + 1 : 1;
	vec_push(&x->group, g);
	if (edits_is_dry(x))
		return 0;
	if (next_number(x, "grp", &x->group.v[x->group.n - 1].number, e) < 0 ||
	    next_number(x, "id", &id, e) < 0 ||
	    store_ops(x, &x->group.v[x->group.n - 1], id, e) < 0)
		return -1;
	return store_number(x, "edit.grp", x->group.v[x->group.n - 1].number, e);
}

static int
end_act(struct edits *x, int r, struct err *e)
{
	AUTO(err_fini) struct err none = ERR_INIT;

	if (!edits_is_dry(x)) {
		if (r == 0)
			r = edits_commit(x, e);
		else
			edits_rollback(x);
		if (r < 0)
			edits_load(x, &none); /* memory was ahead of it */
	}
	edits_touch(x);
	edits_mark_dead(x);
	return r;
}

int64_t
edits_stage(struct edits *x, struct edit_ops *l, struct err *e)
{
	int64_t version = x->version;
	int r;

	if (!l->n)
		return err_set(e, 0, "nothing to do");
	if (!edits_is_dry(x) && edits_begin(x, e) < 0) {
		edit_ops_fini(l);
		return -1;
	}
	l->stale |= x->version != version;
	r = cut_redo(x, e);
	if (r == 0)
		r = append(x, l, e);
	edit_ops_fini(l);
	return end_act(x, r, e) < 0 ? -1 : (int64_t)x->group.n - 1;
}

/* The next one to undo or to redo; NULL: none. */
static struct edit_group *
at_bar(struct edits *x, bool redo)
{
	size_t bar = edits_bar(x);

	if (!redo)
		return bar ? &x->group.v[bar - 1] : NULL;
	while (bar < x->group.n && x->group.v[bar].cut)
		bar++;
	return bar < x->group.n ? &x->group.v[bar] : NULL;
}

static int
move_bar(struct edits *x, unsigned n, bool redo, struct err *e)
{
	struct edit_group *g;
	int moved = 0, r = 0;

	if (!edits_is_dry(x) && edits_begin(x, e) < 0)
		return -1;
	while (r == 0 && n-- && (g = at_bar(x, redo))) {
		if (!edits_is_dry(x))
			r = store_done(x, g, redo, e);
		g->done = redo;
		moved++;
	}
	return end_act(x, r, e) < 0 ? -1 : moved;
}

int
edits_undo(struct edits *x, unsigned n, struct err *e)
{
	return move_bar(x, n, false, e);
}

int
edits_redo(struct edits *x, unsigned n, struct err *e)
{
	return move_bar(x, n, true, e);
}

/* What was written is done again; what was not goes for good. */
int
edits_discard(struct edits *x, struct err *e)
{
	int r = 0;

	if (!edits_is_dry(x) && edits_begin(x, e) < 0)
		return -1;
	for (size_t i = 0; i < x->group.n && r == 0; i++) {
		struct edit_group *g = &x->group.v[i];

		if (g->done == g->written)
			continue;
		g->done = g->written;
		g->cut = false;
		if (!edits_is_dry(x))
			r = store_done(x, g, g->done, e);
	}
	if (r == 0)
		r = cut_redo(x, e);
	return end_act(x, r, e);
}
