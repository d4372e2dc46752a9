/* Questions to the manifest. */
#include <string.h>

#include "pkg/manifest_priv.h"

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

	rc = sqlite3_prepare_v2(m->db, "SELECT " FILE_COLUMNS " FROM file", -1, &s, NULL);
	while (s && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		row_to_file(s, &f);
		if (f.path && f.path[0] == '/')
			cb(ctx, &f);
	}
	sqlite3_finalize(s);
	return rc == SQLITE_DONE ? 0 : manifest_err(m->db, rc, "read", e);
}

int64_t
manifest_rows(struct manifest *m)
{
	return manifest_number(m->db, "SELECT coalesce(max(id), 0) FROM file");
}

void
manifest_find_file(struct manifest *m, const char *path,
		   void (*cb)(void *ctx, const struct manifest_file *f), void *ctx)
{
	sqlite3_stmt *s;
	struct manifest_file f;

	if (manifest_stmt(m, ST_FIND, &s) == SQLITE_OK &&
	    manifest_bind_name(s, 1, path, strlen(path)) == SQLITE_OK &&
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
				" AND kind <> 'd' AND state <> 2", /* FILE_OUTPUT */
				-1, &s, NULL);
	while (s && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		const char *path = column_name(s, 0);

		if (path)
			cb(ctx, path);
	}
	sqlite3_finalize(s);
	return rc == SQLITE_DONE ? 0 : manifest_err(m->db, rc, "read", e);
}

int
manifest_totals(struct manifest *m, struct manifest_totals *out, struct err *e)
{
	static const char from[] = "FROM file WHERE state = 0 AND kind = 'f'";
	AUTO(str_fini) struct str q = STR_INIT;

	if (manifest_flush(m, e) < 0)
		return -1;
	str_addf(&q, "SELECT count(*) %s", from);
	out->files = manifest_number(m->db, q.s);
	str_clear(&q);
	str_addf(&q, "SELECT coalesce(sum(size), 0) %s", from);
	out->bytes = manifest_number(m->db, q.s);
	out->packages =
		manifest_number(m->db, "SELECT count(DISTINCT origin_package) FROM file"
				       " WHERE state = 0");
	return 0;
}
