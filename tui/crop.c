#include "crop.h"

#include <inttypes.h>
#include <string.h>
#include <wchar.h>

#include "inspect/text.h"

void
crop_fini(struct crop *x)
{
	str_fini(&x->text);
	vec_fini(&x->unit);
	x->width = 0;
}

/* Behind the backslash of an escape: its length with it. */
static unsigned
escape_length(char letter)
{
	return letter == 'x' ? 4 : letter == 'u' ? 6 : letter == 'U' ? 10 : 2;
}

static void
add_unit(struct crop *x, size_t off, size_t len, int width, bool escape)
{
	vec_push(&x->unit, ((struct crop_unit){ (uint32_t)off, (uint8_t)len,
						(uint8_t)width, escape }));
	x->width += width;
}

/* A character that cannot be shown here as itself. */
static void
add_escaped(struct crop *x, struct str *out, uint32_t c)
{
	size_t off = out->len;

	str_addf(out, c > 0xffff ? "\\U%08" PRIx32 : "\\u%04" PRIx32, c);
	add_unit(x, off, out->len - off, (int)(out->len - off), true);
}

static void
add_character(struct crop *x, struct str *out, const char *s, unsigned n, uint32_t c)
{
	struct crop_unit *last = x->unit.n ? &x->unit.v[x->unit.n - 1] : NULL;
	int width = c < 0x7f ? 1 : wcwidth((wchar_t)c);

	if (width == 0 && last && !last->escape && last->len + n <= CELL_TEXT) {
		str_addn(out, s, n);
		last->len = (uint8_t)(last->len + n);
	} else if (width <= 0) {
		add_escaped(x, out, c);
	} else {
		add_unit(x, out->len, n, width, false);
		str_addn(out, s, n);
	}
}

/* `plain` is escaped already. */
static void
crop_escaped(struct crop *x, const struct str *plain, bool ascii)
{
	uint32_t c;

	str_clear(&x->text);
	x->unit.n = 0;
	x->width = 0;
	for (size_t i = 0; i < plain->len;) {
		unsigned n = text_decode(plain->s + i, plain->len - i, &c);

		if (c == '\\') {
			n = escape_length(plain->s[i + 1]);
			add_unit(x, x->text.len, n, (int)n, true);
			str_addn(&x->text, plain->s + i, n);
		} else if (ascii && c > 0x7e) {
			add_escaped(x, &x->text, c);
		} else {
			add_character(x, &x->text, plain->s + i, n, c);
		}
		i += n;
	}
}

void
crop_name(struct crop *x, const char *name, size_t len, bool ascii)
{
	AUTO(str_fini) struct str plain = STR_INIT;

	text_escape_visible(&plain, name, len);
	crop_escaped(x, &plain, ascii);
}

void
crop_typed(struct crop *x, const char *text, size_t len, bool ascii)
{
	AUTO(str_fini) struct str plain = STR_INIT;

	text_escape(&plain, text, len);
	crop_escaped(x, &plain, ascii);
}

/* Units from..to; the x behind. */
static int
draw_units(const struct crop *x, struct canvas *c, struct rect at, enum style style,
	   size_t from)
{
	for (size_t i = from; i < x->unit.n && at.w >= x->unit.v[i].width; i++) {
		const struct crop_unit *u = &x->unit.v[i];
		const char *s = x->text.s + u->off;
		int start = at.x;
		uint32_t ch;

		for (unsigned k = 0, n; k < u->len; k += n) {
			n = text_decode(s + k, u->len - k, &ch);
			at.x = canvas_put(c, at.x, at.y,
					  u->escape ? STYLE_ESCAPED : style, s + k, n);
		}
		at.w -= at.x - start;
	}
	return at.x;
}

/* How much of the end is kept: a third; of a path its last name, if that is not more
 * than two thirds. */
static int
tail_width(const struct crop *x, int w)
{
	int tail = 0;

	for (size_t i = x->unit.n; i-- > 0;) {
		const struct crop_unit *u = &x->unit.v[i];

		tail += u->width;
		if (tail > w * 2 / 3)
			break;
		if (i + 1 < x->unit.n && u->len == 1 && x->text.s[u->off] == '/')
			return tail > w / 3 ? tail : w / 3;
	}
	return w / 3;
}

int
crop_draw(const struct crop *x, struct canvas *c, struct rect at, enum style style)
{
	int tail = 0, head, want;
	size_t from = x->unit.n;

	if (at.w <= 0)
		return at.x;
	if (x->width <= at.w)
		return draw_units(x, c, at, style, 0);
	want = tail_width(x, at.w - 1);
	while (from && tail + x->unit.v[from - 1].width <= want)
		tail += x->unit.v[--from].width;
	head = at.w - 1 - tail;
	at.x = draw_units(x, c, (struct rect){ at.x, at.y, head, 1 }, style, 0);
	at.x = canvas_text(c, at.x, at.y, STYLE_DIM, canvas_glyph(c, GLYPH_ELLIPSIS));
	return draw_units(x, c, (struct rect){ at.x, at.y, tail, 1 }, style, from);
}

int
canvas_name_n(struct canvas *c, struct rect at, enum style style, const char *name,
	      size_t len)
{
	AUTO(crop_fini) struct crop x = CROP_INIT;

	crop_name(&x, name, len, c->ascii);
	return crop_draw(&x, c, at, style);
}

int
canvas_name(struct canvas *c, struct rect at, enum style style, const char *name)
{
	return canvas_name_n(c, at, style, name, strlen(name));
}

int
canvas_path(struct canvas *c, struct rect at, enum style style, const char *path,
	    size_t len)
{
	AUTO(crop_fini) struct crop x = CROP_INIT;
	size_t i, base = len;
	int tail = 0;

	crop_name(&x, path, len, c->ascii);
	for (i = x.unit.n; i && x.text.s[x.unit.v[i - 1].off] != '/'; i--)
		tail += x.unit.v[i - 1].width;
	if (x.width <= at.w || i == 0 || at.w < 4)
		return crop_draw(&x, c, at, style);
	if (tail + 2 <= at.w) { /* i is behind the slash, which is drawn, too */
		int head = at.w - tail - 2;

		at.x = draw_units(&x, c, (struct rect){ at.x, at.y, head, 1 }, style, 0);
		at.x = canvas_text(c, at.x, at.y, STYLE_DIM,
				   canvas_glyph(c, GLYPH_ELLIPSIS));
		return draw_units(&x, c, (struct rect){ at.x, at.y, tail + 1, 1 }, style,
				  i - 1);
	}
	while (base && path[base - 1] != '/')
		base--;
	at.x = canvas_text(c, at.x, at.y, STYLE_DIM, canvas_glyph(c, GLYPH_ELLIPSIS));
	at.x = canvas_text(c, at.x, at.y, style, "/");
	return canvas_name_n(c, (struct rect){ at.x, at.y, at.w - 2, 1 }, style,
			     path + base, len - base);
}
