#include "cmd/out.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/text.h"

bool
out_parse_format(const char *word, enum out_format *f)
{
	static const char *const name[] = {
		[OUT_TABLE] = "table",
		[OUT_TSV] = "tsv",
		[OUT_JSON] = "json",
		[OUT_NUL] = "0",
	};

	for (size_t i = 0; i < ARRAY_SIZE(name); i++)
		if (strcmp(word, name[i]) == 0) {
			*f = i;
			return true;
		}
	return false;
}

static void
put(struct out *o, const char *s, size_t n)
{
	if (fwrite(s, 1, n, o->to) != n)
		o->failed = true;
}

static void
puts_(struct out *o, const char *s)
{
	put(o, s, strlen(s));
}

/* Columns on the terminal, as good as it gets without asking the terminal. */
static int
columns_of(const struct str *s)
{
	int n = 0;

	for (size_t i = 0; i < s->len; i++)
		n += (s->s[i] & 0xc0) != 0x80;
	return n;
}

static void
put_padded(struct out *o, const struct str *s, int width, bool last)
{
	int have = columns_of(s), pad = abs(width) - have;

	if (width > 0)
		for (; pad > 0; pad--)
			put(o, " ", 1);
	put(o, s->s, s->len);
	if (width < 0 && !last)
		for (; pad > 0; pad--)
			put(o, " ", 1);
}

static void
put_header(struct out *o)
{
	for (size_t i = 0; i < o->ncolumns; i++) {
		const struct out_column *c = &o->column[i];
		AUTO(str_fini) struct str name = STR_INIT;

		str_set(&name, c->name);
		if (i)
			puts_(o, o->format == OUT_TSV ? "\t" : "  ");
		if (o->format == OUT_TSV)
			puts_(o, name.s);
		else
			put_padded(o, &name, c->width, i + 1 == o->ncolumns);
	}
}

void
out_begin(struct out *o, const char *verb, const struct out_column *column, size_t n)
{
	o->begun = true;
	o->verb = verb;
	o->column = column;
	o->ncolumns = n;
	o->rows = 0;
	if (o->format == OUT_JSON) {
		puts_(o, "{\"cde-pkg\":1,\"verb\":\"");
		puts_(o, verb);
		puts_(o, "\",\"rows\":[");
	} else if (o->format == OUT_TSV || (o->format == OUT_TABLE && !o->vertical)) {
		bool bold = o->format == OUT_TABLE && o->color;

		puts_(o, bold ? "\033[1m" : "");
		put_header(o);
		puts_(o, bold ? "\033[0m\n" : "\n");
	}
}

static bool
is_unknown(const struct out_column *c, const struct out_cell *x)
{
	if (c->kind == OUT_TEXT || c->kind == OUT_NAME)
		return !x->s;
	return x->none;
}

static void
add_list(const struct out_cell *x, const char *between, struct str *text)
{
	for (int64_t i = 0; i < x->n; i++) {
		str_add(text, i ? between : "");
		text_escape(text, x->list[i], strlen(x->list[i]));
	}
}

/* A cell as text: for people, or for TSV, where numbers are plain. */
static void
cell_text(const struct out *o, const struct out_column *c, const struct out_cell *x,
	  struct str *text)
{
	bool people = o->format == OUT_TABLE;

	if (is_unknown(c, x)) {
		str_add(text, people ? "-" : "");
		return;
	}
	switch (c->kind) {
	case OUT_TEXT:
	case OUT_NAME:
		text_escape(text, x->s, x->len);
		return;
	case OUT_LIST:
		add_list(x, people ? "\n" : " ", text);
		return;
	case OUT_SIZE:
		if (people)
			text_size(text, (uint64_t)x->n);
		else
			str_addf(text, "%" PRIu64, (uint64_t)x->n);
		return;
	case OUT_TIME:
		if (people) {
			text_time(text, x->n);
			return;
		}
		break;
	case OUT_BOOL:
		if (people) {
			str_add(text, x->n ? "yes" : "no");
			return;
		}
		break;
	case OUT_NUMBER:
		break;
	}
	str_addf(text, "%" PRId64, x->n);
}

static void
put_styled(struct out *o, const struct out_column *c, const struct out_cell *x, bool last)
{
	AUTO(str_fini) struct str text = STR_INIT;
	bool styled = o->color && x->style && o->format == OUT_TABLE;

	cell_text(o, c, x, &text);
	if (styled) {
		puts_(o, "\033[");
		puts_(o, x->style);
		puts_(o, "m");
	}
	if (o->format == OUT_TSV)
		put(o, text.s, text.len);
	else
		put_padded(o, &text, c->width, last);
	if (styled)
		puts_(o, "\033[0m");
}

static void
put_line(struct out *o, const struct out_cell *cell)
{
	for (size_t i = 0; i < o->ncolumns; i++) {
		if (i)
			puts_(o, o->format == OUT_TSV ? "\t" : "  ");
		put_styled(o, &o->column[i], &cell[i], i + 1 == o->ncolumns);
	}
	puts_(o, "\n");
}

/* "name         value", lists with a value per line; what is not known is left out. */
static void
put_vertical(struct out *o, const struct out_cell *cell)
{
	if (o->rows)
		puts_(o, "\n");
	for (size_t i = 0; i < o->ncolumns; i++) {
		const struct out_column *c = &o->column[i];
		AUTO(str_fini) struct str text = STR_INIT, name = STR_INIT;
		char *line, *rest;

		if (is_unknown(c, &cell[i]) || (c->kind == OUT_LIST && cell[i].n == 0))
			continue;
		cell_text(o, c, &cell[i], &text);
		str_set(&name, c->name);
		for (line = text.s; line; line = rest) {
			rest = c->kind == OUT_LIST ? strchr(line, '\n') : NULL;
			if (rest)
				*rest++ = '\0';
			put_padded(o, &name, -14, false);
			puts_(o, line);
			puts_(o, "\n");
			str_clear(&name);
		}
	}
}

/* Any bytes as a string of JSON. */
static json_t *
json_bytes(const char *s, size_t n)
{
	AUTO(str_fini) struct str text = STR_INIT;
	json_t *v = json_stringn(s, n);

	if (v)
		return v;
	text_escape(&text, s, n);
	return json_stringn(text.s, text.len);
}

static json_t *
json_cell(const struct out_column *c, const struct out_cell *x)
{
	json_t *list;

	if (is_unknown(c, x))
		return json_null();
	switch (c->kind) {
	case OUT_TEXT:
	case OUT_NAME:
		return json_bytes(x->s, x->len);
	case OUT_LIST:
		list = json_array();
		for (int64_t i = 0; i < x->n; i++)
			json_array_append_new(list,
					      json_bytes(x->list[i], strlen(x->list[i])));
		return list;
	case OUT_BOOL:
		return json_boolean(x->n);
	case OUT_SIZE: /* JSON numbers of jansson are signed */
		return json_integer((uint64_t)x->n > INT64_MAX ? INT64_MAX : x->n);
	case OUT_NUMBER:
	case OUT_TIME:
		break;
	}
	return json_integer(x->n);
}

static void
put_json(struct out *o, const struct out_cell *cell)
{
	json_t *row = json_object();
	char *text;

	for (size_t i = 0; i < o->ncolumns; i++) {
		const struct out_column *c = &o->column[i];
		AUTO(str_fini) struct str key = STR_INIT, raw = STR_INIT;

		json_object_set_new(row, c->name, json_cell(c, &cell[i]));
		if (c->kind != OUT_NAME || !cell[i].s ||
		    text_is_utf8(cell[i].s, cell[i].len))
			continue;
		str_addf(&key, "%s_raw", c->name);
		text_base64(&raw, cell[i].s, cell[i].len);
		json_object_set_new(row, key.s, json_string(raw.s));
	}
	text = json_dumps(row, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_PRESERVE_ORDER);
	json_decref(row);
	puts_(o, o->rows ? ",\n" : "\n");
	puts_(o, text ? text : "null");
	free(text);
}

static void
put_names(struct out *o, const struct out_cell *cell)
{
	for (size_t i = 0; i < o->ncolumns; i++)
		if (o->column[i].kind == OUT_NAME && cell[i].s) {
			put(o, cell[i].s, cell[i].len);
			put(o, "", 1);
			return;
		}
}

void
out_row(struct out *o, const struct out_cell *cell)
{
	switch (o->format) {
	case OUT_TABLE:
		(o->vertical ? put_vertical : put_line)(o, cell);
		break;
	case OUT_TSV:
		put_line(o, cell);
		break;
	case OUT_JSON:
		put_json(o, cell);
		break;
	case OUT_NUL:
		put_names(o, cell);
		break;
	}
	o->rows++;
}

int
out_end(struct out *o, struct err *e)
{
	if (o->format == OUT_JSON)
		puts_(o, o->rows ? "\n]}\n" : "]}\n");
	if (fflush(o->to) != 0)
		o->failed = true;
	if (o->failed && errno != EPIPE)
		return err_set(e, errno, "standard output");
	return 0;
}
