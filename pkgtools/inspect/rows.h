#ifndef CDE_INSPECT_ROWS_H
#define CDE_INSPECT_ROWS_H

#include "inspect/db.h"

/*
 * Inside of inspect: rows of `file` as entries, whatever the version of the manifest.
 * Names and numbers that cannot be are refused here, once for all.
 */
struct rows {
	struct package *p;
	sqlite3_stmt *s;
	struct str path, package, version, type; /* what the entry points to */
	struct str class;
	enum origin_class origin; /* of class */
	bool same_origin;	  /* as the row before */
	struct entry x;
};

void rows_fini(struct rows *r);

/* `tail`: "WHERE … ORDER BY …", or "".  bare: no origin, type and notes. */
int rows_open(struct rows *r, struct package *p, const char *tail, bool bare,
	      struct err *e);

/* 1: r->x is the next row; 0: no more; -1. */
int rows_next(struct rows *r, struct err *e);

/* ENTRY_HOST … ENTRY_INHERITED, by the rules. */
unsigned rows_pins(const struct package *p, const char *path, size_t len);

enum { ROWS_PATH_MAX = 32768 };

#endif
