#include "stream/finish.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/fs.h"
#include "base/log.h"

enum { UNDER_WAY_MOST = 256, SYNC_MOST = 64, SYNC_STEP = 200000000 /* ns */ };

void
arrival_free(struct arrival *a)
{
	fd_drop(&a->fd);
	fd_drop(&a->unsynced);
	temp_fini(&a->temp);
	place_fini(&a->place);
	free(a->abs);
	free(a);
}

static void
note(struct finish *f, struct arrival *done, size_t n, int r)
{
	pthread_mutex_lock(&f->lock);
	if (r < 0)
		f->error = r;
	f->under_way -= n;
	pthread_cond_broadcast(&f->less);
	pthread_mutex_unlock(&f->lock);
	while (done) {
		struct arrival *a = done;

		done = a->next;
		arrival_free(a);
	}
}

/* Begin with all, then wait for each: mostly the first wait is that for all. */
static void
sync_all(struct finish *f, struct arrival *list)
{
	AUTO(str_fini) struct str names = STR_INIT;
	size_t n = 0;
	int r = 0;

	for (struct arrival *a = list; a; a = a->next)
		if (a->unsynced >= 0)
			sync_file_range(a->unsynced, 0, 0, SYNC_FILE_RANGE_WRITE);
	for (struct arrival *a = list; a; a = a->next) {
		int one = a->unsynced < 0 || a->replace ? 0 : local_sync(a->unsynced);

		if (one == 0 && a->unsynced >= 0)
			str_addn(&names, a->abs, strlen(a->abs) + 1);
		else if (one < 0)
			r = one;
		n++;
	}
	if (names.len) {
		int one = fetched_add(f->fetched, &names);

		r = r < 0 ? r : one;
	}
	for (struct arrival *a = list; a; a = a->next)
		lock_drop(f->fetched->lock, 'f', a->abs);
	note(f, list, n, r);
}

static void *
sync_run(void *arg)
{
	struct finish *f = arg;

	pthread_mutex_lock(&f->lock);
	for (;;) {
		struct arrival *list;
		struct timespec until;

		while (!f->placed && !f->end)
			pthread_cond_wait(&f->ripe, &f->lock);
		if (!f->placed)
			break;
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += SYNC_STEP;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		while (!f->hurry && f->waiting < SYNC_MOST &&
		       pthread_cond_timedwait(&f->ripe, &f->lock, &until) == 0)
			;
		list = f->placed;
		f->placed = NULL;
		f->waiting = 0;
		pthread_mutex_unlock(&f->lock);
		sync_all(f, list);
		pthread_mutex_lock(&f->lock);
	}
	pthread_mutex_unlock(&f->lock);
	return NULL;
}

/* The program may have it from here on; then the slow part. */
static void
finish_one(struct finish *f, struct arrival *a)
{
	int error, unsynced = -1;

	error = local_finish(a->fd, &a->entry, &a->place, &a->temp, a->replace,
			     &unsynced);
	fd_drop(&a->fd);
	place_fini(&a->place);
	if (error == 0)
		fetched_note(f->fetched, a->abs);
	a->unsynced = unsynced;
	a->next = NULL;
	pthread_mutex_lock(&f->lock);
	*a->error = error;
	f->placing--;
	if (f->syncs) {
		a->next = f->placed;
		f->placed = a;
		f->waiting++;
		pthread_cond_signal(&f->ripe);
	}
	pthread_cond_broadcast(&f->less);
	pthread_mutex_unlock(&f->lock);
	if (!f->syncs)
		sync_all(f, a);
}

static void *
work(void *arg)
{
	struct finish *f = arg;

	for (;;) {
		struct arrival *a;

		pthread_mutex_lock(&f->lock);
		while (!f->todo && !f->end)
			pthread_cond_wait(&f->more, &f->lock);
		a = f->todo;
		if (a)
			f->todo = a->next;
		pthread_mutex_unlock(&f->lock);
		if (!a)
			return NULL;
		finish_one(f, a);
	}
}

/* Signals are for the thread that traces. */
static void
begin(struct finish *f)
{
	sigset_t all, old;

	if (f->begun)
		return;
	f->begun = true;
	pthread_mutex_init(&f->lock, NULL);
	pthread_cond_init(&f->more, NULL);
	pthread_cond_init(&f->less, NULL);
	pthread_cond_init(&f->ripe, NULL);
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	f->syncs = pthread_create(&f->syncer, NULL, sync_run, f) == 0;
	while (f->threads < FINISH_THREADS &&
	       pthread_create(&f->thread[f->threads], NULL, work, f) == 0)
		f->threads++;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

void
finish_add(struct finish *f, struct arrival *a)
{
	begin(f);
	pthread_mutex_lock(&f->lock);
	while (f->threads && f->under_way >= UNDER_WAY_MOST)
		pthread_cond_wait(&f->less, &f->lock);
	f->placing++;
	f->under_way++;
	if (f->threads) {
		a->next = f->todo;
		f->todo = a;
		pthread_cond_signal(&f->more);
	}
	pthread_mutex_unlock(&f->lock);
	if (!f->threads)
		finish_one(f, a);
}

int
finish_wait(struct finish *f)
{
	int r;

	if (!f->begun)
		return 0;
	pthread_mutex_lock(&f->lock);
	while (f->placing)
		pthread_cond_wait(&f->less, &f->lock);
	r = f->error;
	f->error = 0;
	pthread_mutex_unlock(&f->lock);
	return r;
}

void
finish_end(struct finish *f)
{
	if (!f->begun)
		return;
	pthread_mutex_lock(&f->lock);
	f->hurry = true;
	pthread_cond_signal(&f->ripe);
	while (f->under_way)
		pthread_cond_wait(&f->less, &f->lock);
	f->end = true;
	pthread_cond_signal(&f->ripe);
	pthread_cond_broadcast(&f->more);
	pthread_mutex_unlock(&f->lock);
	if (f->syncs)
		pthread_join(f->syncer, NULL);
	while (f->threads)
		pthread_join(f->thread[--f->threads], NULL);
	pthread_cond_destroy(&f->ripe);
	pthread_cond_destroy(&f->less);
	pthread_cond_destroy(&f->more);
	pthread_mutex_destroy(&f->lock);
	f->begun = f->end = f->hurry = f->syncs = false;
}
