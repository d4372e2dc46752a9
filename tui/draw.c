/* What is around the lists: title, tabs, header, hints, message; and the frame of all. */
#include <inttypes.h>
#include <string.h>

#include "app.h"
#include "crop.h"
#include "inspect/text.h"

static const char *const screen_name[SCREEN_COUNT] = {
	[SCREEN_FILES] = "Files",	  [SCREEN_ORIGINS] = "Origins",
	[SCREEN_TYPES] = "Types",	  [SCREEN_MISSING] = "Missing",
	[SCREEN_PROCESSES] = "Processes", [SCREEN_CHANGES] = "Changes",
};

/* "3.1M" where it is narrow. */
void
app_size(const struct app *a, uint64_t bytes, struct str *out)
{
	AUTO(str_fini) struct str s = STR_INIT;
	char *blank;

	text_size(&s, bytes);
	blank = a->frame.short_sizes ? strchr(s.s, ' ') : NULL;
	if (!blank) {
		str_add(out, s.s);
		return;
	}
	str_addn(out, s.s, (size_t)(blank - s.s));
	if (blank[1] != 'B')
		str_addc(out, blank[1]);
}

static size_t
staged(const struct app *a)
{
	return stage_waiting(&a->stage);
}

static size_t
missing(const struct app *a)
{
	return a->findings.sure + a->findings.likely + a->findings.maybe;
}

/* Facts for the right end of the title, least important first. */
static void
add_facts(const struct app *a, int level, struct str *out)
{
	if (level < 1)
		str_addf(out, "  %" PRIu64 " files", a->tree.all.files_after);
	if (level < 2) {
		str_add(out, "  ");
		text_size(out, a->tree.all.bytes_after);
	}
	if (a->typing)
		str_addf(out, "  types %" PRIu64 "/%" PRIu64, a->types_seen,
			 a->types_all);
	if (a->tree.working)
		str_addf(out, "  filter %u%%",
			 100 * a->tree.walked / (a->model.n ? a->model.n : 1));
	if (level < 3 && a->findings.sure + a->findings.likely)
		str_addf(out, "  %zu missing", a->findings.sure + a->findings.likely);
	if (staged(a))
		str_addf(out, level < 4 ? "  %zu staged" : " %zu*", staged(a));
	if (a->live)
		str_add(out, level < 4 ? "  capturing" : " ..");
	if (a->read_only)
		str_add(out, level < 4 ? "  read-only" : " ro");
}

static void
draw_title(struct app *a)
{
	struct canvas *c = &a->canvas;
	struct rect r = a->frame.title;
	AUTO(str_fini) struct str facts = STR_INIT, where = STR_INIT;
	int x, right;

	canvas_fill(c, r, STYLE_TITLE_TEXT);
	for (int level = 0; level < 5; level++) {
		str_clear(&facts);
		add_facts(a, level, &facts);
		if ((int)facts.len + 16 <= r.w)
			break;
	}
	right = r.x + r.w - (int)facts.len - 1;
	canvas_text(c, right, r.y, STYLE_TITLE_TEXT, facts.s);
	x = r.x + 1;
	if (!a->frame.tabs.h && a->screen != SCREEN_FILES) {
		str_addf(&where, "%d %s", (int)a->screen + 1, screen_name[a->screen]);
		x = canvas_text(c, x, r.y, STYLE_TITLE, where.s) + 1;
	}
	x = canvas_name(c, (struct rect){ x, r.y, right - x, 1 }, STYLE_TITLE, a->title);
	if (a->run.n && a->run.v[a->run.n - 1].argv && right - x > 8) {
		x = canvas_text(c, x, r.y, STYLE_TITLE_TEXT, "  ");
		canvas_name(c, (struct rect){ x, r.y, right - x - 1, 1 },
			    STYLE_TITLE_TEXT, a->run.v[a->run.n - 1].argv);
	}
}

static void
tab_text(const struct app *a, int i, bool name, struct str *out)
{
	str_addf(out, "%d", i + 1);
	if (name)
		str_addf(out, " %s", screen_name[i]);
	if (i == SCREEN_MISSING && missing(a))
		str_addf(out, ":%zu", missing(a));
	if (i == SCREEN_CHANGES && staged(a))
		str_addf(out, ":%zu", staged(a));
}

static void
draw_tabs(struct app *a)
{
	struct canvas *c = &a->canvas;
	struct rect r = a->frame.tabs;
	AUTO(str_fini) struct str s = STR_INIT;
	int width = 10, x = r.x + 1;
	bool names;

	for (int i = 0; i < SCREEN_COUNT; i++) {
		str_clear(&s);
		tab_text(a, i, true, &s);
		width += (int)s.len + 2;
	}
	names = width <= r.w;
	for (int i = 0; i < SCREEN_COUNT; i++) {
		bool on = (int)a->screen == i;

		str_clear(&s);
		tab_text(a, i, names || on, &s);
		x = canvas_text(c, x, r.y, on ? STYLE_TAB_ON : STYLE_TAB, s.s);
		x = canvas_text(c, x, r.y, STYLE_TAB, "  ");
	}
	if (x + 7 <= r.x + r.w) {
		canvas_text_right(c, r.x + r.w - 1, r.y, STYLE_DIM, "help");
		canvas_text_right(c, r.x + r.w - 6, r.y, STYLE_KEY, "?");
	}
}

static const char *
name_title(const struct app *a)
{
	switch (a->screen) {
	case SCREEN_FILES:
		return a->tree.flat ? "Path" : "Name";
	case SCREEN_ORIGINS:
		return "Origin";
	case SCREEN_TYPES:
		return "Type";
	case SCREEN_MISSING:
		return "Path";
	case SCREEN_PROCESSES:
		return "Command";
	case SCREEN_CHANGES:
		return "Change";
	case SCREEN_COUNT:
		break;
	}
	return "";
}

static bool
is_right(enum column what)
{
	return what == COLUMN_SIZE || what == COLUMN_COUNT || what == COLUMN_TIMES ||
	       what == COLUMN_PID || what == COLUMN_EFFECT || what == COLUMN_NUMBER;
}

/* "size v  tree" at the end, and the sorted column lit. */
static void
draw_order(struct app *a, int from)
{
	const struct rect *r = &a->frame.header;
	const struct tree *t = &a->tree;
	AUTO(str_fini) struct str s = STR_INIT;

	str_addf(&s, "%s %s  %s", tree_sorts[t->sort].word,
		 a->canvas.ascii ? (t->down ? "v" : "^") : (t->down ? "↓" : "↑"),
		 t->flat ? "flat" : "tree");
	if (from + canvas_width(&a->canvas, s.s) + 2 < r->x + r->w)
		canvas_text_right(&a->canvas, r->x + r->w - 1, r->y, STYLE_DIM, s.s);
}

static bool
is_sorted(const struct tree *t, enum column what)
{
	switch (t->sort) {
	case TREE_SIZE:
	case TREE_UNIQUE:
		return what == COLUMN_SIZE;
	case TREE_TYPE:
		return what == COLUMN_TYPE;
	case TREE_ORIGIN:
		return what == COLUMN_ORIGIN;
	case TREE_ACCESS:
		return what == COLUMN_ACCESS;
	case TREE_NAME:
	case TREE_PATH:
		return what == COLUMN_NAME;
	case TREE_COUNT:
	case TREE_RECENT:
	case TREE_SORT_COUNT:
		break;
	}
	return false;
}

static void
draw_header(struct app *a)
{
	struct canvas *c = &a->canvas;
	const struct frame *f = &a->frame;
	int x = f->header.x;

	for (int i = 0; i < f->columns; i++) {
		const struct frame_column *k = &f->column[i];
		const char *title = frame_column_title(k->what);
		enum style style =
			a->screen == SCREEN_FILES && is_sorted(&a->tree, k->what)
				? STYLE_HEAD_ON
				: STYLE_HEAD;

		if (k->what == COLUMN_NAME)
			title = name_title(a);
		if (k->what == COLUMN_SIZE && a->column != APP_SIZE &&
		    a->screen == SCREEN_FILES)
			title = a->column == APP_UNIQUE ? "Unique" : "Files";
		if (is_right(k->what))
			canvas_text_right(c, k->x + k->w, f->header.y, style, title);
		else
			x = canvas_text_in(c, (struct rect){ k->x, f->header.y, k->w, 1 },
					   style, title);
	}
	if (a->screen == SCREEN_FILES)
		draw_order(a, x);
}

/* --- hints ------------------------------------------------------------------------ */

/* As many words as there is room for: single letters are keys. */
static void
draw_pending(struct app *a)
{
	static const char *const sort[] = {
		("sort: n name s size u unique t type o origin a access c count p path r "
		 "recent"),
		"sort: n s u t o a c p r",
		"n s u t o a c p r",
	};
	static const char *const pin[] = {
		("pin to: h host  p package  b both  x hidden  n normal if missing  "
		 "r as above it"),
		"pin: h host p pkg b both x hide n r",
		"pin: h p b x n r",
	};
	struct rect r = a->frame.hints.h ? a->frame.hints : a->frame.message;
	const char *const *text = a->pending == 's' ? sort : pin;
	const char *word = NULL; /* where the present one begins */
	int x = r.x + 1, i = 0;

	canvas_fill(&a->canvas, r, STYLE_TEXT);
	while (i < 2 && (int)strlen(text[i]) >= r.w)
		i++;
	for (const char *s = text[i]; *s; s++) {
		if (*s == ' ' || s == text[i])
			word = *s == ' ' ? s + 1 : s;
		x = canvas_put(&a->canvas, x, r.y,
			       word == s && (s[1] == ' ' || !s[1]) ? STYLE_KEY
								   : STYLE_DIM,
			       s, 1);
	}
}

static int
hint_width(int x, int gap)
{
	AUTO(str_fini) struct str k = STR_INIT;

	keys_of((enum action)x, false, &k);
	return (int)k.len + 1 + (int)strlen(key_table[x].hint) + gap;
}

/* A try is the next step only where something was found missing, or mended. */
static bool
is_hint(const struct app *a, int x)
{
	if (x == ACTION_try && a->screen != SCREEN_MISSING && a->screen != SCREEN_CHANGES)
		return false;
	return key_table[x].hint[0] && (key_table[x].where & app_where(a)) &&
	       app_can(a, (enum action)x);
}

static void
draw_hints(struct app *a)
{
	struct rect r = a->frame.hints;
	int x = r.x + 1, end = r.x + r.w, all = 0, gap, last = hint_width(ACTION_quit, 0);

	for (int i = 1; i < ACTION_COUNT; i++)
		all += is_hint(a, i) ? hint_width(i, 0) + 1 : 0;
	for (gap = 1; gap < 3; gap++)
		for (int i = 1; i < ACTION_COUNT; i++)
			all += is_hint(a, i);
	gap = all <= r.w ? 3 : 1;
	if (gap == 1) {
		all = 0;
		for (int i = 1; i < ACTION_COUNT; i++)
			all += is_hint(a, i) ? hint_width(i, 2) : 0;
		gap = all <= r.w ? 2 : 1;
	}
	for (int i = 1; i < ACTION_COUNT; i++) {
		AUTO(str_fini) struct str k = STR_INIT;

		if (!is_hint(a, i) ||
		    (i != ACTION_quit && x + hint_width(i, gap) + last >= end))
			continue;
		keys_of((enum action)i, false, &k);
		x = canvas_text(&a->canvas, x, r.y, STYLE_KEY, k.s);
		x = canvas_text(&a->canvas, x + 1, r.y, STYLE_DIM, key_table[i].hint) +
		    gap;
	}
}

/* --- message ---------------------------------------------------------------------- */

/* "read by 2363 python3.11 and 2 more": who used it first, and how. */
static void
add_use(struct app *a, uint32_t n, struct str *out)
{
	const struct detail *d = app_detail(a, n);

	if (d->use.n == 0)
		return;
	str_add(out, "  ");
	app_use_words(&d->use.v[0], out);
	if (d->use.n > 1)
		str_addf(out, " and %zu more", d->use.n - 1);
}

static void
draw_process_path(struct app *a, struct rect r)
{
	size_t at = a->list[SCREEN_PROCESSES].cursor;
	const struct process *p = at < a->process_row.n ? a->process_row.v[at].p : NULL;
	int x;

	if (!p || !p->exe)
		return;
	x = canvas_name(&a->canvas, r, STYLE_DIM, p->exe) + 2;
	canvas_text_in(&a->canvas, (struct rect){ x, r.y, r.x + r.w - x, 1 }, STYLE_HEAD,
		       "Enter shows what it used");
}

/* Nothing to say: what the row under the cursor is. */
static void
draw_row_path(struct app *a, struct rect r)
{
	AUTO(str_fini) struct str path = STR_INIT, s = STR_INIT, use = STR_INIT;
	uint32_t n = app_node(a);
	int x = r.x, end = r.x + r.w;

	if (a->tree.marks) {
		str_addf(&s, "%u marked, ", a->tree.marks);
		app_size(a, tree_marked_bytes(&a->tree), &s);
		x = canvas_text(&a->canvas, x, r.y, STYLE_MARK, s.s) + 2;
	}
	if (a->tree.filtered && r.w < 40) {
		x = canvas_text(&a->canvas, x, r.y, STYLE_HEAD_ON, "f") + 1;
	} else if (a->tree.filtered) {
		AUTO(crop_fini) struct crop f = CROP_INIT;

		crop_typed(&f, a->filter_text.s, a->filter_text.len, a->canvas.ascii);
		x = canvas_text(&a->canvas, x, r.y, STYLE_HEAD, "filter ");
		x = crop_draw(&f, &a->canvas, (struct rect){ x, r.y, r.w / 3, 1 },
			      STYLE_HEAD_ON);
		x += 2;
	}
	if (a->screen == SCREEN_PROCESSES)
		draw_process_path(a, (struct rect){ x, r.y, end - x, 1 });
	if (n == UINT32_MAX)
		return;
	model_path(&a->model, n, &path);
	x = canvas_name_n(&a->canvas, (struct rect){ x, r.y, end - x, 1 }, STYLE_DIM,
			  path.s, path.len);
	if (!a->frame.info.h && end - x > 20)
		add_use(a, n, &use);
	canvas_text_in(&a->canvas, (struct rect){ x, r.y, end - x, 1 }, STYLE_HEAD,
		       use.s);
}

void
app_draw_message(struct app *a)
{
	struct rect r = a->frame.message;

	canvas_fill(&a->canvas, r, STYLE_TEXT);
	r.x++;
	r.w--;
	if (a->long_text.len)
		canvas_text_in(&a->canvas, r, STYLE_DIM, a->long_text.s);
	else if (a->message.len)
		canvas_text_in(&a->canvas, r, a->message_style, a->message.s);
	else
		draw_row_path(a, r);
}

static void
draw_prompt(struct app *a)
{
	struct rect r = a->frame.message, above = a->frame.hints;
	AUTO(str_fini) struct str s = STR_INIT;

	r.x++;
	r.w--;
	prompt_draw(&a->prompt, &a->canvas, r);
	if (!above.h)
		return;
	canvas_fill(&a->canvas, above, STYLE_TEXT);
	above.x++;
	above.w--;
	if (a->prompt.error.len) {
		text_escape(&s, a->prompt.error.s, a->prompt.error.len);
		if (a->prompt.error_at >= 0) {
			int x = r.x + canvas_width(&a->canvas, a->prompt.label) +
				a->prompt.error_at;

			x = canvas_text(&a->canvas, x, above.y, STYLE_BAD,
					a->canvas.ascii ? "v " : "↓ ");
			above.w -= x - above.x;
			above.x = x;
		}
		canvas_text_in(&a->canvas, above, STYLE_BAD, s.s);
	} else if (a->prompt.kind == PROMPT_FILTER) {
		if (a->tree.filtered) {
			str_addf(&s, "%u match, ", a->tree.hits);
			app_size(a, tree_total(&a->tree, 0).bytes, &s);
			str_add(&s, "   ");
		}
		str_add(&s, "Enter keeps");
		if (above.w >= 60)
			str_add(&s, "   Esc as before");
		if (above.w >= 76)
			str_add(&s, "   e.g. type:elf size>1M !libc");
		canvas_text_in(&a->canvas, above, STYLE_DIM, s.s);
	} else {
		canvas_text_in(&a->canvas, above, STYLE_DIM,
			       a->prompt.kind == PROMPT_ADD ||
					       a->prompt.kind == PROMPT_EXTRACT
				       ? "Enter   Tab completes   Esc leaves"
				       : "Enter   Esc leaves");
	}
}

/* --- all -------------------------------------------------------------------------- */

static void
draw_list(struct app *a)
{
	switch (a->screen) {
	case SCREEN_FILES:
		app_draw_files(a);
		if (a->frame.facets.w)
			app_draw_facets(a);
		break;
	case SCREEN_ORIGINS:
	case SCREEN_TYPES:
		app_draw_groups(a);
		break;
	case SCREEN_MISSING:
		app_draw_missing(a);
		break;
	case SCREEN_PROCESSES:
		app_draw_processes(a);
		break;
	case SCREEN_CHANGES:
		app_draw_changes(a);
		break;
	case SCREEN_COUNT:
		break;
	}
}

void
app_draw(struct app *a)
{
	struct canvas *c = &a->canvas;

	canvas_clear(c);
	frame_of(&a->frame, c->w, c->h, a->screen, a->hidden_columns);
	if (a->frame.small) {
		canvas_text(c, 0, 0, STYLE_TEXT, "small");
		return;
	}
	if (!a->frame.facets.w)
		a->in_facets = false;
	app_need(a);
	draw_title(a);
	if (a->frame.tabs.h)
		draw_tabs(a);
	if (a->frame.header.h)
		draw_header(a);
	draw_list(a);
	if (a->frame.hints.h)
		draw_hints(a);
	if (a->prompt.kind)
		draw_prompt(a);
	else
		app_draw_message(a);
	if (a->pending)
		draw_pending(a);
	if (a->box.kind)
		box_draw(&a->box, c, &a->frame);
}
