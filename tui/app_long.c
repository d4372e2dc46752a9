/*
 * Acts on a million files take seconds.  SQLite asks back while it works, and so does a
 * write while it copies: then the last line is drawn, and Ctrl-C is looked for.  Nothing
 * else of the screen is: that would need the package, which is busy.
 */
#include <inttypes.h>
#include <time.h>

#include "app.h"

enum { QUIET_MS = 300, FRAME_MS = 100 };

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

/* Asked very often. */
static int
asked(void *ctx)
{
	struct app *a = ctx;
	int64_t now = app_now_ms(), took = now - a->long_since;

	if (now >= a->long_next) {
		a->long_next = now + FRAME_MS;
		app_say(a, STYLE_DIM, "%s: %" PRId64 ".%" PRId64 " s%s", a->long_act,
			took / 1000, took / 100 % 10,
			a->long_may_stop ? " (C-c stops)" : "");
		app_draw_message(a);
		a->long_stopped |= a->progress && !a->progress(a->progress_ctx);
	}
	return a->long_may_stop && a->long_stopped;
}

void
app_long_begin(struct app *a, const char *what, bool may_stop)
{
	a->long_may_stop = may_stop;
	a->long_act = what;
	a->long_since = app_now_ms();
	a->long_next = a->long_since + QUIET_MS;
	a->long_stopped = false;
	package_stop_when(&a->package, asked, a);
}

bool
app_long_end(struct app *a)
{
	package_stop_when(&a->package, NULL, NULL);
	a->long_act = NULL;
	return !a->long_stopped;
}
