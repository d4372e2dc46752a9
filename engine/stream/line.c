#include "stream/line.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/fs.h"
#include "stream/line_priv.h"

enum { WINDOW_FIRST = 16 };

struct line {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t more, less;
	int wake;	   /* eventfd: the thread waits for answers */
	struct sftp *sftp; /* NULL: not connected; changed without runs only */
	struct run *
		inbox; /* added, in the order of their coming; the rest is the thread's */
	struct run *runs;
	struct traffic traffic;
	struct str root;
	bool begun, end;
	bool answered; /* this connection has worked before */
};

struct line *
line_new(const char *root)
{
	struct line *l = mem_alloc(sizeof(*l));

	*l = (struct line){ .root = STR_INIT };
	str_set(&l->root, root);
	pthread_mutex_init(&l->lock, NULL);
	pthread_cond_init(&l->more, NULL);
	pthread_cond_init(&l->less, NULL);
	l->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return l;
}

/* By rank; of guesses those of the last batch first, for that is where the program is. */
static bool
goes_before(const struct run *a, const struct run *b)
{
	return a->rank < b->rank ||
	       (a->rank == b->rank && a->rank >= LINE_LIKELY && a->batch > b->batch);
}

static void
insert(struct run **at, struct run *run)
{
	while (*at && !goes_before(run, *at))
		at = &(*at)->next;
	run->next = *at;
	*at = run;
}

/* Without the lock held: it may be gone when this returns. */
static void
finish(struct line *l, struct run *run)
{
	traffic_end(run);
	if (run->over) {
		run->over(run);
		return;
	}
	pthread_mutex_lock(&l->lock);
	run->finished = true;
	pthread_cond_broadcast(&l->less);
	pthread_mutex_unlock(&l->lock);
}

static void
take_inbox(struct line *l)
{
	struct run *list = l->inbox;

	l->inbox = NULL;
	while (list) {
		struct run *run = list;

		list = run->next;
		traffic_begin(&l->traffic, run);
		insert(&l->runs, run);
	}
}

/* Those that have become urgent go to the front. */
static void
sort(struct line *l)
{
	struct run *list = l->runs;

	l->runs = NULL;
	while (list) {
		struct run *run = list;

		list = run->next;
		insert(&l->runs, run);
	}
}

static void
remove_finished(struct line *l)
{
	for (struct run **at = &l->runs; *at;) {
		struct run *run = *at;

		if (run->done < run->n) {
			at = &run->next;
			continue;
		}
		*at = run->next;
		l->answered = true;
		finish(l, run);
	}
}

static void
break_off(struct line *l, const char *why)
{
	struct run *run;
	bool answered = l->answered;

	pthread_mutex_lock(&l->lock);
	sftp_stop(l->sftp);
	l->sftp = NULL;
	l->answered = false;
	take_inbox(l);
	pthread_mutex_unlock(&l->lock);
	while ((run = l->runs)) {
		l->runs = run->next;
		run->result = -1;
		run->had_answers = answered;
		if (!run->over)
			str_set(&run->why, why);
		finish(l, run);
	}
}

/* One turn with the runs there are. */
static void
turn(struct line *l)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	uint64_t count;

	if (!l->sftp) {
		break_off(l, "not connected");
		return;
	}
	for (struct run *run = l->runs; run; run = run->next)
		traffic_feed(&l->traffic, run);
	if (sftp_pump(l->sftp, l->wake, &e) < 0)
		break_off(l, e.text.s);
	else
		remove_finished(l);
	if (read(l->wake, &count, sizeof(count)) == sizeof(count))
		sort(l);
}

static void *
work(void *arg)
{
	struct line *l = arg;
	bool end;

	for (;;) {
		pthread_mutex_lock(&l->lock);
		while (!l->runs && !l->inbox && !l->end)
			pthread_cond_wait(&l->more, &l->lock);
		take_inbox(l);
		end = l->end;
		pthread_mutex_unlock(&l->lock);
		if (end)
			break;
		turn(l);
	}
	break_off(l, "at the end");
	return NULL;
}

/* Signals are for the thread that traces. */
static bool
begin(struct line *l)
{
	sigset_t all, old;

	if (l->begun)
		return true;
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	l->begun = l->wake >= 0 && pthread_create(&l->thread, NULL, work, l) == 0;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return l->begun;
}

static void
wake(struct line *l)
{
	const uint64_t one = 1;

	pthread_cond_signal(&l->more);
	if (write(l->wake, &one, sizeof(one)) < 0)
		return; /* it has been woken so often that it cannot be asleep */
}

void
line_free(struct line *l)
{
	if (!l)
		return;
	pthread_mutex_lock(&l->lock);
	l->end = true;
	wake(l);
	pthread_mutex_unlock(&l->lock);
	if (l->begun)
		pthread_join(l->thread, NULL);
	sftp_stop(l->sftp);
	fd_drop(&l->wake);
	pthread_cond_destroy(&l->less);
	pthread_cond_destroy(&l->more);
	pthread_mutex_destroy(&l->lock);
	str_fini(&l->root);
	free(l);
}

bool
line_is_open(struct line *l)
{
	bool is;

	pthread_mutex_lock(&l->lock);
	is = l->sftp != NULL;
	pthread_mutex_unlock(&l->lock);
	return is;
}

int
line_start(struct line *l, char *const *argv, struct err *e)
{
	struct sftp *c;

	if (!begin(l))
		return err_set(e, EAGAIN, "no thread");
	c = sftp_start(argv, e);
	if (!c)
		return -1;
	pthread_mutex_lock(&l->lock);
	l->sftp = c;
	l->traffic =
		(struct traffic){ .c = c, .root = l->root.s, .window = WINDOW_FIRST };
	pthread_mutex_unlock(&l->lock);
	return 0;
}

void
line_add(struct line *l, struct run *run)
{
	struct run **at;

	run->next = NULL;
	run->finished = false;
	run->begun = run->done = 0;
	run->result = 0;
	run->why = (struct str)STR_INIT;
	pthread_mutex_lock(&l->lock);
	for (at = &l->inbox; *at; at = &(*at)->next)
		;
	*at = run;
	wake(l);
	pthread_mutex_unlock(&l->lock);
}

int
line_wait(struct line *l, struct run *run, struct err *e)
{
	int r;

	pthread_mutex_lock(&l->lock);
	while (!run->finished)
		pthread_cond_wait(&l->less, &l->lock);
	pthread_mutex_unlock(&l->lock);
	r = run->result < 0 ? err_set(e, 0, "%s", run->why.s) : 0;
	str_fini(&run->why);
	return r;
}

void
line_hurry(struct line *l, struct run *run, enum line_rank rank)
{
	pthread_mutex_lock(&l->lock);
	run->rank = rank;
	wake(l);
	pthread_mutex_unlock(&l->lock);
}
