#ifndef CDE_PKG_MANIFEST_PRIV_H
#define CDE_PKG_MANIFEST_PRIV_H

#include <pthread.h>
#include <sqlite3.h>
#include <time.h>

#include "pkg/manifest.h"

/* Inside of manifest*.c: what callers say (manifest.c), writing it (manifest_write.c),
 * reading (manifest_read.c), and what the database must look like (manifest_schema.c). */
enum stmt {
	ST_RUN,
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
	sqlite3_stmt *stmt[ST_COUNT]; /* ST_FIND: of who asks; the others: the writer's */
	int64_t processes, accesses;  /* of the run so far */

	pthread_mutex_t writing; /* of what the writer has */
	struct str batch;	 /* taken from the queue */
	int64_t run;
	bool ready; /* the statements of every run are */

	pthread_mutex_t lock; /* of all that follows; taken after `writing` */
	struct str queue;
	size_t rows;
	time_t since; /* first row of the batch */
	bool patient; /* somebody calls manifest_flush now and then */
	bool failed;  /* a batch could not be written; rows are kept */
	bool lost;    /* … and then given up */
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
