#include "box.h"

#include <stdlib.h>
#include <string.h>

#include "inspect/text.h"

void
box_close(struct box *b)
{
	for (size_t i = 0; i < b->line.n; i++)
		free(b->line.v[i].text);
	vec_fini(&b->line);
	free(b->title);
	*b = (struct box){ .kind = BOX_NONE };
}

void
box_open(struct box *b, enum box_kind kind, const char *title)
{
	box_close(b);
	b->kind = kind;
	b->title = mem_strdup(title);
	b->hints = "q close   j k scroll";
}

void
box_add(struct box *b, enum style style, const char *text)
{
	vec_push(&b->line,
		 ((struct box_line){ .style = style, .text = mem_strdup(text) }));
}

void
box_addf(struct box *b, enum style style, const char *fmt, ...)
{
	AUTO(str_fini) struct str s = STR_INIT;
	va_list ap;

	va_start(ap, fmt);
	str_vaddf(&s, fmt, ap);
	va_end(ap);
	box_add(b, style, s.s);
}

void
box_add_name(struct box *b, const char *label, const char *name)
{
	AUTO(str_fini) struct str s = STR_INIT;

	if (!name || !*name)
		return;
	text_escape_visible(&s, name, strlen(name));
	box_addf(b, STYLE_HEAD, "%s\t%s", label, s.s);
}

void
box_add_cut(struct box *b, const struct canvas *c, const char *text)
{
	AUTO(str_fini) struct str line = STR_INIT, one = STR_INIT;
	size_t len = strlen(text);
	int x = 0;

	for (size_t i = 0, n; i < len; i += n) {
		uint32_t u;

		n = text_decode(text + i, len - i, &u);
		n = n ? n : 1;
		str_setn(&one, text + i, n);
		x += canvas_width(c, one.s);
		if (x > b->width && line.len) {
			box_add(b, STYLE_TEXT, line.s);
			str_clear(&line);
			x = canvas_width(c, one.s);
		}
		str_add(&line, one.s);
	}
	box_add(b, STYLE_TEXT, line.s);
}

/* How many bytes of text fill w cells; breaks at a blank where there is one. */
static size_t
fill(const struct canvas *c, const char *text, int w)
{
	size_t len = strlen(text), i = 0, blank = 0;
	AUTO(str_fini) struct str one = STR_INIT;
	uint32_t u;

	for (int x = 0; i < len;) {
		unsigned n = text_decode(text + i, len - i, &u);

		n = n ? n : 1;
		str_setn(&one, text + i, n);
		x += canvas_width(c, one.s);
		if (x > w)
			return blank ? blank : i ? i : n;
		i += n;
		if (u == ' ' && x > w / 2)
			blank = i;
	}
	return len;
}

/* "key TAB text" in two columns; the rest is wrapped.  Lines taken; y may be far away. */
static int
draw_line(const struct box_line *l, struct canvas *c, struct rect in, int y)
{
	AUTO(str_fini) struct str part = STR_INIT;
	const char *tab = strchr(l->text, '\t'), *s = tab ? tab + 1 : l->text;
	int x = in.x, w = in.w, lines = 0;
	int column = in.w >= 48 ? 16 : in.w / 3;

	if (tab) {
		str_setn(&part, l->text, (size_t)(tab - l->text));
		canvas_text_in(c, (struct rect){ x, y, column - 1, 1 }, l->style, part.s);
		x += column;
		w -= column;
	}
	do {
		size_t n = fill(c, s, w > 1 ? w : 1);

		str_setn(&part, s, n);
		canvas_text(c, x, y + lines, tab ? STYLE_TEXT : l->style, part.s);
		s += n;
		s += *s == ' ' && n;
		lines++;
	} while (*s);
	return lines;
}

static int
height(const struct box *b, struct canvas *c, struct rect in, size_t from)
{
	struct rect old = canvas_clip(c, (struct rect){ 0, 0, 0, 0 });
	int lines = 0;

	for (size_t i = from; i < b->line.n; i++)
		lines += draw_line(&b->line.v[i], c, in, 0);
	c->clip = old;
	return lines;
}

static int
columns(const struct box *b, const struct frame *f)
{
	return b->two_columns && f->w >= FRAME_WIDE ? 2 : 1;
}

/* Of lines: the left column, or the only one. */
static struct rect
column(const struct box *b, const struct frame *f, struct rect in)
{
	if (b->bare)
		return in;
	in.x++;
	in.w = in.w / columns(b, f) - 2;
	return in;
}

static struct rect
inner(const struct box *b, struct rect r)
{
	struct rect in = rect_inner(r);

	if (b->bare) {
		in.x = r.x;
		in.w = r.w;
	}
	return in;
}

static struct rect
place(const struct box *b, struct canvas *c, const struct frame *f)
{
	int w = columns(b, f) > 1    ? f->w - 4
		: b->width	     ? b->width
		: f->w >= FRAME_WIDE ? FRAME_WIDE - 10
				     : 72,
	    h;
	struct rect r = frame_box(f, w, f->h);

	h = height(b, c, column(b, f, inner(b, r)), 0);
	return frame_box(f, w, (h + columns(b, f) - 1) / columns(b, f) + 2 + (f->h >= 8));
}

void
box_scroll(struct box *b, const struct frame *f, int lines)
{
	if (lines < 0)
		b->top = b->top > (size_t)-lines ? b->top - (size_t)-lines : 0;
	else if (b->top + (size_t)lines < b->line.n)
		b->top += (size_t)lines;
	else
		b->top = b->line.n ? b->line.n - 1 : 0;
}

/* Of "y write   t write, try   n back", from s on: the length of one. */
static size_t
hint_length(const char *s)
{
	const char *end = strstr(s, "   ");

	return end ? (size_t)(end - s) : strlen(s);
}

/* Single letters at the beginning, and the first word, are keys. */
static int
draw_hint(const char *s, size_t n, struct canvas *c, int x, int y)
{
	bool key = true;

	for (size_t i = 0; i < n; i++) {
		if (s[i] == ' ')
			key = key && i + 2 < n && s[i + 2] == ' ';
		x = canvas_put(c, x, y, key ? STYLE_KEY : STYLE_DIM, s + i, 1);
	}
	return x;
}

/* Closer where it is narrow; without those of the middle where it is too narrow. */
static void
draw_hints(const char *s, struct canvas *c, struct rect at)
{
	const char *hint[8];
	int n = 0, gap = 3, width = 0, x = at.x;

	for (; *s && n < 8; s += strspn(s, " ")) {
		hint[n++] = s;
		width += (int)hint_length(s);
		s += hint_length(s);
	}
	if (width + gap * (n - 1) > at.w)
		gap = 1;
	while (n > 2 && width + gap * (n - 1) > at.w) {
		width -= (int)hint_length(hint[n - 2]);
		hint[n - 2] = hint[n - 1];
		n--;
	}
	for (int i = 0; i < n; i++) {
		for (int k = 0; i && k < gap; k++)
			x = canvas_put(c, x, at.y, STYLE_DIM, " ", 1);
		x = draw_hint(hint[i], hint_length(hint[i]), c, x, at.y);
	}
}

void
box_draw(struct box *b, struct canvas *c, const struct frame *f)
{
	struct rect r = place(b, c, f), in = inner(b, r), old;
	int y, more, step;
	size_t i;

	canvas_box(c, r, b->title);
	if (b->bare)
		canvas_fill(c, in, STYLE_TEXT);
	if (f->h >= 8) {
		in.h--;
		draw_hints(b->hints, c,
			   (struct rect){ in.x + 1, in.y + in.h, in.w - 1, 1 });
	} else { /* no line to spare: in the frame */
		struct rect frame = { r.x + 1, r.y + r.h - 1, r.w - 2, 1 };

		old = canvas_clip(c, frame);
		draw_hints(b->hints, c, frame);
		c->clip = old;
	}
	step = in.w / columns(b, f);
	in = column(b, f, in);
	/* Not past the end. */
	while (b->top && height(b, c, in, b->top - 1) <= in.h * columns(b, f))
		b->top--;
	more = height(b, c, in, b->top) - in.h * columns(b, f);
	i = b->top;
	for (int k = 0; k < columns(b, f); k++, in.x += step) {
		old = canvas_clip(c, in);
		for (y = in.y; i < b->line.n && y < in.y + in.h; i++)
			y += draw_line(&b->line.v[i], c, in, y);
		c->clip = old;
	}
	if (more > 0 && r.w > (f->h >= 8 ? 24 : 60)) {
		AUTO(str_fini) struct str s = STR_INIT;

		str_addf(&s, " %d more ", more);
		canvas_text_right(c, r.x + r.w - 2, r.y + r.h - 1, STYLE_DIM, s.s);
	}
}
