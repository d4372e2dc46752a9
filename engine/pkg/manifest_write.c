/*
 * Writing: what was queued goes into one transaction per batch.  It may be done by another
 * thread than those that queue rows; they then never wait for SQLite.
 *
 * Rollback journal, not WAL: a package must open on a read-only medium, where
 * a WAL database does not.  synchronous=OFF: a killed process loses nothing by
 * it, and after a power cut the files can be scanned again.
 */
#include <errno.h>
#include <string.h>

#include "pkg/manifest_priv.h"

enum { BUSY_MS = 10000 };
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
	[ST_RUN] = "INSERT INTO run(argv, cwd, started, engine, home) VALUES"
		   "(?1,?2,strftime('%Y-%m-%dT%H:%M:%fZ',?3/1e3,'unixepoch'),?4,?5)",
	[ST_RUN_END] = "UPDATE run SET status=?2, seconds=?3/1e6 WHERE id=?1",
	[ST_ORIGIN] =
		"UPDATE file SET origin_class=?2, origin_package=?3, origin_version=?4,"
		" origin_sum=?5, origin_modified=NULL WHERE path=?1",
	[ST_FIND] = "SELECT " FILE_COLUMNS " FROM file WHERE path=?1",
};

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

void
manifest_start_small(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
	sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0);
}

static int
db_open(struct manifest *m, const struct layout *l, struct err *e)
{
	AUTO(str_fini) struct str name = STR_INIT;
	int rc;

	str_addf(&name, "%s/%s", l->dir.s, PKG_MANIFEST);
	/* serialized: others read while one writes */
	rc = sqlite3_open_v2(name.s, &m->db,
			     SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
				     SQLITE_OPEN_FULLMUTEX,
			     NULL);

	if (rc != SQLITE_OK)
		return manifest_err(m->db, rc, "open", e);
	sqlite3_busy_timeout(m->db, BUSY_MS);
	rc = sqlite3_exec(m->db, "PRAGMA synchronous = OFF", NULL, NULL, NULL);
	if (rc != SQLITE_OK)
		return manifest_err(m->db, rc, "write", e);
	if (manifest_distrust(m->db, e) < 0)
		return -1;
	return manifest_prepare(m->db, e);
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

/* The value at *at; moves *at behind it. */
static int
bind_value(struct manifest *m, sqlite3_stmt *s, int i, size_t *at)
{
	const char *q = m->batch.s;
	char type = q[(*at)++];
	int64_t v;
	uint32_t len;

	switch (type) {
	case 'i':
	case 'p':
		memcpy(&v, q + *at, sizeof(v));
		*at += sizeof(v);
		if (type == 'p' && v)
			v += m->run * PROCESSES_PER_RUN;
		return sqlite3_bind_int64(s, i, v);
	case 's':
		memcpy(&len, q + *at, sizeof(len));
		*at += sizeof(len) + len;
		return manifest_bind_name(s, i, q + *at - len, len);
	case 'r':
		return sqlite3_bind_int64(s, i, m->run);
	default:
		return sqlite3_bind_null(s, i);
	}
}

static int
write_row(struct manifest *m, size_t *at)
{
	enum stmt st = (enum stmt)(unsigned char)m->batch.s[(*at)++];
	int n = m->batch.s[(*at)++], rc;
	sqlite3_stmt *s;

	rc = manifest_stmt(m, st, &s);
	for (int i = 1; i <= n && rc == SQLITE_OK; i++)
		rc = bind_value(m, s, i, at);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(s);
	sqlite3_reset(s);
	if (rc == SQLITE_DONE && st == ST_RUN)
		m->run = sqlite3_last_insert_rowid(m->db);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* In a transaction that has begun; ends it. */
static int
write_batch(struct manifest *m, struct err *e)
{
	int64_t run = m->run;
	int rc = SQLITE_OK;

	for (size_t at = 0; at < m->batch.len && rc == SQLITE_OK;)
		rc = write_row(m, &at);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(m->db, "COMMIT", NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		return 0;
	manifest_err(m->db, rc, "write", e);
	sqlite3_exec(m->db, "ROLLBACK", NULL, NULL, NULL);
	m->run = run;
	return -1;
}

/* What is queued joins what could not be written. */
static void
take_rows(struct manifest *m)
{
	pthread_mutex_lock(&m->lock);
	if (m->batch.len)
		str_addn(&m->batch, m->queue.s, m->queue.len);
	else
		str_swap(&m->batch, &m->queue);
	str_clear(&m->queue);
	m->rows = 0;
	pthread_mutex_unlock(&m->lock);
}

static void
batch_done(struct manifest *m, bool written)
{
	bool lost = !written && m->batch.len > BACKLOG_MAX;

	if (written)
		str_clear(&m->batch);
	if (lost)
		str_fini(&m->batch);
	pthread_mutex_lock(&m->lock);
	m->failed = !written;
	m->lost |= lost;
	pthread_mutex_unlock(&m->lock);
}

int
manifest_flush(struct manifest *m, struct err *e)
{
	int r = 0, rc;

	pthread_mutex_lock(&m->writing);
	take_rows(m);
	if (m->batch.len) {
		rc = sqlite3_exec(m->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
		r = rc == SQLITE_OK ? write_batch(m, e)
				    : manifest_err(m->db, rc, "write", e);
		batch_done(m, r == 0);
	}
	if (m->lost)
		r = err_set(e, ENOSPC, "%s: rows were lost", PKG_MANIFEST);
	pthread_mutex_unlock(&m->writing);
	return r;
}

static bool
has_rows(struct manifest *m)
{
	bool has;

	pthread_mutex_lock(&m->lock);
	has = m->rows > 0 && !m->failed;
	pthread_mutex_unlock(&m->lock);
	return has;
}

/* What the end of a short run would have to wait for. */
static void
make_ready(struct manifest *m)
{
	static const enum stmt often[] = { ST_RUN, ST_PROCESS, ST_ACCESS, ST_MISS,
					   ST_RUN_END };
	sqlite3_stmt *s;

	for (size_t i = 0; i < ARRAY_SIZE(often); i++)
		manifest_stmt(m, often[i], &s);
	m->ready = true;
}

/* Or not at all. */
static void
write_at_once(struct manifest *m)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	int rc;

	/* EXCLUSIVE: with it, COMMIT has nobody to wait for */
	sqlite3_busy_timeout(m->db, 0);
	rc = sqlite3_exec(m->db, "BEGIN EXCLUSIVE", NULL, NULL, NULL);
	sqlite3_busy_timeout(m->db, BUSY_MS);
	if (rc == SQLITE_OK) {
		take_rows(m);
		batch_done(m, write_batch(m, &e) == 0);
	}
}

void
manifest_flush_idle(struct manifest *m)
{
	if (pthread_mutex_trylock(&m->writing) != 0)
		return;
	if (!m->ready)
		make_ready(m);
	else if (has_rows(m))
		write_at_once(m);
	pthread_mutex_unlock(&m->writing);
}

static void
manifest_free(struct manifest *m)
{
	for (int i = 0; i < ST_COUNT; i++)
		sqlite3_finalize(m->stmt[i]);
	sqlite3_close(m->db);
	pthread_mutex_destroy(&m->writing);
	pthread_mutex_destroy(&m->lock);
	str_fini(&m->queue);
	str_fini(&m->batch);
	free(m);
}

struct manifest *
manifest_open(const struct layout *l, struct err *e)
{
	struct manifest *m = mem_alloc(sizeof(*m));

	str_init(&m->queue);
	str_init(&m->batch);
	pthread_mutex_init(&m->writing, NULL);
	pthread_mutex_init(&m->lock, NULL);
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
