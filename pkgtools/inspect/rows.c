#include "inspect/rows.h"

#include <stdlib.h>
#include <string.h>

enum {
	COL_ID,
	COL_PATH,
	COL_KIND,
	COL_SIZE,
	COL_STATE,
	COL_CLASS,
	COL_PACKAGE,
	COL_VERSION,
	COL_TYPE,
	COL_MODIFIED,
	COL_NOTE /* 0 none, 1 the user's, 2 of `complete` */
};

void
rows_fini(struct rows *r)
{
	db_finalize(&r->s);
	str_fini(&r->path);
	str_fini(&r->package);
	str_fini(&r->version);
	str_fini(&r->type);
	str_fini(&r->class);
}

int
rows_open(struct rows *r, struct package *p, const char *tail, bool bare, struct err *e)
{
	static const char begin[] = "SELECT id, path, kind, size, state";
	AUTO(str_fini) struct str sql = STR_INIT;

	*r = (struct rows){ .p = p };
	str_init(&r->path);
	str_init(&r->package);
	str_init(&r->version);
	str_init(&r->type);
	str_init(&r->class);
	r->origin = ORIGIN_UNOWNED;
	if (bare)
		str_addf(&sql, "%s, NULL, NULL, NULL, NULL, NULL, 0 FROM file %s", begin,
			 tail);
	else
		str_addf(&sql,
			 "%s, origin_class, origin_package, origin_version, %s, CASE WHEN"
			 " state <> 0 OR note IS NULL OR note = '' THEN 0 WHEN"
			 " substr(note, 1, 9) = 'predicted' THEN 2 ELSE 1 END FROM file "
			 "%s",
			 begin, p->version >= 2 ? "type, origin_modified" : "NULL, NULL",
			 tail);
	return db_prepare(p, &r->s, sql.s, e);
}

/* Copies a column; true: it is the same as before. */
static bool
take(sqlite3_stmt *s, int at, struct str *out)
{
	const char *text = sqlite3_column_blob(s, at);
	size_t n = text ? (size_t)sqlite3_column_bytes(s, at) : 0;

	if (n && memchr(text, '\0', n))
		n = 0;
	if (n == out->len && (n == 0 || memcmp(text, out->s, n) == 0))
		return true;
	str_setn(out, n ? text : "", n);
	return false;
}

static bool
take_path(struct rows *r)
{
	const char *text = sqlite3_column_blob(r->s, COL_PATH);
	size_t n = text ? (size_t)sqlite3_column_bytes(r->s, COL_PATH) : 0;

	if (n == 0 || n > ROWS_PATH_MAX || memchr(text, '\0', n) || !db_is_path(text, n))
		return false;
	str_setn(&r->path, text, n);
	return true;
}

static char
kind_of(sqlite3_stmt *s)
{
	const char *text = sqlite3_column_blob(s, COL_KIND);
	size_t n = text ? (size_t)sqlite3_column_bytes(s, COL_KIND) : 0;

	return n == 1 && *text && strchr("fdlpscb", *text) ? *text : '?';
}

static void
fill(struct rows *r)
{
	struct entry *x = &r->x;
	int64_t id = sqlite3_column_int64(r->s, COL_ID);
	int64_t size = sqlite3_column_int64(r->s, COL_SIZE);
	int64_t state = sqlite3_column_int64(r->s, COL_STATE);
	bool same = take(r->s, COL_CLASS, &r->class);
	static const unsigned noted[] = { 0, ENTRY_NOTED, ENTRY_PREDICTED };

	if (!same)
		r->origin = origin_class_of(r->class.s, r->class.len);
	same = take(r->s, COL_PACKAGE, &r->package) && same;
	r->same_origin = take(r->s, COL_VERSION, &r->version) && same;
	take(r->s, COL_TYPE, &r->type);
	*x = (struct entry){
		.path = r->path.s,
		.len = r->path.len,
		.name = strrchr(r->path.s, '/') + 1,
		.kind = kind_of(r->s),
		.size = size < 0 ? 0 : (uint64_t)size,
		.state = state < 0 || state > FILE_LOST ? FILE_LOST
							: (enum file_state)state,
		.origin = state == FILE_OUTPUT ? ORIGIN_OUTPUT : r->origin,
		.package = r->package.s,
		.version = r->version.s,
		.type = r->type.s,
		.flags = (sqlite3_column_int(r->s, COL_MODIFIED) == 1 ? ENTRY_MODIFIED
								      : 0) |
			 noted[sqlite3_column_int(r->s, COL_NOTE)],
		.row = id > 0 && id <= UINT32_MAX ? (uint32_t)id : 0,
	};
}

int
rows_next(struct rows *r, struct err *e)
{
	int got;

	while ((got = db_step(r->p, r->s, e)) > 0) {
		if (take_path(r))
			return fill(r), 1;
		r->p->refused++;
	}
	return got;
}

unsigned
rows_pins(const struct package *p, const char *path, size_t len)
{
	static const unsigned flag[] = {
		[VERDICT_DEFAULT] = 0,
		[VERDICT_PACKAGE] = ENTRY_SANDBOX,
		[VERDICT_HOST] = ENTRY_HOST,
		[VERDICT_HIDDEN] = ENTRY_HIDDEN,
	};
	struct decision d = rules_decide(&p->rules, path, len);
	bool own = d.rule && d.rule->match != MATCH_SUBSTR && d.rule->len == len;

	return flag[d.verdict] | (d.rule && !own ? ENTRY_INHERITED : 0);
}
