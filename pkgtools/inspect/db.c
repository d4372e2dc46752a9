#include "inspect/db.h"

#include <string.h>

#include "inspect/text.h"

void
db_finalize(sqlite3_stmt **s)
{
	sqlite3_finalize(*s);
	*s = NULL;
}

int
db_fail(struct package *p, const char *what, struct err *e)
{
	if (!p->db)
		return err_set(e, 0,
			       "%s: there is no manifest.db (cde-pkg scan makes one)",
			       p->layout.dir.s);
	return err_set(e, 0, "%s/%s: %s: %s", p->layout.dir.s, PKG_MANIFEST, what,
		       sqlite3_errmsg(p->db));
}

int
db_prepare(struct package *p, sqlite3_stmt **s, const char *sql, struct err *e)
{
	if (p->db && sqlite3_prepare_v2(p->db, sql, -1, s, NULL) == SQLITE_OK)
		return 0;
	return db_fail(p, "read", e);
}

int
db_exec(struct package *p, const char *sql, struct err *e)
{
	if (p->db && sqlite3_exec(p->db, sql, NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	return db_fail(p, "write", e);
}

bool
db_begin_read(struct package *p)
{
	AUTO(err_fini) struct err none = ERR_INIT;

	return p->db && sqlite3_get_autocommit(p->db) && db_exec(p, "BEGIN", &none) == 0;
}

void
db_end_read(struct package *p, bool begun)
{
	AUTO(err_fini) struct err none = ERR_INIT;

	if (begun)
		db_exec(p, "COMMIT", &none);
}

int
db_step(struct package *p, sqlite3_stmt *s, struct err *e)
{
	int rc = sqlite3_step(s);

	if (rc == SQLITE_ROW || rc == SQLITE_DONE)
		return rc == SQLITE_ROW;
	return db_fail(p, sqlite3_stmt_readonly(s) ? "read" : "write", e);
}

int64_t
db_number(struct package *p, const char *sql, int64_t none)
{
	AUTO(db_finalize) sqlite3_stmt *s = NULL;

	if (!p->db || sqlite3_prepare_v2(p->db, sql, -1, &s, NULL) != SQLITE_OK ||
	    sqlite3_step(s) != SQLITE_ROW || sqlite3_column_type(s, 0) == SQLITE_NULL)
		return none;
	return sqlite3_column_int64(s, 0);
}

void
db_bind_name(sqlite3_stmt *s, int at, const char *name, size_t len)
{
	if (text_is_utf8(name, len))
		sqlite3_bind_text64(s, at, name, len, SQLITE_TRANSIENT, SQLITE_UTF8);
	else
		sqlite3_bind_blob64(s, at, name, len, SQLITE_TRANSIENT);
}

const char *
db_name(sqlite3_stmt *s, int at, size_t *len)
{
	const char *text = (const char *)sqlite3_column_text(s, at); /* adds the NUL */
	size_t n = (size_t)sqlite3_column_bytes(s, at);

	if (!text || memchr(text, '\0', n))
		return NULL;
	if (len)
		*len = n;
	return text;
}

void
db_text(sqlite3_stmt *s, int at, struct str *out)
{
	const char *text = db_name(s, at, NULL);

	str_set(out, text ? text : "");
}

char *
db_dup(sqlite3_stmt *s, int at)
{
	const char *text = db_name(s, at, NULL);

	return text ? mem_strdup(text) : NULL;
}

bool
db_is_path(const char *path, size_t len)
{
	if (len == 0 || path[0] != '/')
		return false;
	if (len == 1)
		return true;
	for (size_t i = 0; i < len;) { /* at a slash */
		size_t from = ++i;

		while (i < len && path[i] != '/')
			i++;
		if (i == from || (i - from == 1 && path[from] == '.') ||
		    (i - from == 2 && path[from] == '.' && path[from + 1] == '.'))
			return false;
	}
	return true;
}
