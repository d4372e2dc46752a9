#include "base/str.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char str_empty[1] = "";

void
str_init(struct str *x)
{
	*x = (struct str)STR_INIT;
}

void
str_fini(struct str *x)
{
	if (x->cap)
		free(x->s);
	str_init(x);
}

void
str_clear(struct str *x)
{
	str_trunc(x, 0);
}

void
str_reserve(struct str *x, size_t extra)
{
	size_t need, cap = x->cap ? x->cap : 32;

	if (__builtin_add_overflow(x->len, extra, &need) || need >= SIZE_MAX / 2)
		mem_die();
	if (need < x->cap)
		return;
	while (cap <= need)
		cap *= 2;
	x->s = mem_resize(x->cap ? x->s : NULL, cap, 1);
	x->s[x->len] = '\0';
	x->cap = cap;
}

void
str_trunc(struct str *x, size_t len)
{
	if (len >= x->len)
		return;
	x->len = len;
	x->s[len] = '\0';
}

void
str_setn(struct str *x, const char *s, size_t n)
{
	/* s may point into x itself */
	if (x->cap && s >= x->s && s <= x->s + x->len) {
		memmove(x->s, s, n);
		x->len = n;
		x->s[n] = '\0';
		return;
	}
	str_clear(x);
	str_addn(x, s, n);
}

void
str_set(struct str *x, const char *s)
{
	str_setn(x, s, strlen(s));
}

void
str_addn(struct str *x, const char *s, size_t n)
{
	bool own = x->cap && s >= x->s && s <= x->s + x->len;
	size_t at = own ? (size_t)(s - x->s) : 0;

	if (n == 0)
		return;
	str_reserve(x, n);
	memcpy(x->s + x->len, own ? x->s + at : s, n);
	x->len += n;
	x->s[x->len] = '\0';
}

void
str_add(struct str *x, const char *s)
{
	str_addn(x, s, strlen(s));
}

void
str_addc(struct str *x, char c)
{
	str_reserve(x, 1);
	x->s[x->len++] = c;
	x->s[x->len] = '\0';
}

void
str_vaddf(struct str *x, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n <= 0)
		return;
	str_reserve(x, (size_t)n);
	vsnprintf(x->s + x->len, (size_t)n + 1, fmt, ap);
	x->len += (size_t)n;
}

void
str_addf(struct str *x, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	str_vaddf(x, fmt, ap);
	va_end(ap);
}

char *
str_take(struct str *x)
{
	char *s;

	str_reserve(x, 0);
	s = x->s;
	str_init(x);
	return s;
}

void
str_swap(struct str *a, struct str *b)
{
	struct str t = *a;

	*a = *b;
	*b = t;
}

bool
str_has_prefix(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool
str_has_suffix(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

int
str_order(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"
#define DIGITS	"0123456789"

/* A word that sh takes as it stands; "A=b" would be an assignment. */
static bool
is_plain_word(const char *s)
{
	size_t letters = strspn(s, LETTERS);

	if (letters && s[strspn(s, LETTERS DIGITS)] == '=')
		return false;
	return *s && s[strspn(s, LETTERS DIGITS "@%+=:,./-")] == '\0';
}

void
str_add_quoted(struct str *x, const char *text)
{
	if (is_plain_word(text)) {
		str_add(x, text);
		return;
	}
	str_addc(x, '\'');
	for (; *text; text++) {
		if (*text == '\'')
			str_add(x, "'\\''");
		else
			str_addc(x, *text);
	}
	str_addc(x, '\'');
}

/* Length of the printable UTF-8 sequence at s (1 to 4), or 0: to be escaped. */
static unsigned
utf8_printable(const unsigned char *s)
{
	uint32_t c;
	unsigned n;

	if (s[0] < 0x80)
		return s[0] >= 0x20 && s[0] != 0x7f && s[0] != '\\';
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	n = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	c = s[0] & (0xff >> (n + 1));
	for (unsigned i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if ((n == 3 && c < 0x800) || (n == 4 && c < 0x10000) || c > 0x10ffff)
		return 0;
	if ((c >= 0xd800 && c < 0xe000) || c < 0xa0)
		return 0;
	return n;
}

void
str_add_escaped(struct str *x, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	while (*s) {
		unsigned n = utf8_printable(s);

		if (n)
			str_addn(x, (const char *)s, n);
		else if (*s == '\n')
			str_add(x, "\\n");
		else if (*s == '\t')
			str_add(x, "\\t");
		else if (*s == '\\')
			str_add(x, "\\\\");
		else
			str_addf(x, "\\x%02x", *s);
		s += n ? n : 1;
	}
}

void
str_add_json(struct str *x, const char *text)
{
	str_addc(x, '"');
	for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
		size_t n = *c >= 0xf0 ? 4 : *c >= 0xe0 ? 3 : *c >= 0xc2 ? 2 : 1;

		for (size_t i = 1; i < n; i++)
			if ((c[i] & 0xc0) != 0x80)
				n = 1;
		if (n > 1) {
			str_addn(x, (const char *)c, n);
			c += n - 1;
		} else if (*c >= 0x80) {
			str_addf(x, "\\udc%02x", *c);
		} else if (*c == '"' || *c == '\\') {
			str_addf(x, "\\%c", *c);
		} else if (*c < 0x20 || *c == 0x7f) {
			str_addf(x, "\\u%04x", *c);
		} else {
			str_addc(x, (char)*c);
		}
	}
	str_addc(x, '"');
}
