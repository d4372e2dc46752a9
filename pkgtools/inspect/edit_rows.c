/*
 * Rows of a write.  A row that goes lies in `kept`, with its old number; what belongs to
 * it (accesses, facts, names of a directory) takes the number of the kept row, negative,
 * which no file has, so that it can never be taken for another's.
 */
#include <errno.h>
#include <string.h>

#include "inspect/edit_priv.h"

#define FILE_COLUMNS_OF_KEPT \
	"path, kind, mode, uid, gid, size, mtime_ns, ctime_ns, dev, ino, link, state," \
	" listed, note, run, sha256, origin_class, origin_package, origin_version, " \
	"mime," \
	" description, type, origin_sum, origin_modified"

void
edit_rows_fini(struct edit_rows *r)
{
	sqlite3_stmt **const all[] = { &r->keep,  &r->remove, &r->at,	&r->back,
				       &r->kept,  &r->unkeep, &r->move, &r->of[0],
				       &r->of[1], &r->of[2] };

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		db_finalize(all[i]);
	edit_set_fini(&r->touched);
}

int
edit_rows_open(struct edit_rows *r, struct package *p, struct err *e)
{
	const struct {
		sqlite3_stmt **s;
		const char *sql;
	} all[] = {
		{ &r->keep,
		  "INSERT INTO kept(edit, side, old, " FILE_COLUMNS_OF_KEPT
		  ") SELECT ?2, ?3, id, " FILE_COLUMNS_OF_KEPT " FROM file WHERE id=?1" },
		{ &r->remove, "DELETE FROM file WHERE id=?1" },
		{ &r->at, "SELECT id, state, kind FROM file WHERE path=?1" },
		{ &r->back,
		  "INSERT INTO file(id, " FILE_COLUMNS_OF_KEPT
		  ") SELECT CASE WHEN old IN (SELECT id FROM file) THEN NULL"
		  " ELSE old END, " FILE_COLUMNS_OF_KEPT " FROM kept WHERE id=?1" },
		{ &r->kept,
		  "SELECT id, path FROM kept WHERE edit=?1 AND side=?2 ORDER BY id" },
		{ &r->unkeep, "DELETE FROM kept WHERE id=?1" },
		{ &r->move,
		  "INSERT INTO move(what, edit, side, path) VALUES(?1,?2,?3,?4)" },
		{ &r->of[0], "UPDATE OR REPLACE access SET file=?2 WHERE file=?1" },
		{ &r->of[1], "UPDATE OR REPLACE fact SET file=?2 WHERE file=?1" },
		{ &r->of[2], "UPDATE OR REPLACE listing SET dir=?2 WHERE dir=?1" },
	};

	*r = (struct edit_rows){ .p = p };
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		if (db_prepare(p, all[i].s, all[i].sql, e) < 0)
			return -1;
	return 0;
}

static int
once(struct edit_rows *r, sqlite3_stmt *s, struct err *e)
{
	int got = db_step(r->p, s, e);

	sqlite3_reset(s);
	return got < 0 ? -1 : 0;
}

static int
renumber(struct edit_rows *r, int64_t from, int64_t to, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(r->of); i++) {
		sqlite3_bind_int64(r->of[i], 1, from);
		sqlite3_bind_int64(r->of[i], 2, to);
		if (once(r, r->of[i], e) < 0)
			return -1;
	}
	return 0;
}

static int
remove_row(struct edit_rows *r, int64_t id, struct err *e)
{
	sqlite3_bind_int64(r->remove, 1, id);
	return once(r, r->remove, e);
}

static int
stash_row(struct edit_rows *r, int64_t id, int64_t edit, enum edit_side side,
	  struct err *e)
{
	sqlite3_bind_int64(r->keep, 1, id);
	sqlite3_bind_int64(r->keep, 2, edit);
	sqlite3_bind_int(r->keep, 3, side);
	if (once(r, r->keep, e) < 0 ||
	    renumber(r, id, -sqlite3_last_insert_rowid(r->p->db), e) < 0)
		return -1;
	return remove_row(r, id, e);
}

int
edit_rows_move(struct edit_rows *r, const char *what, const struct edit_op *op,
	       enum edit_side side, struct err *e)
{
	sqlite3_bind_text(r->move, 1, what, -1, SQLITE_STATIC);
	sqlite3_bind_int64(r->move, 2, op ? op->id : 0);
	sqlite3_bind_int(r->move, 3, side);
	sqlite3_bind_null(r->move, 4);
	if (op)
		db_bind_name(r->move, 4, op->path, strlen(op->path));
	return once(r, r->move, e);
}

void
edit_rows_touch(struct edit_rows *r, const char *path)
{
	edit_set_put(&r->touched, path);
}

bool
edit_rows_is_touched(struct edit_rows *r, const char *path)
{
	return edit_set_has_above(&r->touched, path);
}

typedef VEC(int64_t) id_list;

static int
collect(void *ctx, sqlite3_stmt *row, struct err *e)
{
	vec_push((id_list *)ctx, sqlite3_column_int64(row, 0));
	return 0;
}

struct row {
	int64_t id, state;
	bool is_file; /* nothing can be below it */
};

/* 1: found. */
static int
row_at(struct edit_rows *r, const char *path, struct row *out, struct err *e)
{
	const char *kind;
	int got;

	db_bind_name(r->at, 1, path, strlen(path));
	got = db_step(r->p, r->at, e);
	if (got > 0) {
		out->id = sqlite3_column_int64(r->at, 0);
		out->state = sqlite3_column_int64(r->at, 1);
		kind = db_name(r->at, 2, NULL);
		out->is_file = kind && !strchr("d?", *kind);
	}
	sqlite3_reset(r->at);
	return got;
}

/* A rename of a file that is not there would, when it is done again after a kill, take
 * what has come there since. */
static bool
is_lost(struct edit_rows *r, const char *path, const struct row *row)
{
	struct stat st;

	return row->is_file && !edit_rows_is_touched(r, path) &&
	       package_lstat(r->p, path, &st) == -ENOENT;
}

int64_t
edit_rows_stash(struct edit_rows *r, const struct edit_op *op, enum edit_side side,
		bool deep, struct err *e)
{
	id_list ids = { 0 };
	struct row row = { 0 };
	int got = row_at(r, op->path, &row, e);
	int64_t n;

	if (got > 0)
		vec_push(&ids, row.id);
	if (got >= 0 && deep && !row.is_file)
		got = edit_rows_below(r->p, "id", op->path, collect, &ids, e);
	for (size_t i = 0; i < ids.n && got >= 0; i++)
		got = stash_row(r, ids.v[i], op->id, side, e);
	n = (int64_t)ids.n;
	vec_fini(&ids);
	if (got < 0 ||
	    (!is_lost(r, op->path, &row) && edit_rows_move(r, "out", op, side, e) < 0))
		return -1;
	edit_rows_touch(r, op->path);
	return n;
}

struct kept {
	int64_t id;
	char *path;
};

/* What was captured again meanwhile stays; a placeholder gives way. */
static int
unstash_row(struct edit_rows *r, const struct kept *k, struct err *e)
{
	struct row row;
	int got = k->path ? row_at(r, k->path, &row, e) : 1;

	if (got > 0 && k->path && row.state == FILE_PLACEHOLDER) {
		if (remove_row(r, row.id, e) < 0)
			return -1;
		got = 0;
	}
	if (got == 0) {
		sqlite3_bind_int64(r->back, 1, k->id);
		if (once(r, r->back, e) < 0 ||
		    renumber(r, -k->id, sqlite3_last_insert_rowid(r->p->db), e) < 0)
			return -1;
	}
	sqlite3_bind_int64(r->unkeep, 1, k->id);
	return got < 0 ? -1 : once(r, r->unkeep, e);
}

int64_t
edit_rows_unstash(struct edit_rows *r, const struct edit_op *op, enum edit_side side,
		  struct err *e)
{
	VEC(struct kept) kept = { 0 };
	sqlite3_stmt *s = r->kept;
	int64_t n;
	int got;
	sqlite3_bind_int64(s, 1, op->id);
	sqlite3_bind_int(s, 2, side);
	while ((got = db_step(r->p, s, e)) > 0)
		vec_push(&kept,
			 ((struct kept){ sqlite3_column_int64(s, 0), db_dup(s, 1) }));
	sqlite3_reset(s);
	for (size_t i = 0; i < kept.n; i++) {
		if (got == 0)
			got = unstash_row(r, &kept.v[i], e);
		free(kept.v[i].path);
	}
	n = (int64_t)kept.n;
	vec_fini(&kept);
	edit_rows_touch(r, op->path);
	if (got < 0 || edit_rows_move(r, "in", op, side, e) < 0)
		return -1;
	return n;
}
