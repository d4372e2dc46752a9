/*
 * Rows into nodes.  They come in the order in which they were captured, mostly many of
 * one directory after each other, so the last one's directory is looked at first.  All
 * links among siblings are made at the end, in order.
 *
 * Only directories are looked up while that is done: the names of a manifest are unique.
 * A manifest that calls the same name a file and a directory with something in it is
 * found out when siblings are in order, and read once more, with all of them looked up.
 */
#include <stdlib.h>
#include <string.h>

#include "inspect/model_priv.h"
#include "inspect/rows.h"

struct loader {
	struct model *m;
	bool careful;	/* each name is looked up */
	struct str dir; /* of the last row, with its slash */
	uint32_t parent;
	uint32_t origin; /* of the last row */
	uint16_t type;
	struct str type_text;
};

/* The node of an intermediate directory, made when it is not there. */
static uint32_t
enter_dirs(struct loader *l, const char *path, size_t len)
{
	uint32_t n = 0;
	bool fresh;

	for (size_t i = 1, end; i < len && n != UINT32_MAX; i = end + 1) {
		const char *slash = memchr(path + i, '/', len - i);

		end = slash ? (size_t)(slash - path) : len;
		n = model_child(l->m, n, path + i, end - i, &fresh);
	}
	return n;
}

static uint32_t
node_of(struct loader *l, const struct entry *x)
{
	size_t dir = (size_t)(x->name - x->path);
	bool fresh;

	if (x->len == 1)
		return 0;
	if (dir != l->dir.len || memcmp(l->dir.s, x->path, dir) != 0) {
		str_setn(&l->dir, x->path, dir);
		l->parent = enter_dirs(l, x->path, dir - 1);
	}
	if (l->parent == UINT32_MAX)
		return UINT32_MAX;
	return l->careful || x->kind == 'd'
		       ? model_child(l->m, l->parent, x->name, x->len - dir, &fresh)
		       : model_leaf(l->m, l->parent, x->name, x->len - dir);
}

static int
add_row(struct loader *l, const struct rows *r, struct err *e)
{
	const struct entry *x = &r->x;
	uint32_t n = node_of(l, x);
	struct node *node;

	if (n == UINT32_MAX)
		return err_set(e, 0, "%s: too many entries", PKG_MANIFEST);
	if (!r->same_origin || x->origin != l->m->origin.v[l->origin].class)
		l->origin = model_origin_id(l->m,
					    &(struct node_origin){ x->origin, x->package,
								   x->version });
	if (strcmp(l->type_text.s, x->type) != 0) {
		str_set(&l->type_text, x->type);
		l->type = model_type_id(l->m, x->type);
	}
	node = &l->m->node[n];
	node->size = x->size;
	node->kind = x->kind;
	node->state = x->state;
	node->row = x->row;
	node->flags = x->flags;
	node->origin = l->origin;
	node->type = l->type;
	return 0;
}

/* A directory that a hostile manifest calls a file is shown as what it must be. */
static void
link_children(struct model *m)
{
	for (uint32_t i = 0; i < m->n; i++)
		m->node[i].first = m->node[i].next = 0;
	for (uint32_t i = m->n; --i > 0;) {
		struct node *parent = &m->node[m->node[i].parent];

		m->node[i].next = parent->first;
		parent->first = i;
		parent->kind = 'd';
	}
}

static int
by_name(const void *a, const void *b, void *ctx)
{
	const struct model *m = ctx;

	return strcmp(model_name(m, *(const uint32_t *)a),
		      model_name(m, *(const uint32_t *)b));
}

/* False: two have the same name. */
static bool
sort_children(struct model *m, uint32_t dir)
{
	VEC(uint32_t) id = { 0 };
	bool sorted = true, unique = true;

	for (uint32_t c = m->node[dir].first; c && m->node[c].next; c = m->node[c].next)
		if (strcmp(model_name(m, c), model_name(m, m->node[c].next)) >= 0) {
			sorted = false;
			break;
		}
	if (sorted)
		return true;
	for (uint32_t c = m->node[dir].first; c; c = m->node[c].next)
		vec_push(&id, c);
	qsort_r(id.v, id.n, sizeof(*id.v), by_name, m);
	for (size_t i = 0; i < id.n; i++)
		m->node[id.v[i]].next = i + 1 < id.n ? id.v[i + 1] : 0;
	for (size_t i = 1; i < id.n; i++)
		unique &= m->node[id.v[i]].name != m->node[id.v[i - 1]].name;
	m->node[dir].first = id.v[0];
	vec_fini(&id);
	return unique;
}

static int
load_rows(struct model *m, struct package *p, bool careful, struct err *e)
{
	struct loader l = {
		.m = m, .careful = careful, .dir = STR_INIT, .type_text = STR_INIT
	};
	struct rows r;
	int got = rows_open(&r, p, "", false, e);
	int64_t n = db_number(p, "SELECT count(*) FROM file", 0);

	model_reserve(m, n > 0 ? (uint64_t)n : 0);
	while (got == 0 && (got = rows_next(&r, e)) > 0)
		got = add_row(&l, &r, e);
	rows_fini(&r);
	str_fini(&l.dir);
	str_fini(&l.type_text);
	return got;
}

/* Rows of one file follow each other: (file, process) is the key. */
static int
load_access(struct model *m, struct package *p, struct err *e)
{
	AUTO(db_finalize) sqlite3_stmt *s = NULL;
	AUTO(mem_free) uint8_t *by_row = NULL;
	uint32_t most = 0;
	int got;

	m->access = mem_alloc(m->cap);
	if (!p->db)
		return 0;
	for (uint32_t i = 0; i < m->n; i++)
		most = m->node[i].row > most ? m->node[i].row : most;
	if (most / 16 > m->n + 1000000) /* ids of a hostile manifest */
		return err_set(e, 0, "%s: impossible numbers of rows", PKG_MANIFEST);
	by_row = mem_alloc((size_t)most + 1);
	if (db_prepare(p, &s, "SELECT file, kind FROM access", e) < 0)
		return -1;
	while ((got = db_step(p, s, e)) > 0) {
		int64_t row = sqlite3_column_int64(s, 0);

		if (row > 0 && row <= most)
			by_row[row] |= (uint8_t)sqlite3_column_int(s, 1);
	}
	for (uint32_t i = 0; i < m->n; i++)
		m->access[i] = m->node[i].row ? by_row[m->node[i].row] : 0;
	return got;
}

static const unsigned PINS_ALL =
	ENTRY_HOST | ENTRY_SANDBOX | ENTRY_HIDDEN | ENTRY_INHERITED;

struct pins {
	struct model *m;
	const struct package *p;
};

static void
pin_below(struct model *m, uint32_t top, unsigned flags)
{
	for (uint32_t n = m->node[top].first; n;) {
		m->node[n].flags = (m->node[n].flags & ~PINS_ALL) | flags;
		if (m->node[n].first) {
			n = m->node[n].first;
			continue;
		}
		while (n != top && !m->node[n].next)
			n = m->node[n].parent;
		n = n == top ? 0 : m->node[n].next;
	}
}

/* Most trees have one answer: it is not asked for each of their files. */
static enum model_step
pin_node(void *ctx, uint32_t n, const struct entry *x)
{
	struct pins *c = ctx;
	struct node *node = &c->m->node[n];
	unsigned own = rows_pins(c->p, x->path, x->len);

	node->flags = (node->flags & ~PINS_ALL) | own;
	if (node->kind != 'd' || rules_split_below(&c->p->rules, x->path))
		return MODEL_ON;
	pin_below(c->m, n, own ? own | ENTRY_INHERITED : 0);
	return MODEL_SKIP;
}

static void
load_pins(struct model *m, const struct package *p)
{
	struct pins c = { m, p };

	model_each(m, 0, pin_node, &c);
}

static bool
counts(const struct node *x, bool after)
{
	if (x->kind != 'f')
		return false;
	if (after && (x->flags & (ENTRY_DROP | ENTRY_ADD)))
		return x->flags & ENTRY_ADD;
	return (x->state & 15) == FILE_CAPTURED;
}

void
model_totals(struct model *m, bool after)
{
	if (!m->total)
		m->total = mem_resize(NULL, m->cap, sizeof(*m->total));
	memset(m->total, 0, m->cap * sizeof(*m->total));
	for (uint32_t i = m->n; i-- > 0;) {
		struct node_total *t = &m->total[i], *up = &m->total[m->node[i].parent];

		if (counts(&m->node[i], after)) {
			t->files++;
			if (__builtin_add_overflow(t->bytes, m->node[i].size, &t->bytes))
				t->bytes = UINT64_MAX;
		}
		if (i == 0)
			break;
		up->files += t->files;
		if (__builtin_add_overflow(up->bytes, t->bytes, &up->bytes))
			up->bytes = UINT64_MAX;
	}
}

int
model_need(struct model *m, struct package *p, unsigned need, struct err *e)
{
	unsigned more = need & ~m->loaded;

	if ((more & MODEL_ACCESS) && load_access(m, p, e) < 0)
		return -1;
	if (more & MODEL_PINS)
		load_pins(m, p);
	if (more & MODEL_TOTALS)
		model_totals(m, false);
	m->loaded |= more;
	return 0;
}

/* Links and order among siblings; false: some have the same name. */
static bool
put_in_order(struct model *m)
{
	bool unique = true;

	link_children(m);
	for (uint32_t i = 0; i < m->n; i++)
		if (m->node[i].first)
			unique &= sort_children(m, i);
	return unique;
}

int
model_load(struct model *m, struct package *p, unsigned need, struct err *e)
{
	uint64_t refused = p->refused;

	model_begin(m);
	if ((p->db ? load_rows(m, p, false, e) : model_scan(m, p, e)) < 0)
		return -1;
	if (!put_in_order(m)) {
		model_fini(m);
		model_begin(m);
		p->refused = refused;
		if (load_rows(m, p, true, e) < 0)
			return -1;
		put_in_order(m);
	}
	model_forget_names(m);
	model_index(m);
	return model_need(m, p, need, e);
}
