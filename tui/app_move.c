#include "app.h"

#include <string.h>

void
list_fit(struct list *l, size_t n, int h)
{
	size_t rows = h > 0 ? (size_t)h : 1;

	l->n = n;
	if (n == 0) {
		l->cursor = l->top = 0;
		return;
	}
	if (l->cursor >= n)
		l->cursor = n - 1;
	if (l->cursor < l->top)
		l->top = l->cursor;
	if (l->cursor >= l->top + rows)
		l->top = l->cursor - rows + 1;
	if (l->top + rows > n)
		l->top = n > rows ? n - rows : 0;
}

static void
step(struct app *a, long by)
{
	struct list *l = app_list(a);

	if (by < 0)
		app_cursor(a, l->cursor > (size_t)-by ? l->cursor - (size_t)-by : 0);
	else
		app_cursor(a, l->cursor + (size_t)by);
}

/* Up or down to the next row of the same depth, not past the directory's end. */
static void
sibling(struct app *a, int by)
{
	struct list *l = app_list(a);
	const struct tree *t = &a->tree;
	size_t i = l->cursor;

	if (t->flat || t->row.n == 0)
		return;
	for (;;) {
		if ((by < 0 && i == 0) || (by > 0 && i + 1 >= t->row.n))
			return;
		i = by < 0 ? i - 1 : i + 1;
		if (t->row.v[i].depth < t->row.v[l->cursor].depth)
			return;
		if (t->row.v[i].depth == t->row.v[l->cursor].depth) {
			l->cursor = i;
			return;
		}
	}
}

static void
to_parent(struct app *a)
{
	struct list *l = app_list(a);
	const struct tree *t = &a->tree;

	for (size_t i = l->cursor; i-- > 0;)
		if (t->row.v[i].depth < t->row.v[l->cursor].depth) {
			l->cursor = i;
			return;
		}
}

/* Something of what is below shows, too, when the row is the last of the screen. */
static void
toggle(struct app *a, uint32_t n)
{
	struct list *l = app_list(a);
	size_t h = a->frame.list.h > 0 ? (size_t)a->frame.list.h : 1;

	tree_set_open(&a->tree, n, !tree_is_open(&a->tree, n));
	if (tree_is_open(&a->tree, n) && l->cursor - l->top > h * 3 / 4)
		l->top = l->cursor - h / 2;
}

static void
open_files(struct app *a, bool open)
{
	uint32_t n = app_node(a);

	if (n == UINT32_MAX)
		return;
	if (open && a->model.node[n].kind != 'd')
		app_info(a);
	else if (open)
		toggle(a, n);
	else if (!a->tree.flat && tree_is_open(&a->tree, n) &&
		 a->model.node[n].kind == 'd')
		tree_set_open(&a->tree, n, false);
	else
		to_parent(a);
}

static void
open_group(struct app *a, struct groups *g, bool open)
{
	struct list *l = app_list(a);
	AUTO(str_fini) struct str q = STR_INIT;
	struct group x;

	if (l->cursor >= g->n)
		return;
	x = groups_at(g, &a->tree, l->cursor);
	if (x.kind == GROUP_TITLE)
		return;
	if (!open) {
		while (l->cursor && (!x.open || !x.opens) && x.depth) {
			l->cursor = groups_head(g, l->cursor - (x.kind != GROUP_FILE));
			x = groups_at(g, &a->tree, l->cursor);
		}
		if (x.open)
			groups_set_open(g, l->cursor, false);
	} else if (x.kind == GROUP_FILE) {
		app_goto(a, x.id);
		return;
	} else if (g->what == GROUPS_FACETS && !(x.kind == GROUP_CLASS && !x.open)) {
		group_query(&x, &a->model, &q);
		app_set_filter(a, q.s, false);
		return;
	} else {
		groups_set_open(g, l->cursor, !x.open);
	}
	groups_build(g, &a->tree);
	app_cursor(a, l->cursor);
}

static const char *
base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Screen 1, with what that process used. */
static void
open_process(struct app *a)
{
	const struct app_process *x = &a->process_row.v[app_list(a)->cursor];
	AUTO(str_fini) struct str q = STR_INIT;

	if (!x->p || !x->p->exe) {
		app_say(a, STYLE_DIM, "a run: its processes are below");
		return;
	}
	str_addf(&q, "proc:%s", base_of(x->p->exe));
	app_show_screen(a, SCREEN_FILES);
	app_set_filter(a, q.s, false);
}

static void
open_row(struct app *a, bool open)
{
	struct groups *g = app_groups(a);
	uint32_t n;

	if (g) {
		open_group(a, g, open);
		return;
	}
	if (a->screen == SCREEN_FILES) {
		open_files(a, open);
	} else if (open && a->screen == SCREEN_PROCESSES && a->process_row.n) {
		open_process(a);
	} else if (open && a->screen == SCREEN_MISSING) {
		app_why(a);
	} else if (open && a->screen == SCREEN_CHANGES && stage_groups(&a->stage)) {
		n = stage_node(&a->stage, app_list(a)->cursor, &a->model);
		if (n != UINT32_MAX)
			app_goto(a, n);
	}
}

/* Facets are a pane of screen 1 where there is room; else screens in turn. */
static void
pane(struct app *a, int by)
{
	if (a->screen == SCREEN_FILES && a->frame.facets.w) {
		a->in_facets = !a->in_facets;
		return;
	}
	app_show_screen(a, (enum screen)((a->screen + SCREEN_COUNT + by) % SCREEN_COUNT));
}

void
app_move(struct app *a, enum action x)
{
	long page = a->frame.list.h > 2 ? a->frame.list.h - 1 : 1;

	if (x == ACTION_down)
		step(a, 1);
	else if (x == ACTION_up)
		step(a, -1);
	else if (x == ACTION_page_down)
		step(a, page);
	else if (x == ACTION_page_up)
		step(a, -page);
	else if (x == ACTION_home)
		app_cursor(a, 0);
	else if (x == ACTION_end)
		app_cursor(a, SIZE_MAX);
	else if (x == ACTION_enter)
		open_row(a, true);
	else if (x == ACTION_back)
		open_row(a, false);
	else if (x == ACTION_sibling_prev)
		sibling(a, -1);
	else if (x == ACTION_sibling_next)
		sibling(a, 1);
	else if (x == ACTION_pane_next)
		pane(a, 1);
	else if (x == ACTION_pane_prev)
		pane(a, -1);
}
