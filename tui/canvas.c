#include "canvas.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "inspect/text.h"

const struct look canvas_look[STYLE_COUNT] = {
#define STYLE_LOOK(name, colour, attrs) [STYLE_##name] = { LOOK_##colour, attrs },
	STYLES(STYLE_LOOK)
};

static const char *const glyphs[GLYPH_COUNT][2] = {
	/*                   ASCII  else */
	[GLYPH_ELLIPSIS] = { "~", "…" }, [GLYPH_OPEN] = { "v", "▾" },
	[GLYPH_CLOSED] = { ">", "▸" },	 [GLYPH_GUIDE] = { "|", "│" },
	[GLYPH_BAR] = { "#", "■" },	 [GLYPH_ARROW] = { "->", "→" },
	[GLYPH_LEFT_OF] = { "<-", "←" }, [GLYPH_HLINE] = { "-", "─" },
	[GLYPH_VLINE] = { "|", "│" },	 [GLYPH_TL] = { "+", "╭" },
	[GLYPH_TR] = { "+", "╮" },	 [GLYPH_BL] = { "+", "╰" },
	[GLYPH_BR] = { "+", "╯" },	 [GLYPH_LEFT_T] = { "+", "┤" },
	[GLYPH_MINUS] = { "-", "−" },
};

void
canvas_init(struct canvas *c, bool ascii)
{
	*c = (struct canvas){ .ascii = ascii, .caret_x = -1 };
}

void
canvas_fini(struct canvas *c)
{
	free(c->cell);
	*c = (struct canvas){ 0 };
}

void
canvas_resize(struct canvas *c, int w, int h)
{
	c->w = w < 1 ? 1 : w;
	c->h = h < 1 ? 1 : h;
	free(c->cell);
	c->cell = mem_alloc((size_t)c->w * (size_t)c->h * sizeof(*c->cell));
	canvas_clear(c);
}

void
canvas_clear(struct canvas *c)
{
	c->clip = (struct rect){ 0, 0, c->w, c->h };
	c->caret_x = c->caret_y = -1;
	canvas_fill(c, c->clip, STYLE_TEXT);
}

static void
narrow(int *at, int *size, int from, int to)
{
	int end = *at + *size < to ? *at + *size : to;

	*at = *at > from ? *at : from;
	*size = end > *at ? end - *at : 0;
}

struct rect
canvas_clip(struct canvas *c, struct rect to)
{
	struct rect old = c->clip;

	narrow(&c->clip.x, &c->clip.w, to.x, to.x + to.w);
	narrow(&c->clip.y, &c->clip.h, to.y, to.y + to.h);
	return old;
}

const char *
canvas_glyph(const struct canvas *c, enum glyph g)
{
	return glyphs[g][c->ascii ? 0 : 1];
}

static bool
inside(const struct canvas *c, int x, int y, int w)
{
	return x >= c->clip.x && x + w <= c->clip.x + c->clip.w && y >= c->clip.y &&
	       y < c->clip.y + c->clip.h;
}

static struct cell *
cell_at(struct canvas *c, int x, int y)
{
	return &c->cell[(size_t)y * (size_t)c->w + (size_t)x];
}

static void
set_cell(struct canvas *c, int x, int y, struct cell as)
{
	struct cell *at = cell_at(c, x, y);

	as.lit = at->lit;
	/* Half of a wide character that is written over leaves a blank. */
	if (at->width == 0 && x > 0)
		*cell_at(c, x - 1, y) = (struct cell){ .text = " ",
						       .len = 1,
						       .width = 1,
						       .style = as.style,
						       .lit = as.lit };
	if (at->width == 2 && x + 1 < c->w)
		*cell_at(c, x + 1, y) = (struct cell){ .text = " ",
						       .len = 1,
						       .width = 1,
						       .style = as.style,
						       .lit = as.lit };
	*at = as;
}

static void
combine(struct canvas *c, int x, int y, const char *s, unsigned len)
{
	struct cell *at;

	if (x <= 0 || !inside(c, x - 1, y, 1))
		return;
	at = cell_at(c, x - 1, y);
	if (at->width == 0 && x > 1)
		at--;
	if (at->len + len <= CELL_TEXT) {
		memcpy(at->text + at->len, s, len);
		at->len = (uint8_t)(at->len + len);
	}
}

int
canvas_put(struct canvas *c, int x, int y, enum style style, const char *s, unsigned len)
{
	struct cell cell = { .style = style, .width = 1 };
	uint32_t u;
	int width;

	if (text_decode(s, len, &u) != len || u < 0x20 || u == 0x7f ||
	    text_is_format(u) || (c->ascii && u > 0x7e)) {
		s = "?";
		len = 1;
		u = '?';
	}
	width = u < 0x7f ? 1 : wcwidth((wchar_t)u);
	if (width == 0) {
		combine(c, x, y, s, len);
		return x;
	}
	width = width == 2 ? 2 : 1;
	if (!inside(c, x, y, width))
		return x + width;
	memcpy(cell.text, s, len);
	cell.len = (uint8_t)len;
	cell.width = (uint8_t)width;
	if (width == 2)
		set_cell(c, x + 1, y, (struct cell){ .style = style });
	set_cell(c, x, y, cell);
	if (width == 2)
		cell_at(c, x + 1, y)->width = 0;
	return x + width;
}

/* Without such characters their numbers say which it is. */
static int
put_spelled(struct canvas *c, int x, int y, uint32_t u)
{
	char text[16];

	snprintf(text, sizeof(text), u > 0xffff ? "\\U%08" PRIx32 : "\\u%04" PRIx32, u);
	for (const char *s = text; *s; s++)
		x = canvas_put(c, x, y, STYLE_ESCAPED, s, 1);
	return x;
}

static bool
is_spelled(const struct canvas *c, uint32_t u, unsigned len)
{
	return c->ascii && len > 1 && !text_is_format(u);
}

int
canvas_text(struct canvas *c, int x, int y, enum style style, const char *text)
{
	size_t len = strlen(text);
	uint32_t u;

	for (size_t i = 0; i < len;) {
		unsigned n = text_decode(text + i, len - i, &u);

		x = is_spelled(c, u, n) ? put_spelled(c, x, y, u)
					: canvas_put(c, x, y, style, text + i, n ? n : 1);
		i += n ? n : 1;
	}
	return x;
}

int
canvas_textf(struct canvas *c, int x, int y, enum style style, const char *fmt, ...)
{
	AUTO(str_fini) struct str s = STR_INIT;
	va_list ap;

	va_start(ap, fmt);
	str_vaddf(&s, fmt, ap);
	va_end(ap);
	return canvas_text(c, x, y, style, s.s);
}

int
canvas_width(const struct canvas *c, const char *text)
{
	size_t len = strlen(text);
	int width = 0;
	uint32_t u;

	for (size_t i = 0; i < len;) {
		unsigned n = text_decode(text + i, len - i, &u);
		int w = n > 1 ? wcwidth((wchar_t)u) : 1;

		if (is_spelled(c, u, n))
			w = u > 0xffff ? 10 : 6;
		width += w < 0 ? 1 : w;
		i += n ? n : 1;
	}
	return width;
}

void
canvas_text_right(struct canvas *c, int x, int y, enum style style, const char *text)
{
	canvas_text(c, x - canvas_width(c, text), y, style, text);
}

int
canvas_text_in(struct canvas *c, struct rect at, enum style style, const char *text)
{
	int width = canvas_width(c, text);
	struct rect old;
	int x;

	if (at.w <= 0)
		return at.x;
	if (width <= at.w)
		return canvas_text(c, at.x, at.y, style, text);
	old = c->clip;
	at.h = 1;
	at.w--;
	canvas_clip(c, at);
	canvas_text(c, at.x, at.y, style, text);
	c->clip = old;
	x = at.x + at.w;
	return canvas_text(c, x, at.y, style, canvas_glyph(c, GLYPH_ELLIPSIS));
}

void
canvas_fill(struct canvas *c, struct rect r, enum style style)
{
	for (int y = r.y; y < r.y + r.h; y++)
		for (int x = r.x; x < r.x + r.w; x++)
			if (inside(c, x, y, 1)) {
				set_cell(c, x, y,
					 (struct cell){ .text = " ",
							.len = 1,
							.width = 1,
							.style = style });
				cell_at(c, x, y)->lit = 0;
			}
}

void
canvas_light(struct canvas *c, struct rect r)
{
	for (int y = r.y; y < r.y + r.h; y++)
		for (int x = r.x; x < r.x + r.w; x++)
			if (inside(c, x, y, 1))
				cell_at(c, x, y)->lit = 1;
}

static void
line(struct canvas *c, struct rect r, int y, enum glyph left, enum glyph right)
{
	int x = canvas_text(c, r.x, y, STYLE_BOX, canvas_glyph(c, left));

	while (x < r.x + r.w - 1)
		x = canvas_text(c, x, y, STYLE_BOX, canvas_glyph(c, GLYPH_HLINE));
	canvas_text(c, x, y, STYLE_BOX, canvas_glyph(c, right));
}

void
canvas_box(struct canvas *c, struct rect r, const char *title)
{
	canvas_fill(c, r, STYLE_TEXT);
	line(c, r, r.y, GLYPH_TL, GLYPH_TR);
	for (int y = r.y + 1; y < r.y + r.h - 1; y++) {
		canvas_text(c, r.x, y, STYLE_BOX, canvas_glyph(c, GLYPH_VLINE));
		canvas_text(c, r.x + r.w - 1, y, STYLE_BOX, canvas_glyph(c, GLYPH_VLINE));
	}
	line(c, r, r.y + r.h - 1, GLYPH_BL, GLYPH_BR);
	if (r.w > 6) {
		int x = canvas_text(c, r.x + 2, r.y, STYLE_BOX, " ");

		x = canvas_text_in(c, (struct rect){ x, r.y, r.w - 5, 1 }, STYLE_BOLD,
				   title);
		canvas_text(c, x, r.y, STYLE_BOX, " ");
	}
}

void
canvas_print(const struct canvas *c, struct str *out)
{
	for (int y = 0; y < c->h; y++) {
		size_t keep = out->len;

		for (int x = 0; x < c->w; x++) {
			const struct cell *at =
				&c->cell[(size_t)y * (size_t)c->w + (size_t)x];

			str_addn(out, at->text, at->len);
			if (at->len && !(at->len == 1 && at->text[0] == ' '))
				keep = out->len;
		}
		str_trunc(out, keep);
		str_addc(out, '\n');
	}
}
