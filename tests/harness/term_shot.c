#include "term_shot.h"

#include <ncurses.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>

/* The plain sixteen, calm on a dark ground, and what is default. */
static const char *const palette[16] = {
	"#2e3436", "#e06c75", "#8fc379", "#d9b36c", "#6aa6e8", "#c18fd6",
	"#63bcc8", "#c8ccd4", "#6b7280", "#ff7f88", "#a5d78f", "#f0cc85",
	"#8abdf5", "#d5a8e8", "#80d4de", "#ffffff",
};
static const char ground[] = "#1d2126", ink[] = "#d6dae0", faint[] = "#7d8592";
enum { CELL_W = 9, CELL_H = 19, PAD = 12 };

size_t
shot_utf8(const VTermScreenCell *c, char *out)
{
	size_t n = 0;

	if (!c->chars[0])
		return (size_t)sprintf(out, " ");
	for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && c->chars[i]; i++) {
		uint32_t u = c->chars[i];

		if (u < 0x80) {
			out[n++] = (char)u;
		} else if (u < 0x800) {
			out[n++] = (char)(0xc0 | u >> 6);
			out[n++] = (char)(0x80 | (u & 63));
		} else if (u < 0x10000) {
			out[n++] = (char)(0xe0 | u >> 12);
			out[n++] = (char)(0x80 | (u >> 6 & 63));
			out[n++] = (char)(0x80 | (u & 63));
		} else {
			out[n++] = (char)(0xf0 | u >> 18);
			out[n++] = (char)(0x80 | (u >> 12 & 63));
			out[n++] = (char)(0x80 | (u >> 6 & 63));
			out[n++] = (char)(0x80 | (u & 63));
		}
	}
	return n;
}

const char *
shot_capability(const char *name)
{
	static bool ready;
	char *s;
	int err;

	if (!ready && setupterm(NULL, 1, &err) == ERR)
		return NULL;
	ready = true;
	s = tigetstr((char *)name);
	return s == (char *)-1 ? NULL : s;
}

struct paint {
	const char *fg, *bg; /* bg NULL: the ground */
	bool bold, underline;
};

static const char *
colour(const VTermColor *c, const char *none)
{
	if (VTERM_COLOR_IS_DEFAULT_FG(c) || VTERM_COLOR_IS_DEFAULT_BG(c))
		return none;
	return VTERM_COLOR_IS_INDEXED(c) ? palette[c->indexed.idx & 15] : none;
}

/* Italic is dim (term.c). */
static struct paint
paint_of(const VTermScreenCell *c)
{
	struct paint p = { colour(&c->fg, ink), NULL, c->attrs.bold, c->attrs.underline };
	const char *bg = colour(&c->bg, NULL);

	if (c->attrs.italic && p.fg == ink)
		p.fg = faint;
	if (!c->attrs.reverse)
		return (struct paint){ p.fg, bg, p.bold, p.underline };
	return (struct paint){ bg ? bg : ground, p.fg == ink ? "#9aa7b8" : p.fg, p.bold,
			       p.underline };
}

static bool
same(const struct paint *a, const struct paint *b)
{
	return a->fg == b->fg && a->bg == b->bg && a->bold == b->bold &&
	       a->underline == b->underline;
}

static void
put_xml(FILE *f, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '<')
			fputs("&lt;", f);
		else if (s[i] == '&')
			fputs("&amp;", f);
		else
			fputc(s[i], f);
	}
}

static bool
is_blank(const VTermScreenCell *c)
{
	return !c->chars[0] || c->chars[0] == ' ';
}

/* One word, with an x for each cell, so that nothing drifts where fonts differ. */
static void
put_word(FILE *f, VTermScreen *screen, VTermPos at, int end, const struct paint *p)
{
	VTermScreenCell c;
	char s[64];

	fprintf(f, "<text y=\"%d\" fill=\"%s\"%s%s x=\"", PAD + at.row * CELL_H + 14,
		p->fg, p->bold ? " font-weight=\"bold\"" : "",
		p->underline ? " text-decoration=\"underline\"" : "");
	for (int i = at.col; i < end; i++) {
		vterm_screen_get_cell(screen, (VTermPos){ at.row, i }, &c);
		if (c.chars[0] != (uint32_t)-1)
			fprintf(f, "%s%d", i > at.col ? " " : "", PAD + i * CELL_W);
	}
	fputs("\">", f);
	for (int i = at.col; i < end; i++) {
		vterm_screen_get_cell(screen, (VTermPos){ at.row, i }, &c);
		if (c.chars[0] != (uint32_t)-1)
			put_xml(f, s, shot_utf8(&c, s));
	}
	fputs("</text>\n", f);
}

/* One run of cells that look the same, from x to end. */
static void
put_run(FILE *f, VTermScreen *screen, VTermPos at, int end, const struct paint *p)
{
	VTermScreenCell c;
	int to;

	if (p->bg)
		fprintf(f,
			"<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" "
			"fill=\"%s\"/>\n",
			PAD + at.col * CELL_W, PAD + at.row * CELL_H,
			(end - at.col) * CELL_W, CELL_H, p->bg);
	for (; at.col < end; at.col = to) {
		for (to = at.col; to < end; to++) {
			vterm_screen_get_cell(screen, (VTermPos){ at.row, to }, &c);
			if (is_blank(&c) && !p->underline)
				break;
		}
		if (to > at.col)
			put_word(f, screen, at, to, p);
		else
			to++;
	}
}

static void
put_svg(FILE *f, VTermScreen *screen, int w, int h)
{
	int width = w * CELL_W + 2 * PAD, height = h * CELL_H + 2 * PAD;

	fprintf(f,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
		"viewBox=\"0 0 %d %d\" font-family=\"DejaVu Sans Mono, monospace\" "
		"font-size=\"15\" xml:space=\"preserve\">\n"
		"<rect width=\"%d\" height=\"%d\" rx=\"8\" fill=\"%s\"/>\n",
		width, height, width, height, width, height, ground);
	for (int y = 0; y < h; y++)
		for (int x = 0, end; x < w; x = end) {
			VTermScreenCell c;
			struct paint p, q;

			vterm_screen_get_cell(screen, (VTermPos){ y, x }, &c);
			p = paint_of(&c);
			for (end = x + 1; end < w; end++) {
				vterm_screen_get_cell(screen, (VTermPos){ y, end }, &c);
				q = paint_of(&c);
				if (c.chars[0] != (uint32_t)-1 && !same(&p, &q))
					break;
			}
			put_run(f, screen, (VTermPos){ y, x }, end, &p);
		}
	fputs("</svg>\n", f);
}

static void
put_ansi(FILE *f, VTermScreen *screen, int w, int h)
{
	for (int y = 0; y < h; y++) {
		for (int x = 0; x < w; x++) {
			VTermScreenCell c;
			char s[64];

			vterm_screen_get_cell(screen, (VTermPos){ y, x }, &c);
			if (c.chars[0] == (uint32_t)-1)
				continue;
			fprintf(f, "\033[0%s%s%s",
				c.attrs.bold	 ? ";1"
				: c.attrs.italic ? ";2"
						 : "",
				c.attrs.underline ? ";4" : "",
				c.attrs.reverse ? ";7" : "");
			if (VTERM_COLOR_IS_INDEXED(&c.fg) &&
			    !VTERM_COLOR_IS_DEFAULT_FG(&c.fg))
				fprintf(f, ";3%d", c.fg.indexed.idx & 7);
			fprintf(f, "m%.*s", (int)shot_utf8(&c, s), s);
		}
		fputs("\033[0m\n", f);
	}
}

int
shot_write(const char *dir, const char *name, VTermScreen *screen, int w, int h,
	   const char *text)
{
	static const char *const ends[] = { "txt", "svg", "ansi" };

	for (int i = 0; i < 3; i++) {
		char *path = NULL;
		FILE *f;

		if (asprintf(&path, "%s/%s.%s", dir, name, ends[i]) < 0)
			return -1;
		f = fopen(path, "w");
		free(path);
		if (!f)
			return -1;
		if (i == 0)
			fputs(text, f);
		else if (i == 1)
			put_svg(f, screen, w, h);
		else
			put_ansi(f, screen, w, h);
		if (fclose(f) != 0)
			return -1;
	}
	return 0;
}
