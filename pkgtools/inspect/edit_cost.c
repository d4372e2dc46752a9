/*
 * Sizes of a part of the log: what goes and what comes, each path once.  Its risks:
 * edit_risk.c.  A million files may go: a bit for each row says which.
 */
#include <errno.h>
#include <string.h>

#include "inspect/edit_cost.h"
#include "path/lex.h"

enum { BITS_MAX = 1 << 26 }; /* rows */

static void
rows_of_fini(struct rows_of *r)
{
	free(r->bit);
	map_fini(&r->other);
}

static void
rows_of_init(struct rows_of *r, int64_t max)
{
	*r = (struct rows_of){ .max = max < BITS_MAX ? max + 1 : BITS_MAX,
			       .from = INT64_MAX };
	if (r->max > 0)
		r->bit = mem_alloc((size_t)r->max / 8 + 8);
	else
		r->max = 0;
}

bool
edit_cost_is(const struct rows_of *r, int64_t id)
{
	if (id >= 0 && id < r->max)
		return r->bit[id / 64] >> id % 64 & 1;
	return map_get(&r->other, (const char *)&id, sizeof(id));
}

/* False: it is one already. */
static bool
add_row_of(struct rows_of *r, int64_t id)
{
	if (edit_cost_is(r, id))
		return false;
	if (id >= 0 && id < r->max)
		r->bit[id / 64] |= UINT64_C(1) << id % 64;
	else
		map_put(&r->other, (const char *)&id, sizeof(id));
	r->n++;
	r->from = id < r->from ? id : r->from;
	r->to = id > r->to ? id : r->to;
	return true;
}

static void
cost_begin(struct cost *c)
{
	struct package *p = c->x->p;
	int64_t rows = db_number(p, "SELECT max(id) FROM file", 0), kept = 0;

	if (p->version >= 2)
		kept = db_number(p, "SELECT max(id) FROM kept", 0);
	rows_of_init(&c->gone, rows);
	rows_of_init(&c->back, rows);
	rows_of_init(&c->kept[0], kept);
	rows_of_init(&c->kept[1], kept);
}

static void
cost_fini(struct cost *c)
{
	rows_of_fini(&c->gone);
	rows_of_fini(&c->back);
	rows_of_fini(&c->kept[0]);
	rows_of_fini(&c->kept[1]);
	for (size_t i = 0; i < c->needer.n; i++)
		free(c->needer.v[i].first);
	vec_fini(&c->needer);
	map_fini(&c->come);
	map_fini(&c->needs);
	db_finalize(&c->at);
	db_finalize(&c->by_id);
	db_finalize(&c->kept_rows);
	db_finalize(&c->come_rows);
}

void
edit_cost_fini(struct edit_cost *c)
{
	for (size_t i = 0; i < c->risk.n; i++) {
		free(c->risk.v[i].path);
		free(c->risk.v[i].text);
	}
	vec_fini(&c->risk);
	*c = (struct edit_cost){ 0 };
}

static void
gone(struct cost *c, struct rows_of *rows, int64_t id, char kind, int64_t size, int state)
{
	if (!c->sizes_only && !add_row_of(rows, id))
		return;
	if (kind != 'f' || state != FILE_CAPTURED)
		return;
	c->out->dropped++;
	c->out->dropped_bytes += size > 0 ? (uint64_t)size : 0;
}

/* Columns: id, path, kind, size, state. */
#define COST_COLUMNS "id, path, kind, size, state"

static void
count_gone(struct cost *c, struct rows_of *rows, sqlite3_stmt *row)
{
	const char *path = db_name(row, 1, NULL), *kind = db_name(row, 2, NULL);

	if (path)
		gone(c, rows, sqlite3_column_int64(row, 0), kind ? *kind : '?',
		     sqlite3_column_int64(row, 3), sqlite3_column_int(row, 4));
}

static int
count_gone_below(void *ctx, sqlite3_stmt *row, struct err *e)
{
	struct cost *c = ctx;

	count_gone(c, &c->gone, row);
	return 0;
}

static bool
first_to_come(struct cost *c, const char *path)
{
	struct map_slot *s = map_put(&c->come, path, strlen(path));
	bool first = !s->u;

	s->u = 1;
	return first;
}

static void
count_come(struct cost *c, char kind, int64_t size)
{
	if (kind != 'f')
		return;
	c->out->added++;
	c->out->added_bytes += size > 0 ? (uint64_t)size : 0;
}

int
edit_cost_row(struct cost *c, sqlite3_stmt **s, const char *where)
{
	AUTO(str_fini) struct str sql = STR_INIT;

	if (*s)
		return 0;
	str_addf(&sql, "SELECT " COST_COLUMNS " FROM file WHERE %s=?1", where);
	return db_prepare(c->x->p, s, sql.s, c->e);
}

/* Its row is the statement's, which the caller resets.  1, 0, -1. */
static int
row_at(struct cost *c, const char *path, uint32_t row, sqlite3_stmt **s)
{
	const char *name;
	int got;

	if (row) { /* a hint: half the time of a search by name */
		if (edit_cost_row(c, &c->by_id, "id") < 0)
			return -1;
		*s = c->by_id;
		sqlite3_bind_int64(*s, 1, row);
		got = db_step(c->x->p, *s, c->e);
		if (got < 0 ||
		    (got && (name = db_name(*s, 1, NULL)) && strcmp(name, path) == 0))
			return got;
		sqlite3_reset(*s);
	}
	if (edit_cost_row(c, &c->at, "path") < 0)
		return -1;
	*s = c->at;
	db_bind_name(*s, 1, path, strlen(path));
	return db_step(c->x->p, *s, c->e);
}

/* A file has nothing below it: that is most of them, and need not be asked.  *id: of the
 * row at the path itself, 0: there is none. */
static int
gone_at(struct cost *c, const char *path, uint32_t row, bool below, int64_t *id)
{
	sqlite3_stmt *s = NULL;
	const char *kind;
	int got = row_at(c, path, row, &s);

	*id = 0;
	if (got > 0) {
		kind = db_name(s, 2, NULL);
		below = below && (!kind || strchr("d?", *kind));
		*id = sqlite3_column_int64(s, 0);
		count_gone(c, &c->gone, s);
		got = 0;
	}
	sqlite3_reset(s);
	if (got == 0 && below)
		got = edit_rows_below(c->x->p, COST_COLUMNS, path, count_gone_below, c,
				      c->e);
	return got;
}

/* What an operation took away goes for good. */
static int
kept_go(struct cost *c, const struct edit_op *op)
{
	int got;

	if (!c->kept_rows &&
	    db_prepare(c->x->p, &c->kept_rows,
		       "SELECT id, path, kind, size, state FROM kept WHERE edit=?1 AND"
		       " side=?2",
		       c->e) < 0)
		return -1;
	sqlite3_bind_int64(c->kept_rows, 1, op->id);
	sqlite3_bind_int(c->kept_rows, 2, SIDE_OLD);
	while ((got = db_step(c->x->p, c->kept_rows, c->e)) > 0)
		count_gone(c, &c->kept[0], c->kept_rows);
	sqlite3_reset(c->kept_rows);
	return got;
}

/* … or comes back, perhaps to the place of something that goes.  Where files of the host
 * come, too, the path tells whether it is the same. */
static void
kept_comes(struct cost *c, sqlite3_stmt *s)
{
	const char *path = db_name(s, 1, NULL), *kind = db_name(s, 2, NULL);

	if (!path || !kind || sqlite3_column_int(s, 4) != FILE_CAPTURED)
		return;
	c->comes = true;
	if (sqlite3_column_int64(s, 5) && !c->sizes_only)
		add_row_of(&c->back, sqlite3_column_int64(s, 5));
	if ((c->sizes_only || add_row_of(&c->kept[1], sqlite3_column_int64(s, 0))) &&
	    (!c->adds || first_to_come(c, path)))
		count_come(c, *kind, sqlite3_column_int64(s, 3));
}

static int
kept_come(struct cost *c, const struct edit_op *op)
{
	int got;

	if (!c->come_rows &&
	    db_prepare(c->x->p, &c->come_rows,
		       "SELECT id, path, kind, size, state,"
		       " (SELECT id FROM file WHERE path = kept.path) FROM kept"
		       " WHERE edit=?1 AND side=?2",
		       c->e) < 0)
		return -1;
	sqlite3_bind_int64(c->come_rows, 1, op->id);
	sqlite3_bind_int(c->come_rows, 2, SIDE_OLD);
	while ((got = db_step(c->x->p, c->come_rows, c->e)) > 0)
		kept_comes(c, c->come_rows);
	sqlite3_reset(c->come_rows);
	return got;
}

static int
cost_of_add(struct cost *c, const struct edit_op *op)
{
	const char *host = op->arg ? op->arg : op->path;
	struct stat st;
	int64_t id;

	if (lstat(host, &st) < 0) {
		edit_risk_add(c, RISK_HOST_GONE, op->path, strerror(errno));
		return 0;
	}
	if (gone_at(c, op->path, 0, false, &id) < 0)
		return -1;
	c->comes = true;
	if (id && !c->sizes_only)
		add_row_of(&c->back, id);
	if (first_to_come(c, op->path))
		count_come(c, S_ISREG(st.st_mode) ? 'f' : '?', st.st_size);
	return 0;
}

/* written: it is in the package, what it took away is kept; back: it is taken back. */
static int
cost_of(struct cost *c, const struct edit_op *op, bool written, bool back)
{
	int64_t id;

	if (op->dead)
		return 0;
	switch (op->verb) {
	case EDIT_DROP:
		if (written)
			return back ? kept_come(c, op) : kept_go(c, op);
		if (!op->kind)
			return gone_at(c, op->path, op->row, true, &id);
		gone(c, &c->gone, op->row, op->kind, (int64_t)op->size, op->state);
		return 0; /* as it was seen; nothing is below it */
	case EDIT_ADD:
		if (back)
			return gone_at(c, op->path, 0, false, &id) < 0 ? -1
								       : kept_come(c, op);
		return written && kept_go(c, op) < 0 ? -1 : cost_of_add(c, op);
	case EDIT_PIN:
		c->out->pins++;
		return 0;
	case EDIT_NOTE:
		c->out->notes++;
		return 0;
	case EDIT_KEEP:
	case EDIT_VERBS:
		break;
	}
	return 0;
}

static int
by_path(const void *a, const void *b)
{
	const struct edit_risk *x = a, *y = b;

	return strcmp(x->path, y->path) ?: (int)x->kind - (int)y->kind;
}

static int
finish(struct cost *c)
{
	struct edit_cost *out = c->out;
	int r = c->sizes_only ? 0 : edit_risks(c);

	out->files = (int64_t)(out->added - out->dropped);
	out->bytes = (int64_t)(out->added_bytes - out->dropped_bytes);
	if (out->risk.n)
		qsort(out->risk.v, out->risk.n, sizeof(*out->risk.v), by_path);
	cost_fini(c);
	return r;
}

static int
cost_of_group(struct cost *c, const struct edit_group *g, bool written, bool back)
{
	AUTO(edit_walk_fini) struct edit_walk w = { 0 };
	int r = 0;

	if (edit_group_moves(g) == 0) { /* a million may be kept */
		c->out->pins += g->op.count[EDIT_PIN] - g->op.dead[EDIT_PIN];
		c->out->notes += g->op.count[EDIT_NOTE] - g->op.dead[EDIT_NOTE];
		return 0;
	}
	for (size_t i = 0; i < g->op.n && r == 0; i++)
		r = cost_of(c, edit_ops_at(&g->op, i, &w), written, back);
	return r;
}

int
edits_cost(struct edits *x, size_t first, size_t last, struct edit_cost *out,
	   struct err *e)
{
	struct cost c = { .x = x, .out = out, .e = e };
	bool begun = db_begin_read(x->p);
	int r = 0;

	*out = (struct edit_cost){ 0 };
	cost_begin(&c);
	for (size_t g = first; g < last && g < x->group.n && r == 0; g++)
		r = cost_of_group(&c, &x->group.v[g], x->group.v[g].written, false);
	if (r < 0)
		cost_fini(&c);
	else
		r = finish(&c);
	db_end_read(x->p, begun);
	if (r < 0)
		edit_cost_fini(out);
	return r;
}

int
edits_cost_staged(struct edits *x, struct edit_cost *out, struct err *e)
{
	struct cost c = { .x = x, .out = out, .e = e };
	group_list back = { 0 }, forth = { 0 };
	bool begun = db_begin_read(x->p);
	int r = 0;

	*out = (struct edit_cost){ 0 };
	cost_begin(&c);
	edits_back(x, &back);
	edits_forth(x, &forth);
	for (size_t g = 0; g < forth.n; g++)
		c.adds |= forth.v[g]->op.count[EDIT_ADD];
	for (size_t g = 0; g < back.n && r == 0; g++)
		r = cost_of_group(&c, back.v[g], true, true);
	for (size_t g = 0; g < forth.n && r == 0; g++)
		r = cost_of_group(&c, forth.v[g], false, false);
	vec_fini(&back);
	vec_fini(&forth);
	if (r < 0)
		cost_fini(&c);
	else
		r = finish(&c);
	db_end_read(x->p, begun);
	if (r < 0)
		edit_cost_fini(out);
	return r;
}

int
edit_op_cost(struct edits *x, const struct edit_op *op, struct edit_cost *out,
	     struct err *e)
{
	struct cost c = { .x = x, .out = out, .e = e, .sizes_only = true };
	int r;

	*out = (struct edit_cost){ 0 };
	r = cost_of(&c, op, false, false);
	finish(&c);
	return r;
}
