#include "inspect/scan.h"

#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "inspect/db.h"
#include "inspect/detail.h"
#include "inspect/digest.h"
#include "inspect/model.h"
#include "inspect/rows.h"
#include "inspect/todo.h"

enum { BATCH_BYTES = 64 << 20, BATCH_FILES = 500 };

struct rows_work {
	struct package *p;
	struct origin *place; /* NULL: this machine has no root to ask */
	struct scan_counts *n;
	sqlite3_stmt *find, *add, *back, *lose;
	struct err *e;
	bool failed;
};

static void
rows_work_fini(struct rows_work *w)
{
	db_finalize(&w->find);
	db_finalize(&w->add);
	db_finalize(&w->back);
	db_finalize(&w->lose);
	if (w->place)
		origin_close(w->place);
	w->place = NULL;
}

static int
run_once(struct rows_work *w, sqlite3_stmt *s)
{
	int got = db_step(w->p, s, w->e);

	sqlite3_reset(s);
	return got;
}

static int
add_row(struct rows_work *w, const struct entry *x, const struct stat *st)
{
	AUTO(str_fini) struct str link = STR_INIT;
	char kind[2] = { x->kind, '\0' };
	sqlite3_stmt *s = w->add;

	db_bind_name(s, 1, x->path, x->len);
	sqlite3_bind_text(s, 2, kind, 1, SQLITE_TRANSIENT);
	sqlite3_bind_int64(s, 3, st->st_mode);
	sqlite3_bind_int64(s, 4, st->st_uid);
	sqlite3_bind_int64(s, 5, st->st_gid);
	sqlite3_bind_int64(s, 6, st->st_size);
	sqlite3_bind_int64(s, 7,
			   (int64_t)st->st_mtim.tv_sec * 1000000000 +
				   st->st_mtim.tv_nsec);
	sqlite3_bind_null(s, 8);
	if (x->kind == 'l' && package_readlink(w->p, x->path, &link) == 0)
		db_bind_name(s, 8, link.s, link.len);
	sqlite3_bind_int64(s, 9, x->state);
	sqlite3_bind_null(s, 10);
	if (w->place && (x->kind == 'f' || x->kind == 'l')) {
		struct origin_owner owner;

		origin_find(w->place, x->path, &owner);
		sqlite3_bind_text(s, 10, origin_class_name(owner.class), -1,
				  SQLITE_STATIC);
	}
	w->n->added++;
	return run_once(w, s);
}

/* What capture makes for names that were listed, but are the host's. */
static bool
is_stand_in(const struct rows_work *w, const struct entry *x)
{
	if (x->kind != 'd' && x->state != FILE_PLACEHOLDER)
		return false;
	return rows_pins(w->p, x->path, x->len) & (ENTRY_HOST | ENTRY_HIDDEN);
}

/* An object of the tree: it has a row, or gets one; one that was given up is back. */
static enum model_step
tree_node(void *ctx, uint32_t n, const struct entry *x)
{
	struct rows_work *w = ctx;
	struct stat st;
	int got;

	db_bind_name(w->find, 1, x->path, x->len);
	got = db_step(w->p, w->find, w->e);
	if (got > 0 && sqlite3_column_int64(w->find, 1) == FILE_LOST && x->kind != 'd') {
		sqlite3_bind_int64(w->back, 1, sqlite3_column_int64(w->find, 0));
		sqlite3_bind_int64(w->back, 2, x->state);
		got = run_once(w, w->back) < 0 ? -1 : 1;
	}
	sqlite3_reset(w->find);
	if (got == 0 && !is_stand_in(w, x) && package_lstat(w->p, x->path, &st) == 0)
		got = add_row(w, x, &st);
	w->failed = got < 0;
	return w->failed ? MODEL_STOP : MODEL_ON;
}

/* Rows that say "in the package" of what is not. */
static int
mark_lost(struct rows_work *w, const struct model *tree)
{
	AUTO(db_finalize) sqlite3_stmt *s = NULL;
	VEC(int64_t) id = { 0 };
	int got;

	if (db_prepare(w->p, &s, "SELECT id, path FROM file WHERE state = 0", w->e) < 0)
		return -1;
	while ((got = db_step(w->p, s, w->e)) > 0) {
		size_t len;
		const char *path = db_name(s, 1, &len);

		if (!path || !db_is_path(path, len) ||
		    model_find(tree, path, len) == UINT32_MAX)
			vec_push(&id, sqlite3_column_int64(s, 0));
	}
	for (size_t i = 0; got == 0 && i < id.n; i++) {
		sqlite3_bind_int64(w->lose, 1, id.v[i]);
		got = run_once(w, w->lose);
	}
	w->n->lost += id.n;
	vec_fini(&id);
	return got;
}

static int
rows_prepare(struct rows_work *w)
{
	if (db_prepare(w->p, &w->find, "SELECT id, state FROM file WHERE path=?1", w->e) <
		    0 ||
	    db_prepare(
		    w->p, &w->add,
		    "INSERT INTO file(path, kind, mode, uid, gid, size, mtime_ns, link,"
		    " state, origin_class, note) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,"
		    "'found by scan')",
		    w->e) < 0 ||
	    db_prepare(w->p, &w->back, "UPDATE file SET state=?2, note=NULL WHERE id=?1",
		       w->e) < 0)
		return -1;
	return db_prepare(
		w->p, &w->lose,
		"UPDATE file SET state=6, note='not in the package' WHERE id=?1", w->e);
}

/* Databases of packages are not asked: those of this machine tell nothing of files that
 * may be another's.  The place tells something, with what is known of the runs. */
static struct origin *
open_place(struct package *p)
{
	AUTO(err_fini) struct err none = ERR_INIT;
	struct origin *o = origin_open("/", &none);
	detail_runs runs = { 0 };

	if (o && detail_runs_read(p, &runs, &none) == 0)
		for (size_t i = 0; i < runs.n; i++) {
			origin_user_dir(o, runs.v[i].home);
			origin_user_dir(o, runs.v[i].cwd);
		}
	detail_runs_fini(&runs);
	return o;
}

static int
rows_run(struct rows_work *w)
{
	AUTO(model_fini) struct model tree = { 0 };
	struct package files = *w->p; /* the same, but seen without its manifest */

	files.db = NULL;
	w->place = open_place(w->p);
	if (model_load(&tree, &files, 0, w->e) < 0 || rows_prepare(w) < 0)
		return -1;
	model_each(&tree, 0, tree_node, w);
	return w->failed ? -1 : mark_lost(w, &tree);
}

int
scan_rows(struct package *p, struct scan_counts *n, struct err *e)
{
	AUTO(rows_work_fini) struct rows_work w = { .p = p, .n = n, .e = e };

	if (db_exec(p, "BEGIN IMMEDIATE", e) < 0)
		return -1;
	if (rows_run(&w) < 0) {
		sqlite3_exec(p->db, "ROLLBACK", NULL, NULL, NULL);
		return -1;
	}
	rows_work_fini(&w);
	return db_exec(p, "COMMIT", e);
}

struct digests {
	struct package *p;
	const struct scan_work *w;
	struct scan_counts *n;
	sqlite3_stmt *save;
	todo_list todo; /* with origin_sum */
	uint64_t bytes, batch_bytes, batch_files;
	bool open; /* a transaction */
};

static void
digests_fini(struct digests *d)
{
	db_finalize(&d->save);
	todo_fini(&d->todo);
	if (d->open)
		sqlite3_exec(d->p->db, "ROLLBACK", NULL, NULL, NULL);
}

static int
list_todo(struct digests *d, struct err *e)
{
	return todo_read(&d->todo, d->p,
			 d->w->all
				 ? "SELECT id, path, origin_sum FROM file WHERE state = 0"
				   " AND kind = 'f' ORDER BY id"
				 : "SELECT id, path, origin_sum FROM file WHERE state = 0"
				   " AND kind = 'f' AND (sha256 IS NULL OR origin_sum IS "
				   "NOT NULL AND origin_modified IS NULL) ORDER BY id",
			 e);
}

static int
digest_one(struct digests *d, const struct todo *t, struct err *e)
{
	AUTO(err_fini) struct err inner = ERR_INIT;
	char sha[DIGEST_HEX], other[DIGEST_HEX];
	const char *algo = digest_algorithm(t->more);
	struct stat st;
	AUTO(fd_drop) int fd = package_file(d->p, t->path, false, &st, &inner);
	bool differs;

	if (fd < 0 || digest_file(fd, sha, algo, other) < 0)
		return 0; /* verify names it */
	differs = algo && *other && !digest_is(t->more, other);
	d->bytes += (uint64_t)st.st_size;
	d->batch_bytes += (uint64_t)st.st_size;
	d->batch_files++;
	d->n->hashed++;
	d->n->modified += differs;
	sqlite3_bind_int64(d->save, 1, t->id);
	sqlite3_bind_text(d->save, 2, sha, -1, SQLITE_STATIC);
	sqlite3_bind_null(d->save, 3);
	if (algo && *other)
		sqlite3_bind_int(d->save, 3, differs);
	if (db_step(d->p, d->save, e) < 0)
		return -1;
	sqlite3_reset(d->save);
	return 0;
}

static int
commit(struct digests *d, struct err *e)
{
	d->open = false;
	d->batch_bytes = d->batch_files = 0;
	return db_exec(d->p, "COMMIT", e);
}

int
scan_digests(struct package *p, const struct scan_work *w, struct scan_counts *n,
	     struct err *e)
{
	AUTO(digests_fini) struct digests d = { .p = p, .w = w, .n = n };
	bool go = true;

	if (list_todo(&d, e) < 0 ||
	    db_prepare(p, &d.save,
		       "UPDATE file SET sha256=?2, origin_modified=?3 WHERE id=?1",
		       e) < 0)
		return -1;
	for (size_t i = 0; i < d.todo.n && go; i++) {
		if (!d.open && db_exec(p, "BEGIN IMMEDIATE", e) < 0)
			return -1;
		d.open = true;
		if (digest_one(&d, &d.todo.v[i], e) < 0)
			return -1;
		go = !w->progress || w->progress(w->ctx, i + 1, d.bytes);
		if ((d.batch_bytes >= BATCH_BYTES || d.batch_files >= BATCH_FILES) &&
		    commit(&d, e) < 0)
			return -1;
	}
	if (d.open && commit(&d, e) < 0)
		return -1;
	return go ? 0 : 1;
}
