#include "tree.h"

#include <stdlib.h>
#include <string.h>

const struct tree_sort_row tree_sorts[TREE_SORT_COUNT] = {
#define TREE_SORT_ROW(key, name, word, down) [TREE_##name] = { key, word, down },
	TREE_SORTS(TREE_SORT_ROW)
};

void
tree_init(struct tree *t, struct model *m, struct package *p)
{
	*t = (struct tree){ .m = m, .p = p, .sort = TREE_SIZE, .down = true };
	str_init(&t->walk.path);
	tree_changed(t);
	t->bit[0] |= TREE_OPEN;
}

void
tree_fini(struct tree *t)
{
	free(t->bit);
	vec_fini(&t->row);
	free(t->sorted);
	free(t->sorted_at);
	free(t->saved);
	query_fini(&t->filter);
	query_fini(&t->next);
	str_fini(&t->walk.path);
	*t = (struct tree){ 0 };
}

uint32_t
tree_after(const struct model *m, uint32_t n)
{
	if (m->node[n].first)
		return m->node[n].first;
	for (; n; n = m->node[n].parent)
		if (m->node[n].next)
			return m->node[n].next;
	return 0;
}

bool
tree_counts(const struct tree *t, uint32_t n)
{
	const struct node *x = &t->m->node[n];

	if (x->kind != 'f' || (t->filtered && !(t->bit[n] & TREE_HIT)))
		return false;
	if (x->flags & (ENTRY_DROP | ENTRY_ADD))
		return x->flags & ENTRY_ADD;
	return (x->state & 15) == FILE_CAPTURED;
}

static void
add_up(uint64_t *sum, uint64_t n)
{
	if (__builtin_add_overflow(*sum, n, sum))
		*sum = UINT64_MAX;
}

/* Sums of what is shown; parents have smaller numbers than children. */
static void
add_totals(struct tree *t)
{
	struct model *m = t->m;

	if (!m->total)
		m->total = mem_resize(NULL, m->cap, sizeof(*m->total));
	memset(m->total, 0, m->n * sizeof(*m->total));
	memset(t->saved, 0, m->n * sizeof(*t->saved));
	for (uint32_t i = m->n; i-- > 0;) {
		struct node_total *x = &m->total[i], *up = &m->total[m->node[i].parent];

		if (tree_counts(t, i)) {
			x->files++;
			add_up(&x->bytes, m->node[i].size);
			add_up(&t->saved[i], m->node[i].size);
		} else if (m->node[i].flags & ENTRY_DROP && m->node[i].kind == 'f' &&
			   (!t->filtered || (t->bit[i] & TREE_HIT))) {
			add_up(&t->saved[i], m->node[i].size);
		}
		if (i == 0)
			break;
		up->files += x->files;
		add_up(&up->bytes, x->bytes);
		add_up(&t->saved[m->node[i].parent], t->saved[i]);
	}
}

static void
forget_order(struct tree *t)
{
	memset(t->sorted_at, 0, t->bits * sizeof(*t->sorted_at));
	t->sorted_n = 1;
}

void
tree_changed(struct tree *t)
{
	if (t->bits < t->m->n) {
		t->bit = mem_resize(t->bit, t->m->n, 1);
		memset(t->bit + t->bits, TREE_HIT | TREE_SHOWN, t->m->n - t->bits);
		t->bits = t->m->n;
		t->sorted_at = mem_resize(t->sorted_at, t->bits, sizeof(*t->sorted_at));
		t->saved = mem_resize(t->saved, t->bits, sizeof(*t->saved));
		if (t->working) { /* paths of the walk are as they were */
			t->walk.done = false;
			t->walk.at = 0;
			t->hits = t->walked = 0;
			str_set(&t->walk.path, "/");
		}
	}
	add_totals(t);
	forget_order(t);
}

/* --- order ------------------------------------------------------------------------ */

struct item {
	uint64_t key;
	uint32_t seq,
		node; /* seq: place in the order of the bytes of names, or of paths */
};

static int
by_key(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

/* Numbers of types or origins in the order of their names, to sort by. */
static int
by_text(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

static uint32_t *
ranks(const struct tree *t, enum tree_sort sort)
{
	const struct model *m = t->m;
	size_t n = sort == TREE_TYPE ? m->type.n : m->origin.n;
	const char **text = mem_resize(NULL, n + 1, sizeof(*text));
	const char **order = mem_resize(NULL, n + 1, sizeof(*order));
	uint32_t *rank = mem_resize(NULL, n + 1, sizeof(*rank));

	for (size_t i = 0; i < n; i++)
		order[i] = text[i] = sort == TREE_TYPE ? m->pool + m->type.v[i]
						       : m->origin.v[i].package;
	qsort(order, n, sizeof(*order), by_text);
	for (size_t i = 0; i < n; i++)
		rank[i] = (uint32_t)((const char **)bsearch(&text[i], order, n,
							    sizeof(*order), by_text) -
				     order);
	free(text);
	free(order);
	return rank;
}

static uint64_t
key_of(const struct tree *t, uint32_t n, const uint32_t *rank)
{
	const struct node *x = &t->m->node[n];

	switch (t->sort) {
	case TREE_SIZE:
	case TREE_UNIQUE:
		return x->kind == 'd' ? t->saved[n] : x->size;
	case TREE_TYPE:
		return rank[x->type];
	case TREE_ORIGIN:
		return (uint64_t)t->m->origin.v[x->origin].class << 32 | rank[x->origin];
	case TREE_ACCESS:
		return t->m->access ? t->m->access[n] : 0;
	case TREE_COUNT:
		return t->m->total[n].files;
	case TREE_NAME:
	case TREE_PATH:
	case TREE_SORT_COUNT:
		break;
	}
	return 0;
}

/* Largest first keeps equal ones in the order of their names. */
static void
sort_items(struct tree *t, struct item *v, size_t n)
{
	uint32_t *rank = NULL;
	bool named = t->sort == TREE_NAME || t->sort == TREE_PATH;

	if (named && !t->down)
		return;
	if (t->sort == TREE_TYPE || t->sort == TREE_ORIGIN)
		rank = ranks(t, t->sort);
	for (size_t i = 0; i < n; i++) {
		v[i].key = key_of(t, v[i].node, rank);
		if (t->down)
			v[i].key = ~v[i].key;
		if (named)
			v[i].seq = UINT32_MAX - v[i].seq;
	}
	qsort(v, n, sizeof(*v), by_key);
	free(rank);
}

static void
push_sorted(struct tree *t, uint32_t n)
{
	if (t->sorted_n >= t->sorted_cap) {
		t->sorted_cap = t->sorted_cap ? t->sorted_cap * 2 : 1024;
		t->sorted = mem_resize(t->sorted, t->sorted_cap, sizeof(*t->sorted));
	}
	t->sorted[t->sorted_n++] = n;
}

/* Where the children of a directory, in order, begin in t->sorted; 0 ends them. */
static uint32_t
children(struct tree *t, uint32_t dir)
{
	VEC(struct item) v = { 0 };

	if (t->sorted_at[dir])
		return t->sorted_at[dir];
	for (uint32_t c = t->m->node[dir].first; c; c = t->m->node[c].next)
		vec_push(&v, ((struct item){ 0, (uint32_t)v.n, c }));
	if (v.n)
		sort_items(t, v.v, v.n);
	t->sorted_at[dir] = (uint32_t)t->sorted_n;
	for (size_t i = 0; i < v.n; i++)
		push_sorted(t, v.v[i].node);
	push_sorted(t, 0);
	vec_fini(&v);
	return t->sorted_at[dir];
}

void
tree_set_sort(struct tree *t, enum tree_sort key, bool down)
{
	t->sort = key;
	t->down = down;
	forget_order(t);
	tree_rebuild(t);
}

/* --- rows ------------------------------------------------------------------------- */

static bool
shown(const struct tree *t, uint32_t n)
{
	return !t->filtered || (t->bit[n] & TREE_SHOWN);
}

/* The only child that is shown, when that is a directory; else 0. */
static uint32_t
only_dir(const struct tree *t, uint32_t n)
{
	uint32_t only = 0;

	for (uint32_t c = t->m->node[n].first; c; c = t->m->node[c].next) {
		if (!shown(t, c))
			continue;
		if (only || t->m->node[c].kind != 'd')
			return 0;
		only = c;
	}
	return only;
}

static void
push_row(struct tree *t, uint32_t n, unsigned depth)
{
	unsigned chain = 0;

	for (uint32_t c; t->m->node[n].kind == 'd' && n && (c = only_dir(t, n)); n = c)
		chain += chain < UINT16_MAX;
	vec_push(&t->row, ((struct tree_row){ n, (uint16_t)(depth > 4096 ? 4096 : depth),
					      (uint16_t)chain }));
}

static void
build_tree(struct tree *t)
{
	VEC(uint32_t) stack = { 0 }; /* places in t->sorted */

	push_row(t, 0, 0);
	if (tree_is_open(t, 0))
		vec_push(&stack, children(t, 0));
	while (stack.n) {
		uint32_t n = t->sorted[stack.v[stack.n - 1]++];

		if (!n) {
			(void)vec_pop(&stack);
			continue;
		}
		if (!shown(t, n))
			continue;
		push_row(t, n, (unsigned)stack.n);
		n = t->row.v[t->row.n - 1].node;
		if (t->m->node[n].kind == 'd' && tree_is_open(t, n))
			vec_push(&stack, children(t, n));
	}
	vec_fini(&stack);
}

static int
by_name(const void *a, const void *b, void *ctx)
{
	const struct item *x = a, *y = b;
	const struct model *m = ctx;
	int r = strcmp(model_name(m, x->node), model_name(m, y->node));

	return r ? r : x->seq < y->seq ? -1 : x->seq > y->seq;
}

/* Room is made once: growing a list of a million takes half of its memory again. */
static void
build_flat(struct tree *t)
{
	VEC(struct item) v = { .cap = t->m->n };

	v.v = mem_resize(NULL, v.cap, sizeof(*v.v));
	for (uint32_t n = tree_after(t->m, 0); n; n = tree_after(t->m, n))
		if (t->m->node[n].kind != 'd' && (!t->filtered || (t->bit[n] & TREE_HIT)))
			vec_push(&v, ((struct item){ 0, (uint32_t)v.n, n }));
	if (v.n && t->sort == TREE_NAME)
		qsort_r(v.v, v.n, sizeof(*v.v), by_name, t->m);
	else if (v.n)
		sort_items(t, v.v, v.n);
	if (t->row.cap < v.n) {
		t->row.cap = v.n;
		t->row.v = mem_resize(t->row.v, v.n, sizeof(*t->row.v));
	}
	for (size_t i = 0; i < v.n; i++)
		vec_push(&t->row,
			 ((struct tree_row){
				 v.v[t->sort == TREE_NAME && t->down ? v.n - 1 - i : i]
					 .node,
				 0, 0 }));
	vec_fini(&v);
}

void
tree_rebuild(struct tree *t)
{
	t->row.n = 0;
	if (t->flat)
		build_flat(t);
	else
		build_tree(t);
}

size_t
tree_row_of(const struct tree *t, uint32_t node)
{
	for (;; node = t->m->node[node].parent) {
		for (size_t i = 0; i < t->row.n; i++) {
			uint32_t n = t->row.v[i].node;

			for (unsigned k = t->row.v[i].chain; k && n != node; k--)
				n = t->m->node[n].parent;
			if (n == node)
				return i;
		}
		if (!node)
			return 0;
	}
}

bool
tree_is_open(const struct tree *t, uint32_t node)
{
	return t->bit[node] & (TREE_OPEN | TREE_AUTO);
}

void
tree_set_open(struct tree *t, uint32_t node, bool open)
{
	t->bit[node] = (uint8_t)(open ? t->bit[node] | TREE_OPEN
				      : t->bit[node] & ~(TREE_OPEN | TREE_AUTO));
	tree_rebuild(t);
}

void
tree_open_below(struct tree *t, uint32_t node, bool open)
{
	uint32_t n = node;

	do {
		if (t->m->node[n].kind == 'd')
			t->bit[n] =
				(uint8_t)(open ? t->bit[n] | TREE_OPEN
					       : t->bit[n] & ~(TREE_OPEN | TREE_AUTO));
		n = tree_after(t->m, n);
		/* Still below `node`? */
		for (uint32_t up = n; up != node; up = t->m->node[up].parent)
			if (up <= node) {
				n = 0;
				break;
			}
	} while (n);
	tree_rebuild(t);
}

void
tree_reveal(struct tree *t, uint32_t node)
{
	for (uint32_t n = t->m->node[node].parent;; n = t->m->node[n].parent) {
		t->bit[n] |= TREE_OPEN;
		if (!n)
			break;
	}
	tree_rebuild(t);
}

void
tree_set_flat(struct tree *t, bool flat)
{
	t->flat = flat;
	tree_rebuild(t);
}
