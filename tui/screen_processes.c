#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "app.h"
#include "crop.h"

/* Children of a process in the order in which they began. */
static void
push_children(struct app *a, int64_t run, int64_t parent, unsigned depth)
{
	for (size_t i = 0; i < a->process.n && depth < 200; i++) {
		const struct process *p = &a->process.v[i];

		if (p->run != run || p->parent != parent || p->id == parent)
			continue;
		vec_push(&a->process_row, ((struct app_process){ run, p, depth }));
		push_children(a, run, p->id, depth + 1);
	}
}

static void
need_processes(struct app *a)
{
	AUTO(err_fini) struct err e = ERR_INIT;

	if (a->process_fresh)
		return;
	a->process_fresh = true;
	process_fini(&a->process);
	a->process_row.n = 0;
	if (process_read(&a->package, &a->process, &e) < 0)
		app_fail(a, &e);
	for (size_t i = 0; i < a->run.n; i++) {
		vec_push(&a->process_row,
			 ((struct app_process){ a->run.v[i].id, NULL, 0 }));
		push_children(a, a->run.v[i].id, 0, 1);
	}
}

void
app_need(struct app *a)
{
	if (a->column == APP_UNIQUE)
		app_count_unique(a);
	if (a->screen == SCREEN_ORIGINS)
		groups_build(&a->origins, &a->tree);
	else if (a->screen == SCREEN_TYPES)
		groups_build(&a->types, &a->tree);
	else if (a->screen == SCREEN_PROCESSES)
		need_processes(a);
	else if (a->screen == SCREEN_FILES && a->frame.facets.w)
		groups_build(&a->facets, &a->tree);
}

static const struct detail_run *
run_of(const struct app *a, int64_t id)
{
	for (size_t i = 0; i < a->run.n; i++)
		if (a->run.v[i].id == id)
			return &a->run.v[i];
	return NULL;
}

static void
status_text(const struct detail_run *r, struct str *out)
{
	if (r->status < 0)
		str_add(out, "unended");
	else if (WIFSIGNALED(r->status))
		str_addf(out, "signal %d", WTERMSIG((int)r->status));
	else
		str_addf(out, "exit %d", WEXITSTATUS((int)r->status));
}

/* "2026-11-24T10:48:00.123Z" as other times are shown. */
static void
add_started(const char *started, struct str *out)
{
	size_t day = strcspn(started, "T"), time = strcspn(started, ".Z");

	str_add(out, "  ");
	str_addn(out, started, day < time ? day : time);
	if (day < time)
		str_addf(out, " %.*s", (int)(time - day - 1), started + day + 1);
}

static void
draw_command(struct app *a, struct rect at, const struct app_process *x)
{
	struct canvas *c = &a->canvas;
	const struct detail_run *r = run_of(a, x->run);
	const char *text = x->p ? (x->p->argv ? x->p->argv : x->p->exe)
			   : r	? r->argv
				: NULL;
	int x0 = at.x, end = at.x + at.w;

	for (unsigned i = 1; i < x->depth && x0 + FRAME_NAME < end; i++) {
		canvas_text(c, x0, at.y, STYLE_GUIDE, canvas_glyph(c, GLYPH_GUIDE));
		x0 += 2;
	}
	if (!x->p) {
		AUTO(str_fini) struct str s = STR_INIT;

		str_addf(&s, "run %" PRId64, x->run);
		if (r && r->started)
			add_started(r->started, &s);
		if (r && r->seconds > 0)
			str_addf(&s, "  %.1f s", r->seconds);
		canvas_name(c, (struct rect){ x0, at.y, end - x0, 1 }, STYLE_DIR, s.s);
		return;
	}
	canvas_name(c, (struct rect){ x0, at.y, end - x0, 1 }, STYLE_TEXT,
		    text ? text : "?");
}

static void
draw_process(struct app *a, int y, const struct app_process *x)
{
	const struct detail_run *r = run_of(a, x->run);

	for (int i = 0; i < a->frame.columns; i++) {
		const struct frame_column *k = &a->frame.column[i];
		struct rect at = { k->x, y, k->w, 1 };
		AUTO(str_fini) struct str s = STR_INIT;

		if (k->what == COLUMN_NAME) {
			draw_command(a, at, x);
			continue;
		}
		if (k->what == COLUMN_PID && x->p)
			str_addf(&s, "%" PRId64, x->p->pid);
		if (k->what == COLUMN_COUNT && x->p)
			str_addf(&s, "%" PRId64, x->p->files);
		if (k->what == COLUMN_STATUS && !x->p && r)
			status_text(r, &s);
		if (k->what == COLUMN_STATUS)
			canvas_text_in(&a->canvas, at,
				       r && r->status != 0 ? STYLE_WARN : STYLE_DIM, s.s);
		else
			canvas_text_right(&a->canvas, at.x + at.w, y, STYLE_TEXT, s.s);
	}
}

void
app_draw_processes(struct app *a)
{
	struct rect r = a->frame.list;
	struct list *l = &a->list[SCREEN_PROCESSES];

	list_fit(l, a->process_row.n, r.h);
	if (l->n == 0)
		canvas_text_in(&a->canvas, (struct rect){ r.x + 2, r.y, r.w - 2, 1 },
			       STYLE_DIM,
			       "no run is on record: a package without manifest");
	for (int y = 0; y < r.h && l->top + (size_t)y < l->n; y++) {
		if (l->top + (size_t)y == l->cursor)
			canvas_light(&a->canvas, (struct rect){ r.x, r.y + y, r.w, 1 });
		draw_process(a, r.y + y, &a->process_row.v[l->top + (size_t)y]);
	}
}
