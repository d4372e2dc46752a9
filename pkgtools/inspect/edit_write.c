/*
 * The write: lock, copies, one transaction, renames.
 *
 *   1  the package is locked; renames of a write that was killed are done first
 *   2  what is to be added is copied from the host into .dropped, and synced
 *   3  it is announced that the files will be a mix for a while (PKG_PENDING)
 *   4  one transaction: rows, edits, and the list of renames (table `move`).  Its commit
 *      is the commit point: before it, all that was made is rubbish in .dropped
 *   5  the renames; cde.options is one of them; then the list is emptied, and the
 *      announcement taken back
 *
 * Who opens the package after a kill in 5 finishes it first; cde-exec, which cannot read
 * the list, does not start.
 *
 * The operations are replayed one by one on the manifest as it is inside of the
 * transaction, whoever changed it since they were staged.  What cannot be done is a
 * conflict, and any conflict rolls everything back.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "inspect/edit_priv.h"
#include "inspect/lock.h"
#include "path/lex.h"
#include "tree/place.h"

static void
write_fini(struct edit_writing *w)
{
	for (size_t i = 0; i < w->copy.n; i++) {
		free(w->copy.v[i].link);
		free(w->copy.v[i].why_not);
	}
	vec_fini(&w->copy);
	map_fini(&w->copied);
	edit_rows_fini(&w->rows);
	db_finalize(&w->insert);
	db_finalize(&w->before);
	db_finalize(&w->note);
	edit_store_fini(&w->store);
	str_fini(&w->options);
	if (w->origin)
		origin_close(w->origin);
	w->origin = NULL;
}

void
edit_write_fini(struct edit_write *w)
{
	for (size_t i = 0; i < w->conflict.n; i++) {
		free(w->conflict.v[i].path);
		free(w->conflict.v[i].text);
	}
	vec_fini(&w->conflict);
}

int
edit_reload_rules(struct package *p, struct err *e)
{
	AUTO(str_fini) struct str text = STR_INIT;
	struct rules rules;
	struct stat st;

	if (fstatat(p->layout.dirfd, PKG_OPTIONS, &st, 0) == 0 && !S_ISREG(st.st_mode))
		return err_set(e, 0, "%s/%s: not a regular file", p->layout.dir.s,
			       PKG_OPTIONS);
	if (fs_slurp(p->layout.dirfd, PKG_OPTIONS, &text, e) < 0) {
		if (e->code != ENOENT)
			return -1;
		err_clear(e);
	}
	if (text.len == p->options.len && memcmp(text.s, p->options.s, text.len) == 0)
		return 0;
	rules_init(&rules, 2);
	if (text.len && rules_parse(&rules, PKG_OPTIONS, text.s, text.len, e) < 0) {
		rules_fini(&rules);
		return -1;
	}
	rules_fini(&p->rules);
	p->rules = rules;
	str_swap(&p->options, &text);
	return 0;
}

/* ---- 2: copies ---- */

/* Written once, then taken back: it lies in the store with its rows. */
static bool
is_kept(struct edit_writing *w, const struct edit_op *op)
{
	AUTO(err_fini) struct err none = ERR_INIT;
	AUTO(db_finalize) sqlite3_stmt *s = NULL;

	if (db_prepare(w->x->p, &s, "SELECT 1 FROM kept WHERE edit=?1 AND side=1",
		       &none) < 0)
		return false;
	sqlite3_bind_int64(s, 1, op->id);
	return db_step(w->x->p, s, &none) > 0;
}

static bool
is_error_of_host(int code)
{
	return code == ENOENT || code == ENOTDIR || code == ESTALE || code == ELOOP ||
	       code == ENOTSUP || code == EACCES;
}

static int
copy_one(struct edit_writing *w, const struct edit_op *op)
{
	AUTO(err_fini) struct err why = ERR_INIT;
	AUTO(str_fini) struct str link = STR_INIT;
	const char *host = op->arg ? op->arg : op->path;
	struct edit_copied *c;

	if (edit_copied_of(w, op->id, false) || is_kept(w, op))
		return 0;
	c = edit_copied_of(w, op->id, true);
	if (edit_store_copy(&w->store, op->id, host, &c->st, &link, &why) < 0) {
		if (!is_error_of_host(why.code) || access(host, R_OK) == 0) {
			err_set(w->e, 0, "%s", why.text.s);
			w->e->code = why.code;
			return -1;
		}
		c->why_not = mem_strdup(why.text.s);
		return 0;
	}
	if (link.len)
		c->link = mem_strdup(link.s);
	w->out->bytes_added += S_ISREG(c->st.st_mode) ? (uint64_t)c->st.st_size : 0;
	w->out->added++;
	origin_want(w->origin, host);
	edit_fail_point();
	if (w->out->progress &&
	    !w->out->progress(w->out->ctx, w->out->added, w->out->bytes_added))
		return err_set(w->e, EINTR, "write");
	return 0;
}

static int
copy_all(struct edit_writing *w)
{
	AUTO(edit_each_fini) struct edit_each forth;
	const struct edit_op *op;
	int r = 0;

	edit_each_forth(&forth, w->x, EDIT_ADD);
	while (r == 0 && (op = edit_each_next(&forth)))
		r = copy_one(w, op);
	if (r == 0 && w->copy.n)
		r = origin_load(w->origin, w->e) < 0 ? -1
						     : edit_store_sync(&w->store, w->e);
	edit_fail_point();
	return r;
}

/* ---- 3: the transaction ---- */

/* Operations that were taken back before they happened leave the log. */
static int
forget_dead(struct edit_writing *w)
{
	AUTO(db_finalize) sqlite3_stmt *s = NULL;
	AUTO(edit_walk_fini) struct edit_walk walk = { 0 };
	group_list forth = { 0 };
	int r = db_prepare(w->x->p, &s, "DELETE FROM edit WHERE id=?1", w->e);

	edits_forth(w->x, &forth);
	for (size_t g = 0; g < forth.n && r == 0; g++)
		for (size_t i = 0; i < forth.v[g]->op.n && r == 0; i++) {
			const struct edit_op *op = edit_ops_at(&forth.v[g]->op, i, &walk);

			if (!op->dead && op->verb != EDIT_KEEP)
				continue;
			sqlite3_bind_int64(s, 1, op->id);
			r = edit_step_once(w, s);
		}
	vec_fini(&forth);
	return r;
}

static int
mark_written(struct edit_writing *w)
{
	if (forget_dead(w) < 0)
		return -1;
	return db_exec(
		w->x->p,
		"UPDATE edit SET written = 1 WHERE done = 1 AND written IS NOT 1;"
		"DELETE FROM kept WHERE edit IN (SELECT id FROM edit WHERE done < 0);"
		"DELETE FROM edit WHERE done < 0;"
		"UPDATE edit SET written = 0 WHERE done = 0 AND written IS 1",
		w->e);
}

/* The new cde.options waits in the store: it must be right as a whole. */
static int
stage_options(struct edit_writing *w)
{
	AUTO(rules_fini) struct rules rules;
	AUTO(err_fini) struct err why = ERR_INIT;

	rules_init(&rules, 2);
	if (!w->options_changed ||
	    (w->options.len == w->x->p->options.len &&
	     memcmp(w->options.s, w->x->p->options.s, w->options.len) == 0))
		return 0;
	if (rules_parse(&rules, PKG_OPTIONS, w->options.s, w->options.len, &why) < 0)
		return edit_conflict(w, "/", why.text.s), 0;
	if (fs_replace(w->store.fd, EDIT_STORE_OPTIONS, w->options.s, w->options.len,
		       0644, w->e) < 0)
		return -1;
	return edit_rows_move(&w->rows, "options", NULL, SIDE_NEW, w->e);
}

static int
in_transaction(struct edit_writing *w)
{
	if (edit_reload_rules(w->x->p, w->e) < 0 || edit_apply_prepare(w) < 0)
		return -1;
	str_setn(&w->options, w->x->p->options.s, w->x->p->options.len);
	if (edit_replay(w) < 0 || stage_options(w) < 0)
		return -1;
	if (w->out->conflict.n)
		return 2;
	edit_fail_point();
	return mark_written(w);
}

static int
commit(struct edit_writing *w)
{
	int r = in_transaction(w);

	edit_rows_fini(&w->rows); /* no statement may be open */
	db_finalize(&w->insert);
	db_finalize(&w->before);
	db_finalize(&w->note);
	edit_fail_point();
	if (r == 0 && edit_moves_pending(w->x->p))
		r = edit_moves_announce(w->x->p, w->e);
	edit_fail_point();
	if (r == 0)
		return edits_commit(w->x, w->e);
	edits_rollback(w->x);
	return r;
}

/* Copies take long, and the log is not locked meanwhile: once more if it grew. */
static int
write_locked(struct edit_writing *w)
{
	struct package *p = w->x->p;
	uint64_t generation;

	w->origin = origin_open("/", w->e);
	if (!w->origin || edit_store_open(&w->store, p, true, w->e) < 0)
		return -1;
	for (int tries = 0; tries < 10; tries++) {
		generation = w->x->generation;
		if (copy_all(w) < 0 || edits_begin(w->x, w->e) < 0)
			return -1;
		if (w->x->generation == generation)
			return commit(w);
		edits_rollback(w->x);
	}
	return err_set(w->e, EAGAIN, "%s: it is being edited all the time",
		       p->layout.dir.s);
}

static int
finish(struct edits *x, struct err *e)
{
	int r;

	edit_fail_point();
	edit_query_only(x->p, false);
	r = edit_moves_do(x->p, e);
	edit_query_only(x->p, true);
	return r;
}

/* Copies for nothing, unless the renames need them still. */
static void
clean_up(struct edit_writing *w)
{
	if (edit_moves_pending(w->x->p))
		return;
	edit_moves_over(w->x->p);
	if (w->store.fd < 0)
		return;
	for (struct map_slot *s = NULL; (s = map_next(&w->copied, s));)
		edit_store_remove(&w->store, atoll(s->key), SIDE_NEW);
	unlinkat(w->store.fd, EDIT_STORE_OPTIONS, 0);
	unlinkat(w->x->p->layout.dirfd, PKG_DROPPED, AT_REMOVEDIR); /* if empty */
}

int
edits_write(struct edits *x, struct edit_write *out, struct err *e)
{
	struct edit_writing w = {
		.x = x, .out = out, .store = EDIT_STORE_INIT, .options = STR_INIT, .e = e
	};
	AUTO(err_fini) struct err none = ERR_INIT;
	bool mine = x->p->lock < 0;
	int r;

	if (x->flags & EDITS_DRY)
		return err_set(e, EROFS, "%s", x->p->layout.dir.s);
	if (package_lock(x->p, e) < 0)
		return -1;
	edit_fail_point();
	r = edits_refresh(x, e);
	if (r == 0 && edit_moves_pending(x->p))
		r = finish(x, e);
	if (r == 0)
		r = edits_staged(x) ? write_locked(&w) : 1;
	if (r == 0)
		r = finish(x, e);
	if (r < 0 || r == 2)
		clean_up(&w);
	write_fini(&w);
	if (mine)
		fd_drop(&x->p->lock);
	if (r == 0 && edits_load(x, e) < 0)
		r = -1;
	else if (r < 0)
		edits_load(x, &none);
	if (r == 0)
		x->changed = false;
	return r;
}
