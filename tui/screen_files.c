#include <string.h>

#include "app.h"
#include "crop.h"

enum style
app_letter_style(char letter)
{
	switch (letter) {
	case 'D':
		return STYLE_DROP;
	case 'A':
		return STYLE_GOOD;
	case '!':
	case 'u':
		return STYLE_BAD;
	case 'H':
	case 'h':
	case 'B':
	case 'b':
		return STYLE_HOST;
	case 'X':
	case 'x':
		return STYLE_HIDDEN;
	case '?':
	case 'M':
		return STYLE_WARN;
	default:
		return STYLE_DIM;
	}
}

/* part of all in eighths of 8 cells; nothing below a sixteenth. */
void
app_draw_share(struct app *a, struct rect at, uint64_t part, uint64_t all)
{
	int n = all ? (int)((double)part / (double)all * at.w + 0.5) : 0;

	for (int i = 0; i < n && i < at.w; i++)
		canvas_text(&a->canvas, at.x + i, at.y, STYLE_BAR,
			    canvas_glyph(&a->canvas, GLYPH_BAR));
}

/* A directory that is the host's, but for what of it the package has, is of both. */
static char
both_letter(const struct app *a, uint32_t n, char letter)
{
	const struct model *m = &a->model;
	uint32_t end = tree_behind(m, n), c = m->node[n].first;

	if ((letter != 'H' && letter != 'h') || m->node[n].kind != 'd')
		return letter;
	for (int most = 2000; c && c != end && most--; c = tree_after(m, c))
		if ((m->node[c].flags & ENTRY_SANDBOX) &&
		    !(m->node[c].flags & ENTRY_INHERITED))
			return letter == 'H' ? 'B' : 'b';
	return letter;
}

static void
draw_state(struct app *a, struct rect at, uint32_t n, const struct entry *x)
{
	char letter[2] = { both_letter(a, n, entry_letter(x)), 0 };

	if (a->tree.bit[n] & TREE_MARK)
		canvas_text(&a->canvas, at.x, at.y, STYLE_MARK, "*");
	canvas_text(&a->canvas, at.x + 1, at.y, app_letter_style(letter[0]), letter);
}

static void
access_text(const struct entry *x, char out[static 8])
{
	static const char letters[] = "srwxlk";
	unsigned kinds = x->access;
	int n = 0;

	if (x->flags & ENTRY_MISSING)
		out[n++] = 'n';
	if (kinds & ~(unsigned)ACCESS_STAT)
		kinds &= ~(unsigned)ACCESS_STAT; /* the others say it, too */
	for (int i = 0; i < 6; i++)
		if (kinds >> i & 1)
			out[n++] = letters[i];
	out[n] = '\0';
}

/* Is it in the package, or of some use to know the size of? */
static bool
has_size(const struct entry *x)
{
	return x->kind == 'f' && (x->state == FILE_CAPTURED || x->flags & ENTRY_ADD) &&
	       !(x->flags & ENTRY_MISSING);
}

/* What counts elsewhere (unique.h) may be of the filter before. */
static void
add_size(struct app *a, uint32_t n, uint64_t bytes, struct str *out)
{
	uint64_t less = a->column == APP_UNIQUE ? unique_less(&a->unique, n) : 0;

	app_size(a, bytes > less ? bytes - less : 0, out);
}

static void
draw_size(struct app *a, struct rect at, uint32_t n, const struct entry *x)
{
	struct node_total t = tree_total(&a->tree, n);
	AUTO(str_fini) struct str s = STR_INIT;

	if (x->kind == 'd' && a->column == APP_COUNT)
		str_addf(&s, "%u", t.files);
	else if (x->kind == 'd' && x->flags & ENTRY_DROP && tree_saved(&a->tree, n))
		app_size(a, tree_saved(&a->tree, n), &s);
	else if (x->kind == 'd' && (t.files || tree_saved(&a->tree, n)))
		add_size(a, n, t.bytes, &s);
	else if (has_size(x) && a->column != APP_COUNT)
		add_size(a, n, x->size, &s);
	canvas_text_right(&a->canvas, at.x + at.w, at.y,
			  x->flags & ENTRY_DROP ? STYLE_DIM : STYLE_TEXT, s.s);
}

static void
draw_origin(struct app *a, struct rect at, const struct entry *x)
{
	if (x->package[0])
		canvas_name_n(&a->canvas, at, STYLE_TEXT, x->package,
			      group_package_len(x->package));
	else if (x->kind != 'd' && !(x->flags & ENTRY_MISSING))
		canvas_text_in(&a->canvas, at, STYLE_DIM, origin_class_name(x->origin));
}

static void
draw_field(struct app *a, const struct frame_column *k, int y, uint32_t n,
	   const struct entry *x)
{
	struct rect at = { k->x, y, k->w, 1 };
	struct canvas *c = &a->canvas;
	char access[8];

	switch ((int)k->what) {
	case COLUMN_STATE:
		draw_state(a, at, n, x);
		break;
	case COLUMN_SIZE:
		draw_size(a, at, n, x);
		break;
	case COLUMN_SHARE:
		app_draw_share(a, at,
			       x->kind == 'd'		  ? tree_total(&a->tree, n).bytes
			       : tree_counts(&a->tree, n) ? x->size
							  : 0,
			       tree_total(&a->tree, 0).bytes);
		break;
	case COLUMN_TYPE:
		canvas_name(c, at, STYLE_DIM, x->type);
		break;
	case COLUMN_ORIGIN:
		draw_origin(a, at, x);
		break;
	case COLUMN_ACCESS:
		access_text(x, access);
		canvas_text_in(c, at, STYLE_DIM, access);
		break;
	default:
		break;
	}
}

static enum style
name_style(const struct entry *x)
{
	if (x->flags & ENTRY_DROP)
		return STYLE_DIM;
	if (x->kind == 'd')
		return STYLE_DIR;
	if (x->kind == 'l')
		return STYLE_LINK;
	return x->state == FILE_CAPTURED || (x->flags & ENTRY_ADD) ? STYLE_TEXT
								   : STYLE_DIM;
}

/* Guides of the levels above; at least 16 cells stay for the name. */
static int
draw_guides(struct app *a, struct rect at, unsigned depth)
{
	int room = at.w - FRAME_NAME, x = at.x;

	for (unsigned i = 0; i < depth && x + 2 <= at.x + room; i++) {
		canvas_text(&a->canvas, x, at.y, STYLE_GUIDE,
			    canvas_glyph(&a->canvas, GLYPH_GUIDE));
		x += 2;
	}
	return x;
}

/* "home/ana/exp" for a row that is a chain. */
static void
chain_name(const struct app *a, const struct tree_row *row, struct str *out)
{
	const struct model *m = &a->model;
	AUTO(str_fini) struct str path = STR_INIT;
	size_t at;

	model_path(m, row->node, &path);
	at = path.len;
	for (unsigned k = 0; k <= row->chain && at; k++)
		while (at && path.s[--at] != '/')
			;
	str_add(out, row->node == 0 ? "/" : path.s + at + 1);
	if (row->node && m->node[row->node].kind == 'd')
		str_addc(out, '/');
}

static void
draw_name(struct app *a, struct rect at, const struct tree_row *row,
	  const struct entry *x)
{
	struct canvas *c = &a->canvas;
	AUTO(str_fini) struct str name = STR_INIT, count = STR_INIT;
	int x0, right = at.x + at.w;

	if (a->tree.flat) {
		canvas_path(c, at, name_style(x), x->path + 1, x->len - 1);
		return;
	}
	x0 = draw_guides(a, at, row->depth);
	if (x->kind == 'd') {
		bool open = tree_is_open(&a->tree, row->node);
		uint32_t files = tree_total(&a->tree, row->node).files;

		canvas_text(c, x0, at.y, STYLE_GUIDE,
			    canvas_glyph(c, open ? GLYPH_OPEN : GLYPH_CLOSED));
		if (!open && files)
			str_addf(&count, "  %u", files);
	}
	x0 += 2;
	chain_name(a, row, &name);
	if (right - x0 - (int)count.len < 10)
		str_clear(&count);
	x0 = canvas_name_n(c, (struct rect){ x0, at.y, right - x0 - (int)count.len, 1 },
			   name_style(x), name.s, name.len);
	canvas_text(c, x0, at.y, STYLE_DIM, count.s);
}

void
app_draw_node(struct app *a, struct rect at, uint32_t n)
{
	AUTO(str_fini) struct str path = STR_INIT;
	struct entry x;

	model_path(&a->model, n, &path);
	model_entry(&a->model, n, &path, &x);
	for (int i = 0; i < a->frame.columns; i++)
		if (a->frame.column[i].what != COLUMN_NAME)
			draw_field(a, &a->frame.column[i], at.y, n, &x);
}

void
app_draw_files(struct app *a)
{
	struct rect r = a->frame.list;
	struct list *l = &a->list[SCREEN_FILES];
	const struct frame_column *name = frame_column(&a->frame, COLUMN_NAME);
	AUTO(str_fini) struct str path = STR_INIT;

	list_fit(l, a->tree.row.n, r.h);
	if (a->tree.flat && l->n == 0)
		canvas_text_in(&a->canvas, (struct rect){ r.x + 2, r.y, r.w - 2, 1 },
			       STYLE_DIM, "nothing matches the filter: F clears it");
	for (int y = 0; y < r.h && l->top + (size_t)y < l->n; y++) {
		const struct tree_row *row = &a->tree.row.v[l->top + (size_t)y];
		struct rect at = { r.x, r.y + y, r.w, 1 };
		struct entry x;

		if (l->top + (size_t)y == l->cursor && !a->in_facets)
			canvas_light(&a->canvas, at);
		app_draw_node(a, at, row->node);
		model_path(&a->model, row->node, &path);
		model_entry(&a->model, row->node, &path, &x);
		draw_name(a, (struct rect){ name->x, r.y + y, name->w, 1 }, row, &x);
	}
}
