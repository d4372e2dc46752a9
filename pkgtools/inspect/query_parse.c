/*
 * Recursive descent over the text itself: a term begins where it stands, so each error
 * can point there.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/query_priv.h"
#include "inspect/text.h"

enum { DEPTH_MAX = 100, TERMS_MAX = 10000 };

struct parser {
	struct query *q;
	const char *text;
	size_t at;
	int depth;
	size_t wrong; /* column of the error */
	struct err *e;
};

/* A word of the text: where it is, whether it was quoted, and what is in it. */
struct word {
	size_t at, value; /* offsets: of the word, of what is behind "key:" */
	bool quoted;
	struct str raw; /* without quotes, backslashes as they are */
};

static int wrong(struct parser *p, size_t at, const char *fmt, ...) PRINTF(3, 4);

static int
wrong(struct parser *p, size_t at, const char *fmt, ...)
{
	AUTO(str_fini) struct str text = STR_INIT;
	va_list ap;

	va_start(ap, fmt);
	str_vaddf(&text, fmt, ap);
	va_end(ap);
	p->wrong = at;
	return err_set(p->e, 0, "%s", text.s);
}

int
query_term_add(struct query *q, enum term_kind kind)
{
	if (q->n == q->cap) {
		q->cap = q->cap ? q->cap * 2 : 8;
		q->term = mem_resize(q->term, q->cap, sizeof(*q->term));
	}
	q->term[q->n] = (struct query_term){ .kind = kind, .left = -1, .right = -1 };
	return (int)q->n++;
}

bool
query_is_glob(const char *text)
{
	return text[strcspn(text, "*?[")] != '\0';
}

static void
skip_blanks(struct parser *p)
{
	p->at += strspn(p->text + p->at, " \t\n");
}

/* Up to the closing quote.  0, or -1 when there is none. */
static int
read_quoted(struct parser *p, struct word *w)
{
	size_t from = p->at;
	char quote = p->text[p->at++];

	w->quoted = true;
	for (; p->text[p->at] != quote; p->at++) {
		if (!p->text[p->at])
			return wrong(p, from, "no closing %c", quote);
		if (p->text[p->at] == '\\' && quote == '"' && p->text[p->at + 1])
			str_addc(&w->raw, p->text[p->at++]);
		str_addc(&w->raw, p->text[p->at]);
	}
	p->at++;
	return 0;
}

/* Parentheses that a word opens itself, as in "f(x)", are part of it. */
static int
read_word(struct parser *p, struct word *w)
{
	int open = 0;

	w->at = p->at;
	for (char c; (c = p->text[p->at]) && !strchr(" \t\n", c);) {
		if (c == '"' || c == '\'') {
			if (read_quoted(p, w) < 0)
				return -1;
			continue;
		}
		if (c == ')' && open == 0)
			break;
		open += (c == '(') - (c == ')');
		if (c == '\\' && p->text[p->at + 1])
			str_addc(&w->raw, p->text[p->at++]);
		str_addc(&w->raw, p->text[p->at++]);
	}
	return 0;
}

/* Escapes of shown names; what is none of these makes the next character plain. */
static void
plain_text(const char *raw, struct str *out)
{
	for (size_t len = strlen(raw); len;) {
		size_t n = 1;

		if (*raw == '\\') {
			for (n = 2; n <= 10 && n <= len; n++)
				if (text_unescape(out, raw, n, NULL) == 0)
					break;
			if (n > 10 || n > len) {
				n = len < 2 ? 1 : 2;
				str_addc(out, raw[n - 1]);
			}
		} else {
			str_addc(out, *raw);
		}
		raw += n;
		len -= n;
	}
}

static void
set_text(struct query_term *t, const char *s)
{
	t->text = mem_strdup(s);
	t->len = strlen(s);
	t->glob = query_is_glob(s);
}

static int
value_glob(struct parser *p, struct query_term *t, const struct word *w, const char *v)
{
	AUTO(str_fini) struct str plain = STR_INIT;

	if (query_is_glob(v)) {
		set_text(t, v);
		return 0;
	}
	plain_text(v, &plain);
	set_text(t, plain.s);
	t->glob = false;
	return 0;
}

enum { RE_NODES_MOST = 1 << 13 };

/*
 * regcomp(3) of glibc copies what is repeated, and copies of copies when repetitions
 * stand in each other, and goes as deep as the result is long: a short text may take it
 * hours, or the stack.  Counted as if they always stood in each other.
 */
static bool
repeats_too_much(const char *v)
{
	unsigned long nodes = strlen(v), times;

	for (; *v; v++) {
		if (*v == '\\' && v[1]) {
			v++;
			continue;
		}
		if (*v != '+' && *v != '{')
			continue;
		times = 2;
		for (const char *n = v + 1; *v == '{' && *n && *n != '}'; n++)
			if (*n >= '0' && *n <= '9' && strtoul(n, NULL, 10) >= times)
				times = strtoul(n, NULL, 10) + 1;
		if (times > RE_NODES_MOST || (nodes *= times) > RE_NODES_MOST)
			return true;
	}
	return false;
}

static int
value_re(struct parser *p, struct query_term *t, const struct word *w, const char *v)
{
	char why[128];
	int r;

	if (repeats_too_much(v))
		return wrong(p, w->value, "the expression repeats too much");
	t->re = mem_alloc(sizeof(*t->re));
	r = regcomp(t->re, v, REG_EXTENDED | REG_NOSUB);
	if (r == 0)
		return 0;
	regerror(r, t->re, why, sizeof(why));
	free(t->re);
	t->re = NULL;
	return wrong(p, w->value, "not a regular expression: %s", why);
}

static int
value_letters(struct parser *p, struct query_term *t, const struct word *w, const char *v)
{
	const char *all = t->kind == TERM_KIND ? "fdlpscb?" : "DA!?HXhxM~-us";

	for (size_t i = 0; v[i]; i++)
		if (!strchr(all, v[i]))
			return wrong(p, w->value + i, "not one of the letters %s", all);
	p->q->missing |= t->kind == TERM_STATE && strchr(v, '!');
	set_text(t, v);
	return 0;
}

static int
value_class(struct parser *p, struct query_term *t, const struct word *w, const char *v)
{
	AUTO(str_fini) struct str all = STR_INIT;

	t->number = origin_class_of(v, strlen(v));
	if (t->number != ORIGIN_UNOWNED || strcmp(v, "unowned") == 0)
		return 0;
	for (int i = 0; i < ORIGIN_CLASSES; i++)
		str_addf(&all, " %s", origin_class_name(i));
	return wrong(p, w->value, "no such class; there are:%s", all.s);
}

static const struct {
	char letter;
	unsigned bit;
} access_letter[] = {
	{ 's', ACCESS_STAT }, { 'r', ACCESS_READ }, { 'w', ACCESS_WRITE },
	{ 'x', ACCESS_EXEC }, { 'l', ACCESS_LIST }, { 'k', ACCESS_LINK },
};

static int
value_acc(struct parser *p, struct query_term *t, const struct word *w, const char *v)
{
	p->q->need |= MODEL_ACCESS;
	for (size_t i = 0; v[i]; i++) {
		unsigned bit = 0;

		for (size_t k = 0; k < ARRAY_SIZE(access_letter); k++)
			if (access_letter[k].letter == v[i])
				bit = access_letter[k].bit;
		if (v[i] == 'n')
			t->op = 'n';
		else if (!bit)
			return wrong(p, w->value + i, "not one of the letters srwxlkn");
		t->number |= bit;
	}
	return 0;
}

/* "1.5M" → bytes; K M G T alone and with iB are 1024-based, with B 1000-based. */
static int
value_size(struct parser *p, struct query_term *t, const struct word *w, const char *v)
{
	static const char units[] = "kKmMgGtT";
	char *end;
	double x = strtod(v, &end);
	const char *unit = *end ? strchr(units, *end) : NULL;
	int power = unit ? (int)(unit - units) / 2 + 1 : 0;
	double base = 1024;

	if (end == v || !(x >= 0) || !strchr("0123456789.", v[0]))
		return wrong(p, w->value, "a size is a number and perhaps K, M, G, T");
	end += power > 0;
	if (power && strcmp(end, "B") == 0)
		base = 1000;
	else if (*end && strcmp(end, "B") != 0 && !(power && strcmp(end, "iB") == 0))
		return wrong(p, w->value + (size_t)(end - v), "not a unit of size");
	while (power--)
		x *= base;
	t->number = x >= 18e18 ? UINT64_MAX : (uint64_t)x;
	return 0;
}

static int
value_proc(struct parser *p, struct query_term *t, const struct word *w, const char *v)
{
	p->q->procs = true;
	return value_glob(p, t, w, v);
}

static int
value_type(struct parser *p, struct query_term *t, const struct word *w, const char *v)
{
	p->q->types = true;
	return value_glob(p, t, w, v);
}

static const struct {
	const char *key;
	enum term_kind kind;
	int (*value)(struct parser *p, struct query_term *t, const struct word *w,
		     const char *v);
} keys[] = {
	{ "name", TERM_NAME, value_glob },
	{ "path", TERM_PATH, value_glob },
	{ "re", TERM_RE, value_re },
	{ "type", TERM_TYPE, value_type },
	{ "kind", TERM_KIND, value_letters },
	{ "origin", TERM_ORIGIN, value_glob },
	{ "class", TERM_CLASS, value_class },
	{ "acc", TERM_ACC, value_acc },
	{ "state", TERM_STATE, value_letters },
	{ "proc", TERM_PROC, value_proc },
	{ "size", TERM_SIZE, value_size },
};

static const struct {
	const char *word;
	unsigned flags, need;
} flag_words[] = {
	{ "missing", ENTRY_MISSING, 0 },
	{ "staged", ENTRY_DROP | ENTRY_ADD | ENTRY_PIN, 0 },
	{ "noted", ENTRY_NOTED, 0 },
	{ "predicted", ENTRY_PREDICTED, 0 },
	{ "modified", ENTRY_MODIFIED, 0 },
	{ "pinned", ENTRY_HOST | ENTRY_SANDBOX | ENTRY_HIDDEN, MODEL_PINS },
};

/* key:value, or size and its sign.  1: it is none. */
static int
keyed(struct parser *p, struct word *w, int *out)
{
	const char *raw = w->raw.s,
		   *sign = raw + strspn(raw, "abcdefghijklmnopqrstuvwxyz");
	size_t n = (size_t)(sign - raw);

	for (size_t i = 0; *sign && i < ARRAY_SIZE(keys); i++) {
		const char *key = keys[i].key, *value = sign + 1;
		bool sized = keys[i].kind == TERM_SIZE;
		char op = *sign == ':' ? '=' : *sign;

		if (strlen(key) != n || memcmp(key, raw, n) != 0 ||
		    !strchr(sized ? ":<>=" : ":", *sign))
			continue;
		if (sized && (op == '<' || op == '>') && *value == '=') {
			op = op == '<' ? 'l' : 'g';
			value++;
		}
		w->value = w->at + (size_t)(value - raw);
		if (!*value)
			return wrong(p, w->value, "%s%c needs a value", key, *sign);
		*out = query_term_add(p->q, keys[i].kind);
		p->q->term[*out].op = sized ? op : 0;
		return keys[i].value(p, &p->q->term[*out], w, value);
	}
	return 1;
}

/* Letters of state come from the rules as well. */
static void
note_needs(struct parser *p, const struct query_term *t)
{
	if (t->kind == TERM_STATE)
		p->q->need |= MODEL_PINS;
}

static int
term(struct parser *p, int *out)
{
	AUTO(str_fini) struct str plain = STR_INIT;
	struct word w = { .raw = STR_INIT };
	int r = read_word(p, &w);

	if (r == 0 && w.raw.len == 0)
		r = wrong(p, w.at, "an empty word matches everything");
	if (r == 0)
		r = strchr("'\"", p->text[w.at]) ? 1 : keyed(p, &w, out);
	if (r == 0)
		note_needs(p, &p->q->term[*out]);
	for (size_t i = 0; r == 1 && !w.quoted && i < ARRAY_SIZE(flag_words); i++)
		if (strcmp(w.raw.s, flag_words[i].word) == 0) {
			*out = query_term_add(p->q, TERM_FLAG);
			p->q->term[*out].number = flag_words[i].flags;
			p->q->need |= flag_words[i].need;
			p->q->missing |= (flag_words[i].flags & ENTRY_MISSING) != 0;
			r = 0;
		}
	if (r == 1) {
		plain_text(w.raw.s, &plain);
		*out = query_term_add(p->q, TERM_WORD);
		set_text(&p->q->term[*out], plain.s);
		r = 0;
	}
	str_fini(&w.raw);
	if (r == 0 && p->q->n > TERMS_MAX)
		return wrong(p, w.at, "too long");
	return r;
}

static int expression(struct parser *p, int *out);

static int
unary(struct parser *p, int *out)
{
	size_t from = p->at;
	int inner, r;

	if (++p->depth > DEPTH_MAX)
		return wrong(p, from, "too deeply nested");
	if (p->text[p->at] == '!') {
		p->at++;
		if (!p->text[p->at] || strchr(" \t\n)", p->text[p->at]))
			return wrong(p, from, "! needs something behind it");
		r = unary(p, &inner);
		if (r == 0) {
			*out = query_term_add(p->q, TERM_NOT);
			p->q->term[*out].left = inner;
		}
	} else if (p->text[p->at] == '(') {
		p->at++;
		r = expression(p, out);
		if (r == 0 && p->text[p->at] != ')')
			r = wrong(p, from, "no closing parenthesis");
		p->at += r == 0;
	} else {
		r = term(p, out);
	}
	p->depth--;
	return r;
}

static bool
at_or(const struct parser *p)
{
	const char *s = p->text + p->at;

	return s[0] == 'o' && s[1] == 'r' && (!s[2] || strchr(" \t\n()", s[2]));
}

static void
join(struct query *q, enum term_kind kind, int *left, int right)
{
	int n;

	if (*left < 0) {
		*left = right;
		return;
	}
	n = query_term_add(q, kind);
	q->term[n].left = *left;
	q->term[n].right = right;
	*left = n;
}

static int
conjunction(struct parser *p, int *out)
{
	int left = -1, right = -1;

	for (;;) {
		skip_blanks(p);
		if (!p->text[p->at] || p->text[p->at] == ')' || at_or(p))
			break;
		if (unary(p, &right) < 0)
			return -1;
		join(p->q, TERM_AND, &left, right);
	}
	if (left < 0)
		return wrong(p, p->at,
			     p->text[p->at] == 'o' ? "\"or\" needs something before it"
						   : "something is missing here");
	*out = left;
	return 0;
}

static int
expression(struct parser *p, int *out)
{
	int left = -1, right = -1;

	for (;;) {
		if (conjunction(p, &right) < 0)
			return -1;
		join(p->q, TERM_OR, &left, right);
		if (!at_or(p))
			break;
		p->at += 2;
	}
	*out = left;
	return 0;
}

int
query_parse(struct query *q, const char *text, size_t *column, struct err *e)
{
	struct parser p = { .q = q, .text = text, .e = e };
	int r = 0;

	*q = (struct query){ .root = -1 };
	skip_blanks(&p);
	if (text[p.at])
		r = expression(&p, &q->root);
	if (r == 0 && text[p.at])
		r = wrong(&p, p.at, "no opening parenthesis");
	if (r == 0)
		return 0;
	if (column)
		*column = p.wrong;
	query_fini(q);
	return -1;
}
