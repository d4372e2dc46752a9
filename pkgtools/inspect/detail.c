#include "inspect/detail.h"

#include <errno.h>
#include <string.h>

#include "inspect/db.h"
#include "inspect/ftype.h"
#include "path/lex.h"

struct needed {
	detail_need_cb *cb;
	void *ctx;
};

void
detail_use_fini(struct detail_use *u)
{
	free(u->exe);
	free(u->argv);
	free(u->call);
	*u = (struct detail_use){ 0 };
}

void
detail_fini(struct detail *d)
{
	struct str *const text[] = { &d->link,	  &d->note,    &d->sha256,
				     &d->package, &d->version, &d->mime,
				     &d->words,	  &d->type,    &d->sum };

	for (size_t i = 0; i < ARRAY_SIZE(text); i++)
		str_fini(text[i]);
	for (size_t i = 0; i < d->fact.n; i++) {
		free(d->fact.v[i].key);
		free(d->fact.v[i].value);
	}
	for (size_t i = 0; i < d->use.n; i++)
		detail_use_fini(&d->use.v[i]);
	vec_fini(&d->fact);
	vec_fini(&d->use);
}

static void
detail_init(struct detail *d)
{
	struct str *const text[] = { &d->link,	  &d->note,    &d->sha256,
				     &d->package, &d->version, &d->mime,
				     &d->words,	  &d->type,    &d->sum };

	*d = (struct detail){ .id = -1,
			      .mode = -1,
			      .uid = -1,
			      .gid = -1,
			      .size = -1,
			      .mtime_ns = -1,
			      .run = -1,
			      .modified = -1,
			      .kind = '?',
			      .origin = ORIGIN_UNOWNED };
	for (size_t i = 0; i < ARRAY_SIZE(text); i++)
		str_init(text[i]);
}

/* Without a row: what the tree itself tells. */
static int
from_tree(struct package *p, const char *path, struct detail *d, struct err *e)
{
	struct stat st;
	int r = package_lstat(p, path, &st);

	if (r < 0)
		return err_set(e, -r, "%s", path);
	d->mode = st.st_mode;
	d->uid = st.st_uid;
	d->gid = st.st_gid;
	d->size = st.st_size;
	d->mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	d->kind = fs_kind_letter(st.st_mode);
	if (S_ISLNK(st.st_mode))
		package_readlink(p, path, &d->link);
	str_set(&d->type, ftype_of_kind(d->kind));
	return 0;
}

static int64_t
number(sqlite3_stmt *s, int at)
{
	return sqlite3_column_type(s, at) == SQLITE_NULL ? -1
							 : sqlite3_column_int64(s, at);
}

static void
take_row(sqlite3_stmt *s, struct detail *d)
{
	AUTO(str_fini) struct str text = STR_INIT;
	int64_t state = number(s, 7);

	d->found = true;
	d->id = number(s, 0);
	db_text(s, 1, &text);
	d->kind = text.len == 1 ? text.s[0] : '?';
	d->mode = number(s, 2);
	d->uid = number(s, 3);
	d->gid = number(s, 4);
	d->size = number(s, 5);
	d->mtime_ns = number(s, 6);
	d->state = state < 0 || state > FILE_LOST ? FILE_LOST : (enum file_state)state;
	d->listed = sqlite3_column_int(s, 8);
	d->run = number(s, 9);
	db_text(s, 10, &d->link);
	db_text(s, 11, &d->note);
	db_text(s, 12, &d->sha256);
	db_text(s, 13, &text);
	d->origin = d->state == FILE_OUTPUT ? ORIGIN_OUTPUT
					    : origin_class_of(text.s, text.len);
	db_text(s, 14, &d->package);
	db_text(s, 15, &d->version);
	db_text(s, 16, &d->mime);
	db_text(s, 17, &d->words);
	db_text(s, 18, &d->type);
	if (!d->type.len)
		str_set(&d->type, ftype_of_kind(d->kind));
	d->modified = number(s, 19);
	db_text(s, 20, &d->sum);
}

static int
read_row(struct package *p, const char *path, struct detail *d, struct err *e)
{
	AUTO(db_finalize) sqlite3_stmt *s = NULL;
	AUTO(str_fini) struct str sql = STR_INIT;
	int got;

	str_addf(&sql,
		 "SELECT id, kind, mode, uid, gid, size, mtime_ns, state, listed, run, "
		 "link,"
		 " note, sha256, origin_class, origin_package, origin_version, mime,"
		 " description, %s FROM file WHERE path=?1",
		 p->version >= 2 ? "type, origin_modified, origin_sum"
				 : "NULL, NULL, NULL");
	if (db_prepare(p, &s, sql.s, e) < 0)
		return -1;
	db_bind_name(s, 1, path, strlen(path));
	got = db_step(p, s, e);
	if (got > 0)
		take_row(s, d);
	return got;
}

static int
read_facts(struct package *p, struct detail *d, struct err *e)
{
	AUTO(db_finalize) sqlite3_stmt *s = NULL;
	int got;

	if (p->version < 2 || !d->type.len)
		return 0;
	if (db_prepare(p, &s, "SELECT key, value FROM fact WHERE file=?1", e) < 0)
		return -1;
	sqlite3_bind_int64(s, 1, d->id);
	while ((got = db_step(p, s, e)) > 0) {
		struct detail_fact f = { db_dup(s, 0), db_dup(s, 1) };

		if (f.key && f.value) {
			vec_push(&d->fact, f);
			continue;
		}
		free(f.key);
		free(f.value);
	}
	return got;
}

/* Columns: process, kind, run, parent, pid, exe, argv, call. */
static struct detail_use
take_use(sqlite3_stmt *s)
{
	return (struct detail_use){
		.process = sqlite3_column_int64(s, 0),
		.kinds = (unsigned)sqlite3_column_int(s, 1) & 0xff,
		.run = sqlite3_column_int64(s, 2),
		.parent = sqlite3_column_int64(s, 3),
		.pid = sqlite3_column_int64(s, 4),
		.exe = db_dup(s, 5) ?: mem_strdup(""),
		.argv = db_dup(s, 6) ?: mem_strdup(""),
		.call = db_dup(s, 7) ?: mem_strdup(""),
	};
}

#define USE_COLUMNS "SELECT a.process, a.kind, q.run, q.parent, q.pid, q.exe, q.argv"
#define USE_FROM \
	" FROM access a LEFT JOIN process q ON q.id = a.process" \
	" WHERE a.file=?1 ORDER BY "

static int
read_uses(struct package *p, struct detail *d, struct err *e)
{
	AUTO(db_finalize) sqlite3_stmt *s = NULL;
	int got;

	if (db_prepare(p, &s,
		       p->version >= 3 ? USE_COLUMNS ", a.call" USE_FROM
						     "q.run, a.seq, a.process"
				       : USE_COLUMNS ", NULL" USE_FROM "a.process",
		       e) < 0)
		return -1;
	sqlite3_bind_int64(s, 1, d->id);
	while ((got = db_step(p, s, e)) > 0)
		vec_push(&d->use, take_use(s));
	return got;
}

int
detail_read(struct package *p, const char *path, struct detail *out, struct err *e)
{
	int r;

	detail_init(out);
	r = p->db ? read_row(p, path, out, e) : 0;
	if (r == 0)
		return from_tree(p, path, out, e);
	if (r < 0 || read_facts(p, out, e) < 0 || read_uses(p, out, e) < 0) {
		detail_fini(out);
		return -1;
	}
	return 0;
}

int
detail_process(struct package *p, int64_t process, struct detail_use *out, struct err *e)
{
	AUTO(db_finalize) sqlite3_stmt *s = NULL;
	int got;

	if (db_prepare(p, &s,
		       "SELECT id, 0, run, parent, pid, exe, argv, NULL FROM process"
		       " WHERE id=?1",
		       e) < 0)
		return -1;
	sqlite3_bind_int64(s, 1, process);
	got = db_step(p, s, e);
	if (got > 0)
		*out = take_use(s);
	return got < 0 ? -1 : !got;
}

static int
each_with_fact(struct package *p, const char *key, const char *value,
	       const struct needed *n, struct err *e)
{
	AUTO(db_finalize) sqlite3_stmt *s = NULL;
	int got;

	if (db_prepare(p, &s,
		       "SELECT f.path FROM fact x JOIN file f ON f.id = x.file"
		       " WHERE x.key=?1 AND x.value=?2 AND f.type IS NOT NULL"
		       " ORDER BY f.path",
		       e) < 0)
		return -1;
	sqlite3_bind_text(s, 1, key, -1, SQLITE_STATIC);
	db_bind_name(s, 2, value, strlen(value));
	while ((got = db_step(p, s, e)) > 0) {
		size_t len;
		const char *path = db_name(s, 0, &len);

		if (path && db_is_path(path, len))
			n->cb(n->ctx, path, key);
	}
	return got;
}

/* Is it Python code, or an extension of it?  Then where its name ends, without suffixes. */
static size_t
module_stem(const char *base)
{
	static const char *const suffix[] = { ".py", ".pyc", ".so", ".pyi" };

	for (size_t i = 0; i < ARRAY_SIZE(suffix); i++)
		if (str_has_suffix(base, suffix[i]))
			return strcspn(base, ".");
	return 0;
}

/*
 * What an import may call …/a/b/c.py: "c", "b.c", "a.b.c".  Not knowing sys.path, all of
 * them up to the directory of the libraries; an __init__.py is its directory.
 */
static int
each_import(struct package *p, const char *path, const struct needed *n, struct err *e)
{
	AUTO(str_fini) struct str name = STR_INIT, dir = STR_INIT;
	const char *base = path_base(path);
	size_t stem = module_stem(base);

	if (!stem)
		return 0;
	str_set(&dir, path);
	path_to_parent(&dir);
	if (str_has_suffix(dir.s, "/__pycache__"))
		path_to_parent(&dir);
	if (strncmp(base, "__init__.", 9) != 0)
		str_setn(&name, base, stem);
	for (int depth = 0; depth < 8; depth++, path_to_parent(&dir)) {
		AUTO(str_fini) struct str longer = STR_INIT;
		const char *part = path_base(dir.s);

		if (name.len && each_with_fact(p, "python.import", name.s, n, e) < 0)
			return -1;
		if (!*part || strchr(part, '.') || str_has_suffix(part, "-packages"))
			break;
		str_addf(&longer, "%s%s%s", part, name.len ? "." : "", name.s);
		str_swap(&name, &longer);
	}
	return 0;
}

/* Interpreters are few: each is looked up in the package, since "/bin/sh" may be what
 * is called /usr/bin/dash. */
static int
each_interpreter(struct package *p, const char *path, const char *key,
		 const struct needed *n, struct err *e)
{
	AUTO(db_finalize) sqlite3_stmt *s = NULL;
	AUTO(str_fini) struct str own = STR_INIT, real = STR_INIT, there = STR_INIT;
	int got;

	package_resolve(p, path, &own);
	if (db_prepare(p, &s, "SELECT DISTINCT value FROM fact WHERE key=?1", e) < 0)
		return -1;
	sqlite3_bind_text(s, 1, key, -1, SQLITE_STATIC);
	while ((got = db_step(p, s, e)) > 0) {
		const char *name = db_name(s, 0, NULL);

		if (!name || *name != '/')
			continue;
		package_locate(p, name, &there);
		str_clear(&real);
		if (strcmp(there.s, path) != 0 &&
		    (package_resolve(p, name, &real) < 0 || strcmp(real.s, own.s) != 0))
			continue;
		if (each_with_fact(p, key, name, n, e) < 0)
			return -1;
	}
	return got;
}

/* The links of the package that lead here, too: libx.so.1 → libx.so.1.2. */
static int
each_name(struct package *p, const char *path, const struct needed *n, struct err *e)
{
	return each_with_fact(p, "elf.needed", path_base(path), n, e);
}

/* Rows of links are few beside those of files. */
static int
each_link(struct package *p, const char *path, const struct needed *n, struct err *e)
{
	AUTO(db_finalize) sqlite3_stmt *s = NULL;
	AUTO(str_fini) struct str real = STR_INIT, own = STR_INIT;
	int got;

	if (package_resolve(p, path, &own) < 0)
		return 0;
	if (db_prepare(p, &s, "SELECT path FROM file WHERE kind = 'l' AND state = 0", e) <
	    0)
		return -1;
	while ((got = db_step(p, s, e)) > 0) {
		size_t len;
		const char *link = db_name(s, 0, &len);

		if (!link || !db_is_path(link, len) || strcmp(link, path) == 0 ||
		    package_resolve(p, link, &real) < 0 || strcmp(real.s, own.s) != 0)
			continue;
		if (each_name(p, link, n, e) < 0)
			return -1;
	}
	return got;
}

int
detail_needed_by(struct package *p, const char *path, detail_need_cb *cb, void *ctx,
		 struct err *e)
{
	AUTO(detail_fini) struct detail d = { 0 };
	const struct needed n = { cb, ctx };

	if (p->version < 2)
		return 0;
	if (detail_read(p, path, &d, e) < 0)
		return -1;
	for (size_t i = 0; i < d.fact.n; i++)
		if (strcmp(d.fact.v[i].key, "elf.soname") == 0 &&
		    strcmp(d.fact.v[i].value, path_base(path)) != 0 &&
		    each_with_fact(p, "elf.needed", d.fact.v[i].value, &n, e) < 0)
			return -1;
	if (each_interpreter(p, path, "elf.interp", &n, e) < 0 ||
	    each_interpreter(p, path, "script.interp", &n, e) < 0 ||
	    each_name(p, path, &n, e) < 0 || each_link(p, path, &n, e) < 0)
		return -1;
	return each_import(p, path, &n, e);
}

void
detail_runs_fini(detail_runs *x)
{
	for (size_t i = 0; i < x->n; i++) {
		free(x->v[i].argv);
		free(x->v[i].cwd);
		free(x->v[i].started);
		free(x->v[i].engine);
		free(x->v[i].home);
	}
	vec_fini(x);
}

int
detail_runs_read(struct package *p, detail_runs *out, struct err *e)
{
	AUTO(db_finalize) sqlite3_stmt *s = NULL;
	int got;

	if (!p->db)
		return 0;
	if (db_prepare(p, &s,
		       p->version >= 2 ? "SELECT id, status, seconds, argv, cwd, started,"
					 " engine, home FROM run ORDER BY id"
				       : "SELECT id, status, seconds, argv, cwd, started,"
					 " engine, NULL FROM run ORDER BY id",
		       e) < 0)
		return -1;
	while ((got = db_step(p, s, e)) > 0) {
		struct detail_run r = {
			.id = sqlite3_column_int64(s, 0),
			.status = number(s, 1),
			.seconds = sqlite3_column_double(s, 2),
			.argv = db_dup(s, 3) ?: mem_strdup(""),
			.cwd = db_dup(s, 4) ?: mem_strdup(""),
			.started = db_dup(s, 5) ?: mem_strdup(""),
			.engine = db_dup(s, 6) ?: mem_strdup(""),
			.home = db_dup(s, 7) ?: mem_strdup(""),
		};

		vec_push(out, r);
	}
	return got;
}
