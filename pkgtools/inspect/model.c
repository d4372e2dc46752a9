#include "inspect/model.h"

#include <string.h>

#include "base/map.h"
#include "inspect/db.h"
#include "inspect/model_priv.h"
#include "inspect/rows.h"

enum { NODES_MAX = 1 << 26, POOL_MAX = INT32_MAX };

void
model_fini(struct model *m)
{
	free(m->node);
	free(m->pool);
	free(m->names);
	free(m->index);
	free(m->access);
	free(m->total);
	for (size_t i = 1; i < m->origin.n; i++) {
		free((char *)m->origin.v[i].package);
		free((char *)m->origin.v[i].version);
	}
	map_fini(&m->origins);
	map_fini(&m->types);
	vec_fini(&m->origin);
	vec_fini(&m->type);
	*m = (struct model){ 0 };
}

/* Both tables: open addressing, at most half full, 0 is free. */
static uint32_t *
name_slot(const struct model *m, const char *name, size_t len, uint64_t hash)
{
	uint64_t i = hash;

	for (;; i++) {
		uint32_t *s = &m->names[i & (m->names_cap - 1)];
		const char *have = m->pool + *s;

		if (!*s || (strncmp(have, name, len) == 0 && have[len] == '\0'))
			return s;
	}
}

static void
grow_names(struct model *m)
{
	uint32_t *old = m->names, n = m->names_cap;

	m->names_cap = n ? n * 2 : 1024;
	m->names = mem_alloc(m->names_cap * sizeof(*m->names));
	for (uint32_t i = 0; i < n; i++)
		if (old[i]) {
			const char *name = m->pool + old[i];
			size_t len = strlen(name);

			*name_slot(m, name, len, map_hash(name, len)) = old[i];
		}
	free(old);
}

/* A million different names make it 8 MB or more, for which later ones are there twice. */
void
model_forget_names(struct model *m)
{
	free(m->names);
	m->names = NULL;
	m->names_n = m->names_cap = 0;
}

static uint32_t
push_name(struct model *m, const char *name, size_t len)
{
	uint32_t at = m->pool_len;

	if (m->pool_len + len + 1 > m->pool_cap) {
		m->pool_cap = (m->pool_cap + len + 1) * 2;
		m->pool = mem_resize(m->pool, m->pool_cap, 1);
	}
	memcpy(m->pool + at, name, len);
	m->pool[at + len] = '\0';
	m->pool_len += len + 1;
	return at;
}

/* Offset of the name in the pool; 0: no room.  (Offset 0 itself is "".) */
static uint32_t
intern(struct model *m, const char *name, size_t len, uint64_t hash)
{
	uint32_t *s;

	if (len == 0 || m->pool_len + len + 1 > POOL_MAX)
		return 0;
	if (!m->names)
		return push_name(m, name, len);
	if ((m->names_n + 1) * 2 > m->names_cap)
		grow_names(m);
	s = name_slot(m, name, len, hash);
	if (!*s) {
		*s = push_name(m, name, len);
		m->names_n++;
	}
	return *s;
}

uint32_t
model_intern(struct model *m, const char *name, size_t len)
{
	return intern(m, name, len, map_hash(name, len));
}

/* By the bytes of the name, so that the table of names is not needed to find a node. */
static uint64_t
node_hash(uint32_t parent, uint64_t name)
{
	uint64_t i = name + parent * 0x9e3779b97f4a7c15;

	i = (i ^ i >> 33) * 0xff51afd7ed558ccd; /* all bits count for the low ones */
	return i ^ i >> 33;
}

static uint32_t *
node_slot(const struct model *m, uint32_t parent, const char *name, size_t len,
	  uint64_t hash)
{
	for (uint64_t i = node_hash(parent, hash);; i++) {
		uint32_t *s = &m->index[i & (m->index_cap - 1)];
		const char *have = model_name(m, *s);

		if (!*s || (m->node[*s].parent == parent &&
			    strncmp(have, name, len) == 0 && have[len] == '\0'))
			return s;
	}
}

static uint32_t *
slot_of_node(const struct model *m, uint32_t n)
{
	const char *name = model_name(m, n);
	size_t len = strlen(name);

	return node_slot(m, m->node[n].parent, name, len, map_hash(name, len));
}

static void
grow_index(struct model *m, uint32_t cap)
{
	uint32_t *old = m->index, n = m->index_cap;

	m->index_cap = cap;
	m->index = mem_alloc(m->index_cap * sizeof(*m->index));
	for (uint32_t i = 0; i < n; i++)
		if (old[i])
			*slot_of_node(m, old[i]) = old[i];
	free(old);
}

static void
grow_nodes(struct model *m, uint32_t cap)
{
	uint32_t old = m->cap;

	m->cap = cap;
	m->node = mem_resize(m->node, m->cap, sizeof(*m->node));
	if (m->access) {
		m->access = mem_resize(m->access, m->cap, 1);
		memset(m->access + old, 0, m->cap - old);
	}
	if (m->total) {
		m->total = mem_resize(m->total, m->cap, sizeof(*m->total));
		memset(m->total + old, 0, (m->cap - old) * sizeof(*m->total));
	}
}

/* Growing costs more than the rest of loading. */
void
model_reserve(struct model *m, uint64_t nodes)
{
	if (nodes > NODES_MAX)
		nodes = NODES_MAX;
	nodes += nodes / 64 + 1024;
	if (nodes > m->cap)
		grow_nodes(m, (uint32_t)nodes);
}

/* No two are the same, so that a look at what is in a slot (a node anywhere in memory)
 * is spared. */
void
model_index(struct model *m)
{
	uint32_t cap = 1024;

	while (cap < (uint64_t)m->n * 2)
		cap *= 2;
	free(m->index);
	m->index_cap = cap;
	m->index_n = m->n - 1;
	m->index = mem_alloc(cap * sizeof(*m->index));
	for (uint32_t i = 1; i < m->n; i++) {
		const char *name = model_name(m, i);
		uint64_t at = node_hash(m->node[i].parent, map_hash(name, strlen(name)));

		while (m->index[at & (cap - 1)])
			at++;
		m->index[at & (cap - 1)] = i;
	}
}

void
model_begin(struct model *m)
{
	if (m->n)
		return;
	m->pool_cap = 4096;
	m->pool = mem_alloc(m->pool_cap);
	m->pool_len = 1;
	grow_names(m);
	grow_index(m, 1024);
	grow_nodes(m, 1024);
	m->node[0] = (struct node){ .kind = 'd', .flags = ENTRY_IMPLIED };
	m->n = 1;
	vec_push(&m->origin, ((struct node_origin){ ORIGIN_UNOWNED, "", "" }));
	vec_push(&m->type, 0);
}

static uint32_t
push_node(struct model *m, uint32_t parent, uint32_t name)
{
	if (m->n == m->cap)
		grow_nodes(m, m->cap + m->cap / 2);
	m->node[m->n] = (struct node){
		.name = name,
		.parent = parent,
		.kind = 'd',
		.flags = ENTRY_IMPLIED,
	};
	return m->n++;
}

/* Finds or makes the child; *fresh tells which.  UINT32_MAX: no room. */
uint32_t
model_child(struct model *m, uint32_t parent, const char *name, size_t len, bool *fresh)
{
	uint64_t hash = map_hash(name, len);
	uint32_t *s = node_slot(m, parent, name, len, hash), text;

	*fresh = false;
	if (*s != 0)
		return *s;
	text = intern(m, name, len, hash);
	if (!text || m->n >= NODES_MAX)
		return UINT32_MAX;
	if ((m->index_n + 1) * 2 > m->index_cap) {
		grow_index(m, m->index_cap * 2);
		s = node_slot(m, parent, name, len, hash);
	}
	*s = m->n;
	m->index_n++;
	*fresh = true;
	return push_node(m, parent, text);
}

uint32_t
model_leaf(struct model *m, uint32_t parent, const char *name, size_t len)
{
	uint64_t hash = map_hash(name, len);
	uint32_t text, n = *node_slot(m, parent, name, len, hash);

	if (n)
		return n;
	text = intern(m, name, len, hash);
	return text && m->n < NODES_MAX ? push_node(m, parent, text) : UINT32_MAX;
}

uint32_t
model_find(const struct model *m, const char *path, size_t len)
{
	uint32_t n = 0;

	if (!m->n || len == 0 || path[0] != '/')
		return UINT32_MAX;
	for (size_t i = 1, end; i < len; i = end + 1) {
		const char *slash = memchr(path + i, '/', len - i);
		end = slash ? (size_t)(slash - path) : len;
		n = end > i ? *node_slot(m, n, path + i, end - i,
					 map_hash(path + i, end - i))
			    : 0;
		if (!n)
			return UINT32_MAX;
	}
	return n;
}

static int
by_parent_and_name(const void *a, const void *b, void *ctx)
{
	const struct model *m = ctx;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	if (m->node[x].parent != m->node[y].parent)
		return m->node[x].parent < m->node[y].parent ? -1 : 1;
	return strcmp(model_name(m, x), model_name(m, y));
}

/* In one pass over the children that are there, for all that come to one parent. */
void
model_link(struct model *m, uint32_t from)
{
	uint32_t n = m->n - from, *id, *at = NULL;

	if (!n)
		return;
	id = mem_resize(NULL, n, sizeof(*id));
	for (uint32_t i = 0; i < n; i++)
		id[i] = from + i;
	qsort_r(id, n, sizeof(*id), by_parent_and_name, m);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t parent = m->node[id[i]].parent;

		if (!i || m->node[id[i - 1]].parent != parent)
			at = &m->node[parent].first;
		while (*at && strcmp(model_name(m, *at), model_name(m, id[i])) < 0)
			at = &m->node[*at].next;
		m->node[id[i]].next = *at;
		*at = id[i];
		at = &m->node[id[i]].next;
	}
	free(id);
}

uint32_t
model_add(struct model *m, const char *path, size_t len)
{
	uint32_t from = m->n ? m->n : 1, n = model_put(m, path, len);

	if (m->n)
		model_link(m, from);
	return n;
}

uint32_t
model_put(struct model *m, const char *path, size_t len)
{
	uint32_t n = 0;

	if (len > ROWS_PATH_MAX || !db_is_path(path, len))
		return UINT32_MAX;
	model_begin(m);
	for (size_t i = 1, end; i < len && n != UINT32_MAX; i = end + 1) {
		const char *slash = memchr(path + i, '/', len - i);
		bool fresh;

		end = slash ? (size_t)(slash - path) : len;
		n = model_child(m, n, path + i, end - i, &fresh);
	}
	return n;
}

void
model_path(const struct model *m, uint32_t n, struct str *out)
{
	size_t len = 0, at;

	if (n == 0) {
		str_set(out, "/");
		return;
	}
	for (uint32_t i = n; i; i = m->node[i].parent)
		len += strlen(model_name(m, i)) + 1;
	str_clear(out);
	str_reserve(out, len);
	out->len = at = len;
	out->s[len] = '\0';
	for (uint32_t i = n; i; i = m->node[i].parent) {
		size_t k = strlen(model_name(m, i));

		at -= k;
		memcpy(out->s + at, model_name(m, i), k);
		out->s[--at] = '/';
	}
}

void
model_entry(const struct model *m, uint32_t n, const struct str *path, struct entry *out)
{
	const struct node *x = &m->node[n];
	const struct node_origin *o = &m->origin.v[x->origin];

	*out = (struct entry){
		.path = path->s,
		.len = path->len,
		.name = n ? path->s + path->len - strlen(model_name(m, n)) : "",
		.kind = (char)x->kind,
		.size = x->size,
		.state = x->state & 15,
		.origin = o->class,
		.package = o->package,
		.version = o->version,
		.type = m->pool + m->type.v[x->type],
		.access = m->access ? m->access[n] : 0,
		.flags = x->flags,
		.row = x->row,
	};
}

/* To the next node behind n and all below it; path follows.  False: top is done. */
static bool
step_over(const struct model *m, uint32_t top, uint32_t *n, struct str *path)
{
	for (; *n != top; *n = m->node[*n].parent) {
		size_t keep = path->len - strlen(model_name(m, *n));

		if (m->node[*n].next) {
			*n = m->node[*n].next;
			str_trunc(path, keep);
			str_add(path, model_name(m, *n));
			return true;
		}
		str_trunc(path, keep > 1 ? keep - 1 : 1);
	}
	return false;
}

void
model_each(const struct model *m, uint32_t top, model_cb *cb, void *ctx)
{
	AUTO(str_fini) struct str path = STR_INIT;
	struct entry x;
	uint32_t n = top;

	if (!m->n)
		return;
	model_path(m, top, &path);
	for (;;) {
		enum model_step step;

		model_entry(m, n, &path, &x);
		step = cb(ctx, n, &x);
		if (step == MODEL_STOP)
			return;
		if (step == MODEL_ON && m->node[n].first) {
			n = m->node[n].first;
			if (path.len > 1)
				str_addc(&path, '/');
			str_add(&path, model_name(m, n));
		} else if (!step_over(m, top, &n, &path)) {
			return;
		}
	}
}

uint16_t
model_type_id(struct model *m, const char *type)
{
	struct map_slot *s;
	uint32_t text;

	if (!*type)
		return 0;
	model_begin(m);
	if ((s = map_get(&m->types, type, strlen(type))))
		return (uint16_t)s->u;
	text = model_intern(m, type, strlen(type));
	if (!text || m->type.n > UINT16_MAX)
		return 0;
	vec_push(&m->type, text);
	map_put(&m->types, type, strlen(type))->u = m->type.n - 1;
	return (uint16_t)(m->type.n - 1);
}

uint32_t
model_origin_id(struct model *m, const struct node_origin *o)
{
	AUTO(str_fini) struct str key = STR_INIT;
	struct map_slot *s;

	model_begin(m);
	str_addf(&key, "%d\n%s\n%s", (int)o->class, o->package, o->version);
	s = map_put(&m->origins, key.s, key.len);
	if (!s->u) {
		struct node_origin own = { o->class, mem_strdup(o->package),
					   mem_strdup(o->version) };

		vec_push(&m->origin, own);
		s->u = m->origin.n - 1;
	}
	return (uint32_t)s->u;
}
