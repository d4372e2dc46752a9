#ifndef CDE_INSPECT_DB_H
#define CDE_INSPECT_DB_H

#include <sqlite3.h>

#include "inspect/package.h"

/*
 * Short forms for SQL on the manifest (its tables: pkg/manifest.h).  All work without
 * manifest, too: db_prepare then fails, so ask p->db first.  Names are bytes: TEXT when
 * they are UTF-8, else BLOB; db_bind_name and db_name keep that.
 */
void db_finalize(sqlite3_stmt **s); /* AUTO(db_finalize) sqlite3_stmt *s = NULL; */

int db_prepare(struct package *p, sqlite3_stmt **s, const char *sql, struct err *e);
int db_exec(struct package *p, const char *sql, struct err *e);

/* One transaction for all the reading: else each look-up locks the file anew.  False: it
 * is in one already, or could not. */
bool db_begin_read(struct package *p);
void db_end_read(struct package *p, bool begun);

/* 1: a row; 0: no more; -1: error. */
int db_step(struct package *p, sqlite3_stmt *s, struct err *e);

/* The first column of the first row, or `none`. */
int64_t db_number(struct package *p, const char *sql, int64_t none);

void db_bind_name(sqlite3_stmt *s, int at, const char *name, size_t len);

/* A column as C string, good until the next step; NULL for NULL and for what has a NUL
 * byte.  len may be NULL. */
const char *db_name(sqlite3_stmt *s, int at, size_t *len);
void db_text(sqlite3_stmt *s, int at, struct str *out); /* replaces; "" for NULL */
char *db_dup(sqlite3_stmt *s, int at);			/* heap; NULL stays NULL */

/* Is it an absolute, clean name ("/" too): no "//", no "." or "..", no slash at the end? */
bool db_is_path(const char *path, size_t len);

int db_fail(struct package *p, const char *what, struct err *e); /* -1 */

#endif
