#include "groups.h"

#include <stdlib.h>
#include <string.h>

#include "inspect/ftype.h"

void
groups_fini(struct groups *g)
{
	vec_fini(&g->head);
	vec_fini(&g->file);
	vec_fini(&g->open_origin);
	vec_fini(&g->open_type);
	*g = (struct groups){ .what = g->what };
}

static bool
is_open(const struct groups *g, enum group_kind kind, uint32_t id)
{
	if (kind == GROUP_CLASS)
		return g->open_class >> id & 1;
	if (kind == GROUP_PACKAGE)
		return id < g->open_origin.n && g->open_origin.v[id];
	return kind == GROUP_TYPE && id < g->open_type.n && g->open_type.v[id];
}

/* The last one that is not below the row. */
static const struct group *
head_of(const struct groups *g, size_t row)
{
	size_t low = 0, high = g->head.n;

	while (high - low > 1) {
		size_t mid = (low + high) / 2;

		if (g->head.v[mid].row <= row)
			low = mid;
		else
			high = mid;
	}
	return &g->head.v[low];
}

size_t
groups_head(const struct groups *g, size_t row)
{
	return head_of(g, row)->row;
}

void
groups_set_open(struct groups *g, size_t row, bool open)
{
	const struct group *x = head_of(g, row);
	uint32_t id = x->id;

	if (x->row != row)
		return;
	g->fresh = false;
	if (x->kind == GROUP_CLASS) {
		g->open_class =
			open ? g->open_class | 1u << id : g->open_class & ~(1u << id);
	} else if (x->kind == GROUP_PACKAGE) {
		while (g->open_origin.n <= id)
			vec_push(&g->open_origin, 0);
		g->open_origin.v[id] = open;
	} else if (x->kind == GROUP_TYPE) {
		while (g->open_type.n <= id)
			vec_push(&g->open_type, 0);
		g->open_type.v[id] = open;
	}
}

/* Files that are in the package, or staged to go or to come. */
static bool
is_listed(const struct tree *t, uint32_t n)
{
	const struct node *x = &t->m->node[n];

	if (x->kind == 'd' || (t->filtered && !(t->bit[n] & TREE_HIT)))
		return false;
	return (x->state & 15) == FILE_CAPTURED || (x->flags & (ENTRY_DROP | ENTRY_ADD));
}

bool
group_has(const struct group *x, const struct tree *t, uint32_t n)
{
	const struct node *node = &t->m->node[n];

	if (x->kind == GROUP_FILE)
		return x->id == n;
	if (!is_listed(t, n))
		return false;
	switch ((enum group_kind)x->kind) {
	case GROUP_CLASS:
		return t->m->origin.v[node->origin].class == x->id;
	case GROUP_PACKAGE:
		return node->origin == x->id;
	case GROUP_TYPE:
		return node->type == x->id;
	case GROUP_FILE:
	case GROUP_TITLE:
		break;
	}
	return false;
}

static void
count_with(struct group *x, const struct tree *t, uint32_t n, unsigned flags)
{
	struct node *node = &t->m->node[n];
	unsigned are = node->flags;

	node->flags = flags;
	x->drops += (flags & ENTRY_DROP) != 0;
	x->adds += (flags & ENTRY_ADD) != 0;
	if (tree_counts(t, n)) {
		x->files++;
		x->bytes += node->size;
		x->all += node->size;
	} else {
		x->all += node->kind == 'f' && (flags & ENTRY_DROP) ? node->size : 0;
		x->files += node->kind != 'f' && !(flags & ENTRY_DROP);
	}
	node->flags = are;
}

static void
count(struct group *x, const struct tree *t, uint32_t n)
{
	count_with(x, t, n, t->m->node[n].flags);
}

static int
by_bytes(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	if (x->all != y->all)
		return x->all > y->all ? -1 : 1;
	if (x->files + x->drops != y->files + y->drops)
		return x->files + x->drops > y->files + y->drops ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

static void
sort_rows(struct group *v, size_t n)
{
	if (n)
		qsort(v, n, sizeof(*v), by_bytes);
}

static int
by_size(const void *a, const void *b, void *ctx)
{
	const struct model *m = ctx;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	uint64_t p = m->node[x].size, q = m->node[y].size;

	return p != q ? (p > q ? -1 : 1) : x < y ? -1 : x > y;
}

/* The files of an open group, which was pushed last. */
static void
push_files(struct groups *g, const struct tree *t, const struct group *of)
{
	size_t from = g->file.n;

	for (uint32_t n = 1; n < t->m->n; n++)
		if (group_has(of, t, n))
			vec_push(&g->file, n);
	if (g->file.n > from)
		qsort_r(g->file.v + from, g->file.n - from, sizeof(*g->file.v), by_size,
			t->m);
	g->n += g->file.n - from;
}

struct group
groups_at(const struct groups *g, const struct tree *t, size_t row)
{
	const struct group *head = head_of(g, row);
	struct group x = { .kind = GROUP_FILE, .depth = (uint8_t)(head->depth + 1) };

	if (head->row == row)
		return *head;
	x.id = g->file.v[head->file + row - head->row - 1];
	if (x.id >= t->m->n) /* of a model that was read again */
		return (struct group){ .kind = GROUP_TITLE };
	count(&x, t, x.id);
	x.bytes = t->m->node[x.id].size;
	return x;
}

static void
push_head(struct groups *g, struct group x)
{
	x.row = g->n++;
	x.file = g->file.n;
	vec_push(&g->head, x);
}

static void
push_group(struct groups *g, const struct tree *t, struct group x)
{
	x.open = is_open(g, x.kind, x.id);
	x.opens = x.kind == GROUP_CLASS ? true : g->what != GROUPS_FACETS;
	push_head(g, x);
}

static bool
is_used(const struct group *x)
{
	return x->files || x->drops || x->adds;
}

static bool
has_packages(uint32_t class)
{
	return class == ORIGIN_PACKAGE || class == ORIGIN_LANGUAGE;
}

static void
push_class(struct groups *g, const struct tree *t, const struct group *class,
	   struct group *origin)
{
	VEC(struct group) in = { 0 };

	push_group(g, t, *class);
	if (!g->head.v[g->head.n - 1].open)
		return;
	if (!has_packages(class->id)) {
		if (g->what == GROUPS_FACETS)
			g->head.v[g->head.n - 1].opens = false;
		else
			push_files(g, t, class);
		return;
	}
	for (size_t i = 0; i < t->m->origin.n; i++)
		if (t->m->origin.v[i].class == class->id && is_used(&origin[i]))
			vec_push(&in, origin[i]);
	sort_rows(in.v, in.n);
	for (size_t i = 0; i < in.n; i++) {
		push_group(g, t, in.v[i]);
		if (g->what != GROUPS_FACETS && g->head.v[g->head.n - 1].open)
			push_files(g, t, &in.v[i]);
	}
	vec_fini(&in);
}

static void
push_origins(struct groups *g, const struct tree *t)
{
	const struct model *m = t->m;
	struct group *origin = mem_alloc((m->origin.n + 1) * sizeof(*origin));
	struct group class[ORIGIN_CLASSES] = { 0 };

	for (uint32_t i = 0; i < m->origin.n; i++)
		origin[i] = (struct group){ .kind = GROUP_PACKAGE, .id = i, .depth = 1 };
	for (uint32_t n = 1; n < m->n; n++)
		if (is_listed(t, n))
			count(&origin[m->node[n].origin], t, n);
	for (size_t i = 0; i < m->origin.n; i++) {
		struct group *c = &class[m->origin.v[i].class];

		c->bytes += origin[i].bytes;
		c->all += origin[i].all;
		c->files += origin[i].files;
		c->drops += origin[i].drops;
		c->adds += origin[i].adds;
		g->most += origin[i].bytes;
		g->files += origin[i].files;
	}
	for (uint32_t i = 0; i < ORIGIN_CLASSES; i++) {
		class[i].kind = GROUP_CLASS;
		class[i].id = i;
		if (is_used(&class[i]))
			push_class(g, t, &class[i], origin);
	}
	free(origin);
}

static void
push_types(struct groups *g, const struct tree *t)
{
	const struct model *m = t->m;
	struct group *type = mem_alloc((m->type.n + 1) * sizeof(*type));
	VEC(struct group) in = { 0 };

	for (uint32_t n = 1; n < m->n; n++)
		if (is_listed(t, n))
			count(&type[m->node[n].type], t, n);
	for (uint32_t i = 0; i < m->type.n; i++) {
		type[i].kind = GROUP_TYPE;
		type[i].id = i;
		if (is_used(&type[i]))
			vec_push(&in, type[i]);
		if (g->what == GROUPS_TYPES) {
			g->most += type[i].bytes;
			g->files += type[i].files;
		}
	}
	sort_rows(in.v, in.n);
	for (size_t i = 0; i < in.n; i++) {
		push_group(g, t, in.v[i]);
		if (g->what == GROUPS_TYPES && g->head.v[g->head.n - 1].open)
			push_files(g, t, &in.v[i]);
	}
	vec_fini(&in);
	free(type);
}

void
groups_build(struct groups *g, const struct tree *t)
{
	if (g->fresh)
		return;
	g->n = g->head.n = g->file.n = 0;
	g->most = g->files = 0;
	if (g->what != GROUPS_TYPES)
		push_origins(g, t);
	if (g->what == GROUPS_FACETS)
		push_head(g, (struct group){ .kind = GROUP_TITLE });
	if (g->what != GROUPS_ORIGINS)
		push_types(g, t);
	g->fresh = true;
}

static void
move_counts(struct groups *g, struct group *x, const struct tree *t, uint32_t n)
{
	struct group before = { 0 }, after = { 0 };
	unsigned flags = t->m->node[n].flags;
	bool whole = x->kind == (g->what == GROUPS_TYPES ? GROUP_TYPE : GROUP_CLASS);

	if (!group_has(x, t, n))
		return;
	count(&after, t, n);
	count_with(&before, t, n, flags ^ ENTRY_DROP);
	x->files += after.files - before.files;
	x->drops += after.drops - before.drops;
	x->bytes += after.bytes - before.bytes;
	if (whole) {
		g->files += after.files - before.files;
		g->most += after.bytes - before.bytes;
	}
}

void
groups_staged(struct groups *g, const struct tree *t)
{
	if (!g->fresh || g->head.n * (uint64_t)t->changed.n > 100000) {
		g->fresh = g->fresh && t->changed.n == 0;
		return;
	}
	for (size_t i = 0; i < t->changed.n; i++) {
		const struct node *x = &t->m->node[t->changed.v[i]];

		if (x->kind == 'd')
			continue;
		if ((x->state & 15) != FILE_CAPTURED) { /* is listed only when staged */
			g->fresh = false;
			return;
		}
		for (size_t k = 0; k < g->head.n; k++)
			move_counts(g, &g->head.v[k], t, t->changed.v[i]);
	}
}

/* "libc6:amd64" is libc6, where that is what this program is built for. */
size_t
group_package_len(const char *package)
{
	static const char own[] = ":amd64";
	size_t n = strlen(package);

	return n >= sizeof(own) && strcmp(package + n - strlen(own), own) == 0
		       ? n - strlen(own)
		       : n;
}

const char *
group_label(const struct group *x, const struct model *m)
{
	static const char *const class[ORIGIN_CLASSES] = {
		[ORIGIN_PACKAGE] = "distro packages",
		[ORIGIN_USER] = "your files",
		[ORIGIN_CONFIG] = "system configuration",
		[ORIGIN_GENERATED] = "made by the system",
		[ORIGIN_LANGUAGE] = "language packages",
		[ORIGIN_OUTPUT] = "written by the run",
		[ORIGIN_LOCAL] = "local (/usr/local, /opt)",
		[ORIGIN_VIRTUAL] = "virtual (/proc, /sys, /dev)",
		[ORIGIN_UNOWNED] = "not owned",
	};

	switch ((enum group_kind)x->kind) {
	case GROUP_CLASS:
		return class[x->id];
	case GROUP_PACKAGE:
		return m->origin.v[x->id].package[0] ? m->origin.v[x->id].package
						     : "(without a name)";
	case GROUP_TYPE:
		return x->id ? m->pool + m->type.v[x->id] : "not looked at yet";
	case GROUP_FILE:
		return model_name(m, x->id);
	case GROUP_TITLE:
		break;
	}
	return "";
}

/* For a pane that is narrow. */
const char *
group_short_label(const struct group *x, const struct model *m)
{
	static const char *const class[ORIGIN_CLASSES] = {
		[ORIGIN_PACKAGE] = "distro",	[ORIGIN_USER] = "your files",
		[ORIGIN_CONFIG] = "config",	[ORIGIN_GENERATED] = "generated",
		[ORIGIN_LANGUAGE] = "language", [ORIGIN_OUTPUT] = "outputs",
		[ORIGIN_LOCAL] = "local",	[ORIGIN_VIRTUAL] = "virtual",
		[ORIGIN_UNOWNED] = "not owned",
	};

	if (x->kind == GROUP_CLASS)
		return class[x->id];
	return x->kind == GROUP_TYPE && !x->id ? "not known" : group_label(x, m);
}

void
group_query(const struct group *x, const struct model *m, struct str *out)
{
	switch ((enum group_kind)x->kind) {
	case GROUP_CLASS:
		str_addf(out, "class:%s", origin_class_name((enum origin_class)x->id));
		break;
	case GROUP_PACKAGE:
		str_addf(out, "origin:%s", m->origin.v[x->id].package);
		break;
	case GROUP_TYPE:
		str_addf(out, "type:%s", m->pool + m->type.v[x->id]);
		break;
	case GROUP_FILE:
	case GROUP_TITLE:
		break;
	}
}
