#include "stream/finish.h"

#include <signal.h>

enum { UNDER_WAY_MOST = 64 };

static void
finish_one(struct finish *f, struct arrival *a)
{
	a->error = local_finish(a->fd, a->entry, &a->place, &a->temp, f->replace);
}

static void
push(struct arrival **list, struct arrival *a)
{
	a->next = *list;
	*list = a;
}

static struct arrival *
pop(struct arrival **list)
{
	struct arrival *a = *list;

	if (a)
		*list = a->next;
	return a;
}

static void *
work(void *arg)
{
	struct finish *f = arg;

	pthread_mutex_lock(&f->lock);
	for (;;) {
		struct arrival *a = pop(&f->todo);

		if (!a && f->end)
			break;
		if (!a) {
			pthread_cond_wait(&f->more, &f->lock);
			continue;
		}
		pthread_mutex_unlock(&f->lock);
		finish_one(f, a);
		pthread_mutex_lock(&f->lock);
		push(&f->done, a);
		f->under_way--;
		pthread_cond_signal(&f->less);
	}
	pthread_mutex_unlock(&f->lock);
	return NULL;
}

/* Signals are for the thread that traces. */
void
finish_begin(struct finish *f, size_t files, bool replace)
{
	sigset_t all, old;

	*f = (struct finish){ .replace = replace };
	pthread_mutex_init(&f->lock, NULL);
	pthread_cond_init(&f->more, NULL);
	pthread_cond_init(&f->less, NULL);
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	while (files > 1 && f->threads < FINISH_THREADS && f->threads < files &&
	       pthread_create(&f->thread[f->threads], NULL, work, f) == 0)
		f->threads++;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

void
finish_add(struct finish *f, struct arrival *a)
{
	if (!f->threads) {
		finish_one(f, a);
		push(&f->done, a);
		return;
	}
	pthread_mutex_lock(&f->lock);
	while (f->under_way >= UNDER_WAY_MOST)
		pthread_cond_wait(&f->less, &f->lock);
	push(&f->todo, a);
	f->under_way++;
	pthread_cond_signal(&f->more);
	pthread_mutex_unlock(&f->lock);
}

struct arrival *
finish_take(struct finish *f, bool wait)
{
	struct arrival *a;

	pthread_mutex_lock(&f->lock);
	while (!f->done && wait && f->under_way)
		pthread_cond_wait(&f->less, &f->lock);
	a = pop(&f->done);
	pthread_mutex_unlock(&f->lock);
	return a;
}

void
finish_end(struct finish *f)
{
	pthread_mutex_lock(&f->lock);
	f->end = true;
	pthread_cond_broadcast(&f->more);
	pthread_mutex_unlock(&f->lock);
	while (f->threads)
		pthread_join(f->thread[--f->threads], NULL);
	pthread_cond_destroy(&f->less);
	pthread_cond_destroy(&f->more);
	pthread_mutex_destroy(&f->lock);
}
