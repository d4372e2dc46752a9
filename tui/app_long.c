/*
 * Acts on a million files take seconds: a thread does them, and the last line of the
 * screen says for how long.  Nothing else of the screen is drawn meanwhile, and no key is
 * read: package, model and all that shows them are the thread's until it ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include "app.h"
#include "base/fs.h"
#include "inspect/text.h"

enum { QUIET_MS = 300, FRAME_MS = 100 };

struct job {
	void (*work)(void *ctx);
	void *ctx;
	int end; /* closed then */
};

int64_t
app_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void
app_on_progress(struct app *a, app_progress *progress, void *ctx)
{
	a->progress = progress;
	a->progress_ctx = ctx;
}

static void *
run_job(void *ctx)
{
	struct job *j = ctx;

	j->work(j->ctx);
	close(j->end);
	return NULL;
}

static int
is_stopped(void *ctx)
{
	return atomic_load(&((struct app *)ctx)->long_stop);
}

/* "writing: 2.1 s, 12 files, 3.0 MiB (C-c stops)" */
static void
say_progress(struct app *a, const char *what, int64_t took)
{
	uint64_t files = atomic_load(&a->long_files);

	str_clear(&a->long_text);
	str_addf(&a->long_text, "%s: %" PRId64 ".%" PRId64 " s", what, took / 1000,
		 took / 100 % 10);
	if (files) {
		str_addf(&a->long_text, ", %" PRIu64 " %s, ", files,
			 files == 1 ? "file" : "files");
		text_size(&a->long_text, atomic_load(&a->long_bytes));
	}
	str_add(&a->long_text, is_stopped(a) ? ", stopping" : " (C-c stops)");
}

/* Until its descriptor is closed. */
static void
wait_job(struct app *a, const char *what, int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int64_t since = app_now_ms();
	int r;

	while ((r = poll(&p, 1, FRAME_MS)) == 0 || (r < 0 && errno == EINTR)) {
		int64_t took = app_now_ms() - since;

		if (r < 0 || took < QUIET_MS)
			continue;
		say_progress(a, what, took);
		app_draw_message(a);
		if (a->progress && !a->progress(a->progress_ctx))
			atomic_store(&a->long_stop, true);
	}
	str_fini(&a->long_text);
}

bool
app_long(struct app *a, const struct app_act *act)
{
	struct job j = { .work = act->work, .ctx = act->ctx };
	pthread_t thread;
	int fd[2];

	costs_stop(&a->costs);
	atomic_store(&a->long_stop, false);
	atomic_store(&a->long_files, 0);
	if (pipe2(fd, O_CLOEXEC) < 0) {
		act->work(act->ctx);
		return true;
	}
	j.end = fd[1];
	if (act->may_stop)
		package_stop_when(&a->package, is_stopped, a);
	if (pthread_create(&thread, NULL, run_job, &j) == 0) {
		wait_job(a, act->what, fd[0]);
		pthread_join(thread, NULL);
	} else {
		run_job(&j);
	}
	package_stop_when(&a->package, NULL, NULL);
	close(fd[0]);
	return !is_stopped(a);
}

bool
app_long_goes_on(struct app *a, uint64_t files, uint64_t bytes)
{
	atomic_store(&a->long_bytes, bytes);
	atomic_store(&a->long_files, files);
	return !is_stopped(a);
}
