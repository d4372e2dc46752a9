/*
 * The replay of a write: operations one by one, inside of its transaction.  What cannot be
 * done is a conflict, which is noted, and the rest is tried all the same.
 */
#include <string.h>

#include "inspect/edit_priv.h"
#include "path/lex.h"

void
edit_conflict(struct edit_writing *w, const char *path, const char *text)
{
	vec_push(&w->out->conflict,
		 ((struct edit_conflict){ mem_strdup(path), mem_strdup(text) }));
}

struct edit_copied *
edit_copied_of(struct edit_writing *w, int64_t id, bool make)
{
	AUTO(str_fini) struct str key = STR_INIT;
	struct map_slot *s;

	str_addf(&key, "%lld", (long long)id);
	s = make ? map_put(&w->copied, key.s, key.len)
		 : map_get(&w->copied, key.s, key.len);
	if (!s)
		return NULL;
	if (!s->u) {
		vec_push(&w->copy, (struct edit_copied){ 0 });
		s->u = w->copy.n;
	}
	return &w->copy.v[s->u - 1];
}

int
edit_apply_prepare(struct edit_writing *w)
{
	struct package *p = w->x->p;

	if (edit_rows_open(&w->rows, p, w->e) < 0 ||
	    db_prepare(
		    p, &w->insert,
		    "INSERT INTO file(path, kind, mode, uid, gid, size, mtime_ns,"
		    " ctime_ns, dev, ino, link, state, origin_class, origin_package,"
		    " origin_version, origin_sum) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,"
		    "?11,0,?12,?13,?14,?15)",
		    w->e) < 0 ||
	    db_prepare(p, &w->before, "UPDATE edit SET before=?2 WHERE id=?1", w->e) < 0)
		return -1;
	return db_prepare(p, &w->note, "UPDATE file SET note=?2 WHERE path=?1", w->e);
}

int
edit_step_once(struct edit_writing *w, sqlite3_stmt *s)
{
	int got = db_step(w->x->p, s, w->e);

	sqlite3_reset(s);
	return got < 0 ? -1 : 0;
}

static int
store_before(struct edit_writing *w, const struct edit_op *op, const char *text)
{
	sqlite3_bind_int64(w->before, 1, op->id);
	db_bind_name(w->before, 2, text, strlen(text));
	return edit_step_once(w, w->before);
}

static int64_t
ns_of(struct timespec t)
{
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void
bind_origin(struct edit_writing *w, const char *host)
{
	struct origin_owner o;
	const char *text[3];

	origin_find(w->origin, host, &o);
	text[0] = o.package;
	text[1] = o.version;
	text[2] = o.sum;
	sqlite3_bind_text(w->insert, 12, origin_class_name(o.class), -1, SQLITE_STATIC);
	for (int i = 0; i < 3; i++)
		if (*text[i])
			sqlite3_bind_text(w->insert, 13 + i, text[i], -1,
					  SQLITE_TRANSIENT);
		else
			sqlite3_bind_null(w->insert, 13 + i);
}

static int
insert_row(struct edit_writing *w, const struct edit_op *op, const struct edit_copied *c)
{
	const struct stat *st = &c->st;
	const char *kind = S_ISREG(st->st_mode)	  ? "f"
			   : S_ISDIR(st->st_mode) ? "d"
			   : S_ISLNK(st->st_mode) ? "l"
						  : "p";
	sqlite3_stmt *s = w->insert;

	db_bind_name(s, 1, op->path, strlen(op->path));
	sqlite3_bind_text(s, 2, kind, 1, SQLITE_STATIC);
	sqlite3_bind_int64(s, 3, st->st_mode);
	sqlite3_bind_int64(s, 4, st->st_uid);
	sqlite3_bind_int64(s, 5, st->st_gid);
	sqlite3_bind_int64(s, 6, st->st_size);
	sqlite3_bind_int64(s, 7, ns_of(st->st_mtim));
	sqlite3_bind_int64(s, 8, ns_of(st->st_ctim));
	sqlite3_bind_int64(s, 9, (int64_t)st->st_dev);
	sqlite3_bind_int64(s, 10, (int64_t)st->st_ino);
	sqlite3_bind_null(s, 11);
	if (c->link)
		db_bind_name(s, 11, c->link, strlen(c->link));
	bind_origin(w, op->arg ? op->arg : op->path);
	return edit_step_once(w, s);
}

static int
count_row(void *ctx, sqlite3_stmt *row, struct err *e)
{
	return 1;
}

/* Is there something below it, that must not go with it? */
static bool
has_below(struct edit_writing *w, const char *path)
{
	return edit_rows_below(w->x->p, "id", path, count_row, NULL, w->e) > 0;
}

/* What will stand at the place of an addition: 'd', 'f' (anything else), 0 nothing. */
static char
stands_at(struct edit_writing *w, const char *path)
{
	AUTO(db_finalize) sqlite3_stmt *s = NULL;
	const char *kind;
	struct stat st;

	if (!edit_rows_is_touched(&w->rows, path)) {
		if (package_lstat(w->x->p, path, &st) < 0)
			return 0;
		return S_ISDIR(st.st_mode) ? 'd' : 'f';
	}
	if (db_prepare(w->x->p, &s, "SELECT kind FROM file WHERE path=?1", w->e) < 0)
		return 0;
	db_bind_name(s, 1, path, strlen(path));
	if (db_step(w->x->p, s, w->e) <= 0)
		return 0;
	kind = db_name(s, 0, NULL);
	return kind && *kind == 'd' ? 'd' : 'f';
}

/* The name of something above that is no directory, and stays. */
static bool
is_way_barred(struct edit_writing *w, const char *path)
{
	AUTO(str_fini) struct str up = STR_INIT;

	str_set(&up, path);
	for (path_to_parent(&up); up.len > 1; path_to_parent(&up))
		if (stands_at(w, up.s) == 'f')
			return true;
	return false;
}

static int
apply_add(struct edit_writing *w, const struct edit_op *op)
{
	struct edit_copied *c = edit_copied_of(w, op->id, false);
	char there = stands_at(w, op->path);
	mode_t mode = c ? c->st.st_mode : 0;

	if (c && c->why_not)
		return edit_conflict(w, op->path, c->why_not), 0;
	if (is_way_barred(w, op->path))
		return edit_conflict(w, op->path,
				     "something above it is not a directory"),
		       0;
	if (c && S_ISDIR(mode) && there == 'd')
		return store_before(w, op, "there");
	if (there == 'd' && has_below(w, op->path))
		return edit_conflict(w, op->path, "a directory that is not empty"), 0;
	if ((there || edit_has_row(w->x->p, op->path)) &&
	    edit_rows_stash(&w->rows, op, SIDE_OLD, false, w->e) < 0)
		return -1;
	if (!c)
		return edit_rows_unstash(&w->rows, op, SIDE_NEW, w->e) < 0 ? -1 : 0;
	if (insert_row(w, op, c) < 0)
		return -1;
	edit_rows_touch(&w->rows, op->path);
	return edit_rows_move(&w->rows, "in", op, SIDE_NEW, w->e);
}

static int
apply_note(struct edit_writing *w, const struct edit_op *op, const char *text,
	   bool remember)
{
	AUTO(db_finalize) sqlite3_stmt *s = NULL;
	int got;

	if (db_prepare(w->x->p, &s, "SELECT note FROM file WHERE path=?1", w->e) < 0)
		return -1;
	db_bind_name(s, 1, op->path, strlen(op->path));
	got = db_step(w->x->p, s, w->e);
	if (got == 0 && remember)
		edit_conflict(w, op->path, "not in the manifest");
	if (got <= 0)
		return got;
	if (remember && store_before(w, op, db_name(s, 0, NULL) ?: "") < 0)
		return -1;
	db_bind_name(w->note, 1, op->path, strlen(op->path));
	if (*text)
		db_bind_name(w->note, 2, text, strlen(text));
	else
		sqlite3_bind_null(w->note, 2);
	return edit_step_once(w, w->note);
}

static int
apply_pin(struct edit_writing *w, const struct edit_op *op)
{
	AUTO(err_fini) struct err why = ERR_INIT;
	AUTO(str_fini) struct str before = STR_INIT;
	bool is_dir = edit_pin_is_dir(w->x, op->path);

	edit_pin_set(&w->options, w->x->p->rules.version, op->path, op->arg, is_dir,
		     &before);
	w->options_changed = true;
	if (edit_pin_check(w->options.s, w->options.len, op->path, op->arg, is_dir,
			   &why) < 0)
		return edit_conflict(w, op->path, why.text.s), 0;
	return store_before(w, op, before.s);
}

static int
apply(struct edit_writing *w, const struct edit_op *op)
{
	int64_t n;

	switch (op->verb) {
	case EDIT_DROP:
		n = edit_rows_stash(&w->rows, op, SIDE_OLD, true, w->e);
		w->out->dropped += n > 0 ? (uint64_t)n : 0;
		return n < 0 ? -1 : 0;
	case EDIT_ADD:
		return apply_add(w, op);
	case EDIT_PIN:
		return apply_pin(w, op);
	case EDIT_NOTE:
		return apply_note(w, op, op->arg, true);
	case EDIT_KEEP:
	case EDIT_VERBS:
		break;
	}
	return 0;
}

/* A directory that was there, or that others are in now, stays. */
static int
take_back_add(struct edit_writing *w, const struct edit_op *op)
{
	AUTO(mem_free) char *before = edit_before(w->x->p, op->id);

	if (before || has_below(w, op->path))
		return 0;
	if (edit_has_row(w->x->p, op->path)) {
		int64_t n = edit_rows_stash(&w->rows, op, SIDE_NEW, false, w->e);

		if (n < 0)
			return -1;
		w->out->dropped += (uint64_t)n;
	}
	return edit_rows_unstash(&w->rows, op, SIDE_OLD, w->e) < 0 ? -1 : 0;
}

static int
take_back(struct edit_writing *w, const struct edit_op *op)
{
	AUTO(mem_free) char *before = NULL;
	int64_t n;

	switch (op->verb) {
	case EDIT_DROP:
		n = edit_rows_unstash(&w->rows, op, SIDE_OLD, w->e);
		w->out->added += n > 0 ? (uint64_t)n : 0;
		return n < 0 ? -1 : 0;
	case EDIT_ADD:
		return take_back_add(w, op);
	case EDIT_PIN:
		before = edit_before(w->x->p, op->id);
		if (before)
			edit_pin_restore(&w->options, w->x->p->rules.version, op->path,
					 before);
		w->options_changed |= before != NULL;
		return 0;
	case EDIT_NOTE:
		before = edit_before(w->x->p, op->id);
		return before ? apply_note(w, op, before, false) : 0;
	case EDIT_KEEP:
	case EDIT_VERBS:
		break;
	}
	return 0;
}

int
edit_replay(struct edit_writing *w)
{
	AUTO(edit_each_fini) struct edit_each back, forth;
	const struct edit_op *op;
	int r = 0;

	edit_each_back(&back, w->x, EDIT_VERBS);
	edit_each_forth(&forth, w->x, EDIT_VERBS);
	while (r == 0 && (op = edit_each_next(&back)))
		r = take_back(w, op);
	while (r == 0 && (op = edit_each_next(&forth)))
		r = apply(w, op);
	return r;
}
