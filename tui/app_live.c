/*
 * A package that is being captured while it is shown grows on the screen: its new rows
 * are read as they come, about once a second.  To look whether there are any costs one
 * PRAGMA; to read them may take a tenth of the time.
 */
#include <sys/wait.h>

#include "app.h"
#include "inspect/lock.h"

enum { LOOK_MS = 1000, BUSY_MS = 250, SHARE = 10 };

/* Its end is not on record, and somebody holds the package: else it was killed. */
static bool
is_captured_now(const struct app *a)
{
	bool open = false;

	for (size_t i = 0; i < a->run.n; i++)
		open |= a->run.v[i].status < 0;
	return open && package_is_held(&a->package);
}

void
app_live_start(struct app *a)
{
	a->live = is_captured_now(a);
	a->live_seen = package_generation(&a->package);
}

int
app_wait_ms(const struct app *a)
{
	return a->waiting ? BUSY_MS : a->live || a->beside ? LOOK_MS : -1;
}

static void
say_ended(struct app *a)
{
	int status = a->run.n ? (int)a->run.v[a->run.n - 1].status : -1;

	if (status == 0)
		app_say(a, STYLE_GOOD, "captured to its end, with status 0");
	else if (status < 0)
		app_say(a, STYLE_WARN, "the capture was killed");
	else if (WIFSIGNALED(status))
		app_say(a, STYLE_WARN, "the command was ended by signal %d",
			WTERMSIG(status));
	else
		app_say(a, STYLE_WARN, "the command ended with status %d",
			WEXITSTATUS(status));
}

static void
read_again(struct app *a)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	bool missing = a->findings_fresh;

	detail_runs_fini(&a->run);
	if (detail_runs_read(&a->package, &a->run, &e) < 0 || app_reload_long(a, &e) < 0)
		app_fail(a, &e);
	a->live = is_captured_now(a);
	if (a->live) /* a run of it has missed nothing new */
		a->findings_fresh = missing;
	else
		a->typed = false;
	if (a->screen == SCREEN_TYPES)
		app_want_types(a);
}

/* Not while something is typed or chosen: rows would move below it. */
void
app_tick(struct app *a)
{
	bool was = a->live;
	int64_t start = app_now_ms(), seen = package_generation(&a->package);

	if (start < a->live_next || a->prompt.kind || a->box.kind || a->pending)
		return;
	if (seen == a->live_seen && is_captured_now(a) == was)
		return;
	a->live_seen = seen;
	read_again(a);
	a->live_next = start + (app_now_ms() - start) * SHARE;
	if (was && !a->live)
		say_ended(a);
}

void
app_beside_ended(struct app *a)
{
	a->beside = false;
	a->live = true; /* so that its end is seen */
	a->live_next = 0;
	app_tick(a);
}
