/*
 * Sizes and risks of a part of the log.  First what goes and what comes, each path once;
 * then, for what goes, who used it in the runs, and who of those that stay needs it.
 */
#include <errno.h>
#include <string.h>

#include "inspect/edit_priv.h"
#include "path/lex.h"

struct going {
	int64_t id; /* file.id; 0: it is kept for an edit already */
	char *path;
};

struct needer { /* who of those that stay needs a name: "N:libz.so.1", "I:/bin/sh" */
	uint64_t count;
	char *first;
};

struct cost {
	struct edits *x;
	struct edit_cost *out;
	bool sizes_only;
	struct map seen; /* paths; 1 goes, 2 comes */
	bool comes;	 /* any does */
	VEC(struct going) going;
	struct map needs; /* → index + 1 into needer */
	VEC(struct needer) needer;
	sqlite3_stmt *at, *by_id;
	struct err *e;
};

static void
cost_fini(struct cost *c)
{
	for (size_t i = 0; i < c->going.n; i++)
		free(c->going.v[i].path);
	for (size_t i = 0; i < c->needer.n; i++)
		free(c->needer.v[i].first);
	vec_fini(&c->going);
	vec_fini(&c->needer);
	map_fini(&c->seen);
	map_fini(&c->needs);
	db_finalize(&c->at);
	db_finalize(&c->by_id);
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

static bool
first_time(struct cost *c, const char *path, unsigned what)
{
	struct map_slot *s = map_put(&c->seen, path, strlen(path));
	bool first = !(s->u & what);

	s->u |= what;
	return first;
}

static void
gone(struct cost *c, int64_t id, const char *path, char kind, int64_t size, int state)
{
	struct going g = { .id = id };

	if (!c->sizes_only) {
		if (!first_time(c, path, 1))
			return;
		g.path = mem_strdup(path);
		vec_push(&c->going, g);
	}
	if (kind != 'f' || state != FILE_CAPTURED)
		return;
	c->out->dropped++;
	c->out->dropped_bytes += size > 0 ? (uint64_t)size : 0;
}

/* Columns: id, path, kind, size, state. */
#define COST_COLUMNS "id, path, kind, size, state"

static int
count_gone(void *ctx, sqlite3_stmt *row, struct err *e)
{
	const char *path = db_name(row, 1, NULL), *kind = db_name(row, 2, NULL);

	if (path)
		gone(ctx, sqlite3_column_int64(row, 0), path, kind ? *kind : '?',
		     sqlite3_column_int64(row, 3), sqlite3_column_int(row, 4));
	return 0;
}

static void
count_come(struct cost *c, const char *path, char kind, int64_t size)
{
	c->comes = true;
	if (!first_time(c, path, 2) || kind != 'f')
		return;
	c->out->added++;
	c->out->added_bytes += size > 0 ? (uint64_t)size : 0;
}

static int
find_row(struct cost *c, sqlite3_stmt **s, const char *where)
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
		if (find_row(c, &c->by_id, "id") < 0)
			return -1;
		*s = c->by_id;
		sqlite3_bind_int64(*s, 1, row);
		got = db_step(c->x->p, *s, c->e);
		if (got < 0 ||
		    (got && (name = db_name(*s, 1, NULL)) && strcmp(name, path) == 0))
			return got;
		sqlite3_reset(*s);
	}
	if (find_row(c, &c->at, "path") < 0)
		return -1;
	*s = c->at;
	db_bind_name(*s, 1, path, strlen(path));
	return db_step(c->x->p, *s, c->e);
}

/* A file has nothing below it: that is most of them, and need not be asked. */
static int
gone_at(struct cost *c, const char *path, uint32_t row, bool below)
{
	sqlite3_stmt *s = NULL;
	const char *kind;
	int got = row_at(c, path, row, &s);

	if (got > 0) {
		kind = db_name(s, 2, NULL);
		below = below && (!kind || strchr("d?", *kind));
		got = count_gone(c, s, c->e);
	}
	sqlite3_reset(s);
	if (got == 0 && below)
		got = edit_rows_below(c->x->p, COST_COLUMNS, path, count_gone, c, c->e);
	return got;
}

static int
kept_rows(struct cost *c, const struct edit_op *op, enum edit_side side, bool come)
{
	AUTO(db_finalize) sqlite3_stmt *s = NULL;
	int got;

	if (db_prepare(c->x->p, &s,
		       "SELECT 0, path, kind, size, state FROM kept WHERE edit=?1 AND"
		       " side=?2",
		       c->e) < 0)
		return -1;
	sqlite3_bind_int64(s, 1, op->id);
	sqlite3_bind_int(s, 2, side);
	while ((got = db_step(c->x->p, s, c->e)) > 0) {
		const char *path = db_name(s, 1, NULL), *kind = db_name(s, 2, NULL);

		if (!come)
			count_gone(c, s, c->e);
		else if (path && kind && sqlite3_column_int(s, 4) == FILE_CAPTURED)
			count_come(c, path, *kind, sqlite3_column_int64(s, 3));
	}
	return got;
}

static void
risk(struct cost *c, enum edit_risk_kind kind, const char *path, const char *text)
{
	struct edit_risk r = { kind, NULL, NULL };

	if (c->out->risks[kind]++ >= EDIT_RISKS_MAX / RISK_KINDS)
		return;
	r.path = mem_strdup(path);
	r.text = mem_strdup(text);
	vec_push(&c->out->risk, r);
}

static int
cost_of_add(struct cost *c, const struct edit_op *op)
{
	const char *host = op->arg ? op->arg : op->path;
	struct stat st;

	if (lstat(host, &st) < 0) {
		risk(c, RISK_HOST_GONE, op->path, strerror(errno));
		return 0;
	}
	if (gone_at(c, op->path, 0, false) < 0)
		return -1;
	count_come(c, op->path, S_ISREG(st.st_mode) ? 'f' : '?', st.st_size);
	return 0;
}

/* written: it is in the package, what it took away is kept; back: it is taken back. */
static int
cost_of(struct cost *c, const struct edit_op *op, bool written, bool back)
{
	if (op->dead)
		return 0;
	switch (op->verb) {
	case EDIT_DROP:
		if (written)
			return kept_rows(c, op, SIDE_OLD, back);
		if (op->kind) /* as it was seen; nothing is below it */
			gone(c, op->row, op->path, op->kind, (int64_t)op->size,
			     op->state);
		else
			return gone_at(c, op->path, op->row, true);
		return 0;
	case EDIT_ADD:
		if (back)
			return gone_at(c, op->path, 0, false) < 0
				       ? -1
				       : kept_rows(c, op, SIDE_OLD, true);
		return written ? kept_rows(c, op, SIDE_OLD, false) < 0
					 ? -1
					 : cost_of_add(c, op)
			       : cost_of_add(c, op);
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

/* ---- risks of what goes ---- */

static void
need(struct cost *c, char kind, const char *name, const char *by)
{
	AUTO(str_fini) struct str key = STR_INIT;
	struct map_slot *s;

	str_addf(&key, "%c:%s", kind, name);
	s = map_put(&c->needs, key.s, key.len);
	if (!s->u) {
		vec_push(&c->needer, ((struct needer){ 0, mem_strdup(by) }));
		s->u = c->needer.n;
	}
	c->needer.v[s->u - 1].count++;
}

static bool
goes(const struct cost *c, const char *path)
{
	struct map_slot *s = map_get(&c->seen, path, strlen(path));

	return s && s->u == 1;
}

static int
load_needs(struct cost *c)
{
	AUTO(db_finalize) sqlite3_stmt *s = NULL;
	int got;

	if (c->x->p->version < 2)
		return 0;
	if (db_prepare(c->x->p, &s,
		       "SELECT f.path, x.key, x.value FROM fact x JOIN file f ON f.id ="
		       " x.file WHERE x.key IN ('elf.needed', 'elf.interp',"
		       " 'script.interp') AND f.type IS NOT NULL ORDER BY f.path",
		       c->e) < 0)
		return -1;
	while ((got = db_step(c->x->p, s, c->e)) > 0) {
		AUTO(str_fini) struct str real = STR_INIT;
		const char *by = db_name(s, 0, NULL), *key = db_name(s, 1, NULL),
			   *value = db_name(s, 2, NULL);

		if (!by || !key || !value || goes(c, by))
			continue;
		if (strcmp(key, "elf.needed") == 0) {
			need(c, 'N', path_base(value), by);
			continue;
		}
		need(c, *key == 'e' ? 'N' : 'I', value, by);
		if (db_is_path(value, strlen(value)) &&
		    package_resolve(c->x->p, value, &real) == 0 &&
		    strcmp(real.s, value) != 0)
			need(c, *key == 'e' ? 'N' : 'I', real.s, by);
	}
	return got;
}

static const struct needer *
needer_of(const struct cost *c, char kind, const char *name)
{
	AUTO(str_fini) struct str key = STR_INIT;
	struct map_slot *s;

	str_addf(&key, "%c:%s", kind, name);
	s = map_get(&c->needs, key.s, key.len);
	return s ? &c->needer.v[s->u - 1] : NULL;
}

static void
risk_needed(struct cost *c, const char *path, const struct needer *n, bool interpreter)
{
	AUTO(str_fini) struct str text = STR_INIT;

	if (!n)
		return;
	str_add(&text, interpreter ? "interpreter of " : "needed by ");
	if (n->count == 1)
		str_add(&text, n->first);
	else
		str_addf(&text, "%llu others", (unsigned long long)n->count);
	risk(c, interpreter ? RISK_INTERPRETER : RISK_NEEDED, path, text.s);
}

/* What the runs did with what goes.  Files of a directory have numbers near each other:
 * then one range is read instead of many single ones. */
struct used {
	sqlite3_stmt *one;
	unsigned char *kinds; /* NULL: asked one by one */
	int64_t from, to;
};

static void
used_fini(struct used *u)
{
	db_finalize(&u->one);
	free(u->kinds);
}

static int
used_open(struct cost *c, struct used *u)
{
	AUTO(db_finalize) sqlite3_stmt *all = NULL;
	size_t n = 0;
	int got;

	u->from = INT64_MAX;
	for (size_t i = 0; i < c->going.n; i++) {
		int64_t id = c->going.v[i].id;

		n += id > 0;
		u->from = id > 0 && id < u->from ? id : u->from;
		u->to = id > u->to ? id : u->to;
	}
	if (db_prepare(c->x->p, &u->one, "SELECT kind FROM access WHERE file=?1", c->e) <
	    0)
		return -1;
	if (n < 100 || (uint64_t)u->to - (uint64_t)u->from > 4 * n)
		return 0;
	if (db_prepare(c->x->p, &all,
		       "SELECT file, kind FROM access WHERE file BETWEEN ?1 AND ?2",
		       c->e) < 0)
		return -1;
	u->kinds = mem_alloc((size_t)(u->to - u->from) + 1);
	sqlite3_bind_int64(all, 1, u->from);
	sqlite3_bind_int64(all, 2, u->to);
	while ((got = db_step(c->x->p, all, c->e)) > 0)
		u->kinds[sqlite3_column_int64(all, 0) - u->from] |=
			(unsigned char)sqlite3_column_int(all, 1);
	return got;
}

static int
used_of(struct cost *c, struct used *u, int64_t id, unsigned *kinds)
{
	int got;

	if (u->kinds && id > 0) { /* others come from nobody of ours */
		*kinds = u->kinds[id - u->from];
		return 0;
	}
	sqlite3_bind_int64(u->one, 1, id);
	while ((got = db_step(c->x->p, u->one, c->e)) > 0)
		*kinds |= (unsigned)sqlite3_column_int(u->one, 0);
	sqlite3_reset(u->one);
	return got;
}

static int
risks_of(struct cost *c, const struct going *g, struct used *used, sqlite3_stmt *soname)
{
	AUTO(err_fini) struct err none = ERR_INIT;
	const struct needer *n;
	unsigned kinds = 0;

	if (used_of(c, used, g->id, &kinds) < 0)
		return -1;
	if (kinds & (ACCESS_READ | ACCESS_EXEC))
		risk(c, RISK_USED, g->path,
		     kinds & ACCESS_EXEC ? "executed by the run" : "read by the run");
	if (!c->needer.n)
		return 0;
	n = needer_of(c, 'N', path_base(g->path)) ?: needer_of(c, 'N', g->path);
	if (!n && soname) {
		sqlite3_bind_int64(soname, 1, g->id);
		if (db_step(c->x->p, soname, &none) > 0)
			n = needer_of(c, 'N', db_name(soname, 0, NULL) ?: "");
		sqlite3_reset(soname);
	}
	risk_needed(c, g->path, n, false);
	risk_needed(c, g->path, needer_of(c, 'I', g->path), true);
	return 0;
}

static int
risks(struct cost *c)
{
	AUTO(used_fini) struct used used = { 0 };
	AUTO(db_finalize) sqlite3_stmt *soname = NULL;

	if (!c->going.n)
		return 0;
	if (load_needs(c) < 0 || used_open(c, &used) < 0)
		return -1;
	if (c->x->p->version >= 2 &&
	    db_prepare(c->x->p, &soname,
		       "SELECT value FROM fact WHERE file=?1 AND key='elf.soname'",
		       c->e) < 0)
		return -1;
	for (size_t i = 0; i < c->going.n; i++)
		if (c->going.v[i].id && (!c->comes || goes(c, c->going.v[i].path)) &&
		    risks_of(c, &c->going.v[i], &used, soname) < 0)
			return -1;
	return 0;
}

static int
by_path(const void *a, const void *b)
{
	const struct edit_risk *x = a, *y = b;

	return strcmp(x->path, y->path) ?: (int)x->kind - (int)y->kind;
}

/* One transaction for all the reading: else each look-up locks the file anew. */
static bool
begin_read(struct edits *x)
{
	AUTO(err_fini) struct err none = ERR_INIT;

	return sqlite3_get_autocommit(x->p->db) && db_exec(x->p, "BEGIN", &none) == 0;
}

static void
end_read(struct edits *x, bool begun)
{
	AUTO(err_fini) struct err none = ERR_INIT;

	if (begun)
		db_exec(x->p, "COMMIT", &none);
}

static int
finish(struct cost *c)
{
	struct edit_cost *out = c->out;
	int r = c->sizes_only ? 0 : risks(c);

	out->files = (int64_t)(out->added - out->dropped);
	out->bytes = (int64_t)(out->added_bytes - out->dropped_bytes);
	if (out->risk.n)
		qsort(out->risk.v, out->risk.n, sizeof(*out->risk.v), by_path);
	cost_fini(c);
	return r;
}

int
edits_cost(struct edits *x, size_t first, size_t last, struct edit_cost *out,
	   struct err *e)
{
	struct cost c = { .x = x, .out = out, .e = e };
	bool begun = begin_read(x);
	int r = 0;

	*out = (struct edit_cost){ 0 };
	for (size_t g = first; g < last && g < x->group.n && r == 0; g++)
		for (size_t i = 0; i < x->group.v[g].op.n && r == 0; i++)
			r = cost_of(&c, &x->group.v[g].op.v[i], x->group.v[g].written,
				    false);
	if (finish(&c) < 0)
		r = -1;
	end_read(x, begun);
	if (r < 0)
		edit_cost_fini(out);
	return r;
}

int
edits_cost_staged(struct edits *x, struct edit_cost *out, struct err *e)
{
	struct cost c = { .x = x, .out = out, .e = e };
	group_list back = { 0 }, forth = { 0 };
	bool begun = begin_read(x);
	int r = 0;

	*out = (struct edit_cost){ 0 };
	edits_back(x, &back);
	edits_forth(x, &forth);
	for (size_t g = 0; g < back.n && r == 0; g++)
		for (size_t i = 0; i < back.v[g]->op.n && r == 0; i++)
			r = cost_of(&c, &back.v[g]->op.v[i], true, true);
	for (size_t g = 0; g < forth.n && r == 0; g++)
		for (size_t i = 0; i < forth.v[g]->op.n && r == 0; i++)
			r = cost_of(&c, &forth.v[g]->op.v[i], false, false);
	vec_fini(&back);
	vec_fini(&forth);
	if (finish(&c) < 0)
		r = -1;
	end_read(x, begun);
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

void
edit_cost_risk(const struct edit_cost *c, struct str *out)
{
	static const char *const text[RISK_KINDS][2] = {
		[RISK_USED] = { "was used by the run", "were used by the run" },
		[RISK_NEEDED] = { "is needed by others", "are needed by others" },
		[RISK_INTERPRETER] = { "is an interpreter", "are interpreters" },
		[RISK_HOST_GONE] = { "is not on this machine",
				     "are not on this machine" },
	};
	size_t from = out->len;

	if (c->dropped + c->added == 1 && c->risk.n) { /* of one file, in full */
		for (size_t i = 0; i < c->risk.n; i++)
			str_addf(out, "%s%s", i ? ", " : "", c->risk.v[i].text);
		return;
	}
	for (size_t k = 0; k < RISK_KINDS; k++)
		if (c->risks[k])
			str_addf(out, "%s%llu %s", out->len > from ? ", " : "",
				 (unsigned long long)c->risks[k],
				 text[k][c->risks[k] != 1]);
}
