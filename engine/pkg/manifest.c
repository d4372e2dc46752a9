/*
 * manifest.db.  Callers never wait for SQLite: each row is appended to one
 * buffer as a statement number and its values, and manifest_flush binds and
 * steps them in a single transaction.  A batch ends after BATCH_ROWS rows or
 * BATCH_SECONDS, so a killed capture loses little.
 *
 * Rollback journal, not WAL: a package must open on a read-only medium, where
 * a WAL database does not.  synchronous=OFF: a killed process loses nothing by
 * it, and after a power cut the files can be scanned again.
 */
#include "pkg/manifest.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

enum { APPLICATION_ID = 0x43444531, BATCH_ROWS = 5000, BATCH_SECONDS = 2 };
enum { BACKLOG_MAX = 64 << 20 }; /* bytes kept while the disk is full */
static const int64_t PROCESSES_PER_RUN = 10000000;

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
	int64_t run, processes;
	bool failed; /* a batch could not be written; rows are kept */
	bool lost;   /* … and then given up */
};

static const char schema[] =
	"CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;"
	"CREATE TABLE run(id INTEGER PRIMARY KEY, argv, cwd, started TEXT, seconds REAL,"
	" status INTEGER, engine TEXT);"
	"CREATE TABLE process(id INTEGER PRIMARY KEY, run INTEGER NOT NULL, parent "
	"INTEGER,"
	" pid INTEGER, exe, argv);"
	"CREATE TABLE file(id INTEGER PRIMARY KEY, path UNIQUE NOT NULL, kind TEXT,"
	" mode INTEGER, uid INTEGER, gid INTEGER, size INTEGER, mtime_ns INTEGER,"
	" ctime_ns INTEGER, dev INTEGER, ino INTEGER, link, state INTEGER NOT NULL,"
	" listed INTEGER NOT NULL DEFAULT 0, note, run INTEGER, sha256 TEXT,"
	" origin_class TEXT, origin_package TEXT, origin_version TEXT, mime TEXT,"
	" description TEXT);"
	"CREATE TABLE access(file INTEGER NOT NULL, process INTEGER NOT NULL,"
	" kind INTEGER NOT NULL, PRIMARY KEY(file, process)) WITHOUT ROWID;"
	"CREATE TABLE listing(dir INTEGER NOT NULL, name NOT NULL, type TEXT, run "
	"INTEGER,"
	" PRIMARY KEY(dir, name)) WITHOUT ROWID;"
	"CREATE TABLE miss(id INTEGER PRIMARY KEY, run INTEGER NOT NULL, path NOT NULL,"
	" call TEXT, errno INTEGER, process INTEGER, count INTEGER);"
	"CREATE TABLE note(run INTEGER NOT NULL, what TEXT NOT NULL, count INTEGER,"
	" PRIMARY KEY(run, what)) WITHOUT ROWID;"
	"CREATE TABLE edit(id INTEGER PRIMARY KEY, grp INTEGER, verb TEXT, path, arg,"
	" at TEXT, done INTEGER, written INTEGER);"
	"PRAGMA application_id = 0x43444531;"
	"PRAGMA user_version = 1;";

#define FILE_COLUMNS \
	"path, mode, uid, gid, size, mtime_ns, ctime_ns, dev, ino, link, state," \
	" listed, note"
#define PUT_FILE \
	"INSERT INTO file(path, kind, mode, uid, gid, size, mtime_ns, ctime_ns, dev, " \
	"ino," \
	" link, state, listed, note, run)" \
	" VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15)" \
	" ON CONFLICT(path) DO UPDATE SET kind=?2, mode=?3, uid=?4, gid=?5, size=?6," \
	" dev=?9, ino=?10, link=?11, state=?12, listed=?13, note=?14, run=?15," \
	" sha256=CASE WHEN mtime_ns=?7 AND ctime_ns=?8 THEN sha256 END," \
	" mime=CASE WHEN mtime_ns=?7 AND ctime_ns=?8 THEN mime END," \
	" description=CASE WHEN mtime_ns=?7 AND ctime_ns=?8 THEN description END," \
	" origin_class=CASE WHEN mtime_ns=?7 AND ctime_ns=?8 THEN origin_class END," \
	" mtime_ns=?7, ctime_ns=?8"

static const char *const sql[ST_COUNT] = {
	[ST_FILE] = PUT_FILE,
	[ST_PLACEHOLDER] = PUT_FILE " WHERE state != 0",
	[ST_ACCESS] = "INSERT INTO access(file, process, kind)"
		      " SELECT id, ?2, ?3 FROM file WHERE path=?1"
		      " ON CONFLICT(file, process) DO UPDATE SET kind = kind | ?3",
	[ST_LISTING] = "INSERT OR REPLACE INTO listing(dir, name, type, run)"
		       " SELECT id, ?2, ?3, ?4 FROM file WHERE path=?1",
	[ST_MISS] = "INSERT INTO miss(run, path, call, errno, process, count)"
		    " VALUES(?1,?2,?3,?4,?5,?6)",
	[ST_NOTE] = "INSERT INTO note(run, what, count) VALUES(?1,?2,?3)"
		    " ON CONFLICT(run, what) DO UPDATE SET count = count + ?3",
	[ST_PROCESS] = "INSERT INTO process(id, run, parent, pid, exe, argv)"
		       " VALUES(?1,?2,?3,?4,?5,?6)",
	[ST_RUN_END] = "UPDATE run SET status=?2, seconds=?3/1e6 WHERE id=?1",
	[ST_ORIGIN] =
		"UPDATE file SET origin_class=?2, origin_package=?3, origin_version=?4"
		" WHERE path=?1",
	[ST_FIND] = "SELECT " FILE_COLUMNS " FROM file WHERE path=?1",
};

static int
db_err(struct manifest *m, int rc, const char *what, struct err *e)
{
	bool full = (rc & 0xff) == SQLITE_FULL;

	return err_set(e, full ? ENOSPC : 0, "%s: %s: %s", PKG_MANIFEST, what,
		       m->db ? sqlite3_errmsg(m->db) : sqlite3_errstr(rc));
}

static int
db_exec(struct manifest *m, const char *text, struct err *e)
{
	int rc = sqlite3_exec(m->db, text, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : db_err(m, rc, "write", e);
}

/* One integer, or -1. */
static int64_t
db_number(struct manifest *m, const char *text)
{
	sqlite3_stmt *s = NULL;
	int64_t n = -1;

	if (sqlite3_prepare_v2(m->db, text, -1, &s, NULL) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW)
		n = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return n;
}

static bool
is_utf8(const char *s, size_t n)
{
	for (size_t i = 0; i < n;) {
		unsigned char c = s[i++];
		unsigned more = c < 0x80		? 0
				: c >= 0xc2 && c < 0xe0 ? 1
				: c >= 0xe0 && c < 0xf0 ? 2
				: c >= 0xf0 && c < 0xf5 ? 3
							: 9;

		if (more == 9 || more > n - i)
			return false;
		while (more--)
			if (((unsigned char)s[i++] & 0xc0) != 0x80)
				return false;
	}
	return true;
}

static int
bind_name(sqlite3_stmt *s, int at, const char *name, size_t n)
{
	return is_utf8(name, n) ? sqlite3_bind_text(s, at, name, n, SQLITE_STATIC)
				: sqlite3_bind_blob(s, at, name, n, SQLITE_STATIC);
}

/*
 * The queue: [stmt][number of values] then per value 'i' and 8 bytes, 's', 4
 * bytes of length and the text, or 'n' for NULL.
 */
static void
queue_add(struct manifest *m, enum stmt st, const char *types, ...)
{
	va_list ap;

	if (m->lost)
		return;
	str_addc(&m->queue, (char)st);
	str_addc(&m->queue, (char)strlen(types));
	va_start(ap, types);
	for (; *types; types++) {
		if (*types == 'i') {
			int64_t v = va_arg(ap, int64_t);

			str_addc(&m->queue, 'i');
			str_addn(&m->queue, (char *)&v, sizeof(v));
			continue;
		}
		const char *text = va_arg(ap, const char *);

		str_addc(&m->queue, text ? 's' : 'n');
		if (text) {
			uint32_t n = strlen(text);

			str_addn(&m->queue, (char *)&n, sizeof(n));
			str_addn(&m->queue, text, n);
		}
	}
	va_end(ap);
}

static void
queue_end(struct manifest *m)
{
	time_t now = time(NULL);

	if (m->rows++ == 0)
		m->since = now;
	if (m->rows % BATCH_ROWS && (m->failed || now - m->since < BATCH_SECONDS))
		return;
	AUTO(err_fini) struct err e = ERR_INIT;

	m->since = now;
	if (manifest_flush(m, &e) < 0 && m->queue.len > BACKLOG_MAX) {
		str_fini(&m->queue);
		m->lost = true;
	}
}

#define QUEUE(...) (queue_add(__VA_ARGS__), queue_end(m))

/* Binds and steps the row at *at; moves *at behind it. */
static int
queue_write(struct manifest *m, size_t *at)
{
	const char *q = m->queue.s;
	sqlite3_stmt *s = m->stmt[(unsigned char)q[(*at)++]];
	int n = q[(*at)++], rc = SQLITE_OK;

	for (int i = 1; i <= n && rc == SQLITE_OK; i++) {
		char type = q[(*at)++];
		int64_t v;
		uint32_t len;

		if (type == 'i') {
			memcpy(&v, q + *at, sizeof(v));
			*at += sizeof(v);
			rc = sqlite3_bind_int64(s, i, v);
		} else if (type == 's') {
			memcpy(&len, q + *at, sizeof(len));
			rc = bind_name(s, i, q + *at + sizeof(len), len);
			*at += sizeof(len) + len;
		} else {
			rc = sqlite3_bind_null(s, i);
		}
	}
	if (rc == SQLITE_OK)
		rc = sqlite3_step(s);
	sqlite3_reset(s);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int
manifest_flush(struct manifest *m, struct err *e)
{
	int rc = SQLITE_OK;

	if (m->lost)
		return err_set(e, ENOSPC, "%s: rows were lost", PKG_MANIFEST);
	if (m->queue.len == 0)
		return 0;
	if (db_exec(m, "BEGIN IMMEDIATE", e) < 0) {
		m->failed = true;
		return -1;
	}
	for (size_t at = 0; at < m->queue.len && rc == SQLITE_OK;)
		rc = queue_write(m, &at);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(m->db, "COMMIT", NULL, NULL, NULL);
	if (rc != SQLITE_OK) {
		db_err(m, rc, "write", e);
		sqlite3_exec(m->db, "ROLLBACK", NULL, NULL, NULL);
		m->failed = true;
		return -1;
	}
	m->failed = false;
	m->rows = 0;
	str_clear(&m->queue);
	return 0;
}

static int
schema_check(struct manifest *m, struct err *e)
{
	int64_t app = db_number(m, "PRAGMA application_id");
	int64_t version = db_number(m, "PRAGMA user_version");

	if (app < 0 || version < 0)
		return db_err(m, SQLITE_NOTADB, "open", e);
	if (app == 0 && version == 0 &&
	    db_number(m, "SELECT count(*) FROM sqlite_master") == 0)
		return 1;
	if (app != APPLICATION_ID)
		return err_set(e, 0, "%s: not a manifest of cde", PKG_MANIFEST);
	if (version > MANIFEST_VERSION)
		return err_set(e, 0,
			       "%s: format %lld was written by a newer cde; this one "
			       "knows %d",
			       PKG_MANIFEST, (long long)version, MANIFEST_VERSION);
	return 0;
}

static int
db_prepare(struct manifest *m, struct err *e)
{
	for (int i = 0; i < ST_COUNT; i++) {
		int rc = sqlite3_prepare_v3(m->db, sql[i], -1, SQLITE_PREPARE_PERSISTENT,
					    &m->stmt[i], NULL);

		if (rc != SQLITE_OK)
			return db_err(m, rc, "prepare", e);
	}
	return 0;
}

static int
db_open(struct manifest *m, struct layout *l, struct err *e)
{
	AUTO(str_fini) struct str name = STR_INIT;
	int rc, fresh;

	str_addf(&name, "%s/%s", l->dir.s, PKG_MANIFEST);
	rc = sqlite3_open_v2(name.s, &m->db,
			     SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
				     SQLITE_OPEN_NOMUTEX,
			     NULL);
	if (rc != SQLITE_OK)
		return db_err(m, rc, "open", e);
	sqlite3_busy_timeout(m->db, 10000);
	if (db_exec(m, "PRAGMA synchronous = OFF", e) < 0)
		return -1;
	fresh = schema_check(m, e);
	if (fresh == 1) { /* another cde may be doing the same just now */
		if (db_exec(m, "BEGIN IMMEDIATE", e) < 0)
			return -1;
		fresh = schema_check(m, e);
		if (fresh < 0 || (fresh && db_exec(m, schema, e) < 0) ||
		    db_exec(m, "COMMIT", e) < 0)
			return -1;
	}
	return fresh < 0 ? -1 : db_prepare(m, e);
}

static void
manifest_free(struct manifest *m)
{
	for (int i = 0; i < ST_COUNT; i++)
		sqlite3_finalize(m->stmt[i]);
	sqlite3_close(m->db);
	str_fini(&m->queue);
	free(m);
}

struct manifest *
manifest_open(struct layout *l, struct err *e)
{
	struct manifest *m = mem_alloc(sizeof(*m));

	str_init(&m->queue);
	if (db_open(m, l, e) == 0)
		return m;
	manifest_free(m);
	return NULL;
}

int
manifest_close(struct manifest *m, struct err *e)
{
	int r = manifest_flush(m, e);

	manifest_free(m);
	return r;
}

static void
join_argv(char *const *argv, struct str *out)
{
	for (; *argv; argv++) {
		if (out->len)
			str_addc(out, ' ');
		str_add_quoted(out, *argv);
	}
}

int64_t
manifest_run(struct manifest *m, char *const *argv, const char *cwd, const char *engine,
	     struct err *e)
{
	AUTO(str_fini) struct str words = STR_INIT;
	sqlite3_stmt *s = NULL;
	int rc;

	join_argv(argv, &words);
	rc = sqlite3_prepare_v2(m->db,
				"INSERT INTO run(argv, cwd, started, engine) VALUES"
				"(?,?,strftime('%Y-%m-%dT%H:%M:%fZ','now'),?)",
				-1, &s, NULL);
	if (rc == SQLITE_OK) {
		bind_name(s, 1, words.s, words.len);
		bind_name(s, 2, cwd, strlen(cwd));
		sqlite3_bind_text(s, 3, engine, -1, SQLITE_STATIC);
		rc = sqlite3_step(s);
	}
	sqlite3_finalize(s);
	if (rc != SQLITE_DONE)
		return db_err(m, rc, "write", e);
	m->run = sqlite3_last_insert_rowid(m->db);
	m->processes = 0;
	return m->run;
}

void
manifest_run_end(struct manifest *m, int64_t run, int status, double seconds)
{
	QUEUE(m, ST_RUN_END, "iii", run, (int64_t)status, (int64_t)(seconds * 1e6));
}

/* The run is part of the number: captures into one package at the same time
 * need not ask each other. */
int64_t
manifest_process(struct manifest *m, int64_t run, int64_t parent, pid_t pid,
		 const char *exe, const char *argv_joined)
{
	int64_t id = run * PROCESSES_PER_RUN + ++m->processes;

	QUEUE(m, ST_PROCESS, "iiiiss", id, run, parent, (int64_t)pid, exe, argv_joined);
	return id;
}

static const char *
kind_of(mode_t mode)
{
	return S_ISREG(mode)	? "f"
	       : S_ISDIR(mode)	? "d"
	       : S_ISLNK(mode)	? "l"
	       : S_ISFIFO(mode) ? "p"
	       : S_ISSOCK(mode) ? "s"
	       : S_ISCHR(mode)	? "c"
	       : S_ISBLK(mode)	? "b"
				: "?";
}

static int64_t
ns_of(struct timespec t)
{
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static struct timespec
ns_to(int64_t ns)
{
	struct timespec t = { ns / 1000000000, ns % 1000000000 };

	if (t.tv_nsec < 0) {
		t.tv_sec--;
		t.tv_nsec += 1000000000;
	}
	return t;
}

void
manifest_file(struct manifest *m, int64_t run, const struct manifest_file *f)
{
	const struct stat *st = &f->st;

	QUEUE(m, f->state == FILE_PLACEHOLDER ? ST_PLACEHOLDER : ST_FILE,
	      "ssiiiiiiiisiisi", f->path, kind_of(st->st_mode), (int64_t)st->st_mode,
	      (int64_t)st->st_uid, (int64_t)st->st_gid, (int64_t)st->st_size,
	      ns_of(st->st_mtim), ns_of(st->st_ctim), (int64_t)st->st_dev,
	      (int64_t)st->st_ino, f->link, (int64_t)f->state, (int64_t)f->listed,
	      f->note, run);
}

void
manifest_access(struct manifest *m, const char *path, int64_t process, unsigned kinds)
{
	QUEUE(m, ST_ACCESS, "sii", path, process, (int64_t)kinds);
}

void
manifest_listing(struct manifest *m, int64_t run, const char *dir, const char *name,
		 char type)
{
	char text[2] = { type, '\0' };

	QUEUE(m, ST_LISTING, "sssi", dir, name, text, run);
}

void
manifest_miss(struct manifest *m, int64_t run, const char *path, const char *call,
	      int err, int64_t process, unsigned count)
{
	QUEUE(m, ST_MISS, "issiii", run, path, call, (int64_t)err, process,
	      (int64_t)count);
}

void
manifest_note(struct manifest *m, int64_t run, const char *what, unsigned count)
{
	QUEUE(m, ST_NOTE, "isi", run, what, (int64_t)count);
}

void
manifest_origin(struct manifest *m, const char *path, const char *class,
		const char *package, const char *version)
{
	QUEUE(m, ST_ORIGIN, "ssss", path, class, package, version);
}

/* A column as C string; NULL for NULL, and for names that hold a NUL byte. */
static const char *
column_name(sqlite3_stmt *s, int at)
{
	const char *text = sqlite3_column_blob(s, at);
	size_t n = sqlite3_column_bytes(s, at);

	if (!text || memchr(text, '\0', n))
		return NULL;
	return (const char *)sqlite3_column_text(s, at); /* adds the NUL */
}

static void
row_to_file(sqlite3_stmt *s, struct manifest_file *f)
{
	*f = (struct manifest_file){
		.path = column_name(s, 0),
		.link = column_name(s, 9),
		.state = sqlite3_column_int(s, 10),
		.listed = sqlite3_column_int(s, 11),
		.note = column_name(s, 12),
	};
	f->st.st_mode = sqlite3_column_int64(s, 1);
	f->st.st_uid = sqlite3_column_int64(s, 2);
	f->st.st_gid = sqlite3_column_int64(s, 3);
	f->st.st_size = sqlite3_column_int64(s, 4);
	f->st.st_mtim = ns_to(sqlite3_column_int64(s, 5));
	f->st.st_ctim = ns_to(sqlite3_column_int64(s, 6));
	f->st.st_dev = sqlite3_column_int64(s, 7);
	f->st.st_ino = sqlite3_column_int64(s, 8);
}

int
manifest_each_file(struct manifest *m,
		   void (*cb)(void *ctx, const struct manifest_file *f), void *ctx,
		   struct err *e)
{
	sqlite3_stmt *s = NULL;
	struct manifest_file f;
	int rc;

	if (manifest_flush(m, e) < 0)
		return -1;
	rc = sqlite3_prepare_v2(m->db, "SELECT " FILE_COLUMNS " FROM file", -1, &s, NULL);
	while (s && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		row_to_file(s, &f);
		if (f.path && f.path[0] == '/')
			cb(ctx, &f);
	}
	sqlite3_finalize(s);
	return rc == SQLITE_DONE ? 0 : db_err(m, rc, "read", e);
}

int64_t
manifest_rows(struct manifest *m)
{
	return db_number(m, "SELECT coalesce(max(id), 0) FROM file");
}

void
manifest_find_file(struct manifest *m, const char *path,
		   void (*cb)(void *ctx, const struct manifest_file *f), void *ctx)
{
	sqlite3_stmt *s = m->stmt[ST_FIND];
	struct manifest_file f;

	if (bind_name(s, 1, path, strlen(path)) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW) {
		row_to_file(s, &f);
		cb(ctx, &f);
	}
	sqlite3_reset(s);
}

int
manifest_each_unowned(struct manifest *m, void (*cb)(void *ctx, const char *path),
		      void *ctx, struct err *e)
{
	sqlite3_stmt *s = NULL;
	int rc;

	if (manifest_flush(m, e) < 0)
		return -1;
	rc = sqlite3_prepare_v2(m->db,
				"SELECT path FROM file WHERE origin_class IS NULL"
				" AND state = 0 AND kind IN ('f','l')",
				-1, &s, NULL);
	while (s && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		const char *path = column_name(s, 0);

		if (path)
			cb(ctx, path);
	}
	sqlite3_finalize(s);
	return rc == SQLITE_DONE ? 0 : db_err(m, rc, "read", e);
}

int
manifest_totals(struct manifest *m, struct manifest_totals *out, struct err *e)
{
	static const char from[] = "FROM file WHERE state = 0 AND kind = 'f'";
	AUTO(str_fini) struct str q = STR_INIT;

	if (manifest_flush(m, e) < 0)
		return -1;
	str_addf(&q, "SELECT count(*) %s", from);
	out->files = db_number(m, q.s);
	str_clear(&q);
	str_addf(&q, "SELECT coalesce(sum(size), 0) %s", from);
	out->bytes = db_number(m, q.s);
	out->packages = db_number(m, "SELECT count(DISTINCT origin_package) FROM file");
	return 0;
}
