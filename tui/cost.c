#include "cost.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"

enum {
	FILES_AT_ONCE = 300,	 /* looked up while a key waits */
	PACKAGE_AT_ONCE = 20000, /* facts of more files take too long to read */
	WAIT_MS = 100,		 /* whether another edit follows at once */
};

static const size_t all_staged = SIZE_MAX;

struct cost_job {
	char *dir;
	size_t group; /* or all_staged */
	struct cost_known what;
	uint64_t generation;
	pthread_t thread;
	int fd[2];   /* closed at its end */
	int wake[2]; /* closed to end its sleep */
	atomic_bool stop;
	atomic_int state;
	struct edit_cost cost;
	int r;
};

enum { JOB_RUNS, JOB_IS_DONE, JOB_IS_LEFT }; /* left: it frees itself at its end */

void
costs_init(struct costs *c, struct stage *s, const struct tree *t)
{
	*c = (struct costs){ .stage = s, .tree = t, .fd = -1 };
}

void
costs_forget(struct costs *c)
{
	costs_stop(c);
	for (size_t i = 0; i < c->group.n; i++)
		free(c->group.v[i].risk);
	vec_fini(&c->group);
	edit_cost_fini(&c->staged);
	c->staged_known = false;
}

void
costs_fini(struct costs *c)
{
	costs_forget(c);
}

/* --- how much it is --------------------------------------------------------------- */

struct few {
	size_t left;
};

static bool
count_down(void *ctx, uint32_t n)
{
	struct few *f = ctx;

	return f->left && --f->left;
}

static bool
is_small(const struct costs *c, size_t first, size_t last)
{
	const struct edits *x = &c->stage->edits;
	AUTO(edit_walk_fini) struct edit_walk w = { 0 };
	struct few f = { FILES_AT_ONCE };
	size_t moves = 0;

	for (size_t g = first; g < last; g++)
		moves += edit_group_moves(&x->group.v[g]);
	if (!moves)
		return true;
	if (c->tree->m->n > PACKAGE_AT_ONCE)
		return false;
	for (size_t g = first; g < last; g++)
		for (size_t i = 0; i < x->group.v[g].op.n && f.left; i++) {
			const char *path = edit_ops_at(&x->group.v[g].op, i, &w)->path;
			uint32_t n = model_find(c->tree->m, path, w.len);

			f.left--;
			if (n != UINT32_MAX && f.left)
				tree_each_hit(c->tree, n, count_down, &f);
		}
	return f.left > 0;
}

static struct cost_known
known_of(const struct edit_group *g)
{
	struct cost_known k = { .number = g->number, .written = g->written };

	for (size_t v = 0; v < EDIT_VERBS; v++)
		k.alive += g->op.count[v] - g->op.dead[v];
	return k;
}

static void
keep(struct costs *c, size_t i, struct cost_known k, const struct edit_cost *cost)
{
	AUTO(str_fini) struct str risk = STR_INIT;

	while (c->group.n <= i)
		vec_push(&c->group, ((struct cost_known){ 0 }));
	edit_cost_risk(cost, &risk);
	free(c->group.v[i].risk);
	k.bytes = cost->bytes;
	k.risk = mem_strdup(risk.s);
	c->group.v[i] = k;
}

/* --- the thread ------------------------------------------------------------------- */

static int
asked_to_stop(void *ctx)
{
	return atomic_load(&((struct cost_job *)ctx)->stop);
}

/* Keys come one after another, and each would have to wait for it to let go. */
static bool
is_stopped_soon(struct cost_job *j)
{
	struct pollfd p = { .fd = j->wake[0] };
	int r;

	do
		r = poll(&p, 1, WAIT_MS);
	while (r < 0 && errno == EINTR);
	return r != 0;
}

static void
stop_job(struct cost_job *j)
{
	atomic_store(&j->stop, true);
	fd_drop(&j->wake[1]);
}

static void
job_free(struct cost_job *j)
{
	fd_drop(&j->wake[0]);
	fd_drop(&j->wake[1]);
	edit_cost_fini(&j->cost);
	free(j->dir);
	free(j);
}

static void *
work(void *ctx)
{
	struct cost_job *j = ctx;
	struct package p = PACKAGE_INIT;
	struct edits x = { 0 };
	AUTO(err_fini) struct err e = ERR_INIT;

	j->r = -1;
	if (j->group == all_staged || !is_stopped_soon(j))
		j->r = package_open(&p, j->dir, 0, &e);
	if (j->r == 0)
		package_stop_when(&p, asked_to_stop, j);
	if (j->r == 0)
		j->r = edits_open(&x, &p, EDITS_DRY, &e);
	if (j->r == 0)
		j->r = j->group == all_staged
			       ? edits_cost_staged(&x, &j->cost, &e)
			       : edits_cost(&x, j->group, j->group + 1, &j->cost, &e);
	edits_close(&x);
	package_close(&p);
	close(j->fd[1]);
	if (atomic_exchange(&j->state, JOB_IS_DONE) == JOB_IS_LEFT)
		job_free(j);
	return NULL;
}

/* The thread has ended, or will soon; then the job is the caller's, to be freed. */
static struct cost_job *
end_job(struct costs *c)
{
	struct cost_job *j = c->job;

	pthread_join(j->thread, NULL);
	close(c->fd);
	c->fd = -1;
	c->job = NULL;
	return j;
}

/* Nobody waits for it: to free what it has of a million files takes its time. */
static void
leave_job(struct costs *c)
{
	struct cost_job *j = c->job;

	stop_job(j);
	pthread_detach(j->thread);
	close(c->fd);
	c->fd = -1;
	c->job = NULL;
	if (atomic_exchange(&j->state, JOB_IS_LEFT) == JOB_IS_DONE)
		job_free(j);
}

void
costs_stop(struct costs *c)
{
	if (!c->job)
		return;
	stop_job(c->job);
	job_free(end_job(c));
}

static void
start(struct costs *c, size_t group)
{
	struct cost_job *j;

	if (c->job)
		return;
	j = mem_alloc(sizeof(*j));
	j->group = group;
	j->generation = c->stage->edits.generation;
	if (group != all_staged)
		j->what = known_of(&c->stage->edits.group.v[group]);
	j->dir = mem_strdup(c->stage->p->layout.dir.s);
	j->wake[0] = j->wake[1] = j->fd[0] = j->fd[1] = -1;
	if (pipe2(j->fd, O_CLOEXEC) < 0 || pipe2(j->wake, O_CLOEXEC) < 0 ||
	    pthread_create(&j->thread, NULL, work, j) != 0) {
		fd_drop(&j->fd[0]);
		fd_drop(&j->fd[1]);
		job_free(j);
		return;
	}
	c->job = j;
	c->fd = j->fd[0];
}

void
costs_take(struct costs *c)
{
	struct cost_job *j;

	if (!c->job)
		return;
	j = end_job(c);
	if (j->r < 0) /* nothing is said then, but it is not asked again */
		edit_cost_fini(&j->cost);
	if (j->group != all_staged) {
		keep(c, j->group, j->what, &j->cost);
	} else if (j->generation == c->stage->edits.generation) {
		edit_cost_fini(&c->staged);
		c->staged = j->cost;
		j->cost = (struct edit_cost){ 0 };
		c->staged_at = j->generation;
		c->staged_known = true;
	}
	job_free(j);
}

/* --- what is asked ---------------------------------------------------------------- */

const struct cost_known *
costs_group(struct costs *c, size_t i)
{
	struct edits *x = &c->stage->edits;
	struct cost_known k = known_of(&x->group.v[i]);
	AUTO(edit_cost_fini) struct edit_cost cost = { 0 };
	AUTO(err_fini) struct err e = ERR_INIT;

	if (i < c->group.n && c->group.v[i].number == k.number &&
	    c->group.v[i].written == k.written && c->group.v[i].alive == k.alive)
		return &c->group.v[i];
	if (!is_small(c, i, i + 1)) {
		start(c, i);
		return NULL;
	}
	edits_cost(x, i, i + 1, &cost, &e);
	keep(c, i, k, &cost);
	return &c->group.v[i];
}

const struct edit_cost *
costs_staged(struct costs *c)
{
	struct edits *x = &c->stage->edits;
	AUTO(err_fini) struct err e = ERR_INIT;

	if (c->staged_known && c->staged_at == x->generation)
		return &c->staged;
	if (!is_small(c, 0, x->group.n)) {
		if (c->job && c->job->group != all_staged)
			leave_job(c);
		start(c, all_staged);
		return NULL;
	}
	edit_cost_fini(&c->staged);
	edits_cost_staged(x, &c->staged, &e);
	c->staged_at = x->generation;
	c->staged_known = true;
	return &c->staged;
}
