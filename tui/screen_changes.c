#include <inttypes.h>
#include <string.h>

#include "app.h"
#include "crop.h"
#include "inspect/text.h"

/* "−3.1 MiB" */
static void
effect_text(const struct app *a, int64_t bytes, struct str *out)
{
	if (bytes == 0)
		return;
	str_add(out, bytes < 0 ? canvas_glyph(&a->canvas, GLYPH_MINUS) : "+");
	app_size(a, (uint64_t)(bytes < 0 ? -bytes : bytes), out);
}

static const char *
group_state(const struct edit_group *g)
{
	if (g->done)
		return g->written ? "w" : "S";
	return g->written ? "t" : "u"; /* taken back after a write; undone */
}

/* What it does, and what became of it or what is risky about it. */
static void
draw_title(struct app *a, struct rect at, const struct edit_group *g,
	   const struct cost_known *cost)
{
	AUTO(str_fini) struct str s = STR_INIT;
	enum style style = !g->done || g->written ? STYLE_DIM : STYLE_TEXT;
	const char *more = g->done	? (g->written ? "(written)"
					   : cost     ? cost->risk
						      : "")
			   : g->written ? "(to be taken back)"
					: "(undone: C-r)";
	int end = at.x + at.w, x;

	edit_group_title(g, &s);
	x = canvas_name(&a->canvas, at, style, s.s) + 2;
	if (x + 8 < end)
		canvas_name(&a->canvas, (struct rect){ x, at.y, end - x, 1 },
			    g->done && !g->written ? STYLE_WARN : STYLE_DIM, more);
}

static void
draw_change(struct app *a, int y, size_t i)
{
	const struct edit_group *g = &a->stage.edits.group.v[i];
	enum style style = !g->done || g->written ? STYLE_DIM : STYLE_TEXT;
	struct canvas *c = &a->canvas;
	const struct cost_known *cost = costs_group(&a->costs, i);

	for (int k = 0; k < a->frame.columns; k++) {
		const struct frame_column *f = &a->frame.column[k];
		struct rect at = { f->x, y, f->w, 1 };
		AUTO(str_fini) struct str s = STR_INIT;

		switch ((int)f->what) {
		case COLUMN_STATE:
			canvas_text(c, at.x + 1, y,
				    g->done && !g->written ? STYLE_GOOD : STYLE_DIM,
				    group_state(g));
			break;
		case COLUMN_NUMBER:
			str_addf(&s, "%zu", i + 1);
			canvas_text_right(c, at.x + at.w, y, style, s.s);
			break;
		case COLUMN_EFFECT:
			if (cost)
				effect_text(a, cost->bytes, &s);
			else
				str_add(&s, canvas_glyph(&a->canvas, GLYPH_ELLIPSIS));
			canvas_text_right(c, at.x + at.w, y, style, s.s);
			break;
		case COLUMN_NAME:
			draw_title(a, at, g, cost);
			break;
		default:
			break;
		}
	}
}

/* The commands of the group under the cursor, and its risk. */
static void
draw_commands(struct app *a, size_t i)
{
	struct rect r = a->frame.detail;
	AUTO(str_fini) struct str s = STR_INIT;
	const struct cost_known *cost = costs_group(&a->costs, i);
	const char *risk = cost ? cost->risk : "looking at each of them";
	int y = r.y + 1;

	for (int x = r.x; x < r.x + r.w; x++)
		canvas_text(&a->canvas, x, r.y, STYLE_GUIDE,
			    canvas_glyph(&a->canvas, GLYPH_HLINE));
	if (*risk) {
		int x = canvas_text(&a->canvas, r.x + 1, y, STYLE_WARN, "risk ");

		canvas_name(&a->canvas, (struct rect){ x, y, r.x + r.w - x, 1 },
			    STYLE_WARN, risk);
		y++;
	}
	edit_group_script(&a->stage.edits.group.v[i], 0, (size_t)r.h, &s);
	for (const char *at = s.s; *at && y < r.y + r.h;) {
		size_t n = strcspn(at, "\n");

		if (n && strncmp(at, "group", 5) != 0 && at[0] != '#') {
			AUTO(str_fini) struct str line = STR_INIT;

			str_setn(&line, at, n);
			canvas_text_in(&a->canvas,
				       (struct rect){ r.x + 1, y, r.w - 1, 1 },
				       STYLE_TEXT, line.s);
			y++;
		}
		at += n + (at[n] == '\n');
	}
}

/* A line between what is in effect and what was undone. */
static void
draw_bar(struct app *a, int y)
{
	struct rect r = a->frame.list;

	for (int x = r.x + 1; x < r.x + r.w - 1; x++)
		canvas_text(&a->canvas, x, y, STYLE_GUIDE,
			    canvas_glyph(&a->canvas, GLYPH_HLINE));
	canvas_text_in(&a->canvas, (struct rect){ r.x + 3, y, r.w - 3, 1 }, STYLE_DIM,
		       " undone ");
}

void
app_draw_changes(struct app *a)
{
	struct rect r = a->frame.list;
	struct list *l = &a->list[SCREEN_CHANGES];
	size_t bar = stage_bar(&a->stage), n = stage_groups(&a->stage);
	int y = 0, side = r.w < 28 ? 0 : 2;

	list_fit(l, n, r.h > 1 && bar < n ? r.h - 1 : r.h);
	if (n == 0) {
		canvas_text_in(&a->canvas,
			       (struct rect){ r.x + side, r.y + 1, r.w - side, 1 },
			       STYLE_DIM, "Nothing was changed.");
		canvas_text_in(&a->canvas, (struct rect){ r.x + 2, r.y + 3, r.w - 2, 1 },
			       STYLE_DIM,
			       "What you drop, add or pin is listed here, and nothing is "
			       "written before W.");
		return;
	}
	for (size_t i = l->top; i < n && y < r.h; i++, y++) {
		if (i == bar && r.h > 1)
			draw_bar(a, r.y + y++);
		if (y >= r.h)
			break;
		if (i == l->cursor)
			canvas_light(&a->canvas, (struct rect){ r.x, r.y + y, r.w, 1 });
		draw_change(a, r.y + y, i);
	}
	if (a->frame.detail.h)
		draw_commands(a, l->cursor);
}
