#include "app.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"

static void
save_script(struct app *a, const char *name)
{
	AUTO(str_fini) struct str s = STR_INIT;
	AUTO(err_fini) struct err e = ERR_INIT;

	stage_script(&a->stage, &s);
	if (fs_replace(AT_FDCWD, name, s.s, s.len, 0644, &e) < 0)
		app_fail(a, &e);
	else
		app_say(a, STYLE_GOOD, "saved; cde-pkg edit --script FILE does the same");
}

/* Below dir, with the names that they have in the package. */
static void
extract(struct app *a, const char *dir)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	app_nodes nodes = { 0 };
	size_t done = 0;

	app_targets(a, &nodes);
	if (app_extract(a, nodes.v, nodes.n, dir, &done, &e) < 0)
		app_fail(a, &e);
	else
		app_say(a, STYLE_GOOD, "%zu %s to %s", done, done == 1 ? "file" : "files",
			dir);
	vec_fini(&nodes);
}

static void
find_typed(struct app *a, const char *text)
{
	uint32_t n;

	str_set(&a->find, text);
	if (!*text)
		return;
	a->screen = SCREEN_FILES;
	a->in_facets = false;
	n = tree_search(&a->tree, text, (uint32_t)(a->find_from + a->tree.row.n - 1), 1);
	if (n == UINT32_MAX) {
		str_set(&a->prompt.error, "not found");
		return;
	}
	str_clear(&a->prompt.error);
	if (a->tree.row.v[tree_row_of(&a->tree, n)].node == n)
		app_cursor(a, tree_row_of(&a->tree, n));
	else
		app_goto(a, n);
}

/* Enter. */
static void
finish(struct app *a)
{
	AUTO(str_fini) struct str text = STR_INIT;
	enum prompt_kind kind = a->prompt.kind;

	str_set(&text, a->prompt.text.s);
	if (kind == PROMPT_FILTER && a->prompt.error.len)
		return; /* to be mended first */
	prompt_close(&a->prompt);
	if (kind == PROMPT_ADD)
		app_add_typed(a, text.s);
	else if (kind == PROMPT_EXTRACT)
		extract(a, text.s);
	else if (kind == PROMPT_NOTE)
		app_note_typed(a, text.s);
	else if (kind == PROMPT_MARK || kind == PROMPT_UNMARK)
		app_mark_typed(a, text.s, kind == PROMPT_MARK);
	else if (kind == PROMPT_COMMAND)
		app_command(a, text.s);
	else if (kind == PROMPT_SCRIPT && text.len)
		save_script(a, text.s);
}

static void
cancel(struct app *a)
{
	if (a->prompt.kind == PROMPT_FILTER)
		app_set_filter(a, a->filter_before.s, false);
	if (a->prompt.kind == PROMPT_FIND)
		app_cursor(a, tree_row_of(&a->tree, a->find_node));
	prompt_close(&a->prompt);
}

static bool
is_path(enum prompt_kind k)
{
	return k == PROMPT_ADD || k == PROMPT_EXTRACT || k == PROMPT_SCRIPT;
}

void
app_prompt_key(struct app *a, uint32_t key)
{
	if (key == KEY_OF_ESC || key == 3) {
		cancel(a);
	} else if (key == KEY_OF_ENTER) {
		finish(a);
	} else if (key == KEY_OF_TAB && is_path(a->prompt.kind)) {
		prompt_complete(&a->prompt);
	} else if (key == KEY_OF_BACKSPACE && a->prompt.text.len == 0) {
		cancel(a);
	} else if (prompt_key(&a->prompt, key)) {
		if (a->prompt.kind == PROMPT_FILTER)
			app_set_filter(a, a->prompt.text.s, true);
		else if (a->prompt.kind == PROMPT_FIND)
			find_typed(a, a->prompt.text.s);
	} else {
		a->beep = true;
	}
}
