#include "app.h"

#include <string.h>

#include "inspect/text.h"
#include "path/lex.h"

/* --- help ------------------------------------------------------------------------- */

static void
help_row(struct box *b, int x)
{
	AUTO(str_fini) struct str keys = STR_INIT;

	keys_of((enum action)x, true, &keys);
	box_addf(b, STYLE_KEY, "%s\t%s", keys.s, key_table[x].help);
}

static void
help_letters(struct box *b)
{
	static const char *const letters[] = {
		"D A\tstaged: to be dropped, to be added",
		"d\tof a group: some of it is to be dropped",
		"H h\tthe host's is seen; small: by a rule for a directory above",
		"B b\tthe package's own in it, the host's for all else",
		"X x\tneither the package's nor the host's is seen",
		"!\tasked for and not there",
		"!!! !! !\ta cause for certain; likely; perhaps",
		"?\tadded by prediction, never seen used",
		"M\tnot as its distro package brought it",
		"~\twritten by the run",
		"- u s\tonly its name; could not be read; a socket or device",
		"Acc\ts stat, r read, w write, x exec, l listed, k link, n not found",
		"S w u t\tchanges: staged, written, undone, to be taken back",
	};

	box_add(b, STYLE_BOLD, "State and access");
	for (size_t i = 0; i < ARRAY_SIZE(letters); i++)
		box_add(b, STYLE_KEY, letters[i]);
}

void
app_help(struct app *a)
{
	static const char *const screens[SCREEN_COUNT] = {
		"files", "origins", "types", "missing", "processes", "changes",
	};
	enum where here = app_where(a);

	box_open(&a->box, BOX_HELP, "Help");
	a->box.two_columns = true;
	a->box.width = 76;
	box_addf(&a->box, STYLE_BOLD, "On this screen: %s", screens[a->screen]);
	for (int x = 1; x < ACTION_COUNT; x++)
		if (key_table[x].where != ANY && (key_table[x].where & here))
			help_row(&a->box, x);
	for (int g = 0; g < KEYS_GROUPS; g++) {
		box_add(&a->box, STYLE_TEXT, "");
		box_add(&a->box, STYLE_BOLD, key_group_title((enum key_group)g));
		for (int x = 1; x < ACTION_COUNT; x++)
			if (key_table[x].where == ANY && (int)key_table[x].group == g)
				help_row(&a->box, x);
	}
	box_add(&a->box, STYLE_TEXT, "");
	help_letters(&a->box);
	box_add(&a->box, STYLE_TEXT, "");
	box_add(&a->box, STYLE_BOLD, "Filters");
	box_add(&a->box, STYLE_KEY, "word word\tparts of the path, all of them");
	box_add(&a->box, STYLE_KEY,
		"name:*.so*\ta glob on the name; path: on the path; re: regular");
	box_add(&a->box, STYLE_KEY,
		"type:elf\ttype; origin:libc*  class:user  proc:python3");
	box_add(&a->box, STYLE_KEY, "size>1M\talso <; acc:w  state:D  missing  staged");
	box_add(&a->box, STYLE_KEY, "!x  x or y\tnot; or; ( ) group");
}

/* --- path to copy, edits of before ------------------------------------------ */

/* As it is, if that can be shown; else as cde-pkg takes it. */
static void
spell(const struct str *path, bool ascii, struct str *out)
{
	size_t slashes = 0;

	text_escape_visible(out, path->s, path->len);
	for (size_t i = 0; i < path->len; i++) {
		slashes += path->s[i] == '\\';
		if (ascii && path->s[i] & 0x80)
			return;
	}
	if (out->len == path->len + slashes)
		str_setn(out, path->s, path->len);
}

void
app_spell(struct app *a)
{
	AUTO(str_fini) struct str path = STR_INIT, s = STR_INIT;
	uint32_t n = app_node(a);
	size_t at = app_list(a)->cursor;

	if (n != UINT32_MAX)
		model_path(&a->model, n, &path);
	else if (a->screen == SCREEN_MISSING && at < a->findings.row.n)
		str_set(&path, a->findings.v.v[a->findings.row.v[at]].path);
	else
		return;
	box_open(&a->box, BOX_SPELL, "Path");
	a->box.width = a->frame.w;
	a->box.bare = true;
	spell(&path, a->canvas.ascii, &s);
	box_add_cut(&a->box, &a->canvas, s.s);
}

void
app_restore_box(struct app *a)
{
	struct box *b = &a->box;
	AUTO(str_fini) struct str at = STR_INIT;

	stage_time(&a->stage, &at);
	box_open(b, BOX_RESTORE, "Edits of an earlier session");
	b->width = 60;
	b->hints = "r keep them   d discard   v look";
	box_addf(b, STYLE_TEXT, "%zu %s staged%s%s and never written.",
		 a->stage.left_over,
		 a->stage.left_over == 1 ? "group of edits was" : "groups of edits were",
		 at.len ? " at " : "", at.s);
	box_add(b, STYLE_DIM, "Nothing is lost: they are still staged.");
}

static bool
box_choice(struct app *a, uint32_t key)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	enum box_kind kind = a->box.kind;

	if (kind == BOX_BUSY)
		return app_busy_key(a, key);
	if (kind == BOX_WRITE && (key == 'y' || key == 't')) {
		box_close(&a->box);
		a->want = WANT_WRITE;
		a->want_try = key == 't';
	} else if (kind == BOX_WRITE && key == 'e') {
		box_close(&a->box);
		app_do(a, ACTION_script);
	} else if (kind == BOX_WRITE && key == 'n') {
		box_close(&a->box);
	} else if (kind == BOX_RESTORE && key == 'd') {
		box_close(&a->box);
		costs_forget(&a->costs);
		if (edits_discard(&a->stage.edits, &e) < 0)
			app_fail(a, &e);
		app_refresh(a);
	} else if (kind == BOX_RESTORE && (key == 'r' || key == 'v')) {
		box_close(&a->box);
		if (key == 'v')
			app_show_screen(a, SCREEN_CHANGES);
	} else {
		return false;
	}
	return true;
}

void
app_box_key(struct app *a, uint32_t key)
{
	enum action x = keys_action(&a->keys, key, app_where(a));
	int page = a->frame.h > 6 ? a->frame.h - 6 : 1;

	if (box_choice(a, key))
		return;
	if (x == ACTION_down)
		box_scroll(&a->box, &a->frame, 1);
	else if (x == ACTION_up)
		box_scroll(&a->box, &a->frame, -1);
	else if (x == ACTION_page_down || key == ' ')
		box_scroll(&a->box, &a->frame, page);
	else if (x == ACTION_page_up)
		box_scroll(&a->box, &a->frame, -page);
	else if (x == ACTION_home)
		a->box.top = 0;
	else if (x == ACTION_end)
		box_scroll(&a->box, &a->frame, (int)a->box.line.n);
	else if (x == ACTION_redraw)
		a->redraw = true;
	else if (x == ACTION_escape || x == ACTION_quit || x == ACTION_enter ||
		 x == ACTION_back || x == ACTION_help || x == ACTION_info ||
		 x == ACTION_why)
		box_close(&a->box);
	else if (x == ACTION_quit_now)
		box_close(&a->box), app_do(a, x);
	else
		a->beep = true;
}
