/* What goes on between events, some milliseconds at a time. */
#include "app.h"

#include <string.h>
#include <time.h>

enum { SLICE_MS = 10, TYPES_MS = 50 };

bool
app_is_busy(const struct app *a)
{
	return a->tree.working || !a->findings_fresh || a->typing;
}

static bool
type_progress(void *ctx, uint64_t done, uint64_t total, const char *path)
{
	struct app *a = ctx;
	struct timespec now;

	a->types_seen = done;
	a->types_all = total;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - a->slice.tv_sec) * 1000 +
		       (now.tv_nsec - a->slice.tv_nsec) / 1000000 <
	       TYPES_MS;
}

/* Looks at files for some time; a package that somebody else has locked waits. */
static void
work_types(struct app *a)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	int r;

	costs_stop(&a->costs);
	clock_gettime(CLOCK_MONOTONIC, &a->slice);
	r = stage_types(&a->stage, type_progress, a, &e);
	if (r > 0 && a->types_seen < a->types_all)
		return;
	a->typing = false;
	a->typed = true;
	if (r < 0 || (a->types_all && app_reload_long(a, &e) < 0))
		app_fail(a, &e);
}

/* What is missing has its place in the tree, too. */
static void
work_findings(struct app *a)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	struct list *l = &a->list[SCREEN_FILES];
	uint32_t at = l->cursor < a->tree.row.n ? a->tree.row.v[l->cursor].node : 0;

	a->findings_fresh = true;
	if (finding_read(&a->findings, &a->package, &a->model, &e) < 0)
		app_fail(a, &e);
	app_ignore(a);
	if (!a->findings.marked)
		return;
	tree_changed(&a->tree);
	tree_rebuild(&a->tree);
	l->cursor = tree_row_of(&a->tree, at);
	if (a->filter_text.len && !a->tree.working)
		app_set_filter(a, a->filter_text.s, false);
}

void
app_work(struct app *a)
{
	if (a->tree.working) {
		uint32_t n = app_node(a);

		if (tree_filter_step(&a->tree, SLICE_MS)) {
			a->unique_fresh = false;
			a->origins.fresh = a->types.fresh = a->facets.fresh = false;
			if (a->screen == SCREEN_FILES && n != UINT32_MAX)
				app_cursor(a, tree_row_of(&a->tree, n));
		}
	} else if (!a->findings_fresh) {
		work_findings(a);
	} else if (a->typing) {
		work_types(a);
	}
}

int
app_wait_fd(const struct app *a)
{
	return a->costs.fd;
}
