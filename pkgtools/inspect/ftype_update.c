/*
 * Types and facts into the manifest, some hundred files to a transaction.  A manifest
 * that cannot be written is copied into memory first: then they are known for this run.
 */
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "inspect/db.h"
#include "inspect/ftype.h"
#include "inspect/todo.h"

enum { BATCH = 500 };

struct update {
	struct package *p;
	struct ftyper *typer;
	sqlite3_stmt *row, *forget, *fact;
	todo_list todo;
};

static void
update_fini(struct update *u)
{
	db_finalize(&u->row);
	db_finalize(&u->forget);
	db_finalize(&u->fact);
	todo_fini(&u->todo);
	ftyper_free(u->typer);
}

static int
list_untyped(struct update *u, struct err *e)
{
	return todo_read(&u->todo, u->p,
			 "SELECT id, path FROM file WHERE type IS NULL AND state = 0 "
			 "AND kind = 'f' ORDER BY id",
			 e);
}

static int
save(struct update *u, int64_t id, const struct ftype *t, struct err *e)
{
	struct package *p = u->p;

	sqlite3_bind_int64(u->forget, 1, id);
	if (db_step(p, u->forget, e) < 0)
		return -1;
	sqlite3_reset(u->forget);
	for (size_t i = 0; i < t->fact.n; i++) {
		const struct ftype_fact *f = &t->fact.v[i];

		sqlite3_bind_int64(u->fact, 1, id);
		sqlite3_bind_text(u->fact, 2, f->key, -1, SQLITE_STATIC);
		db_bind_name(u->fact, 3, f->value, strlen(f->value));
		if (db_step(p, u->fact, e) < 0)
			return -1;
		sqlite3_reset(u->fact);
	}
	sqlite3_bind_int64(u->row, 1, id);
	sqlite3_bind_text(u->row, 2, t->type, -1, SQLITE_STATIC);
	db_bind_name(u->row, 3, t->mime.s, t->mime.len);
	db_bind_name(u->row, 4, t->words.s, t->words.len);
	if (db_step(p, u->row, e) < 0)
		return -1;
	sqlite3_reset(u->row);
	return 0;
}

/* A file that is not there (verify says so) keeps its type open. */
static int
update_one(struct update *u, const struct todo *t, struct err *e)
{
	AUTO(err_fini) struct err inner = ERR_INIT;
	AUTO(ftype_fini) struct ftype type = FTYPE_INIT;
	struct stat st;
	AUTO(fd_drop) int fd = package_file(u->p, t->path, false, &st, &inner);

	if (fd < 0 || ftype_read(u->typer, fd, (uint64_t)st.st_size, t->path, &type) < 0)
		return 0;
	return save(u, t->id, &type, e);
}

static int
prepare(struct update *u, struct err *e)
{
	struct package *p = u->p;

	if (db_prepare(p, &u->row,
		       "UPDATE file SET type=?2, mime=?3, description=?4 WHERE id=?1",
		       e) < 0 ||
	    db_prepare(p, &u->forget, "DELETE FROM fact WHERE file=?1", e) < 0)
		return -1;
	return db_prepare(p, &u->fact,
			  "INSERT OR IGNORE INTO fact(file, key, value) VALUES(?1,?2,?3)",
			  e);
}

static int
run(struct update *u, ftype_progress *progress, void *ctx, struct err *e)
{
	bool go = true;

	for (size_t i = 0; i < u->todo.n && go; i++) {
		if (i % BATCH == 0 && db_exec(u->p, "BEGIN IMMEDIATE", e) < 0)
			return -1;
		if (update_one(u, &u->todo.v[i], e) < 0) {
			sqlite3_exec(u->p->db, "ROLLBACK", NULL, NULL, NULL);
			return -1;
		}
		go = !progress || progress(ctx, i + 1, u->todo.n, u->todo.v[i].path);
		if (((i + 1) % BATCH == 0 || i + 1 == u->todo.n || !go) &&
		    db_exec(u->p, "COMMIT", e) < 0)
			return -1;
	}
	return go ? 0 : 1;
}

int
ftype_update(struct package *p, uint64_t limit, ftype_progress *progress, void *ctx,
	     struct err *e)
{
	struct update u = { .p = p };
	int r;

	if (!p->db)
		return 1;
	if (limit && (uint64_t)db_number(p, "SELECT max(id) FROM file", 0) > limit)
		return 1; /* before each row is looked at */
	if (p->version >= 2 &&
	    db_number(p,
		      "SELECT count(*) FROM (SELECT 1 FROM file WHERE type IS NULL AND "
		      "state = 0 AND kind = 'f' LIMIT 1)",
		      0) == 0)
		return 0;
	if (package_writable(p, e) < 0)
		return -1;
	u.typer = ftyper_new();
	r = list_untyped(&u, e) < 0 || prepare(&u, e) < 0 ? -1
							  : run(&u, progress, ctx, e);
	update_fini(&u);
	package_readonly(p);
	return r;
}
