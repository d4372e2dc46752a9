#include "app.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/log.h"
#include "inspect/text.h"
#include "path/lex.h"

void
app_say(struct app *a, enum style style, const char *fmt, ...)
{
	va_list ap;

	str_clear(&a->message);
	va_start(ap, fmt);
	str_vaddf(&a->message, fmt, ap);
	va_end(ap);
	a->message_style = style;
}

void
app_fail(struct app *a, struct err *e)
{
	AUTO(str_fini) struct str s = STR_INIT;

	/* Of what was typed, not of a file: the errno says nothing more. */
	if (e->code == EINVAL && str_has_suffix(e->text.s, strerror(EINVAL)))
		str_trunc(&e->text, e->text.len - strlen(strerror(EINVAL)) - 2);
	text_escape(&s, e->text.s, e->text.len);
	app_say(a, STYLE_BAD, "%s", s.s);
	a->beep = true;
	err_clear(e);
}

/* --- opening --------------------------------------------------------------------- */

static void
set_sort(struct app *a, const char *word)
{
	for (int i = 0; word && i < TREE_SORT_COUNT; i++)
		if (strcmp(tree_sorts[i].word, word) == 0) {
			a->tree.sort = (enum tree_sort)i;
			a->tree.down = tree_sorts[i].down;
		}
}

void
app_view(struct app *a, const char *sort, bool down, bool flat, const char *column)
{
	AUTO(err_fini) struct err e = ERR_INIT;

	set_sort(a, sort);
	if (a->tree.sort == TREE_ACCESS &&
	    model_need(&a->model, &a->package, MODEL_ACCESS, &e) < 0)
		set_sort(a, "size");
	for (int i = 0; i < APP_COLUMNS; i++)
		if (strcmp(column, app_column_word((enum app_column)i)) == 0)
			a->column = (enum app_column)i;
	if (a->column == APP_UNIQUE || a->tree.sort == TREE_UNIQUE)
		app_read_unique(a);
	tree_set_sort(&a->tree, a->tree.sort, down);
	if (flat)
		tree_set_flat(&a->tree, true);
}

/* Directories that lead somewhere are open at the start: down to the first choice. */
static void
open_first(struct app *a)
{
	struct tree *t = &a->tree;

	t->bit[0] |= TREE_OPEN;
	tree_rebuild(t);
	for (size_t i = 0; i < t->row.n && t->row.n < 12; i++)
		if (t->m->node[t->row.v[i].node].kind == 'd' && i < 4)
			tree_set_open(t, t->row.v[i].node, true);
}

static void
set_title(struct app *a)
{
	a->title = path_base(a->package.layout.dir.s);
}

int
app_open(struct app *a, const struct app_options *o, struct err *e)
{
	*a = (struct app){ .package = PACKAGE_INIT, .screen = o->screen };
	str_init(&a->message);
	str_init(&a->long_text);
	str_init(&a->find);
	str_init(&a->filter_text);
	str_init(&a->want_path);
	str_init(&a->filter_before);
	str_init(&a->prompt.text);
	str_init(&a->prompt.error);
	a->origins.what = GROUPS_ORIGINS;
	a->types.what = GROUPS_TYPES;
	a->facets.what = GROUPS_FACETS;
	a->read_only = o->read_only;
	a->mouse = o->mouse;
	a->last_mark = a->detail_node = UINT32_MAX;
	canvas_init(&a->canvas, o->ascii);
	costs_init(&a->costs, &a->stage, &a->tree);
	if (package_open(&a->package, o->dir, 0, e) < 0 || app_load(a, e) < 0)
		return -1;
	set_title(a);
	tree_init(&a->tree, &a->model, &a->package);
	set_sort(a, o->sort);
	if (stage_open(&a->stage, &a->package, o->read_only, e) < 0)
		return -1;
	if (a->stage.read_only)
		a->read_only = true;
	if (detail_runs_read(&a->package, &a->run, e) < 0)
		return -1;
	app_refresh(a);
	app_live_start(a);
	open_first(a);
	if (o->filter)
		app_set_filter(a, o->filter, false);
	if (a->stage.left_over && !a->read_only)
		app_restore_box(a);
	return 0;
}

void
app_close(struct app *a)
{
	costs_fini(&a->costs);
	unique_fini(&a->unique);
	stage_close(&a->stage);
	box_close(&a->box);
	prompt_fini(&a->prompt);
	finding_fini(&a->findings);
	process_fini(&a->process);
	detail_runs_fini(&a->run);
	vec_fini(&a->process_row);
	groups_fini(&a->origins);
	groups_fini(&a->types);
	groups_fini(&a->facets);
	detail_fini(&a->detail);
	tree_fini(&a->tree);
	model_fini(&a->model);
	package_close(&a->package);
	canvas_fini(&a->canvas);
	keys_fini(&a->keys);
	str_fini(&a->message);
	str_fini(&a->find);
	str_fini(&a->filter_text);
	str_fini(&a->want_path);
	str_fini(&a->filter_before);
}

const struct rules *
app_rules(struct app *a)
{
	return a->stage.open ? edits_rules(&a->stage.edits) : &a->package.rules;
}

void
app_ignore(struct app *a)
{
	finding_ignore(&a->findings, app_rules(a));
}

void
app_refresh(struct app *a)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	struct list *l = &a->list[SCREEN_FILES];
	uint32_t n = a->screen == SCREEN_FILES ? app_node(a) : UINT32_MAX;

	if (stage_mark(&a->stage, &a->model, &e) < 0)
		app_fail(a, &e);
	a->detail_node = UINT32_MAX;
	a->unique_fresh = false;
	app_ignore(a);
	if (query_follows_edits(&a->tree.filter) && a->filter_text.len &&
	    !a->tree.working) {
		tree_staged(&a->tree);
		app_set_filter(a, a->filter_text.s, false);
		return;
	}
	if (tree_staged(&a->tree)) {
		groups_staged(&a->origins, &a->tree);
		groups_staged(&a->types, &a->tree);
		groups_staged(&a->facets, &a->tree);
		return;
	}
	a->origins.fresh = a->types.fresh = a->facets.fresh = false;
	if (n != UINT32_MAX)
		l->cursor = tree_row_of(&a->tree, n);
}

/* --- lists ------------------------------------------------------------------------ */

struct list *
app_list(struct app *a)
{
	return a->in_facets && a->screen == SCREEN_FILES ? &a->facet_list
							 : &a->list[a->screen];
}

struct groups *
app_groups(struct app *a)
{
	if (a->screen == SCREEN_FILES)
		return a->in_facets ? &a->facets : NULL;
	return a->screen == SCREEN_ORIGINS ? &a->origins
	       : a->screen == SCREEN_TYPES ? &a->types
					   : NULL;
}

enum where
app_where(const struct app *a)
{
	static const enum where where[SCREEN_COUNT] = {
		[SCREEN_FILES] = IN_FILES,	   [SCREEN_ORIGINS] = IN_GROUPS,
		[SCREEN_TYPES] = IN_GROUPS,	   [SCREEN_MISSING] = IN_MISSING,
		[SCREEN_PROCESSES] = IN_PROCESSES, [SCREEN_CHANGES] = IN_CHANGES,
	};

	return a->screen == SCREEN_FILES && a->in_facets ? IN_GROUPS : where[a->screen];
}

size_t
app_rows(const struct app *a)
{
	switch (a->screen) {
	case SCREEN_FILES:
		return a->in_facets ? a->facets.n : a->tree.row.n;
	case SCREEN_ORIGINS:
		return a->origins.n;
	case SCREEN_TYPES:
		return a->types.n;
	case SCREEN_MISSING:
		return a->findings.row.n;
	case SCREEN_PROCESSES:
		return a->process_row.n;
	case SCREEN_CHANGES:
		return stage_groups(&a->stage);
	case SCREEN_COUNT:
		break;
	}
	return 0;
}

void
app_cursor(struct app *a, size_t row)
{
	struct list *l = app_list(a);
	size_t n = app_rows(a);

	l->cursor = n == 0 ? 0 : row < n ? row : n - 1;
}

uint32_t
app_node(const struct app *a)
{
	size_t at = a->list[a->screen].cursor;

	if (a->screen == SCREEN_FILES && !a->in_facets)
		return at < a->tree.row.n ? a->tree.row.v[at].node : UINT32_MAX;
	if (a->screen == SCREEN_ORIGINS || a->screen == SCREEN_TYPES) {
		const struct groups *g =
			a->screen == SCREEN_ORIGINS ? &a->origins : &a->types;
		struct group x = { .kind = GROUP_TITLE };

		if (at < g->n)
			x = groups_at(g, &a->tree, at);
		if (x.kind == GROUP_FILE)
			return x.id;
	}
	if (a->screen == SCREEN_MISSING && at < a->findings.row.n) {
		const char *path = a->findings.v.v[a->findings.row.v[at]].path;

		return model_find(&a->model, path, strlen(path));
	}
	return UINT32_MAX;
}

void
app_resize(struct app *a, int w, int h)
{
	canvas_resize(&a->canvas, w, h);
}

static void
on_key(struct app *a, uint32_t key)
{
	AUTO(str_fini) struct str name = STR_INIT;
	enum action x;

	str_clear(&a->message);
	a->said_before = NULL;
	if (a->box.kind) {
		app_box_key(a, key);
		return;
	}
	if (a->prompt.kind) {
		app_prompt_key(a, key);
		return;
	}
	if (a->pending) {
		app_prefix(a, key);
		return;
	}
	x = keys_action(&a->keys, key, app_where(a));
	if (x != ACTION_NONE && app_do(a, x))
		return;
	key_spell(key, &name);
	a->beep = true;
	if (x == ACTION_NONE)
		app_say(a, STYLE_WARN, "unbound key: %s (press ?)", name.s);
	else if (a->message.len == 0)
		app_say(a, STYLE_WARN, "%s: nothing to do that with here",
			key_table[x].action);
}

static void
on_click(struct app *a, int x, int y)
{
	const struct rect *r = &a->frame.list;
	struct list *l = &a->list[a->screen];

	if (a->box.kind || a->prompt.kind || x < r->x || y < r->y || y >= r->y + r->h)
		return;
	a->in_facets = false;
	app_cursor(a, l->top + (size_t)(y - r->y));
}

/* A filter that is set on another screen takes rows away from this list, too. */
static void
keep_inside(struct app *a)
{
	size_t *cursor = &a->list[SCREEN_FILES].cursor, n = a->tree.row.n;

	if (*cursor >= n)
		*cursor = n ? n - 1 : 0;
}

void
app_event(struct app *a, const struct event *ev)
{
	switch (ev->kind) {
	case EVENT_KEY:
		on_key(a, ev->key);
		break;
	case EVENT_WHEEL:
		if (!a->prompt.kind)
			for (int i = 0; i < 3; i++)
				on_key(a, ev->key);
		break;
	case EVENT_CLICK:
		on_click(a, ev->x, ev->y);
		break;
	case EVENT_READY:
		costs_take(&a->costs);
		if (a->said_before && a->message.len)
			app_say_group(a, a->said_before, a->said_group);
		if (a->box.kind == BOX_WRITE)
			app_write_box(a);
		break;
	case EVENT_IDLE:
		app_work(a);
		break;
	case EVENT_TICK:
		if (a->waiting)
			app_busy_tick(a);
		else
			app_tick(a);
		break;
	case EVENT_SIGNAL:
		a->quit = true;
		a->status = 128 + (int)ev->key;
		break;
	case EVENT_GONE:
		a->quit = true;
		a->status = 1;
		break;
	case EVENT_RESIZE:
		break;
	}
	keep_inside(a);
}

void
app_done(struct app *a, enum want what, int status)
{
	AUTO(err_fini) struct err e = ERR_INIT;

	if (what == WANT_SHELL && WIFEXITED(status) && WEXITSTATUS(status) >= EXIT_OURS &&
	    WEXITSTATUS(status) <= 127)
		app_say(a, STYLE_WARN,
			"the shell could not be started, or ended with "
			"status %d",
			WEXITSTATUS(status));
	if (what != WANT_TRY)
		return;
	a->findings_fresh = false;
	if (WIFSIGNALED(status))
		app_say(a, STYLE_WARN, "it was ended by signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status))
		app_say(a, STYLE_WARN, "it ended with status %d", WEXITSTATUS(status));
	else
		app_say(a, STYLE_GOOD, "it ran to its end, with status 0");
	if (edits_refresh(&a->stage.edits, &e) < 0)
		app_fail(a, &e);
	app_show_screen(a, SCREEN_MISSING);
}
