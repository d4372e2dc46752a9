/*
 * All rows in the order of their names.  SQLite sorts text before blobs, and names that
 * are not UTF-8 are blobs: two cursors, merged.
 */
#include <string.h>

#include "inspect/model.h"
#include "inspect/rows.h"
#include "inspect/text.h"

struct merge {
	struct rows r[2];
	int got[2];
	sqlite3_stmt *access;
};

static void
merge_fini(struct merge *m)
{
	rows_fini(&m->r[0]);
	rows_fini(&m->r[1]);
	db_finalize(&m->access);
}

static void
add_bound(struct str *out, const char *op, const char *text, size_t n, bool blob)
{
	str_addf(out, "path %s %s'", op, blob ? "x" : "CAST(x");
	for (size_t i = 0; i < n; i++)
		str_addf(out, "%02x", (unsigned char)text[i]);
	str_add(out, blob ? "'" : "' AS TEXT)");
}

/* A range of the index, and no other condition that SQLite might take for its bound.
 * Text is UTF-8: of the prefix it can have whole characters, none of which ends in 0xff. */
static void
add_range(struct str *out, const char *prefix, bool blob)
{
	AUTO(str_fini) struct str end = STR_INIT;
	size_t n = strlen(prefix);

	while (!blob && n && !text_is_utf8(prefix, n))
		n--;
	str_setn(&end, prefix, n);
	while (end.len && (unsigned char)end.s[end.len - 1] == 0xff)
		str_trunc(&end, end.len - 1);
	if (!end.len) {
		str_add(out, blob ? "path >= x''" : "path < x''");
		return;
	}
	add_bound(out, ">=", prefix, n, blob);
	end.s[end.len - 1]++;
	str_add(out, " AND ");
	add_bound(out, "<", end.s, end.len, blob);
}

static int
merge_open(struct merge *m, struct package *p, const struct each *how, struct err *e)
{
	for (int i = 0; i < (how->any_order ? 1 : 2); i++) {
		AUTO(str_fini) struct str tail = STR_INIT;

		str_add(&tail, "WHERE ");
		if (how->any_order)
			str_addc(&tail, '1');
		else
			add_range(&tail, how->prefix ? how->prefix : "", i);
		str_addf(&tail, " AND %s%s", how->where ? how->where : "1",
			 how->any_order ? "" : " ORDER BY path");
		if (rows_open(&m->r[i], p, tail.s, how->bare, e) < 0 ||
		    (m->got[i] = rows_next(&m->r[i], e)) < 0)
			return -1;
	}
	if (how->need & MODEL_ACCESS)
		return db_prepare(p, &m->access, "SELECT kind FROM access WHERE file=?",
				  e);
	return 0;
}

static int
read_access(struct package *p, sqlite3_stmt *s, struct entry *x, struct err *e)
{
	int got;

	sqlite3_bind_int64(s, 1, x->row);
	while ((got = db_step(p, s, e)) > 0)
		x->access |= (unsigned)sqlite3_column_int(s, 0) & 0xff;
	sqlite3_reset(s);
	return got;
}

static int
each_row(struct package *p, const struct each *how, struct err *e)
{
	AUTO(merge_fini) struct merge m = { 0 };

	for (int i = 0; i < 2; i++)
		str_init(&m.r[i].path), str_init(&m.r[i].package),
			str_init(&m.r[i].version), str_init(&m.r[i].type),
			str_init(&m.r[i].class);
	if (merge_open(&m, p, how, e) < 0)
		return -1;
	while (m.got[0] || m.got[1]) {
		int i = !m.got[0] ||
			(m.got[1] && strcmp(m.r[1].x.path, m.r[0].x.path) < 0);
		struct entry *x = &m.r[i].x;

		if (m.access && read_access(p, m.access, x, e) < 0)
			return -1;
		if (how->need & MODEL_PINS)
			x->flags |= rows_pins(p, x->path, x->len);
		if (!how->cb(how->ctx, x))
			return 0;
		m.got[i] = rows_next(&m.r[i], e);
		if (m.got[i] < 0)
			return -1;
	}
	return 0;
}

static enum model_step
from_model(void *ctx, uint32_t n, const struct entry *x)
{
	const struct each *how = ctx;

	return how->cb(how->ctx, x) ? MODEL_ON : MODEL_STOP;
}

/* The order of a tree is that of bytes but for names that go on behind a directory's. */
static int
each_node(struct package *p, const struct each *how, struct err *e)
{
	AUTO(model_fini) struct model m = { 0 };

	if (model_load(&m, p, how->need, e) < 0)
		return -1;
	model_each(&m, 0, from_model, (void *)how);
	return 0;
}

int
package_each(struct package *p, const struct each *how, struct err *e)
{
	return p->db ? each_row(p, how, e) : each_node(p, how, e);
}
