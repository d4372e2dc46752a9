#include "inspect/prefix.h"

#include <string.h>

#include "base/map.h"
#include "inspect/db.h"

struct search {
	const char *prefix;
	size_t len;
	prefix_cb *cb;
	void *ctx;
	struct map seen; /* a directory comes by itself, and by what is in it */
	struct str name;
};

static void
search_fini(struct search *s)
{
	map_fini(&s->seen);
	str_fini(&s->name);
}

/* The part of it that is told, in s->name; false: it does not begin so. */
static bool
take(struct search *s, const char *path, char kind)
{
	const char *slash;

	if (strncmp(path, s->prefix, s->len) != 0)
		return false;
	slash = strchr(path + s->len, '/');
	str_setn(&s->name, path, slash ? (size_t)(slash - path) + 1 : strlen(path));
	if (!slash && kind == 'd' && path[1])
		str_addc(&s->name, '/');
	if (!map_get(&s->seen, s->name.s, s->name.len)) {
		map_put(&s->seen, s->name.s, s->name.len);
		s->cb(s->ctx, s->name.s);
	}
	return true;
}

static bool
from_entry(void *ctx, const struct entry *x)
{
	take(ctx, x->path, x->kind);
	return true;
}

/* Behind "/usr/" the next one is not below "/usr/". */
static int
from_rows(struct search *s, struct package *p, bool blobs, struct err *e)
{
	AUTO(db_finalize) sqlite3_stmt *next = NULL;
	AUTO(str_fini) struct str from = STR_INIT;
	int got;

	if (db_prepare(p, &next,
		       blobs ? "SELECT path, kind FROM file WHERE path >= ?1 LIMIT 1"
			     : "SELECT path, kind FROM file WHERE path >= ?1 AND path <"
			       " x'' ORDER BY path LIMIT 1",
		       e) < 0)
		return -1;
	str_setn(&from, s->prefix, s->len);
	for (;;) {
		const char *path, *kind;
		size_t len;
		bool on;

		if (blobs)
			sqlite3_bind_blob(next, 1, from.s, (int)from.len, SQLITE_STATIC);
		else
			sqlite3_bind_text(next, 1, from.s, (int)from.len, SQLITE_STATIC);
		got = db_step(p, next, e);
		path = got > 0 ? db_name(next, 0, &len) : NULL;
		kind = path ? db_name(next, 1, NULL) : NULL;
		on = path && take(s, path, kind ? *kind : '?');
		if (on) {
			bool below = s->name.len < len;

			str_setn(&from, path, below ? s->name.len : len);
			if (below)
				from.s[from.len - 1] = '/' + 1;
			else
				str_addc(&from, '\1');
		}
		sqlite3_reset(next);
		if (!on)
			return got < 0 ? -1 : 0;
	}
}

int
prefix_each(struct package *p, const char *prefix, prefix_cb *cb, void *ctx,
	    struct err *e)
{
	AUTO(search_fini)
	struct search s = { .prefix = prefix,
			    .len = strlen(prefix),
			    .cb = cb,
			    .ctx = ctx,
			    .name = STR_INIT };
	struct each all = { .cb = from_entry, .ctx = &s };

	if (!p->db)
		return package_each(p, &all, e);
	return from_rows(&s, p, false, e) < 0 ? -1 : from_rows(&s, p, true, e);
}
