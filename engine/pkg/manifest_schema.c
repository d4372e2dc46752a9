/*
 * What a manifest looks like on disk, from version to version.  The file may come from
 * anybody: what could run when it is read (triggers, views, virtual tables) makes it
 * somebody else's.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pkg/manifest_priv.h"

/* clang-format off */
#define FACT_TABLE \
	"CREATE TABLE fact(file INTEGER NOT NULL, key TEXT NOT NULL, value NOT NULL," \
	" PRIMARY KEY(file, key, value)) WITHOUT ROWID;" \
	"CREATE INDEX fact_value ON fact(key, value);"

/* kept: rows of `file` that an edit took away, to be brought back; move: renames that a
 * write has still to do (inspect/edit_priv.h) */
#define EDIT_TABLES \
	"CREATE TABLE kept(id INTEGER PRIMARY KEY, edit INTEGER NOT NULL," \
	" side INTEGER NOT NULL, old INTEGER, path NOT NULL, kind TEXT, mode INTEGER," \
	" uid INTEGER, gid INTEGER, size INTEGER, mtime_ns INTEGER, ctime_ns INTEGER," \
	" dev INTEGER, ino INTEGER, link, state INTEGER NOT NULL, listed INTEGER NOT NULL" \
	" DEFAULT 0, note, run INTEGER, sha256 TEXT, origin_class TEXT, origin_package" \
	" TEXT, origin_version TEXT, mime TEXT, description TEXT, type TEXT, origin_sum" \
	" TEXT, origin_modified INTEGER);" \
	"CREATE INDEX kept_edit ON kept(edit, side);" \
	"CREATE TABLE move(id INTEGER PRIMARY KEY, what TEXT NOT NULL, edit INTEGER," \
	" side INTEGER, path);"

static const char schema[] =
	"CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;"
	"CREATE TABLE run(id INTEGER PRIMARY KEY, argv, cwd, started TEXT, seconds REAL,"
	" status INTEGER, engine TEXT, home);"
	"CREATE TABLE process(id INTEGER PRIMARY KEY, run INTEGER NOT NULL, parent "
	"INTEGER,"
	" pid INTEGER, exe, argv);"
	"CREATE TABLE file(id INTEGER PRIMARY KEY, path UNIQUE NOT NULL, kind TEXT,"
	" mode INTEGER, uid INTEGER, gid INTEGER, size INTEGER, mtime_ns INTEGER,"
	" ctime_ns INTEGER, dev INTEGER, ino INTEGER, link, state INTEGER NOT NULL,"
	" listed INTEGER NOT NULL DEFAULT 0, note, run INTEGER, sha256 TEXT,"
	" origin_class TEXT, origin_package TEXT, origin_version TEXT, mime TEXT,"
	" description TEXT, type TEXT, origin_sum TEXT,"
	" origin_modified INTEGER);"
	FACT_TABLE
	"CREATE TABLE access(file INTEGER NOT NULL, process INTEGER NOT NULL,"
	" kind INTEGER NOT NULL, call TEXT, seq INTEGER,"
	" PRIMARY KEY(file, process)) WITHOUT ROWID;"
	"CREATE TABLE listing(dir INTEGER NOT NULL, name NOT NULL, type TEXT, run "
	"INTEGER,"
	" PRIMARY KEY(dir, name)) WITHOUT ROWID;"
	"CREATE TABLE miss(id INTEGER PRIMARY KEY, run INTEGER NOT NULL, path NOT NULL,"
	" call TEXT, errno INTEGER, process INTEGER, count INTEGER);"
	"CREATE TABLE note(run INTEGER NOT NULL, what TEXT NOT NULL, count INTEGER,"
	" PRIMARY KEY(run, what)) WITHOUT ROWID;"
	"CREATE TABLE edit(id INTEGER PRIMARY KEY, grp INTEGER, verb TEXT, path, arg,"
	" at TEXT, done INTEGER, written INTEGER, why, before);"
	EDIT_TABLES
	"PRAGMA application_id = 0x43444531;"
	"PRAGMA user_version = 3;";

/* [n]: from version n to n + 1 */
static const char *const step[MANIFEST_VERSION] = {
	[1] = "ALTER TABLE file ADD COLUMN type TEXT;"
	      "ALTER TABLE file ADD COLUMN origin_sum TEXT;"
	      "ALTER TABLE file ADD COLUMN origin_modified INTEGER;"
	      "ALTER TABLE run ADD COLUMN home;"
	      FACT_TABLE
	      "ALTER TABLE edit ADD COLUMN why;"
	      "ALTER TABLE edit ADD COLUMN before;"
	      EDIT_TABLES
	      "PRAGMA user_version = 2;",
	[2] = "ALTER TABLE access ADD COLUMN call TEXT;"
	      "ALTER TABLE access ADD COLUMN seq INTEGER;"
	      "PRAGMA user_version = 3;",
};
/* clang-format on */

int
manifest_err(sqlite3 *db, int rc, const char *what, struct err *e)
{
	bool full = (rc & 0xff) == SQLITE_FULL;

	return err_set(e, full ? ENOSPC : 0, "%s: %s: %s", PKG_MANIFEST, what,
		       db ? sqlite3_errmsg(db) : sqlite3_errstr(rc));
}

int64_t
manifest_number(sqlite3 *db, const char *text)
{
	sqlite3_stmt *s = NULL;
	int64_t n = -1;

	if (sqlite3_prepare_v2(db, text, -1, &s, NULL) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW)
		n = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return n;
}

static int
run_text(sqlite3 *db, const char *text, struct err *e)
{
	int rc = sqlite3_exec(db, text, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : manifest_err(db, rc, "write", e);
}

int
manifest_distrust(sqlite3 *db, struct err *e)
{
	static const int off[] = { SQLITE_DBCONFIG_ENABLE_TRIGGER,
				   SQLITE_DBCONFIG_ENABLE_VIEW,
				   SQLITE_DBCONFIG_TRUSTED_SCHEMA };

	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(off); i++)
		sqlite3_db_config(db, off[i], 0, NULL);
	return run_text(db, "PRAGMA cell_size_check = ON", e);
}

/* How many objects there are, how many that are never ours, and how many of our tables. */
static bool
count_objects(sqlite3 *db, int *all, int *foreign, int *tables)
{
	sqlite3_stmt *s = NULL;
	bool found;

	sqlite3_prepare_v2(
		db,
		"SELECT count(*), total(type IN ('trigger', 'view') OR type = "
		"'table' AND rootpage = 0), total(type = 'table' AND name IN "
		"('run', 'process', 'file', 'access', 'listing', 'miss', 'note', "
		"'edit')) FROM sqlite_master",
		-1, &s, NULL);
	found = s && sqlite3_step(s) == SQLITE_ROW;
	*all = sqlite3_column_int(s, 0);
	*foreign = sqlite3_column_int(s, 1);
	*tables = sqlite3_column_int(s, 2);
	sqlite3_finalize(s);
	return found;
}

/* 1: an empty file. */
static int
check(sqlite3 *db, int64_t *version, struct err *e)
{
	int64_t app = manifest_number(db, "PRAGMA application_id");
	int all = 0, foreign = 0, tables = 0;

	*version = manifest_number(db, "PRAGMA user_version");
	if (app < 0 || *version < 0 || !count_objects(db, &all, &foreign, &tables))
		return manifest_err(db, SQLITE_NOTADB, "open", e);
	if (app == 0 && *version == 0 && all == 0)
		return 1;
	if (app != MANIFEST_APPLICATION || *version == 0)
		return err_set(e, 0, "%s: not a manifest of cde", PKG_MANIFEST);
	if (*version > MANIFEST_VERSION)
		return err_set(e, 0,
			       "%s: format %lld was written by a newer cde; this one "
			       "knows %d",
			       PKG_MANIFEST, (long long)*version, MANIFEST_VERSION);
	if (foreign)
		return err_set(e, 0, "%s: not as cde makes it (triggers, views)",
			       PKG_MANIFEST);
	if (tables != 8)
		return err_set(e, 0, "%s: tables are missing", PKG_MANIFEST);
	return 0;
}

int
manifest_check(sqlite3 *db, struct err *e)
{
	int64_t version;
	int r = check(db, &version, e);

	if (r > 0)
		return err_set(e, 0, "%s: empty", PKG_MANIFEST);
	return r < 0 ? -1 : (int)version;
}

/* Another cde may be doing the same just now: ask again inside the transaction. */
static int
in_transaction(sqlite3 *db, struct err *e)
{
	int64_t version;
	int r;

	if (run_text(db, "BEGIN IMMEDIATE", e) < 0)
		return -1;
	r = check(db, &version, e);
	if (r > 0)
		r = run_text(db, schema, e);
	else
		for (; r == 0 && version < MANIFEST_VERSION; version++)
			r = run_text(db, step[version], e);
	if (r == 0)
		r = run_text(db, "COMMIT", e);
	if (r < 0)
		sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return r;
}

int
manifest_prepare(sqlite3 *db, struct err *e)
{
	int64_t version;
	int r;

	/* one lock for all the questions; what it says of errors, they say again */
	sqlite3_exec(db, "BEGIN", NULL, NULL, NULL);
	r = check(db, &version, e);
	sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	if (r < 0 || (r == 0 && version == MANIFEST_VERSION))
		return r;
	return in_transaction(db, e);
}

int
manifest_migrate(sqlite3 *db, struct err *e)
{
	return manifest_prepare(db, e);
}
