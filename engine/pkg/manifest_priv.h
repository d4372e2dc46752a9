#ifndef CDE_PKG_MANIFEST_PRIV_H
#define CDE_PKG_MANIFEST_PRIV_H

#include <sqlite3.h>
#include <time.h>

#include "pkg/manifest.h"

/* Inside of manifest*.c: writing (manifest.c), reading (manifest_read.c), and what the
 * database must look like (manifest_schema.c). */
enum stmt {
	ST_FILE,
	ST_PLACEHOLDER,
	ST_ACCESS,
	ST_LISTING,
	ST_MISS,
	ST_NOTE,
	ST_PROCESS,
	ST_RUN_END,
	ST_ORIGIN,
	ST_FIND,
	ST_COUNT,
};

struct manifest {
	sqlite3 *db;
	sqlite3_stmt *stmt[ST_COUNT];
	struct str queue;
	size_t rows;
	time_t since; /* first row of the batch */
	int64_t run, processes, accesses;
	bool failed; /* a batch could not be written; rows are kept */
	bool lost;   /* … and then given up */
};

#define FILE_COLUMNS \
	"path, mode, uid, gid, size, mtime_ns, ctime_ns, dev, ino, link, state," \
	" listed, note"

/* The statement, prepared when it is wanted first; an SQLite code. */
int manifest_stmt(struct manifest *m, enum stmt i, sqlite3_stmt **s);
int manifest_err(sqlite3 *db, int rc, const char *what, struct err *e); /* -1 */
int64_t manifest_number(sqlite3 *db, const char *text); /* one integer, or -1 */
int manifest_bind_name(sqlite3_stmt *s, int at, const char *name, size_t n);

/* Makes the tables in an empty file, or brings it to this version. */
int manifest_prepare(sqlite3 *db, struct err *e);

#endif
