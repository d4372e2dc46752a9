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
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "pkg/manifest_priv.h"

enum { BATCH_ROWS = 5000, BATCH_SECONDS = 2 };
enum { BACKLOG_MAX = 64 << 20 }; /* bytes kept while the disk is full */
static const int64_t PROCESSES_PER_RUN = 10000000;

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
	" type=CASE WHEN mtime_ns=?7 AND ctime_ns=?8 THEN type END," \
	" origin_modified=CASE WHEN mtime_ns=?7 AND ctime_ns=?8 THEN origin_modified " \
	"END," \
	" origin_class=CASE WHEN mtime_ns=?7 AND ctime_ns=?8 THEN origin_class END," \
	" mtime_ns=?7, ctime_ns=?8"

static const char *const sql[ST_COUNT] = {
	[ST_FILE] = PUT_FILE,
	[ST_PLACEHOLDER] = PUT_FILE " WHERE state != 0",
	[ST_ACCESS] = "INSERT INTO access(file, process, kind, call, seq)"
		      " SELECT id, ?2, ?3, ?4, ?5 FROM file WHERE path=?1"
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
		"UPDATE file SET origin_class=?2, origin_package=?3, origin_version=?4,"
		" origin_sum=?5, origin_modified=NULL WHERE path=?1",
	[ST_FIND] = "SELECT " FILE_COLUMNS " FROM file WHERE path=?1",
};

static int
db_exec(struct manifest *m, const char *text, struct err *e)
{
	int rc = sqlite3_exec(m->db, text, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : manifest_err(m->db, rc, "write", e);
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

int
manifest_bind_name(sqlite3_stmt *s, int at, const char *name, size_t n)
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

int
manifest_stmt(struct manifest *m, enum stmt i, sqlite3_stmt **s)
{
	int rc = SQLITE_OK;

	if (!m->stmt[i])
		rc = sqlite3_prepare_v3(m->db, sql[i], -1, SQLITE_PREPARE_PERSISTENT,
					&m->stmt[i], NULL);
	*s = m->stmt[i];
	return rc;
}

/* Binds and steps the row at *at; moves *at behind it. */
static int
queue_write(struct manifest *m, size_t *at)
{
	const char *q = m->queue.s;
	sqlite3_stmt *s;
	int rc = manifest_stmt(m, (enum stmt)(unsigned char)q[(*at)++], &s);
	int n = q[(*at)++];

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
			rc = manifest_bind_name(s, i, q + *at + sizeof(len), len);
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
		manifest_err(m->db, rc, "write", e);
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
db_open(struct manifest *m, struct layout *l, struct err *e)
{
	AUTO(str_fini) struct str name = STR_INIT;
	int rc;

	str_addf(&name, "%s/%s", l->dir.s, PKG_MANIFEST);
	rc = sqlite3_open_v2(name.s, &m->db,
			     SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
				     SQLITE_OPEN_NOMUTEX,
			     NULL);
	if (rc != SQLITE_OK)
		return manifest_err(m->db, rc, "open", e);
	sqlite3_busy_timeout(m->db, 10000);
	if (db_exec(m, "PRAGMA synchronous = OFF", e) < 0)
		return -1;
	if (manifest_distrust(m->db, e) < 0)
		return -1;
	return manifest_prepare(m->db, e);
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

struct sqlite3 *
manifest_db(struct manifest *m)
{
	return m->db;
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
manifest_run(struct manifest *m, const struct manifest_command *c, struct err *e)
{
	AUTO(str_fini) struct str words = STR_INIT;
	sqlite3_stmt *s = NULL;
	int rc;

	join_argv(c->argv, &words);
	rc = sqlite3_prepare_v2(m->db,
				"INSERT INTO run(argv, cwd, started, engine, home) VALUES"
				"(?,?,strftime('%Y-%m-%dT%H:%M:%fZ','now'),?,?)",
				-1, &s, NULL);
	if (rc == SQLITE_OK) {
		manifest_bind_name(s, 1, words.s, words.len);
		manifest_bind_name(s, 2, c->cwd, strlen(c->cwd));
		sqlite3_bind_text(s, 3, c->engine, -1, SQLITE_STATIC);
		if (c->home)
			manifest_bind_name(s, 4, c->home, strlen(c->home));
		rc = sqlite3_step(s);
	}
	sqlite3_finalize(s);
	if (rc != SQLITE_DONE)
		return manifest_err(m->db, rc, "write", e);
	m->run = sqlite3_last_insert_rowid(m->db);
	m->processes = m->accesses = 0;
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
manifest_access(struct manifest *m, const char *path, int64_t process, unsigned kinds,
		const char *call)
{
	QUEUE(m, ST_ACCESS, "siisi", path, process, (int64_t)kinds, call, ++m->accesses);
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

static const char *
text_or_null(const char *s)
{
	return s && *s ? s : NULL;
}

void
manifest_origin(struct manifest *m, const char *path, const struct manifest_origin *o)
{
	QUEUE(m, ST_ORIGIN, "sssss", path, o->class, text_or_null(o->package),
	      text_or_null(o->version), text_or_null(o->sum));
}
