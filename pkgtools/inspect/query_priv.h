#ifndef CDE_INSPECT_QUERY_PRIV_H
#define CDE_INSPECT_QUERY_PRIV_H

#include <regex.h>

#include "inspect/query.h"

/* Inside of query*.c. */
enum term_kind {
	TERM_AND, /* left, right */
	TERM_OR,
	TERM_NOT,  /* left */
	TERM_WORD, /* text: part of the path */
	TERM_NAME, /* text: glob */
	TERM_PATH,
	TERM_RE,   /* re */
	TERM_TYPE, /* text; glob: it is one */
	TERM_KIND, /* text: letters */
	TERM_ORIGIN,
	TERM_CLASS, /* number */
	TERM_SIZE,  /* op, number */
	TERM_ACC,   /* number: bits; op 'n': none at all */
	TERM_STATE, /* text: letters */
	TERM_PROC,  /* rows, by query_bind */
	TERM_FLAG,  /* number: enum entry_flag */
	TERM_UNDER, /* text: a path, and all below it */
};

struct query_term {
	enum term_kind kind;
	int left, right;
	char *text;
	size_t len;
	bool glob;
	char op; /* size: < > = l (<=) g (>=) */
	uint64_t number;
	regex_t *re;
	VEC(uint32_t) rows; /* sorted */
};

int query_term_add(struct query *q, enum term_kind kind); /* its index */
bool query_is_glob(const char *text);

#endif
