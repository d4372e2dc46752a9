/*
 * Lines are compared one by one, words of lines that have as many words likewise; a line
 * that was put in or left out is what only OTHER explains.  A word is a run of letters,
 * digits and what names, dates and numbers are made of.
 */
#include "inspect/differ.h"

#include <ctype.h>
#include <string.h>

struct span {
	const char *s;
	size_t n;
};
typedef VEC(struct span) span_list;

static const struct {
	const char *word, *text;
} cause[DIFFER_CAUSES] = {
	[DIFFER_HOST] = { "host", "the name of the machine" },
	[DIFFER_USER] = { "user", "the user who runs it" },
	[DIFFER_TIME] = { "time", "date, time, or how long it took" },
	[DIFFER_ADDRESS] = { "address", "an address in memory, which is random" },
	[DIFFER_PROCESS] = { "process", "the number of a process" },
	[DIFFER_TEMPORARY] = { "temporary", "the name of a temporary file" },
	[DIFFER_CPUS] = { "cpus", "the number of processors" },
	[DIFFER_ROUNDING] = { "rounding", "last digits: another processor, library or "
					  "number of threads computes them" },
	[DIFFER_ORDER] = { "order", "the same in another order: of a directory, a hash "
				    "table, or of threads" },
	[DIFFER_CHANCE] = { "random", "another one with each run: random, or a race" },
	[DIFFER_OTHER] = { "unknown",
			   "nothing known explains it; standard input and /tmp are empty "
			   "here" },
};

const char *
differ_word(enum differ_cause c)
{
	return cause[c].word;
}

const char *
differ_text(enum differ_cause c)
{
	return cause[c].text;
}

void
differ_fini(struct differ *x)
{
	for (int i = 0; i < DIFFER_CAUSES; i++) {
		str_fini(&x->found[i].is);
		str_fini(&x->found[i].was);
	}
	str_fini(&x->is);
	str_fini(&x->was);
	*x = (struct differ){ 0 };
}

/* ---- cutting ---- */

static bool
is_word(char c)
{
	return isalnum((unsigned char)c) || (c & 0x80) || (c && strchr("_.:/+-@#%~", c));
}

static void
cut_lines(const struct str *text, span_list *out)
{
	const char *at = text->s, *end = text->s + text->len;

	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t n = (size_t)((stop ? stop : end) - at);

		vec_push(out, ((struct span){ at, n }));
		at += n + 1;
	}
}

static void
cut_words(struct span line, span_list *out)
{
	for (size_t i = 0; i < line.n;) {
		size_t from = i;

		while (i < line.n && is_word(line.s[i]))
			i++;
		if (i > from)
			vec_push(out, ((struct span){ line.s + from, i - from }));
		else
			i++;
	}
}

static bool
same(struct span a, struct span b)
{
	return a.n == b.n && memcmp(a.s, b.s, a.n) == 0;
}

static int
by_text(const void *a, const void *b)
{
	const struct span *x = a, *y = b;
	int r = memcmp(x->s, y->s, x->n < y->n ? x->n : y->n);

	return r ? r : (x->n > y->n) - (x->n < y->n);
}

/* The same ones, however they are ordered? */
static bool
same_set(const span_list *a, const span_list *b)
{
	span_list x = { 0 }, y = { 0 };
	bool r = a->n == b->n && a->n > 1;

	for (size_t i = 0; i < a->n && r; i++) {
		vec_push(&x, a->v[i]);
		vec_push(&y, b->v[i]);
	}
	if (r) {
		qsort(x.v, x.n, sizeof(*x.v), by_text);
		qsort(y.v, y.n, sizeof(*y.v), by_text);
	}
	for (size_t i = 0; i < x.n && r; i++)
		r = same(x.v[i], y.v[i]);
	vec_fini(&x);
	vec_fini(&y);
	return r;
}

/* ---- what words look like ---- */

static bool
has(struct span x, const char *text)
{
	return *text && memmem(x.s, x.n, text, strlen(text));
}

static bool
is_text(struct span x, const char *text)
{
	return *text && x.n == strlen(text) && memcmp(x.s, text, x.n) == 0;
}

static size_t
digits(struct span x, size_t at)
{
	size_t n = 0;

	while (at + n < x.n && isdigit((unsigned char)x.s[at + n]))
		n++;
	return n;
}

static bool
is_integer(struct span x, int64_t *value)
{
	int64_t n = 0;

	if (!x.n || x.n > 18 || digits(x, 0) != x.n)
		return false;
	for (size_t i = 0; i < x.n; i++)
		n = n * 10 + (x.s[i] - '0');
	*value = n;
	return true;
}

/* Not strtod: the locale may want a comma. */
static bool
is_decimal(struct span x, double *value)
{
	size_t i = x.n && x.s[0] == '-', n = digits(x, i);
	double v = 0, scale = 1;

	if (!n)
		return false;
	for (; n--; i++)
		v = v * 10 + (x.s[i] - '0');
	if (i < x.n && x.s[i] == '.')
		for (n = digits(x, ++i); n--; i++)
			v += (x.s[i] - '0') * (scale /= 10);
	if (i + 1 < x.n && (x.s[i] == 'e' || x.s[i] == 'E')) {
		bool below = x.s[++i] == '-';
		int e = 0;

		i += below || x.s[i] == '+';
		for (n = digits(x, i); n--; i++)
			e = e < 1000 ? e * 10 + (x.s[i] - '0') : e;
		for (; e > 0 && v > 0 && v < 1e300; e--)
			v = below ? v / 10 : v * 10;
	}
	*value = x.s[0] == '-' ? -v : v;
	return i == x.n;
}

static bool
starts_with_word(struct span x, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (x.n >= 3 && strncasecmp(x.s, list[i], 3) == 0 &&
		    x.n <= strlen(list[i]) && strncasecmp(x.s, list[i], x.n) == 0)
			return true;
	return false;
}

static bool
is_calendar(struct span x)
{
	static const char *const name[] = {
		"January",   "February", "March",    "April",	"May",	    "June",
		"July",	     "August",	 "Sept",     "October", "November", "December",
		"September", "Monday",	 "Tuesday",  "Tues",	"Thurs",    "Wednesday",
		"Thursday",  "Friday",	 "Saturday", "Sunday",
	};

	while (x.n && strchr(".,:", x.s[x.n - 1]))
		x.n--;
	return starts_with_word(x, name, sizeof(name) / sizeof(*name));
}

/* Seconds since 1970, or a thousand, million … times that: from 2014 to 2033. */
static bool
is_epoch(struct span x)
{
	size_t n = digits(x, 0);

	return (n == x.n || x.s[n] == '.') &&
	       (n == 10 || n == 13 || n == 16 || n == 19) &&
	       ((x.s[0] == '1' && x.s[1] >= '4') || (x.s[0] == '2' && x.s[1] == '0'));
}

/* 20261126, 20261126T113000, 20261126113000 … */
static bool
is_stamp(struct span x)
{
	int month, day;

	if (digits(x, 0) < 8 || (x.s[0] != '2' && x.s[0] != '1') || x.s[1] > '9')
		return false;
	if (digits(x, 0) != 8 && digits(x, 0) != 12 && digits(x, 0) != 14)
		return false;
	month = (x.s[4] - '0') * 10 + x.s[5] - '0';
	day = (x.s[6] - '0') * 10 + x.s[7] - '0';
	return (memcmp(x.s, "20", 2) == 0 || memcmp(x.s, "19", 2) == 0) && month >= 1 &&
	       month <= 12 && day >= 1 && day <= 31;
}

/* 9:55, 2026-11-26, 26.11.2026, 11/26/26 */
static bool
has_clock(struct span x)
{
	for (size_t i = 0; i < x.n; i++) {
		size_t a = digits(x, i), b, c;

		if (!a)
			continue;
		b = i + a + 1 < x.n ? digits(x, i + a + 1) : 0;
		if (x.s[i + (a < x.n - i ? a : 0)] == ':' && a <= 2 && b == 2)
			return true;
		if (b && i + a + b + 2 < x.n && strchr("-./", x.s[i + a]) &&
		    x.s[i + a + 1 + b] == x.s[i + a]) {
			c = digits(x, i + a + b + 2);
			if ((a == 4 && b == 2 && c == 2) ||
			    (a <= 2 && b <= 2 &&
			     (c == 4 || (c == 2 && x.s[i + a] != '.'))))
				return true;
		}
		i += a;
	}
	return false;
}

static bool
is_unit(struct span x)
{
	static const char *const unit[] = { "s",       "ms",  "us",	 "ns",
					    "µs",      "sec", "secs",	 "second",
					    "seconds", "min", "minutes", "minute",
					    "hours",   "hour" };

	for (size_t i = 0; i < sizeof(unit) / sizeof(*unit); i++)
		if (is_text(x, unit[i]))
			return true;
	return false;
}

/* 0.012s, 0m0.003s, 12ms */
static bool
is_duration(struct span x)
{
	size_t n = 0;

	while (n < x.n && (isdigit((unsigned char)x.s[n]) || x.s[n] == '.'))
		n++;
	if (n && n < x.n && x.s[n] == 'm' && n + 1 < x.n && digits(x, n + 1))
		return x.s[x.n - 1] == 's';
	return n && n < x.n && is_unit((struct span){ x.s + n, x.n - n });
}

static bool
is_time(struct span x)
{
	return has_clock(x) || is_calendar(x) || is_epoch(x) || is_stamp(x) ||
	       is_duration(x);
}

static bool
is_address(struct span x)
{
	size_t n = 2;

	if (x.n < 8 || x.s[0] != '0' || x.s[1] != 'x')
		return false;
	while (n < x.n && isxdigit((unsigned char)x.s[n]))
		n++;
	return n >= 8;
}

static bool
is_temporary(struct span x)
{
	return has(x, "/tmp/") || has(x, "/tmp.") || has(x, "/dev/shm/") ||
	       (x.n > 4 && memcmp(x.s, "tmp", 3) == 0) || has(x, ".tmp");
}

/* ---- a pair of words ---- */

struct pair {
	struct span is, was, next; /* next: the word behind it */
	bool dated;		   /* another word of the line is a date or time */
	bool again;		   /* a second run differs here, too */
	const struct differ_facts *f;
};

/* What differs of the two, with whole numbers: "4711" of "log.4711". */
static void
core(struct span *a, struct span *b)
{
	size_t i = 0, j = 0, least = a->n < b->n ? a->n : b->n;

	while (i < least && a->s[i] == b->s[i])
		i++;
	while (i && isdigit((unsigned char)a->s[i - 1]))
		i--;
	while (j < least - i && a->s[a->n - 1 - j] == b->s[b->n - 1 - j])
		j++;
	while (j && isdigit((unsigned char)a->s[a->n - j]))
		j--;
	*a = (struct span){ a->s + i, a->n - i - j };
	*b = (struct span){ b->s + i, b->n - i - j };
}

static bool
is_pid(const struct differ_facts *f, int64_t n)
{
	for (size_t i = 0; i < f->pids; i++)
		if (f->pid[i] == n)
			return true;
	return false;
}

static bool
by_host(const struct pair *p)
{
	return has(p->is, p->f->host) && !has(p->was, p->f->host);
}

static bool
by_user(const struct pair *p)
{
	static const char *const home[] = { "/root", "/home/", "/nonexistent" };
	const struct differ_facts *f = p->f;

	if (is_text(p->is, f->user) || is_text(p->is, f->uid))
		return true;
	for (size_t i = 0; i < 3; i++)
		if (has(p->is, "/nonexistent") && has(p->was, home[i]))
			return true;
	return false;
}

static bool
by_rounding(double a, double b)
{
	double far = a > b ? a - b : b - a, x = a < 0 ? -a : a, y = b < 0 ? -b : b;

	return far > 0 && far < 1e-5 * (x > y ? x : y);
}

static enum differ_cause
why(const struct pair *p)
{
	struct span is = p->is, was = p->was;
	int64_t n, m;
	double a, b;

	if (by_host(p))
		return DIFFER_HOST;
	if (by_user(p))
		return DIFFER_USER;
	if ((is_time(p->is) && is_time(p->was)) ||
	    (is_unit(p->next) && is_decimal(p->is, &a) && is_decimal(p->was, &b)))
		return DIFFER_TIME;
	if (is_address(p->is) && is_address(p->was))
		return DIFFER_ADDRESS;
	core(&is, &was);
	if (is_time(is) && is_time(was))
		return DIFFER_TIME;
	if (is_integer(is, &n) && is_integer(was, &m)) {
		if (is_pid(p->f, m))
			return DIFFER_PROCESS;
		if (p->dated && m < 10000 && n < 10000)
			return DIFFER_TIME;
		if (n == p->f->cpus && same(is, p->is))
			return DIFFER_CPUS;
	}
	if (is_temporary(p->is) && is_temporary(p->was))
		return DIFFER_TEMPORARY;
	if (is_decimal(p->is, &a) && is_decimal(p->was, &b) && by_rounding(a, b))
		return DIFFER_ROUNDING;
	return p->again ? DIFFER_CHANCE : DIFFER_OTHER;
}

/* ---- all ---- */

static void
note(struct differ *out, enum differ_cause c, size_t line, struct span is,
     struct span was)
{
	struct differ_found *f = &out->found[c];

	if (f->any)
		return;
	f->any = true;
	f->line = line;
	str_init(&f->is);
	str_init(&f->was);
	str_setn(&f->is, is.s, is.n);
	str_setn(&f->was, was.s, was.n);
}

static void
compare_words(struct differ *out, size_t line, const span_list *is, const span_list *was,
	      const span_list *again, const struct differ_facts *facts)
{
	bool dated = false;

	for (size_t i = 0; i < is->n && !dated; i++)
		dated = has_clock(is->v[i]) || is_calendar(is->v[i]);
	for (size_t i = 0; i < is->n; i++) {
		struct pair p = { .is = is->v[i],
				  .was = was->v[i],
				  .next = i + 1 < is->n ? is->v[i + 1]
							: (struct span){ "", 0 },
				  .dated = dated,
				  .again = again && (again->n != is->n ||
						     !same(is->v[i], again->v[i])),
				  .f = facts };

		if (!same(p.is, p.was))
			note(out, why(&p), line, p.is, p.was);
	}
}

/* again: NULL, or that line of the second run. */
static void
compare_line(struct differ *out, size_t line, struct span is, struct span was,
	     const struct span *again, const struct differ_facts *facts)
{
	span_list a = { 0 }, b = { 0 }, c = { 0 };

	cut_words(is, &a);
	cut_words(was, &b);
	if (again)
		cut_words(*again, &c);
	if (same_set(&a, &b))
		note(out, DIFFER_ORDER, line, is, was);
	else if (a.n == b.n && a.n)
		compare_words(out, line, &a, &b, again ? &c : NULL, facts);
	else
		note(out, again && !same(is, *again) ? DIFFER_CHANCE : DIFFER_OTHER, line,
		     is, was);
	vec_fini(&a);
	vec_fini(&b);
	vec_fini(&c);
}

static struct span
line_at(const span_list *l, size_t i, bool *end)
{
	*end = i >= l->n;
	return *end ? (struct span){ "", 0 } : l->v[i];
}

/* What is behind the first line that was put in or left out is no matter of words. */
static void
compare_lines(struct differ *out, const span_list *is, const span_list *was,
	      const span_list *again, const struct differ_facts *facts)
{
	size_t most = is->n > was->n ? is->n : was->n;

	for (size_t i = 0; i < most; i++) {
		bool a, b;
		struct span x = line_at(is, i, &a), y = line_at(was, i, &b);

		if (!a && !b && same(x, y))
			continue;
		if (is->n != was->n) {
			bool chance = again && again->n != is->n;

			note(out, chance ? DIFFER_CHANCE : DIFFER_OTHER, i + 1, x, y);
			return;
		}
		compare_line(out, i + 1, x, y,
			     again && i < again->n ? &again->v[i] : NULL, facts);
	}
}

static void
first_line(struct differ *out, const span_list *is, const span_list *was)
{
	size_t i = 0;
	struct span x, y;

	while (i < is->n && i < was->n && same(is->v[i], was->v[i]))
		i++;
	out->line = i + 1;
	x = line_at(is, i, &out->is_end);
	y = line_at(was, i, &out->was_end);
	str_setn(&out->is, x.s, x.n);
	str_setn(&out->was, y.s, y.n);
}

void
differ_compare(struct differ *out, const struct str *is, const struct str *was,
	       const struct str *again, const struct differ_facts *facts)
{
	span_list a = { 0 }, b = { 0 }, c = { 0 };
	bool any = false;

	str_init(&out->is);
	str_init(&out->was);
	if (is->len == was->len && memcmp(is->s, was->s, is->len) == 0)
		return;
	cut_lines(is, &a);
	cut_lines(was, &b);
	if (again)
		cut_lines(again, &c);
	first_line(out, &a, &b);
	if (same_set(&a, &b))
		note(out, DIFFER_ORDER, out->line,
		     line_at(&a, out->line - 1, &out->is_end),
		     line_at(&b, out->line - 1, &out->was_end));
	else
		compare_lines(out, &a, &b, again ? &c : NULL, facts);
	for (int i = 0; i < DIFFER_CAUSES; i++)
		any |= out->found[i].any;
	if (!any) /* only the end of the last line */
		note(out, DIFFER_OTHER, out->line,
		     (struct span){ out->is.s, out->is.len },
		     (struct span){ out->was.s, out->was.len });
	vec_fini(&a);
	vec_fini(&b);
	vec_fini(&c);
}
