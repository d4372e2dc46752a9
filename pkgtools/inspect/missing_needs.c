/*
 * What can be said without any run: files of the manifest that are not in the tree, and
 * needs that programs state in their headers and nothing in the package satisfies.
 */
#include <string.h>
#include <unistd.h>

#include "inspect/missing_priv.h"
#include "path/lex.h"

/* ---- the tree ---- */

static void
check_node(struct missing_search *s, uint32_t n, const char *path, bool *gone)
{
	const struct node *x = &s->m->node[n];
	enum file_state state = x->state & 15;
	struct missing_try try = { .path = path, .captured = true };
	enum verdict v;

	if (!x->row ||
	    (state != FILE_CAPTURED && state != FILE_LOST && state != FILE_UNREADABLE))
		return;
	v = rules_decide(&s->p->rules, path, strlen(path)).verdict;
	if (v == VERDICT_HOST || v == VERDICT_HIDDEN)
		return;
	if (state == FILE_CAPTURED) {
		gone[n] = !missing_has(s, path);
		if (!gone[n] || gone[x->parent]) /* the directory says it for all */
			return;
		try.severity = MISSING_SURE;
		try.why = MISSING_GONE;
	} else { /* unreadable for the run, too: it lived with that */
		try.severity = state == FILE_LOST ? MISSING_LIKELY : MISSING_NORMAL;
		try.why = MISSING_UNREADABLE;
	}
	try.host = access(path, F_OK) == 0 ? path : NULL;
	missing_push(s, &try);
}

void
missing_tree(struct missing_search *s)
{
	AUTO(str_fini) struct str path = STR_INIT;
	AUTO(mem_free) bool *gone = mem_alloc((s->m->n + 1) * sizeof(*gone));

	for (uint32_t n = 1; n < s->m->n; n++) {
		model_path(s->m, n, &path);
		check_node(s, n, path.s, gone);
	}
}

/* ---- needs ---- */

struct needs {
	struct missing_search *s;
	struct map library; /* last component of what the package has */
	struct map dirs;    /* where it has libraries */
};

static void
needs_fini(struct needs *x)
{
	map_fini(&x->library);
	map_fini(&x->dirs);
}

static void
list_libraries(struct needs *x)
{
	AUTO(str_fini) struct str path = STR_INIT;
	const struct model *m = x->s->m;

	for (uint32_t n = 1; n < m->n; n++) {
		const char *name = model_name(m, n);

		if (m->node[n].kind == 'd' || !strstr(name, ".so"))
			continue;
		model_path(m, n, &path);
		if (!missing_has(x->s, path.s))
			continue;
		map_put(&x->library, name, strlen(name));
		path_to_parent(&path);
		map_put(&x->dirs, path.s, path.len);
	}
}

static bool
is_on_host(struct str *path, const char *dir, const char *soname)
{
	str_set(path, dir);
	path_append(path, soname);
	return access(path->s, F_OK) == 0;
}

/* Where this machine has a library: the directories that the package uses, then the
 * usual ones. */
static bool
find_on_host(const struct needs *x, const char *soname, struct str *path)
{
	static const char *const usual[] = {
		"/lib/x86_64-linux-gnu",
		"/lib64",
		"/usr/lib64",
		"/lib",
		"/usr/lib",
		"/usr/local/lib",
		"/lib/aarch64-linux-gnu",
	};

	for (struct map_slot *d = NULL; (d = map_next(&x->dirs, d));)
		if (is_on_host(path, d->key, soname))
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(usual); i++)
		if (is_on_host(path, usual[i], soname))
			return true;
	return false;
}

/* Was it run, or brought on purpose?  Else it may have been mere data. */
static bool
is_for_running(const struct needs *x, const char *path, unsigned kinds)
{
	return (kinds & ACCESS_EXEC) || map_get(&x->s->added, path, strlen(path));
}

static void
need_library(struct needs *x, const char *soname, const char *by, unsigned kinds)
{
	AUTO(str_fini) struct str host = STR_INIT;
	size_t dropped = edit_set_find(&x->s->base, soname);
	struct missing_try try = { .path = soname, .needer = by, .why = MISSING_NEEDED };

	if (*soname == '/' || strchr(soname, '/') ||
	    map_get(&x->library, soname, strlen(soname)))
		return;
	if (!dropped && !is_for_running(x, by, kinds))
		return;
	if (find_on_host(x, soname, &host)) {
		try.path = try.host = host.s;
		if (rules_decide(&x->s->p->rules, host.s, host.len).verdict ==
		    VERDICT_HOST)
			return;
	}
	if (dropped) {
		try.path = edit_set_at(&x->s->dropped, x->s->base_of.v[dropped - 1]);
		try.why = MISSING_DROPPED;
	}
	try.severity = MISSING_SURE;
	missing_push(x->s, &try);
}

static void
need_program(struct needs *x, const char *path, const char *by, unsigned kinds)
{
	AUTO(str_fini) struct str there = STR_INIT;
	struct missing_try try = { .path = path, .needer = by, .why = MISSING_NEEDED };

	if (!db_is_path(path, strlen(path)) || !path[1] || !is_for_running(x, by, kinds))
		return;
	package_locate(x->s->p, path, &there);
	if (missing_has(x->s, there.s) ||
	    rules_decide(&x->s->p->rules, path, strlen(path)).verdict == VERDICT_HOST)
		return;
	try.path = there.s;
	try.host = access(path, F_OK) == 0 ? path : NULL;
	try.severity = MISSING_SURE;
	missing_push(x->s, &try);
}

/*
 * Python lists a directory, and never asks for a module that is not in it: a module that
 * was dropped is not seen in the look-ups.
 */
static int
need_module(struct needs *x, sqlite3_stmt *importers, const char *path, struct err *e)
{
	AUTO(str_fini) struct str key = STR_INIT, name = STR_INIT;
	struct missing_try try = { .path = path, .why = MISSING_DROPPED };
	int got;

	if (str_has_suffix(path, ".pyc") ||
	    missing_name(&x->s->names, path, NULL, &key, &name) != MISSING_MODULE ||
	    missing_has(x->s, path))
		return 0;
	sqlite3_reset(importers);
	db_bind_name(importers, 1, name.s, name.len);
	got = db_step(x->s->p, importers, e);
	if (got < 0)
		return -1;
	try.needer = got ? db_name(importers, 0, NULL) : NULL;
	try.host = access(path, F_OK) == 0 ? path : NULL;
	try.severity = try.needer ? MISSING_SURE : MISSING_LIKELY;
	missing_push(x->s, &try);
	return 0;
}

static int
need_modules(struct needs *x, struct err *e)
{
	AUTO(str_fini) struct str path = STR_INIT;
	AUTO(db_finalize) sqlite3_stmt *q = NULL;

	if (db_prepare(x->s->p, &q,
		       "SELECT f.path FROM fact x JOIN file f ON f.id = x.file WHERE"
		       " x.key = 'python.import' AND x.value = ?1 AND f.state = 0",
		       e) < 0)
		return -1;
	for (size_t i = 1; i <= edit_set_count(&x->s->dropped); i++) {
		str_set(&path, edit_set_at(&x->s->dropped, i));
		if (need_module(x, q, path.s, e) < 0)
			return -1;
	}
	return 0;
}

int
missing_needs(struct missing_search *s, struct err *e)
{
	AUTO(needs_fini) struct needs x = { .s = s };
	AUTO(db_finalize) sqlite3_stmt *q = NULL;
	int got;

	if (!s->p->db || s->p->version < 2)
		return 0;
	list_libraries(&x);
	if (edit_set_count(&s->dropped) && need_modules(&x, e) < 0)
		return -1;
	if (db_prepare(s->p, &q,
		       "SELECT x.key, x.value, f.path, (SELECT max(a.kind & 8) FROM"
		       " access a WHERE a.file = f.id) FROM fact x JOIN file f ON"
		       " f.id = x.file WHERE x.key IN ('elf.needed', 'elf.interp',"
		       " 'script.interp') AND f.state = 0 AND f.type IS NOT NULL AND"
		       " (x.key <> 'script.interp' OR f.mode & 73) AND"
		       " substr(coalesce(f.note, ''), 1, 9) <> 'predicted'",
		       e) < 0)
		return -1;
	while ((got = db_step(s->p, q, e)) > 0) {
		size_t len;
		const char *key = db_name(q, 0, NULL), *value = db_name(q, 1, NULL);
		const char *by = db_name(q, 2, &len);
		unsigned kinds = (unsigned)sqlite3_column_int(q, 3);

		if (!key || !value || !by || !db_is_path(by, len) || !missing_has(s, by))
			continue;
		if (strcmp(key, "elf.needed") == 0)
			need_library(&x, value, by, kinds);
		else
			need_program(&x, value, by, kinds);
	}
	return got;
}
