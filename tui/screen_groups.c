#include <inttypes.h>
#include <string.h>

#include "app.h"
#include "crop.h"
#include "inspect/text.h"

static void
draw_group_state(struct app *a, struct rect at, const struct group *x)
{
	const char *letter = !x->drops				 ? (x->adds ? "A" : " ")
			     : x->files && x->kind != GROUP_FILE ? "d"
								 : "D";

	canvas_text(&a->canvas, at.x + 1, at.y, x->drops ? STYLE_DROP : STYLE_GOOD,
		    letter);
}

static enum style
label_style(const struct group *x)
{
	if (x->drops && !x->files)
		return STYLE_DIM;
	return x->kind == GROUP_CLASS ? STYLE_DIR : STYLE_TEXT;
}

/* What is in the row's directory is said behind a file's name. */
static void
draw_label(struct app *a, struct rect at, const struct group *x)
{
	struct canvas *c = &a->canvas;
	const char *label = group_label(x, &a->model);
	size_t len = x->kind == GROUP_PACKAGE ? group_package_len(label) : strlen(label);
	AUTO(str_fini) struct str dir = STR_INIT;
	int room = at.x + at.w, x0 = at.x;

	for (unsigned i = 0; i < x->depth && x0 + FRAME_NAME < room; i++) {
		canvas_text(c, x0, at.y, STYLE_GUIDE, canvas_glyph(c, GLYPH_GUIDE));
		x0 += 2;
	}
	if (x->opens)
		canvas_text(c, x0, at.y, STYLE_GUIDE,
			    canvas_glyph(c, x->open ? GLYPH_OPEN : GLYPH_CLOSED));
	x0 = canvas_name_n(c, (struct rect){ x0 + 2, at.y, room - x0 - 2, 1 },
			   label_style(x), label, len);
	if (x->kind == GROUP_PACKAGE)
		canvas_name(c, (struct rect){ x0 + 2, at.y, room - x0 - 2, 1 }, STYLE_DIM,
			    a->model.origin.v[x->id].version);
	if (x->kind != GROUP_FILE || room - x0 < 8)
		return;
	model_path(&a->model, a->model.node[x->id].parent, &dir);
	canvas_name(c, (struct rect){ x0 + 2, at.y, room - x0 - 2, 1 }, STYLE_DIM, dir.s);
}

static void
draw_group(struct app *a, const struct groups *g, int y, const struct group *x)
{
	struct canvas *c = &a->canvas;

	for (int i = 0; i < a->frame.columns; i++) {
		const struct frame_column *k = &a->frame.column[i];
		struct rect at = { k->x, y, k->w, 1 };
		AUTO(str_fini) struct str s = STR_INIT;

		switch ((int)k->what) {
		case COLUMN_STATE:
			draw_group_state(a, at, x);
			break;
		case COLUMN_SIZE:
			if (x->bytes)
				app_size(a, x->bytes, &s);
			canvas_text_right(c, at.x + at.w, y, STYLE_TEXT, s.s);
			break;
		case COLUMN_COUNT:
			if (x->kind != GROUP_FILE)
				str_addf(&s, "%" PRIu32, x->files);
			canvas_text_right(c, at.x + at.w, y, STYLE_TEXT, s.s);
			break;
		case COLUMN_SHARE:
			app_draw_share(a, at, x->bytes, g->most);
			break;
		case COLUMN_NAME:
			draw_label(a, at, x);
			break;
		default:
			break;
		}
	}
}

void
app_draw_groups(struct app *a)
{
	struct rect r = a->frame.list;
	struct list *l = &a->list[a->screen];
	const struct groups *g = app_groups(a);
	struct group x;

	list_fit(l, g->n, r.h);
	if (l->n == 0)
		canvas_text_in(&a->canvas, (struct rect){ r.x + 2, r.y, r.w - 2, 1 },
			       STYLE_DIM, "no files");
	for (int y = 0; y < r.h && l->top + (size_t)y < l->n; y++) {
		if (l->top + (size_t)y == l->cursor)
			canvas_light(&a->canvas, (struct rect){ r.x, r.y + y, r.w, 1 });
		x = groups_at(g, &a->tree, l->top + (size_t)y);
		draw_group(a, g, r.y + y, &x);
	}
}

/* --- beside the files ------------------------------------------------------------- */

static void
draw_facet(struct app *a, struct rect at, const struct group *x)
{
	struct canvas *c = &a->canvas;
	AUTO(str_fini) struct str size = STR_INIT, files = STR_INIT;
	int x0 = at.x + 1, numbers = at.x + at.w - 13;
	const char *label = group_short_label(x, &a->model);
	bool was = a->frame.short_sizes;

	a->frame.short_sizes = true;
	if (x->bytes)
		app_size(a, x->bytes, &size);
	a->frame.short_sizes = was;
	str_addf(&files, "%" PRIu32, x->files);
	if (x->kind == GROUP_CLASS)
		canvas_text(c, x0, at.y, STYLE_GUIDE,
			    canvas_glyph(c, x->open ? GLYPH_OPEN : GLYPH_CLOSED));
	x0 += 2;
	canvas_name_n(c, (struct rect){ x0, at.y, numbers - x0, 1 }, label_style(x),
		      label,
		      x->kind == GROUP_PACKAGE ? group_package_len(label)
					       : strlen(label));
	canvas_text_right(c, at.x + at.w - 8, at.y, STYLE_DIM, files.s);
	canvas_text_right(c, at.x + at.w, at.y, STYLE_DIM, size.s);
}

static void
info_line(struct app *a, struct rect *r, enum style style, const char *label,
	  const char *value)
{
	int x;

	if (r->h <= 0 || !*value)
		return;
	x = canvas_text(&a->canvas, r->x + 1, r->y, STYLE_HEAD, label);
	x = *label ? x + 1 : x;
	canvas_name(&a->canvas, (struct rect){ x, r->y, r->x + r->w - x, 1 }, style,
		    value);
	r->y++;
	r->h--;
}

static void
draw_uses(struct app *a, struct rect *r, const struct detail *d)
{
	AUTO(str_fini) struct str s = STR_INIT;

	for (size_t i = 0; i < d->use.n && r->h > 0; i++) {
		str_clear(&s);
		app_use_words(&d->use.v[i], &s);
		info_line(a, r, STYLE_DIM, "", s.s);
	}
}

/* What is special about it, in words. */
static void
draw_state_words(struct app *a, struct rect *r, uint32_t n)
{
	AUTO(str_fini) struct str path = STR_INIT;
	struct entry x;
	char letter;

	model_path(&a->model, n, &path);
	model_entry(&a->model, n, &path, &x);
	letter = entry_letter(&x);
	if (letter != ' ')
		info_line(a, r, app_letter_style(letter), "", app_state_words(&x));
}

static void
draw_info(struct app *a)
{
	struct rect r = a->frame.info;
	uint32_t n = app_node(a);
	AUTO(str_fini) struct str s = STR_INIT;
	const struct detail *d;
	struct rect line = { r.x, r.y, r.w, 1 };

	for (int x = line.x; x < line.x + line.w; x++)
		canvas_text(&a->canvas, x, line.y, STYLE_GUIDE,
			    canvas_glyph(&a->canvas, GLYPH_HLINE));
	canvas_text(&a->canvas, a->frame.divider.x, line.y, STYLE_GUIDE,
		    canvas_glyph(&a->canvas, GLYPH_LEFT_T));
	r.y++;
	r.h--;
	r.w--;
	if (n == UINT32_MAX)
		return;
	d = app_detail(a, n);
	info_line(a, &r, STYLE_BOLD, "", n ? model_name(&a->model, n) : "/");
	info_line(a, &r, STYLE_TEXT, "link to", d->link.s);
	if (a->model.node[n].kind == 'f')
		str_addf(&s, "%" PRIu64 " bytes%s%s", a->model.node[n].size,
			 d->type.len ? " " : "", d->type.s);
	else if (a->model.node[n].kind == 'd')
		str_addf(&s, "%" PRIu32 " files below it", tree_total(&a->tree, n).files);
	info_line(a, &r, STYLE_TEXT, "", s.s);
	str_clear(&s);
	if (d->package.len)
		str_addf(&s, "%.*s %s", (int)group_package_len(d->package.s),
			 d->package.s, d->version.s);
	info_line(a, &r, STYLE_TEXT, "", s.s);
	draw_state_words(a, &r, n);
	info_line(a, &r, STYLE_TEXT, "note", d->note.s);
	draw_uses(a, &r, d);
}

void
app_draw_facets(struct app *a)
{
	struct rect r = a->frame.facets, d = a->frame.divider;
	struct canvas *c = &a->canvas;
	struct list *l = &a->facet_list;

	canvas_text(c, r.x + 1, r.y, STYLE_HEAD, "Facets");
	canvas_text_right(c, r.x + r.w - 9, r.y, STYLE_HEAD, "Files");
	canvas_text_right(c, r.x + r.w - 1, r.y, STYLE_HEAD, "Size");
	for (int y = d.y; y < d.y + d.h; y++)
		canvas_text(c, d.x, y, STYLE_GUIDE, canvas_glyph(c, GLYPH_VLINE));
	r.y++;
	r.h--;
	r.w--;
	list_fit(l, a->facets.n, r.h);
	for (int y = 0; y < r.h && l->top + (size_t)y < l->n; y++) {
		struct group x = groups_at(&a->facets, &a->tree, l->top + (size_t)y);
		struct rect at = { r.x, r.y + y, r.w, 1 };

		if (a->in_facets && l->top + (size_t)y == l->cursor)
			canvas_light(c, at);
		if (x.kind == GROUP_TITLE)
			canvas_text(c, at.x + 1, at.y, STYLE_HEAD, "Types");
		else
			draw_facet(a, at, &x);
	}
	if (a->frame.info.h)
		draw_info(a);
}
