/*
 * The tracer opens each source itself, at the stop where it first appears: the
 * descriptor holds the inode as the program found it, even if the name is gone
 * a moment later.  What would change the inode itself (opening for writing,
 * truncating, chmod) has to wait: copier_wait, which lets that one copy
 * overtake the others.
 *
 * The thread is made at the first job, after the program was forked, and takes
 * no signals.
 */
#include "capture/copier.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "tree/copy.h"

static const uint64_t BYTES_MAX = 1u << 30;
enum { JOBS_MAX = 256 };

struct job {
	struct job *next;
	struct node *node;
	char *rel;
	int fd; /* -1: entries */
	struct stat st;
	struct entries entries;
	struct err err;
};

struct copier {
	struct layout *layout;
	pthread_t thread;
	bool started, stop;
	pthread_mutex_t lock;
	pthread_cond_t work; /* for the thread: a job, or stop */
	void (*idle)(void *ctx);
	void *idle_ctx;
	pthread_cond_t room; /* for the tracer: a job is done */
	struct job *first, **end;
	struct job *running;
	struct job *failed;
	atomic_bool any_failed;
	size_t jobs, jobs_max; /* waiting and running */
	uint64_t bytes;
};

void
entries_fini(struct entries *x)
{
	str_fini(&x->names);
	vec_fini(&x->entry);
}

static void
job_free(struct job *j)
{
	fd_drop(&j->fd);
	free(j->rel);
	entries_fini(&j->entries);
	err_fini(&j->err);
	free(j);
}

static int
run_entries(struct layout *l, struct job *j)
{
	AUTO(str_fini) struct str rel = STR_INIT;
	int r = 0;

	for (size_t i = 0; i < j->entries.entry.n; i++) {
		const struct entry *x = &j->entries.entry.v[i];
		const char *name = j->entries.names.s + x->name;

		str_set(&rel, j->rel);
		if (rel.len)
			str_addc(&rel, '/');
		str_add(&rel, name);
		err_clear(&j->err);
		if (S_ISLNK(x->st.st_mode)) {
			r |= tree_link(l, rel.s, name + strlen(name) + 1, &j->err);
			tree_touch(l, rel.s, &x->st);
		} else {
			r |= tree_placeholder(l, rel.s, &x->st, &j->err);
		}
		if (j->err.code == ENOSPC || j->err.code == EDQUOT)
			return -1;
	}
	return r;
}

static int
job_run(struct layout *l, struct job *j)
{
	if (j->fd < 0)
		return run_entries(l, j);
	return tree_copy_file(l, j->fd, &j->st, j->rel, &j->err);
}

static void
job_done(struct copier *c, struct job *j, int r)
{
	c->running = NULL;
	c->jobs--;
	c->bytes -= j->fd < 0 ? 0 : j->st.st_size;
	fd_drop(&j->fd);
	if (r < 0) {
		j->next = c->failed;
		c->failed = j;
		atomic_store(&c->any_failed, true);
	} else {
		job_free(j);
	}
	pthread_cond_broadcast(&c->room);
}

/* Until there is something to do; each second without is told, without the lock. */
static void
wait_for_work(struct copier *c)
{
	struct timespec until;

	if (!c->idle) {
		pthread_cond_wait(&c->work, &c->lock);
		return;
	}
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec++;
	if (pthread_cond_timedwait(&c->work, &c->lock, &until) != ETIMEDOUT || c->first ||
	    c->stop)
		return;
	pthread_mutex_unlock(&c->lock);
	c->idle(c->idle_ctx);
	pthread_mutex_lock(&c->lock);
}

static void *
copier_main(void *arg)
{
	struct copier *c = arg;

	pthread_mutex_lock(&c->lock);
	for (;;) {
		struct job *j = c->first;

		if (!j && c->stop)
			break;
		if (!j) {
			wait_for_work(c);
			continue;
		}
		c->first = j->next;
		if (!c->first)
			c->end = &c->first;
		c->running = j;
		pthread_mutex_unlock(&c->lock);
		int r = job_run(c->layout, j);

		pthread_mutex_lock(&c->lock);
		job_done(c, j, r);
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

struct copier *
copier_new(struct layout *l)
{
	struct copier *c = mem_alloc(sizeof(*c));
	pthread_condattr_t clock;
	struct rlimit lim;

	c->layout = l;
	c->end = &c->first;
	pthread_mutex_init(&c->lock, NULL);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&c->work, &clock);
	pthread_condattr_destroy(&clock);
	pthread_cond_init(&c->room, NULL);
	c->jobs_max = JOBS_MAX;
	if (getrlimit(RLIMIT_NOFILE, &lim) == 0 && lim.rlim_cur < JOBS_MAX * 4)
		c->jobs_max = lim.rlim_cur / 4 + 1;
	return c;
}

void
copier_when_idle(struct copier *c, void (*cb)(void *ctx), void *ctx)
{
	c->idle = cb;
	c->idle_ctx = ctx;
}

/* False: no thread can be had here; the job is done on the spot. */
static bool
copier_start(struct copier *c)
{
	sigset_t all, old;

	if (c->started)
		return true;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	c->started = pthread_create(&c->thread, NULL, copier_main, c) == 0;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return c->started;
}

static void
copier_push(struct copier *c, struct job *j)
{
	uint64_t bytes = j->fd < 0 ? 0 : j->st.st_size;
	bool started = copier_start(c);

	pthread_mutex_lock(&c->lock);
	while (c->jobs && (c->jobs >= c->jobs_max || c->bytes + bytes > BYTES_MAX))
		pthread_cond_wait(&c->room, &c->lock);
	c->jobs++;
	c->bytes += bytes;
	if (started) {
		*c->end = j;
		c->end = &j->next;
		pthread_cond_signal(&c->work);
	} else {
		job_done(c, j, job_run(c->layout, j));
	}
	pthread_mutex_unlock(&c->lock);
}

static struct job *
job_new(struct node *n, const char *rel)
{
	struct job *j = mem_alloc(sizeof(*j));

	j->node = n;
	j->rel = mem_strdup(rel);
	j->fd = -1;
	j->entries.names = (struct str)STR_INIT;
	j->err = (struct err)ERR_INIT;
	return j;
}

void
copier_file(struct copier *c, struct node *n, int fd, const struct stat *st,
	    const char *rel)
{
	struct job *j = job_new(n, rel);

	j->fd = fd;
	j->st = *st;
	copier_push(c, j);
}

void
copier_entries(struct copier *c, struct node *n, const char *rel, struct entries *x)
{
	struct job *j = job_new(n, rel);

	j->entries = *x;
	*x = (struct entries){ .names = STR_INIT };
	copier_push(c, j);
}

static bool
job_is(const struct job *j, dev_t dev, ino_t ino)
{
	return j && j->fd >= 0 && j->st.st_dev == dev && j->st.st_ino == ino;
}

/* A waiting job for this file goes to the front. */
static bool
find_waiting(struct copier *c, dev_t dev, ino_t ino)
{
	for (struct job **at = &c->first; *at; at = &(*at)->next) {
		struct job *j = *at;

		if (!job_is(j, dev, ino))
			continue;
		if (at == &c->first)
			return true;
		*at = j->next;
		if (!j->next)
			c->end = at;
		j->next = c->first;
		c->first = j;
		return true;
	}
	return false;
}

void
copier_wait(struct copier *c, dev_t dev, ino_t ino)
{
	pthread_mutex_lock(&c->lock);
	while (job_is(c->running, dev, ino) || find_waiting(c, dev, ino))
		pthread_cond_wait(&c->room, &c->lock);
	pthread_mutex_unlock(&c->lock);
}

void
copier_wait_all(struct copier *c)
{
	pthread_mutex_lock(&c->lock);
	while (c->jobs)
		pthread_cond_wait(&c->room, &c->lock);
	pthread_mutex_unlock(&c->lock);
}

void
copier_failures(struct copier *c,
		void (*cb)(void *ctx, struct node *n, const struct err *e), void *ctx)
{
	struct job *j;

	if (!atomic_load_explicit(&c->any_failed, memory_order_relaxed))
		return;
	pthread_mutex_lock(&c->lock);
	j = c->failed;
	c->failed = NULL;
	atomic_store(&c->any_failed, false);
	pthread_mutex_unlock(&c->lock);
	while (j) {
		struct job *next = j->next;

		cb(ctx, j->node, &j->err);
		job_free(j);
		j = next;
	}
}

void
copier_free(struct copier *c)
{
	pthread_mutex_lock(&c->lock);
	c->stop = true;
	pthread_cond_signal(&c->work);
	pthread_mutex_unlock(&c->lock);
	if (c->started)
		pthread_join(c->thread, NULL);
	while (c->failed) {
		struct job *j = c->failed;

		c->failed = j->next;
		job_free(j);
	}
	pthread_cond_destroy(&c->room);
	pthread_cond_destroy(&c->work);
	pthread_mutex_destroy(&c->lock);
	free(c);
}
