#include "app.h"

#include <stdlib.h>
#include <string.h>

#include "inspect/text.h"

/* While it is captured, cde has it. */
void
app_want_types(struct app *a)
{
	a->typing = !a->typed && !a->read_only && !a->live;
}

void
app_show_screen(struct app *a, enum screen s)
{
	a->screen = s;
	a->in_facets = false;
	if (s == SCREEN_TYPES)
		app_want_types(a);
	app_need(a);
}

void
app_goto(struct app *a, uint32_t node)
{
	if (a->tree.filtered && !(a->tree.bit[node] & TREE_SHOWN))
		app_set_filter(a, "", false);
	a->screen = SCREEN_FILES;
	a->in_facets = false;
	if (!a->tree.flat)
		tree_reveal(&a->tree, node);
	app_cursor(a, tree_row_of(&a->tree, node));
}

/* live: while it is typed; what is wrong is shown at the prompt and the old one stays. */
void
app_set_filter(struct app *a, const char *text, bool live)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	struct query q = { 0 };
	size_t column = 0;

	str_clear(&a->prompt.error);
	a->prompt.error_at = -1;
	if (query_parse(&q, text, &column, &e) < 0 ||
	    (q.need && model_need(&a->model, &a->package, q.need, &e) < 0) ||
	    (q.procs && query_bind(&q, &a->package, &e) < 0)) {
		query_fini(&q);
		if (live) {
			str_set(&a->prompt.error, e.text.s);
			a->prompt.error_at = (int)column;
		} else {
			app_fail(a, &e);
		}
		return;
	}
	if (q.types)
		app_want_types(a);
	str_set(&a->filter_text, text);
	a->unique_fresh = false;
	tree_filter(&a->tree, &q);
	a->origins.fresh = a->types.fresh = a->facets.fresh = false;
	app_cursor(a, app_list(a)->cursor);
}

static void
search(struct app *a, int by)
{
	size_t from = a->list[SCREEN_FILES].cursor;
	uint32_t n;

	if (a->find.len == 0) {
		app_say(a, STYLE_WARN, "nothing to find: / comes first");
		return;
	}
	if (a->screen != SCREEN_FILES || a->in_facets) {
		a->screen = SCREEN_FILES;
		a->in_facets = false;
	}
	n = tree_search(&a->tree, a->find.s, (uint32_t)from, by);
	if (n == UINT32_MAX)
		app_say(a, STYLE_WARN, "not found");
	else if (a->tree.row.v[tree_row_of(&a->tree, n)].node == n)
		app_cursor(a, tree_row_of(&a->tree, n));
	else
		app_goto(a, n);
}

void
app_escape(struct app *a)
{
	if (a->in_facets)
		a->in_facets = false;
	else if (a->tree.filtered || a->tree.working)
		app_set_filter(a, "", false);
	else if (a->tree.marks)
		tree_unmark_all(&a->tree);
}

void
app_quit(struct app *a, bool now)
{
	size_t left = stage_waiting(&a->stage);

	if (a->beside) {
		a->want = WANT_COMMAND;
		return;
	}
	if (left && !a->read_only && !a->quit_asked) {
		a->quit_asked = true;
		app_say(a, STYLE_WARN,
			"%zu %s not written: W writes, %s again quits and keeps them "
			"staged",
			left, left == 1 ? "change is" : "changes are", now ? "Q" : "q");
		return;
	}
	a->quit = true;
}

static bool
look(struct app *a, enum action x)
{
	uint32_t n = app_node(a);

	if (x == ACTION_flat) {
		tree_set_flat(&a->tree, !a->tree.flat);
		app_cursor(a, n == UINT32_MAX ? 0 : tree_row_of(&a->tree, n));
	} else if (x == ACTION_column) {
		app_next_column(a);
	} else if (x == ACTION_filter) {
		str_set(&a->filter_before, a->filter_text.s);
		prompt_open(&a->prompt, PROMPT_FILTER, "filter: ", a->filter_text.s);
	} else if (x == ACTION_filter_clear) {
		app_set_filter(a, "", false);
	} else if (x == ACTION_find) {
		a->screen = SCREEN_FILES;
		a->in_facets = false;
		a->find_from = a->list[SCREEN_FILES].cursor;
		a->find_node = a->tree.row.n ? app_node(a) : 0;
		prompt_open(&a->prompt, PROMPT_FIND, "/", "");
	} else if (x == ACTION_find_next || x == ACTION_find_prev) {
		search(a, x == ACTION_find_next ? 1 : -1);
	} else if (x == ACTION_sort) {
		a->pending = 's';
	} else if (x == ACTION_noise) {
		a->findings.noise = !a->findings.noise;
		finding_select(&a->findings);
		app_cursor(a, app_list(a)->cursor);
	} else if (x == ACTION_expand_all && n != UINT32_MAX) {
		tree_open_below(&a->tree, n, !tree_is_open(&a->tree, n));
	} else {
		return false;
	}
	return true;
}

static bool
look_closer(struct app *a, enum action x)
{
	uint32_t n = app_node(a);

	if (x == ACTION_info) {
		app_info(a);
	} else if (x == ACTION_why) {
		app_why(a);
	} else if (x == ACTION_spell) {
		app_spell(a);
	} else if (x == ACTION_pager && n != UINT32_MAX && a->model.node[n].kind == 'f') {
		model_path(&a->model, n, &a->want_path);
		a->want = WANT_PAGER;
	} else if (x == ACTION_extract) {
		prompt_open(&a->prompt, PROMPT_EXTRACT, "extract to directory: ", "./");
	} else {
		return false;
	}
	return true;
}

static bool
program(struct app *a, enum action x)
{
	if (x == ACTION_help)
		app_help(a);
	else if (x == ACTION_quit)
		app_quit(a, false);
	else if (x == ACTION_quit_now)
		app_quit(a, true);
	else if (x == ACTION_escape)
		app_escape(a);
	else if (x == ACTION_redraw)
		a->redraw = true;
	else if (x == ACTION_mouse)
		a->mouse = !a->mouse,
		app_say(a, STYLE_DIM, "mouse %s", a->mouse ? "on" : "off");
	else if (x == ACTION_shell)
		a->want = WANT_SHELL;
	else if (x == ACTION_try)
		a->want = WANT_TRY;
	else if (x == ACTION_write)
		app_write_box(a);
	else if (x == ACTION_command)
		prompt_open(&a->prompt, PROMPT_COMMAND, ":", "");
	else if (x == ACTION_script)
		prompt_open(&a->prompt, PROMPT_SCRIPT, "save script as: ", "edits.cde");
	else
		return false;
	return true;
}

static bool
edits(enum action x)
{
	return key_table[x].group == KEYS_EDIT;
}

/* What would do nothing is not offered, and not done. */
bool
app_can(const struct app *a, enum action x)
{
	bool staged = stage_waiting(&a->stage) > 0;

	switch ((int)x) {
	case ACTION_undo:
		return !a->read_only && stage_bar(&a->stage) > 0;
	case ACTION_redo:
		return !a->read_only && stage_groups(&a->stage) > stage_bar(&a->stage);
	case ACTION_write:
	case ACTION_script:
		return !a->read_only && staged;
	case ACTION_filter_clear:
		return a->tree.filtered || a->tree.working;
	case ACTION_sort:
		return a->screen == SCREEN_FILES;
	case ACTION_drop:
	case ACTION_add:
	case ACTION_pin:
	case ACTION_revert:
	case ACTION_note:
		return !a->read_only;
	case ACTION_add_package:
	case ACTION_fall_back:
	case ACTION_ignore:
		return !a->read_only && a->findings.row.n > 0;
	default:
		return true;
	}
}

static const char *
cannot(const struct app *a, enum action x)
{
	if (a->read_only && (edits(x) || x == ACTION_write || x == ACTION_script))
		return a->stage.reason.len ? a->stage.reason.s : "opened read-only";
	if (x == ACTION_add_package || x == ACTION_fall_back || x == ACTION_ignore)
		return "nothing is missing";
	if (x == ACTION_undo)
		return "nothing to undo";
	if (x == ACTION_redo)
		return "nothing to redo";
	if (x == ACTION_write || x == ACTION_script)
		return "nothing is staged";
	return "not here";
}

bool
app_do(struct app *a, enum action x)
{
	enum key_group g = key_table[x].group;

	if (x != ACTION_quit && x != ACTION_quit_now)
		a->quit_asked = false;
	if (!app_can(a, x)) {
		app_say(a, STYLE_WARN, "%s", cannot(a, x));
		return true;
	}
	if (x >= ACTION_screen_files && x <= ACTION_screen_changes) {
		app_show_screen(a, (enum screen)(x - ACTION_screen_files));
		return true;
	}
	if (look(a, x) || look_closer(a, x) || program(a, x))
		return true;
	if (g == KEYS_EDIT || g == KEYS_MARK || x == ACTION_ignore)
		return app_edit(a, x);
	if (g == KEYS_MOVE || g == KEYS_SCREENS) {
		app_move(a, x);
		return true;
	}
	return false;
}

static void
sort_by(struct app *a, uint32_t key)
{
	struct tree *t = &a->tree;
	uint32_t n = app_node(a);
	AUTO(err_fini) struct err e = ERR_INIT;

	for (int i = 0; i < TREE_SORT_COUNT; i++) {
		if (key != (uint32_t)tree_sorts[i].key)
			continue;
		if (i == TREE_ACCESS &&
		    model_need(&a->model, &a->package, MODEL_ACCESS, &e) < 0) {
			app_fail(a, &e);
			return;
		}
		if (i == TREE_UNIQUE)
			app_read_unique(a);
		tree_set_sort(t, (enum tree_sort)i,
			      (int)t->sort == i ? !t->down : tree_sorts[i].down);
		if (n != UINT32_MAX)
			app_cursor(a, tree_row_of(t, n));
		return;
	}
	app_say(a, STYLE_DIM, "not sorted anew");
}

void
app_prefix(struct app *a, uint32_t key)
{
	char of = a->pending;

	a->pending = 0;
	if (key == KEY_OF_ESC || key == 3)
		return;
	if (of == 's')
		sort_by(a, key);
	else
		app_pin(a, key);
}
