#ifndef CDE_BASE_STR_H
#define CDE_BASE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

/*
 * A growable byte string.  `s` is always NUL-terminated and never NULL, even
 * after STR_INIT (it then points to a shared empty string: do not write
 * through it while cap is 0).  May hold NUL bytes; `len` counts them.
 */
struct str {
	char *s;
	size_t len;
	size_t cap;
};

extern char str_empty[1];
#define STR_INIT \
	{ \
		str_empty, 0, 0 \
	}

void str_init(struct str *x);
void str_fini(struct str *x);		       /* frees; usable again */
void str_clear(struct str *x);		       /* len 0, keeps memory */
void str_reserve(struct str *x, size_t extra); /* room for extra bytes + NUL */
void str_trunc(struct str *x, size_t len);     /* shorter only */
void str_set(struct str *x, const char *s);
void str_setn(struct str *x, const char *s, size_t n);
void str_add(struct str *x, const char *s);
void str_addn(struct str *x, const char *s, size_t n);
void str_addc(struct str *x, char c);
void str_addf(struct str *x, const char *fmt, ...) PRINTF(2, 3);
void str_vaddf(struct str *x, const char *fmt, va_list ap) PRINTF(2, 0);
char *str_take(struct str *x); /* caller frees; x is empty */
void str_swap(struct str *a, struct str *b);

bool str_has_prefix(const char *s, const char *prefix);
bool str_has_suffix(const char *s, const char *suffix);

/* For qsort of C strings: the order of their bytes. */
int str_order(const void *a, const void *b);

/* Append `text` quoted for sh: plain words stay as they are, all else in '…'. */
void str_add_quoted(struct str *x, const char *text);

/*
 * Append `text` for a terminal or a log: control bytes, backslash and bytes
 * that are not valid UTF-8 as \xNN (\n, \t, \\ by name).
 */
void str_add_escaped(struct str *x, const char *text);

/* Append `text` as a JSON string; bytes that are not UTF-8 as \udcXX, as Python's
 * surrogateescape has it. */
void str_add_json(struct str *x, const char *text);

#endif
