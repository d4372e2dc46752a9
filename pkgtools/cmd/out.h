#ifndef CDE_CMD_OUT_H
#define CDE_CMD_OUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "base/str.h"

/*
 * Rows for people and programs.  A listing is a fixed table of columns; rows are
 * printed as they come, in constant memory.
 *
 *   table  columns aligned to their least width, names escaped; the last is not padded
 *   tsv    a line of column names, then lines; TAB between, names escaped
 *   json   {"cde-pkg":1,"verb":…,"rows":[{…},…]}, one row per line; a name that is no UTF-8
 *          is escaped, and "NAME_raw" has its bytes in base64
 *   0      the names only, each ended by NUL, bytes as they are
 */
enum out_format { OUT_TABLE, OUT_TSV, OUT_JSON, OUT_NUL };

enum out_kind {
	OUT_TEXT,   /* ours, ASCII */
	OUT_NAME,   /* bytes of a package */
	OUT_SIZE,   /* unsigned; table: 1.2 MiB */
	OUT_NUMBER, /* signed */
	OUT_TIME,   /* seconds since 1970 */
	OUT_BOOL,
	OUT_LIST, /* of names; TSV: joined by blanks */
};

struct out_column {
	const char *name; /* lower case; the key in JSON and TSV */
	enum out_kind kind;
	int width; /* least width in a table; negative: to the left */
};

struct out_cell {
	const char *s; /* OUT_TEXT, OUT_NAME; NULL: not known (JSON null, else "-") */
	size_t len;
	int64_t n;		 /* others; OUT_SIZE is cast */
	bool none;		 /* number that is not known */
	const char *style;	 /* OUT_STYLE_…, or NULL */
	const char *const *list; /* OUT_LIST: n C strings */
};

#define OUT_STYLE_BOLD "1"
#define OUT_STYLE_DIM  "2"
#define OUT_STYLE_RED  "31"
#define OUT_STYLE_BLUE "34"

struct out {
	enum out_format format;
	bool color, begun, failed;
	bool vertical; /* set before out_begin: table has a line per column */
	const char *verb;
	const struct out_column *column;
	size_t ncolumns;
	uint64_t rows;
	FILE *to;
};

/* Header of the listing; also for one without rows. */
void out_begin(struct out *o, const char *verb, const struct out_column *column,
	       size_t n);
void out_row(struct out *o, const struct out_cell *cell);

/* End of the listing.  An error is a full disk; a reader that went away is none. */
int out_end(struct out *o, struct err *e);

/* "table", "tsv", "json", "0"; false: none of them. */
bool out_parse_format(const char *word, enum out_format *f);

static inline struct out_cell
out_text(const char *s)
{
	return (struct out_cell){ .s = s, .len = s ? __builtin_strlen(s) : 0 };
}

static inline struct out_cell
out_number(int64_t n)
{
	return (struct out_cell){ .n = n };
}

#endif
