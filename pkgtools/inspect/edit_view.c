/*
 * What is staged, derived from the log: for each path that an operation names, when it
 * was dropped and added last.  What is below a drop is not entered; edit_fate asks the
 * directories above.  Drops may be a million: they stay in the log, and are found by name
 * only where somebody asks.
 */
#include <string.h>

#include "inspect/edit_priv.h"
#include "inspect/rows.h"

void
edit_view_free(struct edit_view *v)
{
	if (!v)
		return;
	for (size_t i = 0; i < v->at.n; i++)
		free(v->at.v[i].host);
	map_fini(&v->path);
	vec_fini(&v->at);
	edit_names_fini(&v->drop);
	str_fini(&v->options);
	rules_fini(&v->rules);
	free(v);
}

static struct view_path *
at_path(struct edit_view *v, const char *path)
{
	struct map_slot *s = map_put(&v->path, path, strlen(path));

	if (!s->u) {
		vec_push(&v->at, (struct view_path){ 0 });
		s->u = v->at.n;
	}
	return &v->at.v[s->u - 1];
}

static void
comes(struct view_path *at, uint32_t order, const struct edit_op *op)
{
	at->add = order;
	at->staged = op;
	free(at->host);
	at->host = op && op->arg ? mem_strdup(op->arg) : NULL;
}

int
edit_kept_open(struct edits *x, sqlite3_stmt **s, const struct edit_op *op,
	       enum edit_side side)
{
	AUTO(err_fini) struct err none = ERR_INIT;

	if (!*s && db_prepare(x->p, s,
			      "SELECT path, kind, size, state FROM kept WHERE edit=?1 AND"
			      " side=?2",
			      &none) < 0)
		return -1;
	sqlite3_reset(*s);
	sqlite3_bind_int64(*s, 1, op->id);
	return sqlite3_bind_int(*s, 2, side) == SQLITE_OK ? 0 : -1;
}

bool
edit_kept_next(struct edits *x, sqlite3_stmt *s, struct edit_kept *row)
{
	AUTO(err_fini) struct err none = ERR_INIT;
	const char *kind;

	do {
		if (db_step(x->p, s, &none) <= 0)
			return false;
		row->path = db_name(s, 0, &row->len);
	} while (!row->path || !db_is_path(row->path, row->len));
	kind = db_name(s, 1, NULL);
	row->kind = kind && strchr("fdlpscb", *kind) && *kind ? *kind : '?';
	row->size = (uint64_t)sqlite3_column_int64(s, 2);
	if (sqlite3_column_int(s, 3) != FILE_CAPTURED) {
		row->kind = '?'; /* only its name comes: no file to count */
		row->size = 0;
	}
	return true;
}

struct pathing {
	struct edits *x;
	struct edit_view *v;
	sqlite3_stmt *kept;
	bool again; /* there are rows of what was taken back before */
};

/* They come (back) at its place. */
static bool
add_kept(struct pathing *k, const struct edit_op *op, enum edit_side side, uint32_t order)
{
	struct edit_kept row;
	bool any = false;

	if (edit_kept_open(k->x, &k->kept, op, side) < 0)
		return false;
	while (edit_kept_next(k->x, k->kept, &row)) {
		struct view_path *at = at_path(k->v, row.path);

		comes(at, order, side == SIDE_NEW ? op : NULL);
		at->kind = row.kind;
		at->size = row.size;
		any = true;
	}
	sqlite3_reset(k->kept);
	return any;
}

char *
edit_before(struct package *p, int64_t id)
{
	AUTO(err_fini) struct err none = ERR_INIT;
	AUTO(db_finalize) sqlite3_stmt *s = NULL;

	if (db_prepare(p, &s, "SELECT before FROM edit WHERE id=?1", &none) < 0)
		return NULL;
	sqlite3_bind_int64(s, 1, id);
	return db_step(p, s, &none) > 0 ? db_dup(s, 0) : NULL;
}

static void
path_back(struct pathing *k, const struct edit_op *op)
{
	if (op->verb == EDIT_ADD)
		at_path(k->v, op->path)->gone = ++k->v->order;
	if (op->verb == EDIT_ADD || op->verb == EDIT_DROP)
		add_kept(k, op, SIDE_OLD, ++k->v->order);
}

static void
path_forth(struct pathing *k, const struct edit_op *op, uint32_t order)
{
	struct view_path *at;

	if (k->again && add_kept(k, op, SIDE_NEW, order))
		return;
	at = at_path(k->v, op->path);
	comes(at, order, op);
	at->kind = 0;
}

/* What comes by name, and when. */
static void
make_paths(struct edits *x, struct edit_view *v)
{
	AUTO(edit_each_fini) struct edit_each back, forth;
	struct pathing k = { .x = x, .v = v };
	bool begun = db_begin_read(x->p);
	const struct edit_op *op;
	uint32_t order;

	k.again = x->p->version >= 2 &&
		  db_number(x->p, "SELECT 1 FROM kept WHERE side = 1 LIMIT 1", 0);
	edit_each_back(&back, x, EDIT_VERBS);
	edit_each_forth(&forth, x, EDIT_ADD);
	while ((op = edit_each_next(&back)))
		path_back(&k, op);
	order = v->order;
	while ((op = edit_each_next(&forth)))
		path_forth(&k, op, order + forth.number);
	db_finalize(&k.kept);
	db_end_read(x->p, begun);
}

static void
view_back(struct edits *x, struct edit_view *v, const struct edit_op *op)
{
	AUTO(mem_free) char *before = edit_before(x->p, op->id);

	if (!before)
		return;
	edit_pin_restore(&v->options, x->p->rules.version, op->path, before);
	v->pins = true;
}

static void
view_forth(struct edits *x, struct edit_view *v, const struct edit_op *op)
{
	AUTO(str_fini) struct str before = STR_INIT;

	edit_pin_set(&v->options, x->p->rules.version, op->path, op->arg,
		     edit_pin_is_dir(x, op->path), &before);
	v->pins = true;
}

static void
read_rules(struct edits *x, struct edit_view *v)
{
	AUTO(err_fini) struct err none = ERR_INIT;

	rules_init(&v->rules, 2);
	if (!v->pins)
		return;
	if (rules_parse(&v->rules, PKG_OPTIONS, v->options.s, v->options.len, &none) == 0)
		return;
	rules_fini(&v->rules); /* edits_write says why */
	rules_init(&v->rules, 2);
	v->pins = false;
}

/* Of what kinds the operations are. */
static void
look_at_groups(const struct edits *x, struct edit_view *v)
{
	group_list back = { 0 }, forth = { 0 };

	edits_back(x, &back);
	edits_forth(x, &forth);
	for (size_t g = 0; g < back.n; g++) {
		v->backs |= back.v[g]->op.count[EDIT_DROP];
		v->adds |= back.v[g]->op.count[EDIT_ADD];
	}
	for (size_t g = 0; g < forth.n; g++) {
		const struct edit_ops *o = &forth.v[g]->op;

		v->drops |= o->count[EDIT_DROP] > o->dead[EDIT_DROP];
		v->adds |= o->count[EDIT_ADD] > o->dead[EDIT_ADD];
	}
	v->any = v->backs || v->adds || v->drops;
	vec_fini(&back);
	vec_fini(&forth);
}

struct edit_view *
edits_view(struct edits *x)
{
	AUTO(edit_each_fini) struct edit_each back = { 0 }, forth = { 0 };
	struct edit_view *v = x->view;
	const struct edit_op *op;

	if (v)
		return v;
	v = x->view = mem_alloc(sizeof(*v));
	str_init(&v->options);
	str_addn(&v->options, x->p->options.s, x->p->options.len);
	look_at_groups(x, v);
	edit_each_back(&back, x, EDIT_PIN);
	edit_each_forth(&forth, x, EDIT_PIN);
	while ((op = edit_each_next(&back)))
		view_back(x, v, op);
	while ((op = edit_each_next(&forth)))
		view_forth(x, v, op);
	read_rules(x, v);
	return v;
}

struct edit_view *
edits_paths(struct edits *x)
{
	struct edit_view *v = edits_view(x);

	if (!v->pathed && (v->backs || v->adds))
		make_paths(x, v);
	v->pathed = true;
	return v;
}

static const struct view_path *
find(const struct edit_view *v, const char *path, size_t len)
{
	struct map_slot *s = map_get(&v->path, path, len);

	return s ? &v->at.v[s->u - 1] : NULL;
}

struct edit_names *
edits_drops(struct edits *x, struct edit_view *v)
{
	if (v->drops && !v->named)
		edit_names_init(&v->drop, x, EDIT_DROP);
	v->named = true;
	return &v->drop;
}

enum view_fate
edit_fate(struct edits *x, const char *path, const struct view_path **at)
{
	struct edit_view *v = edits_paths(x);
	size_t len = strlen(path);
	uint32_t gone, drop;

	*at = NULL;
	if (!v->any)
		return FATE_NONE;
	*at = find(v, path, len);
	drop = edit_names_above(edits_drops(x, v), path, len);
	drop += drop ? v->order : 0;
	gone = *at ? (*at)->gone : 0;
	drop = gone > drop ? gone : drop;
	if (*at && (*at)->add > drop)
		return FATE_ADD;
	return drop ? FATE_DROP : FATE_NONE;
}

bool
edit_is_staged(struct edits *x, const char *path, size_t len)
{
	struct edit_view *v = edits_paths(x);
	const struct view_path *at = find(v, path, len);

	return (at && at->staged) || edit_names_get(edits_drops(x, v), path, len);
}

bool
edit_has_row(struct package *p, const char *path)
{
	AUTO(err_fini) struct err none = ERR_INIT;
	AUTO(db_finalize) sqlite3_stmt *s = NULL;

	if (db_prepare(p, &s, "SELECT 1 FROM file WHERE path=?1", &none) < 0)
		return false;
	db_bind_name(s, 1, path, strlen(path));
	return db_step(p, s, &none) > 0;
}

/* Text sorts before blobs, and a directory may hold names of both sorts. */
int
edit_rows_below(struct package *p, const char *columns, const char *path, edit_row_cb *cb,
		void *ctx, struct err *e)
{
	AUTO(db_finalize) sqlite3_stmt *s = NULL;
	AUTO(str_fini) struct str sql = STR_INIT, low = STR_INIT, high = STR_INIT;
	int got;

	str_addf(&sql,
		 "SELECT %s FROM file WHERE path > ?1 AND path < ?2 UNION ALL"
		 " SELECT %s FROM file WHERE path > ?3 AND path < ?4",
		 columns, columns);
	str_set(&low, path[1] ? path : "");
	str_addn(&high, low.s, low.len);
	str_addc(&low, '/');
	str_addc(&high, '0'); /* the byte behind '/' */
	if (db_prepare(p, &s, sql.s, e) < 0)
		return -1;
	sqlite3_bind_text(s, 1, low.s, (int)low.len, SQLITE_STATIC);
	sqlite3_bind_text(s, 2, high.s, (int)high.len, SQLITE_STATIC);
	sqlite3_bind_blob(s, 3, low.s, (int)low.len, SQLITE_STATIC);
	sqlite3_bind_blob(s, 4, high.s, (int)high.len, SQLITE_STATIC);
	while ((got = db_step(p, s, e)) > 0)
		if ((got = cb(ctx, s, e)))
			return got;
	return got;
}

struct alive {
	struct edits *x;
	const char *dir;
	size_t len;
};

static int
is_alive(void *ctx, sqlite3_stmt *row, struct err *e)
{
	struct alive *a = ctx;
	const struct view_path *at;
	const char *path = db_name(row, 0, NULL);

	return path && edit_fate(a->x, path, &at) != FATE_DROP;
}

static bool
is_under(const char *path, const char *dir, size_t len)
{
	return strncmp(path, dir, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

bool
edit_will_be(struct edits *x, const struct edit_ops *l, const char *path)
{
	AUTO(err_fini) struct err none = ERR_INIT;
	AUTO(edit_walk_fini) struct edit_walk w = { 0 };
	struct edit_view *v = edits_paths(x);
	struct alive a = { x, path, strlen(path) };
	const struct view_path *at;

	if (edit_fate(x, path, &at) == FATE_ADD)
		return true;
	if (edit_fate(x, path, &at) == FATE_NONE && edit_has_row(x->p, path))
		return true;
	if (edit_rows_below(x->p, "path", path, is_alive, &a, &none) > 0)
		return true;
	for (size_t i = 0; i < l->n && l->count[EDIT_ADD]; i++) {
		const struct edit_op *op = edit_ops_at(l, i, &w);

		if (op->verb == EDIT_ADD && is_under(op->path, path, a.len))
			return true;
	}
	for (struct map_slot *s = NULL; (s = map_next(&v->path, s));)
		if (s->len > a.len && is_under(s->key, path, a.len) &&
		    edit_fate(x, s->key, &at) == FATE_ADD)
			return true;
	return false;
}

static unsigned
pins_at(struct edits *x, const char *path)
{
	struct package as_it_will_be = *x->p;

	as_it_will_be.rules = *edits_rules(x);
	return rows_pins(&as_it_will_be, path, strlen(path));
}

/* Is there a staged pin of exactly this path? */
static bool
is_pinned(struct edits *x, const char *path)
{
	AUTO(edit_each_fini) struct edit_each forth;
	const struct edit_op *op;

	edit_each_forth(&forth, x, EDIT_PIN);
	while ((op = edit_each_next(&forth)) && strcmp(op->path, path) != 0)
		;
	return op;
}

const struct rules *
edits_rules(struct edits *x)
{
	struct edit_view *v = edits_view(x);

	return v->pins ? &v->rules : &x->p->rules;
}

unsigned
edits_at(struct edits *x, const char *path)
{
	const struct view_path *at;
	enum view_fate fate = edit_fate(x, path, &at);
	unsigned flags = 0;

	if (edits_view(x)->pins && is_pinned(x, path))
		flags = ENTRY_PIN | pins_at(x, path);
	return flags | (fate == FATE_ADD    ? ENTRY_ADD
			: fate == FATE_DROP ? ENTRY_DROP
					    : 0);
}
