#include "stream/maker.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "stream/stream_priv.h"

enum { STEP = 16 };

struct maker_dir {
	struct stream *s;
	char *dir;
	const struct names *names;
	int64_t mtime;	     /* ns, or 0 */
	int fd;		     /* open as long as names are made */
	struct map made;     /* by who needed them; may be gone again */
	struct map_slot *at; /* the last one that the thread has made */
	bool busy;	     /* with this one, without the lock */
	int error;
	bool finished;
};

static void
dir_free(struct maker_dir *d)
{
	fd_drop(&d->fd);
	map_fini(&d->made);
	free(d->dir);
	free(d);
}

static void
open_dir(struct maker_dir *d)
{
	if (d->fd < 0)
		d->fd = list_open(d->s, d->dir);
}

/* Nobody is to see that names are being made. */
static int
make_one(struct maker_dir *d, const char *name, const struct names_entry *x)
{
	int r;

	if (d->fd < 0)
		return d->fd;
	r = list_make_name(d->s, d->fd, d->dir, name, x);

	list_set_time(d->fd, d->mtime);
	return r;
}

/* Some names.  With the lock, which is let go meanwhile. */
static void
make_some(struct maker *m, struct maker_dir *d)
{
	bool end = false;
	int r;

	open_dir(d);
	for (int i = 0; i < STEP && !end && !d->error; i++) {
		d->at = map_next(&d->names->map, d->at);
		end = !d->at;
		if (end)
			break;
		if (map_get(&d->made, d->at->key, d->at->len))
			continue;
		d->busy = true;
		pthread_mutex_unlock(&m->lock);
		r = make_one(d, d->at->key, d->at->p);
		pthread_mutex_lock(&m->lock);
		d->busy = false;
		if (r < 0)
			d->error = r;
		if (m->waiting)
			pthread_cond_broadcast(&m->less);
	}
	if (!end && !d->error)
		return;
	if (!d->error) {
		pthread_mutex_unlock(&m->lock);
		d->error = index_write(d->s, d->dir, d->names);
		pthread_mutex_lock(&m->lock);
	}
	lock_drop(d->s->lock, 'd', d->dir);
	fd_drop(&d->fd);
	d->finished = true;
	if (m->first == d)
		m->first = NULL;
	for (size_t i = 0; i < m->queue.n; i++)
		if (m->queue.v[i] == d) {
			memmove(&m->queue.v[i], &m->queue.v[i + 1],
				(--m->queue.n - i) * sizeof(d));
			break;
		}
	pthread_cond_broadcast(&m->less);
}

static void *
work(void *arg)
{
	struct maker *m = arg;

	pthread_mutex_lock(&m->lock);
	for (;;) {
		while (!m->queue.n && !m->end)
			pthread_cond_wait(&m->more, &m->lock);
		if (!m->queue.n)
			break;
		make_some(m, m->first ? m->first : m->queue.v[0]);
	}
	pthread_mutex_unlock(&m->lock);
	return NULL;
}

/* Signals are for the thread that traces. */
static void
begin(struct maker *m)
{
	sigset_t all, old;

	if (m->begun)
		return;
	m->begun = true;
	pthread_mutex_init(&m->lock, NULL);
	pthread_cond_init(&m->more, NULL);
	pthread_cond_init(&m->less, NULL);
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	m->runs = pthread_create(&m->thread, NULL, work, m) == 0;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

static struct maker_dir *
find(struct maker *m, const char *dir)
{
	struct map_slot *slot = map_get(&m->dirs, dir, strlen(dir));

	return slot ? slot->p : NULL;
}

int
maker_add(struct stream *s, const char *dir, const struct names *names)
{
	struct maker *m = &s->maker;
	int fd = list_open(s, dir);
	struct maker_dir *d;
	int r;

	if (fd < 0)
		return fd == -ENOENT || fd == -ENOTDIR || fd == -ELOOP ? 1 : fd;
	r = index_begin(s, dir);
	if (r == 0)
		r = list_adopt(s, dir, fd);
	if (r < 0) {
		fd_drop(&fd);
		return r;
	}
	fd_drop(&fd);
	begin(m);
	d = mem_alloc(sizeof(*d));
	*d = (struct maker_dir){ .s = s,
				 .dir = mem_strdup(dir),
				 .names = names,
				 .mtime = list_time(s, dir),
				 .fd = -1 };
	pthread_mutex_lock(&m->lock);
	if (find(m, dir))
		dir_free(find(m, dir));
	map_put(&m->dirs, dir, strlen(dir))->p = d;
	vec_push(&m->queue, d);
	while (!m->runs && !d->finished)
		make_some(m, d);
	pthread_cond_signal(&m->more);
	r = m->runs ? 0 : d->error;
	pthread_mutex_unlock(&m->lock);
	return r;
}

int
maker_need(struct stream *s, const char *dir, const char *name)
{
	struct maker *m = &s->maker;
	const struct names_entry *x;
	struct maker_dir *d;
	int r = 0;

	if (!m->begun || !(d = find(m, dir)))
		return 0;
	pthread_mutex_lock(&m->lock);
	m->waiting++;
	while (d->busy && strcmp(d->at->key, name) == 0)
		pthread_cond_wait(&m->less, &m->lock);
	m->waiting--;
	if (!d->finished || d->error) {
		x = map_get(&d->made, name, strlen(name)) ? NULL
							  : names_get(d->names, name);
		if (x) {
			open_dir(d);
			r = make_one(d, name, x);
		}
		if (x && r == 0)
			map_put(&d->made, name, strlen(name));
	}
	pthread_mutex_unlock(&m->lock);
	return r;
}

static int
wait_for(struct maker *m, struct maker_dir *d)
{
	int r;

	pthread_mutex_lock(&m->lock);
	while (!d->finished) {
		m->first = d;
		pthread_cond_wait(&m->less, &m->lock);
	}
	r = d->error;
	pthread_mutex_unlock(&m->lock);
	return r;
}

int
maker_wait(struct stream *s, const char *dir)
{
	struct maker *m = &s->maker;
	struct maker_dir *d = m->begun ? find(m, dir) : NULL;
	int r = d ? wait_for(m, d) : 0;

	if (d && r == 0) {
		map_del(&m->dirs, dir, strlen(dir));
		dir_free(d);
	}
	return r;
}

void
maker_forget(struct stream *s, const char *dir)
{
	struct maker *m = &s->maker;
	struct maker_dir *d = m->begun ? find(m, dir) : NULL;

	if (!d)
		return;
	wait_for(m, d);
	map_del(&m->dirs, dir, strlen(dir));
	dir_free(d);
}

void
maker_wait_all(struct stream *s)
{
	struct maker *m = &s->maker;

	for (struct map_slot *x = NULL; (x = map_next(&m->dirs, x));) {
		wait_for(m, x->p);
		dir_free(x->p);
	}
	map_clear(&m->dirs);
}

void
maker_end(struct stream *s)
{
	struct maker *m = &s->maker;

	if (!m->begun)
		return;
	maker_wait_all(s);
	pthread_mutex_lock(&m->lock);
	m->end = true;
	pthread_cond_signal(&m->more);
	pthread_mutex_unlock(&m->lock);
	if (m->runs)
		pthread_join(m->thread, NULL);
	pthread_cond_destroy(&m->less);
	pthread_cond_destroy(&m->more);
	pthread_mutex_destroy(&m->lock);
	vec_fini(&m->queue);
	map_fini(&m->dirs);
	*m = (struct maker){ 0 };
}
