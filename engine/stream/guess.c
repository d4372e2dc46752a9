#include "stream/guess.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "stream/guess_priv.h"

/* In vain may be: this, and a part of what was of use. */
enum { VAIN_MOST = 16 << 20, VAIN_LIKELY = 6 << 20, VAIN_PART = 4 };

void
guess_unlock(struct guess *g)
{
	if (g->locked)
		lock_drop(g->s->lock, 'f', g->abs);
	g->locked = false;
}

static void
guess_free(struct guess *g)
{
	guess_unlock(g);
	temp_fini(&g->temp);
	fd_drop(&g->fetch.fd);
	names_fini(&g->list.names);
	str_fini(&g->run.why);
	free(g->abs);
	free(g);
}

/* Hundreds may wait to be taken: they share the descriptor of the directory. */
static int
on_begin(void *ctx, struct remote_fetch *f)
{
	struct guess *g = f->user;
	const struct place nowhere = PLACE_INIT;

	f->fd = temp_open(&g->temp, g->s->pkg, &nowhere, false);
	if (f->fd < 0)
		return f->fd;
	fd_drop(&g->temp.tmpdir);
	g->temp.dir = g->s->guesses.tmp;
	return 0;
}

static void
on_end(void *ctx, struct remote_fetch *f)
{
	const struct guess *g = f->user;

	fd_drop(&f->fd);
	if (!f->error && !g->told &&
	    (f->got.type != NAMES_FILE || f->got.size != g->entry.size ||
	     f->got.mtime != g->entry.mtime))
		f->error = -ESTALE;
	if (g->wanted)
		meter_add(&g->s->meter, 1, 0);
}

static void
on_bytes(void *ctx, size_t n)
{
	struct guess *g = ctx;

	atomic_fetch_add(&g->bytes, n);
	if (g->wanted)
		meter_add(&g->s->meter, 0, n);
}

/* In the thread of the line. */
static void
on_over(struct run *run)
{
	struct guess *g = run->user;
	struct guesses *q = &g->s->guesses;
	bool failed = run->result < 0 || g->list.error || g->fetch.error;

	pthread_mutex_lock(&q->lock);
	g->state = failed ? GUESS_FAILED : GUESS_HERE;
	vec_push(&q->news, g);
	atomic_fetch_add(&q->fresh, 1);
	pthread_cond_broadcast(&q->less);
	pthread_mutex_unlock(&q->lock);
}

static struct guess *
guess_new(struct stream *s, struct map *m, const char *abs, enum line_rank rank)
{
	struct guesses *q = &s->guesses;
	struct guess *g = mem_alloc(sizeof(*g));

	*g = (struct guess){ .s = s,
			     .abs = mem_strdup(abs),
			     .temp = TEMP_INIT,
			     .fetch = { .fd = -1 },
			     .run = { .n = 1,
				      .rank = rank,
				      .batch = q->batch,
				      .over = on_over,
				      .why = STR_INIT } };
	g->run.user = g;
	map_put(m, abs, strlen(abs))->p = g;
	return g;
}

static void
begin(struct map *m, struct guess *g)
{
	if (remote_begin(g->s->remote, &g->run))
		return;
	map_del(m, g->abs, strlen(g->abs));
	guess_free(g);
}

static void
begin_guesses(struct stream *s)
{
	struct guesses *q = &s->guesses;

	q->begun = true;
	q->tmp = openat(s->pkg->dirfd, PKG_TMP,
			O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->less, NULL);
}

static bool
may_guess(struct stream *s)
{
	if (!remote_is_parallel(s->remote) || s->offline ||
	    (s->gone_until && meter_now() < s->gone_until))
		return false;
	if (!s->guesses.begun)
		begin_guesses(s);
	return s->guesses.tmp >= 0;
}

void
guess_turn(struct stream *s)
{
	s->guesses.batch++;
}

static bool
is_too_much(struct stream *s, uint64_t size, enum line_rank rank)
{
	const struct guesses *q = &s->guesses;
	uint64_t most = q->used + VAIN_MOST + q->needed / VAIN_PART;

	if (rank == LINE_GUESS)
		most -= VAIN_LIKELY;
	return rank >= LINE_LIKELY && q->asked + size > most;
}

bool
guess_is_asked(struct stream *s, struct guess *g)
{
	bool is;

	pthread_mutex_lock(&s->guesses.lock);
	is = g->state == GUESS_ASKED;
	pthread_mutex_unlock(&s->guesses.lock);
	return is;
}

/* It was less sure before. */
static void
raise(struct stream *s, struct guess *g, enum line_rank rank)
{
	if ((int)rank >= g->run.rank || !guess_is_asked(s, g))
		return;
	remote_hurry(s->remote, &g->run, rank);
}

static struct guess *
new_file(struct stream *s, const char *abs, enum line_rank rank)
{
	static const struct remote_sink sink = { on_begin, on_end, on_bytes, NULL };
	struct guess *g = guess_new(s, &s->guesses.files, abs, rank);

	g->fetch.path = g->abs;
	g->fetch.user = g;
	g->sink = sink;
	g->sink.ctx = g;
	g->run.fetch = &g->fetch;
	g->run.sink = &g->sink;
	return g;
}

void
guess_file(struct stream *s, const char *abs, const struct names_entry *x,
	   enum line_rank rank)
{
	struct guesses *q = &s->guesses;
	struct map_slot *slot = map_get(&q->files, abs, strlen(abs));
	struct guess *g;

	if (slot)
		raise(s, slot->p, rank);
	if (slot || !may_guess(s) || x->type != NAMES_FILE ||
	    fetched_has(&s->fetched, abs) || is_too_much(s, x->size, rank))
		return;
	g = new_file(s, abs, rank);
	g->entry = *x;
	g->entry.text = NULL;
	g->fetch.got = g->entry;
	g->fetch.sized = true;
	g->mere = rank >= LINE_LIKELY;
	if (g->mere)
		q->asked += x->size;
	begin(&q->files, g);
}

bool
guess_told(struct stream *s, const char *abs)
{
	struct map *m = &s->guesses.files;
	struct guess *g;

	if (!may_guess(s))
		return false;
	if (map_get(m, abs, strlen(abs)) || !lock_take(s->lock, 'f', abs, false))
		return true;
	g = new_file(s, abs, LINE_SOON);
	g->told = g->locked = true;
	begin(m, g);
	return map_get(m, abs, strlen(abs));
}

void
guess_dir(struct stream *s, const char *dir)
{
	struct guesses *q = &s->guesses;
	struct guess *g;

	if (!may_guess(s) || map_get(&q->dirs, dir, strlen(dir)) ||
	    map_get(&s->guessed, dir, strlen(dir)) ||
	    map_get(&s->known, dir, strlen(dir)) || index_has(s, dir))
		return;
	g = guess_new(s, &q->dirs, dir, LINE_SOON);
	g->list.dir = g->abs;
	g->run.list = &g->list;
	begin(&q->dirs, g);
}

/* Until something has arrived, which is looked at: the guess of a directory is then gone. */
void
guess_wait_for_news(struct stream *s)
{
	struct guesses *q = &s->guesses;

	pthread_mutex_lock(&q->lock);
	while (!q->news.n)
		pthread_cond_wait(&q->less, &q->lock);
	pthread_mutex_unlock(&q->lock);
	guess_news(s);
}

static void
wait_for_file(struct stream *s, struct guess *g)
{
	if (!guess_is_asked(s, g)) {
		guess_news(s); /* it may still be among them */
		return;
	}
	meter_begin(&s->meter, remote_server(s->remote), 1, g->entry.size);
	g->wanted = true;
	if (g->run.rank != LINE_NOW)
		remote_hurry(s->remote, &g->run, LINE_NOW);
	while (guess_is_asked(s, g))
		guess_wait_for_news(s);
	guess_news(s);
	log_debug("%s: fetched %s, %llu bytes, in %d ms", remote_server(s->remote),
		  g->abs, (unsigned long long)g->entry.size,
		  (int)((meter_now() - s->meter.began) / 1000000));
	meter_end(&s->meter);
}

/* From the temporary file to its place, by the threads that do so. */
int
guess_place(struct stream *s, struct guess *g, bool wait, int *error)
{
	struct arrival *a;

	*error = 0;
	if (!g->locked && !lock_take(s->lock, 'f', g->abs, wait))
		return -EBUSY;
	g->locked = false; /* it is the arrival's, or dropped here */
	fetched_update(&s->fetched);
	if (fetched_has(&s->fetched, g->abs)) {
		lock_drop(s->lock, 'f', g->abs);
		return 0;
	}
	a = mem_alloc(sizeof(*a));
	*a = (struct arrival){ .abs = mem_strdup(g->abs),
			       .entry = g->entry,
			       .place = PLACE_INIT,
			       .temp = g->temp,
			       .unsynced = -1,
			       .error = error };
	g->temp = (struct temp)TEMP_INIT;
	a->fd = openat(a->temp.dir, a->temp.name.s, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	*error = a->fd < 0 ? -errno : place_find(&a->place, s->pkg, a->abs + 1, true);
	if (*error == 0) {
		*error = -EAGAIN;
		finish_add(&s->finish, a);
		return 0;
	}
	lock_drop(s->lock, 'f', a->abs);
	arrival_free(a);
	return *error;
}

void
guess_forget(struct map *m, struct guess *g)
{
	map_del(m, g->abs, strlen(g->abs));
	guess_free(g);
}

int
guess_take(struct stream *s, const char *abs, const struct names_entry *x, struct err *e)
{
	struct guesses *q = &s->guesses;
	struct map_slot *slot = map_get(&q->files, abs, strlen(abs));
	struct names_entry entry = *x; /* waiting may move the listing */
	struct guess *g;
	int r = 1, error = 0, listed;

	if (!slot)
		return 1;
	g = slot->p;
	wait_for_file(s, g);
	entry.text = NULL;
	if (g->mere) {
		q->used += g->entry.size;
		if (g->state == GUESS_HERE)
			ahead_arrived(s, abs, &g->entry);
	}
	q->needed += g->entry.size;
	if (g->state == GUESS_HERE && names_same(&g->entry, &entry)) {
		r = guess_place(s, g, true, &error);
		listed = finish_wait(&s->finish);
		if (listed < 0)
			err_set(e, -listed, "%s/%s", s->pkg->dir.s, FETCHED_FILE);
		r = listed < 0 ? -1 : r < 0 ? r : error;
	}
	guess_forget(&q->files, g);
	return r;
}

void
guess_wait_dir(struct stream *s, const char *dir)
{
	const struct map *m = &s->guesses.dirs;
	struct map_slot *slot;

	guess_news(s);
	for (; (slot = map_get(m, dir, strlen(dir))) && guess_is_asked(s, slot->p);
	     guess_wait_for_news(s))
		raise(s, slot->p, LINE_NOW);
	guess_news(s);
}

/* A directory's answer becomes a listing; one that there is not stays as a mark, so that
 * it is not asked for again. */
static void
take_dir(struct stream *s, struct guess *g)
{
	if (g->stale) {
		guess_free(g);
		return;
	}
	if (g->state == GUESS_FAILED)
		return;
	if (!map_get(&s->known, g->abs, strlen(g->abs)))
		list_keep_guess(s, &g->list);
	mention_listed(s, g->abs);
	guess_forget(&s->guesses.dirs, g);
	ahead_retry(s);
}

void
guess_news(struct stream *s)
{
	struct guesses *q = &s->guesses;

	while (atomic_load(&q->fresh)) {
		struct guess *g;

		pthread_mutex_lock(&q->lock);
		g = q->news.v[0];
		memmove(q->news.v, q->news.v + 1, --q->news.n * sizeof(g));
		atomic_fetch_sub(&q->fresh, 1);
		pthread_mutex_unlock(&q->lock);
		if (g->run.list)
			take_dir(s, g);
		else if (g->told)
			continue;
		else if (g->state == GUESS_HERE && !g->mere)
			ahead_arrived(s, g->abs, &g->entry);
		else if (g->state == GUESS_HERE && g->run.rank <= LINE_LIKELY)
			mention_scan(s, g->abs);
	}
}

int
guess_open(struct stream *s, const char *abs)
{
	struct map_slot *slot = map_get(&s->guesses.files, abs, strlen(abs));
	const struct guess *g = slot ? slot->p : NULL;

	if (!g || guess_is_asked(s, slot->p) || g->state != GUESS_HERE)
		return -1;
	return openat(g->temp.dir, g->temp.name.s, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
}

void
guess_forget_dirs(struct stream *s)
{
	struct guesses *q = &s->guesses;

	guess_news(s);
	for (struct map_slot *x = NULL; (x = map_next(&q->dirs, x));) {
		struct guess *g = x->p;

		if (guess_is_asked(s, g))
			g->stale = true;
		else
			guess_free(g);
	}
	map_clear(&q->dirs);
}

void
guess_drop(struct stream *s)
{
	struct guesses *q = &s->guesses;
	string_vec v = { 0 };

	guess_news(s);
	for (struct map_slot *x = NULL; (x = map_next(&q->files, x));)
		if (!guess_is_asked(s, x->p))
			vec_push(&v, mem_strdup(x->key));
	for (size_t i = 0; i < v.n; i++)
		guess_forget(&q->files, map_get(&q->files, v.v[i], strlen(v.v[i]))->p);
	string_vec_fini(&v);
}

/* An outline that nobody has touched? */
static bool
is_outline(struct stream *s, const struct guess *g)
{
	AUTO(place_fini) struct place p = PLACE_INIT;
	struct stat st;

	return place_find(&p, s->pkg, g->abs + 1, false) == 0 &&
	       fstatat(p.dir, p.name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISREG(st.st_mode) && st.st_nlink == 1 && !st.st_blocks &&
	       names_is_untouched(&g->entry, &st);
}

static void
end_file(struct stream *s, struct guess *g, bool keep, int *error)
{
	if (keep && g->state == GUESS_HERE && is_outline(s, g))
		guess_place(s, g, false, error);
	guess_free(g);
}

void
guess_end(struct stream *s, bool keep)
{
	struct guesses *q = &s->guesses;
	int *error = mem_alloc((q->files.n + 1) * sizeof(*error));
	size_t n = 0;

	if (s->remote)
		remote_close(s->remote);
	for (size_t i = 0; i < q->news.n; i++)
		if (q->news.v[i]->stale)
			guess_free(q->news.v[i]);
	for (struct map_slot *x = NULL; (x = map_next(&q->dirs, x));)
		guess_free(x->p);
	for (struct map_slot *x = NULL; (x = map_next(&q->files, x));)
		end_file(s, x->p, keep, &error[n++]);
	finish_end(&s->finish);
	free(error);
	map_fini(&q->files);
	map_fini(&q->dirs);
	vec_fini(&q->news);
	if (q->begun) {
		pthread_cond_destroy(&q->less);
		pthread_mutex_destroy(&q->lock);
		fd_drop(&q->tmp);
	}
	*q = (struct guesses){ 0 };
}
