#include <inttypes.h>
#include <string.h>

#include "app.h"
#include "crop.h"
#include "path/lex.h"

static enum style
severity_style(enum severity s)
{
	return s == SEVERITY_SURE     ? STYLE_BAD
	       : s == SEVERITY_LIKELY ? STYLE_WARN
	       : s == SEVERITY_MAYBE  ? STYLE_TEXT
				      : STYLE_DIM;
}

/* By a rule for the path or a directory above. */
static char
ruled_letter(const struct app *a, const char *path)
{
	AUTO(str_fini) struct str at = STR_INIT;
	uint32_t n;
	unsigned flags;

	str_set(&at, path);
	while ((n = model_find(&a->model, at.s, at.len)) == UINT32_MAX && at.len > 1)
		path_to_parent(&at);
	if (n == UINT32_MAX)
		return ' ';
	flags = a->model.node[n].flags;
	if (strcmp(at.s, path) != 0)
		flags |= ENTRY_INHERITED;
	return flags & ENTRY_HOST     ? (flags & ENTRY_INHERITED ? 'h' : 'H')
	       : flags & ENTRY_HIDDEN ? (flags & ENTRY_INHERITED ? 'x' : 'X')
				      : ' ';
}

/* What is staged for it already. */
static char
staged_letter(struct app *a, const struct finding *f)
{
	unsigned flags = a->stage.open ? edits_at(&a->stage.edits, f->path) : 0;

	if (flags & ENTRY_ADD)
		return 'A';
	if (f->ignored)
		return 'N';
	if (flags & ENTRY_PIN)
		return flags & ENTRY_HOST ? 'H' : flags & ENTRY_HIDDEN ? 'X' : ' ';
	return flags & ENTRY_DROP ? 'D' : ruled_letter(a, f->path);
}

static void
draw_places(struct app *a, struct rect at, const struct finding *f)
{
	AUTO(str_fini) struct str s = STR_INIT;
	int x;

	if (f->tried.n > 1)
		str_addf(&s, "  (%zu places)", f->tried.n);
	if (at.w < FRAME_NAME + (int)s.len)
		str_clear(&s);
	x = canvas_name(&a->canvas, (struct rect){ at.x, at.y, at.w - (int)s.len, 1 },
			finding_severity(f) == SEVERITY_NORMAL ? STYLE_DIM : STYLE_TEXT,
			f->tried.n > 1 ? path_base(f->path) : f->path);
	canvas_text(&a->canvas, x, at.y, STYLE_DIM, s.s);
}

static void
draw_finding(struct app *a, int y, const struct finding *f)
{
	struct canvas *c = &a->canvas;
	char letter[2] = { staged_letter(a, f), 0 };

	for (int i = 0; i < a->frame.columns; i++) {
		const struct frame_column *k = &a->frame.column[i];
		struct rect at = { k->x, y, k->w, 1 };
		AUTO(str_fini) struct str s = STR_INIT;

		switch ((int)k->what) {
		case COLUMN_STATE:
			canvas_text(c, at.x + 1, y, app_letter_style(letter[0]), letter);
			break;
		case COLUMN_SEVERITY:
			canvas_text(c, at.x, y, severity_style(finding_severity(f)),
				    finding_mark(finding_severity(f)));
			break;
		case COLUMN_TIMES:
			str_addf(&s, "%" PRId64, f->times);
			canvas_text_right(c, at.x + at.w, y, STYLE_TEXT, s.s);
			break;
		case COLUMN_CALL:
			canvas_name(c, at, STYLE_DIM, f->call);
			break;
		case COLUMN_ASKED:
			canvas_name(c, at, STYLE_TEXT,
				    *f->program ? path_base(f->program) : "-");
			break;
		case COLUMN_HOST:
			canvas_text(c, at.x, y, f->host ? STYLE_GOOD : STYLE_DIM,
				    f->host ? "yes" : "no");
			break;
		case COLUMN_NAME:
			draw_places(a, at, f);
			break;
		default:
			break;
		}
	}
}

static int
label_end(struct app *a, struct rect r, int y, const char *label)
{
	int x = canvas_text(&a->canvas, r.x + 1, y, STYLE_HEAD, label);

	return x < r.x + 14 ? r.x + 14 : x + 1;
}

static int
detail_line(struct app *a, struct rect r, int y, const char *label, const char *text)
{
	int x;

	if (y >= r.y + r.h || !*text)
		return y;
	x = label_end(a, r, y, label);
	canvas_name(&a->canvas, (struct rect){ x, y, r.x + r.w - x, 1 }, STYLE_TEXT,
		    text);
	return y + 1;
}

/* Directories, as many as two lines hold. */
static int
tried_lines(struct app *a, struct rect r, int y, const struct finding *f)
{
	int x0 = r.x + 14, x = x0, last = y + 1;
	size_t i;

	if (f->tried.n < 2 || y >= r.y + r.h)
		return y;
	label_end(a, r, y, "looked in");
	for (i = 0; i < f->tried.n; i++) {
		AUTO(str_fini) struct str dir = STR_INIT;
		AUTO(crop_fini) struct crop name = CROP_INIT;

		str_set(&dir, f->tried.v[i]);
		path_to_parent(&dir);
		crop_name(&name, dir.s, dir.len, a->canvas.ascii);
		if (x > x0 && x + name.width + (y == last ? 12 : 1) > r.x + r.w) {
			if (y == last)
				break;
			y++;
			x = x0;
		}
		x = crop_draw(&name, &a->canvas, (struct rect){ x, y, r.x + r.w - x, 1 },
			      STYLE_TEXT);
		x = canvas_text(&a->canvas, x, y, STYLE_DIM,
				i + 1 < f->tried.n ? ", " : "");
	}
	if (i < f->tried.n)
		canvas_textf(&a->canvas, x, y, STYLE_DIM, "and %zu more", f->tried.n - i);
	return y + 1;
}

/* The line above the detail says what is not shown. */
static void
draw_rule(struct app *a, struct rect r)
{
	AUTO(str_fini) struct str s = STR_INIT;

	for (int x = r.x; x < r.x + r.w; x++)
		canvas_text(&a->canvas, x, r.y, STYLE_GUIDE,
			    canvas_glyph(&a->canvas, GLYPH_HLINE));
	if (!a->findings.normal)
		return;
	str_addf(&s, " %zu normal %s (z) ", a->findings.normal,
		 a->findings.noise	  ? "with them"
		 : a->findings.normal > 1 ? "probes hidden"
					  : "probe hidden");
	canvas_text_right(&a->canvas, r.x + r.w - 2, r.y, STYLE_DIM, s.s);
}

static void
draw_detail(struct app *a, const struct finding *f)
{
	struct rect r = a->frame.detail;
	AUTO(str_fini) struct str why = STR_INIT;
	int y = r.y + 1;

	draw_rule(a, r);
	y = detail_line(a, r, y, "missing", f->path);
	y = detail_line(a, r, y, "asked by", f->program);
	y = tried_lines(a, r, y, f);
	str_addf(&why, "%s %s: %s%s", finding_mark(finding_severity(f)),
		 finding_word(finding_severity(f)),
		 f->ignored ? "expected to be missing; " : "", f->reason);
	y = detail_line(a, r, y, "why", why.s);
	y = detail_line(
		a, r, y, "this machine",
		f->host ? "has it: a adds it, p pins it, b all that is lacking there"
			: "has nothing of that name: a asks for another place");
	if (f->ignored)
		detail_line(a, r, y, "ignored", "i shows it again");
	else if (staged_letter(a, f) != ' ')
		detail_line(a, r, y, "staged", "W writes, then T tries again");
}

static void
draw_nothing(struct app *a, struct rect r)
{
	int side = r.w < 28 ? 0 : 2;
	AUTO(str_fini) struct str s = STR_INIT;

	canvas_text_in(&a->canvas, (struct rect){ r.x + side, r.y + 1, r.w - side, 1 },
		       STYLE_GOOD, "Nothing is missing.");
	str_addf(&s, "%zu normal probes are hidden: z shows them. T runs the package.",
		 a->findings.normal);
	canvas_text_in(&a->canvas, (struct rect){ r.x + 2, r.y + 3, r.w - 2, 1 },
		       STYLE_DIM, s.s);
}

void
app_draw_missing(struct app *a)
{
	struct rect r = a->frame.list;
	struct list *l = &a->list[SCREEN_MISSING];

	list_fit(l, a->findings.row.n, r.h);
	if (l->n == 0) {
		draw_nothing(a, r);
		return;
	}
	for (int y = 0; y < r.h && l->top + (size_t)y < l->n; y++) {
		const struct finding *f =
			&a->findings.v.v[a->findings.row.v[l->top + (size_t)y]];

		if (l->top + (size_t)y == l->cursor)
			canvas_light(&a->canvas, (struct rect){ r.x, r.y + y, r.w, 1 });
		draw_finding(a, r.y + y, f);
	}
	if (a->frame.detail.h)
		draw_detail(a, &a->findings.v.v[a->findings.row.v[l->cursor]]);
}
