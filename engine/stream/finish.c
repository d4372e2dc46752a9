#include "stream/finish.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/log.h"

enum { UNDER_WAY_MOST = 128 };

void
arrival_free(struct arrival *a)
{
	fd_drop(&a->fd);
	temp_fini(&a->temp);
	place_fini(&a->place);
	free(a->abs);
	free(a);
}

static int
list_it(struct finish *f, const struct arrival *a)
{
	AUTO(str_fini) struct str name = STR_INIT;

	str_addn(&name, a->abs, strlen(a->abs) + 1);
	return fetched_add(f->fetched, &name);
}

/* The program may have it from here on; then the slow part. */
static void
finish_one(struct finish *f, struct arrival *a)
{
	AUTO(fd_drop) int unsynced = -1;
	int error = local_finish(a->fd, &a->entry, &a->place, &a->temp, a->replace,
				 &unsynced),
	    r = error;

	fd_drop(&a->fd);
	if (r == 0)
		fetched_note(f->fetched, a->abs);
	pthread_mutex_lock(&f->lock);
	*a->error = error;
	f->placing--;
	pthread_cond_broadcast(&f->less);
	pthread_mutex_unlock(&f->lock);
	if (r == 0 && !a->replace)
		r = local_sync(unsynced);
	if (r == 0)
		r = list_it(f, a);
	lock_drop(f->fetched->lock, 'f', a->abs);
	pthread_mutex_lock(&f->lock);
	if (error == 0 && r < 0)
		f->error = r;
	f->under_way--;
	pthread_cond_broadcast(&f->less);
	pthread_mutex_unlock(&f->lock);
	arrival_free(a);
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
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
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
	while (f->under_way)
		pthread_cond_wait(&f->less, &f->lock);
	f->end = true;
	pthread_cond_broadcast(&f->more);
	pthread_mutex_unlock(&f->lock);
	while (f->threads)
		pthread_join(f->thread[--f->threads], NULL);
	pthread_cond_destroy(&f->less);
	pthread_cond_destroy(&f->more);
	pthread_mutex_destroy(&f->lock);
	f->begun = f->end = false;
}
