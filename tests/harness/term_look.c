#include "term_look.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool
look_row_has(struct run *r, int y, const char *text)
{
	char row[2048];

	run_row_text(r, y, row, sizeof(row));
	return strstr(row, text);
}

static int
find_row_from(struct run *r, const char *text, int y)
{
	for (; y < r->h; y++)
		if (look_row_has(r, y, text))
			return y;
	return -1;
}

int
look_find_row(struct run *r, const char *text)
{
	return find_row_from(r, text, 0);
}

/* Reversed from its first cell to its last; the title is not it. */
static int
lit_row(struct run *r)
{
	for (int y = 1; y < r->h; y++) {
		VTermScreenCell c;
		int lit = 0;

		for (int x = 0; x < r->w; x++) {
			vterm_screen_get_cell(r->screen, (VTermPos){ y, x }, &c);
			lit += c.attrs.reverse;
		}
		if (lit > r->w / 5)
			return y;
	}
	return -1;
}

static void
compare(struct run *r, int y, const char *op, const char *text)
{
	if (y < 0 || y >= r->h) {
		run_fail(r, "no such row");
		return;
	}
	if (look_row_has(r, y, text) != (op[0] == '~'))
		run_fail(r, "row %d %s \"%s\"", y + 1, op, text);
}

/* The screen of that name; "" where it was not saved, which fails. */
static const char *
saved(struct run *r, const char *name)
{
	for (size_t i = 0; i < r->saves; i++)
		if (strcmp(r->saved[i].name, name) == 0)
			return r->saved[i].text;
	run_fail(r, "@%s was not saved", name);
	return "";
}

static void
check_screen(struct run *r, char **w)
{
	if (w[2][0] == '@' && w[1][0] == '=') {
		const char *was = saved(r, w[2] + 1);
		char *now = run_screen_text(r);

		if (strcmp(now, was) != 0)
			run_fail(r, "not as %s, which was\n%s", w[2], was);
		free(now);
	} else if ((look_find_row(r, w[2]) >= 0) != (w[1][0] == '~')) {
		run_fail(r, "screen %s \"%s\"", w[1], w[2]);
	}
}

/* The n-th line of a text, or its end. */
static const char *
line_of(const char *text, int n)
{
	const char *next;

	while (n-- > 0 && (next = strchr(text, '\n')))
		text = next + 1;
	return text;
}

static void
same_list(struct run *r, const char *name)
{
	char *now = run_screen_text(r);
	const char *a = line_of(now, 2), *b = line_of(saved(r, name), 2);
	size_t n = (size_t)(line_of(now, r->h - 2) - a);

	if (strncmp(a, b, n) != 0)
		run_fail(r, "the list is not as %s, which was\n%s", name, b);
	free(now);
}

static void
same_title(struct run *r, const char *name)
{
	const char *was = saved(r, name);
	char row[2048];

	run_row_text(r, 0, row, sizeof(row));
	if (strncmp(row, was, strlen(row)) != 0 || was[strlen(row)] != '\n')
		run_fail(r, "the title is not that of %s:\n%s", name, was);
}

/* Of a title: "322 files  40.9 MiB", and " 2 staged" behind it; "" for none. */
static void
totals_of(const char *title, char *out, size_t size)
{
	const char *files = strstr(title, " files  "), *staged = strstr(title, " staged");
	const char *from = files, *to = files ? strstr(files + 8, "  ") : NULL;

	while (from && from > title && isdigit((unsigned char)from[-1]))
		from--;
	if (!from)
		from = to = title;
	to = to ? to : from + strcspn(from, "\n");
	while (staged && staged > title && staged[-1] != ' ')
		staged--;
	snprintf(out, size, "%.*s %.*s", (int)(to - from), from,
		 staged ? (int)strcspn(staged, " \n") : 0, staged ? staged : "");
}

static void
same_totals(struct run *r, const char *name)
{
	const char *before = saved(r, name);
	char row[2048], now[256], was[256];

	run_row_text(r, 0, row, sizeof(row));
	totals_of(row, now, sizeof(now));
	snprintf(row, sizeof(row), "%.*s", (int)strcspn(before, "\n"), before);
	totals_of(row, was, sizeof(was));
	if (strcmp(now, was) != 0)
		run_fail(r, "the totals were: %s", was);
}

static void
check_state(struct run *r, char **w)
{
	int y = find_row_from(r, w[1], 1);
	char row[2048];

	if (y < 0) {
		run_fail(r, "no row has \"%s\"", w[1]);
		return;
	}
	run_row_text(r, y, row, sizeof(row));
	/* Column 2 of the list: mark, letter; facets are to its left. */
	char *at = strstr(row, w[1]), *bar = strstr(row, "│");
	size_t from = bar && r->w >= 100 && bar < at ? (size_t)(bar - row) + 3 : 0;

	from += r->w < 28 ? 1 : 2;
	if (strlen(row) <= from || row[from] != w[3][0])
		run_fail(r, "state of \"%s\" is '%c', not '%s'", w[1],
			 strlen(row) > from ? row[from] : ' ', w[3]);
}

static void
check_attr(struct run *r, char **w)
{
	int y = find_row_from(r, w[1], 1), x = 0;
	char row[2048], *at;
	VTermScreenCell c;
	bool ok;

	if (y < 0) {
		run_fail(r, "no row has \"%s\"", w[1]);
		return;
	}
	run_row_text(r, y, row, sizeof(row));
	at = strstr(row, w[1]);
	for (char *s = row; s < at; s++)
		x += (*s & 0xc0) != 0x80;
	vterm_screen_get_cell(r->screen, (VTermPos){ y, x }, &c);
	ok = strcmp(w[2], "bold") == 0	      ? c.attrs.bold
	     : strcmp(w[2], "dim") == 0	      ? c.attrs.italic
	     : strcmp(w[2], "reverse") == 0   ? c.attrs.reverse
	     : strcmp(w[2], "underline") == 0 ? c.attrs.underline != 0
	     : strcmp(w[2], "colour") == 0    ? !VTERM_COLOR_IS_DEFAULT_FG(&c.fg)
	     : strcmp(w[2], "plain") == 0     ? VTERM_COLOR_IS_DEFAULT_FG(&c.fg)
					      : false;
	if (!ok)
		run_fail(r, "\"%s\" is not %s", w[1], w[2]);
}

bool
look_command(struct run *r, char **w)
{
	if (strcmp(w[0], "row") == 0)
		compare(r, atoi(w[1]) < 0 ? r->h + atoi(w[1]) : atoi(w[1]) - 1, w[2],
			w[3]);
	else if (strcmp(w[0], "title") == 0 && w[2][0] == '@')
		same_title(r, w[2] + 1);
	else if (strcmp(w[0], "totals") == 0)
		same_totals(r, w[2] + 1);
	else if (strcmp(w[0], "list") == 0)
		same_list(r, w[2] + 1);
	else if (strcmp(w[0], "title") == 0)
		compare(r, 0, w[1], w[2]);
	else if (strcmp(w[0], "message") == 0)
		compare(r, r->h - 1, w[1], w[2]);
	else if (strcmp(w[0], "cursor-row") == 0)
		compare(r, lit_row(r), w[1], w[2]);
	else if (strcmp(w[0], "screen") == 0)
		check_screen(r, w);
	else if (strcmp(w[0], "row-state") == 0)
		check_state(r, w);
	else if (strcmp(w[0], "attr") == 0)
		check_attr(r, w);
	else
		return false;
	return true;
}
