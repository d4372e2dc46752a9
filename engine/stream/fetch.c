/* Files from the remote: to a temporary name, to the disk, to their place. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/log.h"
#include "path/lex.h"
#include "stream/stream_priv.h"

enum { TRIES = 4 };

static int
on_begin(void *ctx, struct remote_fetch *f)
{
	struct stream *s = ctx;
	struct arrival *a = f->user;

	f->fd = local_begin(s->pkg, f->path + 1, &a->place, &a->temp);
	return f->fd < 0 ? f->fd : 0;
}

static void
give_up(struct stream *s, struct arrival *a, int error)
{
	*a->error = error;
	lock_drop(s->lock, 'f', a->abs);
	arrival_free(a);
}

/* What came must be what the listing said; else it has changed in between. */
static void
on_end(void *ctx, struct remote_fetch *f)
{
	struct stream *s = ctx;
	struct arrival *a = f->user;
	const struct names_entry *x = &a->entry;

	f->user = NULL;
	a->fd = fd_take(&f->fd);
	if (!f->error && (f->got.type != NAMES_FILE || f->got.size != x->size ||
			  f->got.mtime != x->mtime))
		f->error = -ESTALE;
	meter_add(&s->meter, 1, 0);
	if (f->error)
		give_up(s, a, f->error);
	else
		finish_add(&s->finish, a);
}

static void
on_bytes(void *ctx, size_t n)
{
	meter_add(&((struct stream *)ctx)->meter, 0, n);
}

static struct arrival *
arrival_new(struct want *w, bool again)
{
	struct arrival *a = mem_alloc(sizeof(*a));

	*a = (struct arrival){ .abs = mem_strdup(w->abs),
			       .entry = w->entry,
			       .place = PLACE_INIT,
			       .temp = TEMP_INIT,
			       .fd = -1,
			       .unsynced = -1,
			       .replace = again,
			       .error = &w->error };
	return a;
}

static int
run_batch(struct stream *s, want_vec *v, bool again, struct err *e)
{
	const struct remote_sink sink = { on_begin, on_end, on_bytes, s };
	struct remote_fetch *job = mem_alloc(v->n * sizeof(*job));
	uint64_t bytes = 0;
	size_t n = 0;
	int r = 0;

	for (size_t i = 0; i < v->n; i++) {
		if (v->v[i].error != -EAGAIN)
			continue;
		job[n] = (struct remote_fetch){ .path = v->v[i].abs,
						.got = v->v[i].entry,
						.sized = true,
						.fd = -1,
						.user = arrival_new(&v->v[i], again) };
		bytes += v->v[i].entry.size;
		n++;
	}
	if (n) {
		meter_begin(&s->meter, remote_server(s->remote), (unsigned)n, bytes);
		r = remote_fetch(s->remote, job, n, &sink, e);
		log_debug("%s: fetched %s and %zu more, %llu bytes, in %d ms",
			  remote_server(s->remote), job[0].path, n - 1,
			  (unsigned long long)s->meter.bytes,
			  (int)((meter_now() - s->meter.began) / 1000000));
		meter_end(&s->meter);
	}
	for (size_t i = 0; i < n; i++) /* no connection: none of them was begun */
		if (job[i].user)
			give_up(s, job[i].user, -EIO);
	free(job);
	return r;
}

/* -EAGAIN: to be fetched; 0: is here; -EBUSY: another process is at it. */
static void
lock_wants(struct stream *s, want_vec *v, bool again)
{
	for (size_t i = 0; i < v->n; i++)
		v->v[i].error =
			lock_take(s->lock, 'f', v->v[i].abs, i == 0) ? -EAGAIN : -EBUSY;
	fetched_update(&s->fetched);
	for (size_t i = 0; i < v->n && !again; i++)
		if (v->v[i].error == -EAGAIN && fetched_has(&s->fetched, v->v[i].abs)) {
			lock_drop(s->lock, 'f', v->v[i].abs);
			v->v[i].error = 0;
		}
}

void
want_vec_fini(want_vec *v)
{
	for (size_t i = 0; i < v->n; i++)
		free(v->v[i].abs);
	vec_fini(v);
}

int
fetch_batch(struct stream *s, want_vec *v, bool again, struct err *e)
{
	bool any = false;
	int r = 0, listed;

	if (!v->n)
		return 0;
	lock_wants(s, v, again);
	for (size_t i = 0; i < v->n; i++)
		if (v->v[i].error == -EAGAIN)
			any = true;
	if (any)
		r = run_batch(s, v, again, e);
	listed = finish_wait(&s->finish);
	if (listed < 0)
		return err_set(e, -listed, "%s/%s", s->pkg->dir.s, FETCHED_FILE);
	if (r < 0 && v->v[0].error == 0)
		r = 0; /* the one that counts had come before it broke off */
	return r < 0 ? -1 : v->v[0].error == -EBUSY ? 0 : v->v[0].error;
}

static int
collect(struct stream *s, const char *abs, want_vec *v)
{
	const struct names_entry *x;
	struct want w = { 0 };
	int r = stream_entry(s, abs, &x);

	if (r == 0 && (!x || x->type != NAMES_FILE))
		r = -ENOENT;
	if (r < 0)
		return r;
	w.entry = *x;
	w.entry.text = NULL;
	w.abs = mem_strdup(abs);
	vec_push(v, w);
	return 0;
}

/* One that has changed since its directory was listed: look again, then fetch. */
int
fetch_file(struct stream *s, const char *abs, struct err *e)
{
	int r = -ESTALE;

	for (int i = 0; i < TRIES; i++) {
		want_vec v = { 0 };

		if (i > 0 && r == -1)
			err_clear(e);
		if (i > 0 && r == -ESTALE && refresh_of(s, abs, e) < 0)
			return -1;
		r = collect(s, abs, &v);
		if (r == 0)
			r = fetch_batch(s, &v, false, e);
		want_vec_fini(&v);
		/* a connection that broke: once more, with a new one */
		if (r != -ESTALE && (r != -1 || i > 0 || !remote_is_parallel(s->remote)))
			break;
	}
	if (r == -ESTALE)
		err_set(e, 0, "it changes all the time");
	else if (r == -1)
		stream_note_gone(s, e);
	else if (r < 0 && r != -ENOENT && r != -EACCES)
		log_error("cannot fetch %s from %s: %s", abs, remote_server(s->remote),
			  strerror(-r));
	return r == -ESTALE ? -1 : r;
}
