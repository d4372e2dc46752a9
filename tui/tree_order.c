/*
 * The order of rows.  A million of them by comparisons take half a second, by the bytes of
 * a key (radix sort, which passes over bytes that are the same in all) a tenth of that.
 */
#include <stdlib.h>
#include <string.h>

#include "tree_priv.h"

static int
by_key(const void *a, const void *b)
{
	const struct tree_item *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

enum { BYTES = 8, FEW = 512 };

static void
by_byte(const struct tree_item *from, struct tree_item *to, size_t n, unsigned shift,
	const uint32_t count[static 256])
{
	uint32_t at[256], sum = 0;

	for (int i = 0; i < 256; i++) {
		at[i] = sum;
		sum += count[i];
	}
	for (size_t i = 0; i < n; i++)
		to[at[from[i].key >> shift & 255]++] = from[i];
}

/* other: room for n.  Stable; the seq of items grows, or those of one key are few. */
static void
sort_keys(struct tree_item *v, struct tree_item *other, size_t n)
{
	uint32_t count[BYTES][256] = { 0 };
	struct tree_item *from = v, *to = other;

	if (n < FEW) {
		if (n)
			qsort(v, n, sizeof(*v), by_key);
		return;
	}
	for (size_t i = 0; i < n; i++)
		for (unsigned b = 0; b < BYTES; b++)
			count[b][v[i].key >> 8 * b & 255]++;
	for (unsigned b = 0; b < BYTES; b++) {
		struct tree_item *was = from;

		if (count[b][from[0].key >> 8 * b & 255] == n)
			continue;
		by_byte(from, to, n, 8 * b, count[b]);
		from = to;
		to = was;
	}
	if (from != v)
		memcpy(v, from, n * sizeof(*v));
}

/* --- names ------------------------------------------------------------------------ */

/* The next eight bytes of a name, zeros behind its end. */
static uint64_t
eight(const char *name)
{
	uint64_t key = 0;

	for (int i = 0; i < BYTES; i++) {
		key = key << 8 | (unsigned char)*name;
		name += *name != '\0';
	}
	return key;
}

static int
by_name(const void *a, const void *b, void *ctx)
{
	const struct tree_item *x = a, *y = b;
	const struct model *m = ctx;
	int r = strcmp(model_name(m, x->node), model_name(m, y->node));

	return r ? r : x->seq < y->seq ? -1 : x->seq > y->seq;
}

/* All names are the same before `at`. */
static void
sort_names(struct model *m, struct tree_item *v, struct tree_item *other, size_t n,
	   size_t at)
{
	if (n < FEW || at > 256) {
		if (n > 1)
			qsort_r(v, n, sizeof(*v), by_name, m);
		return;
	}
	for (size_t i = 0; i < n; i++)
		v[i].key = eight(model_name(m, v[i].node) + at);
	sort_keys(v, other, n);
	for (size_t i = 0, k; i < n; i = k) {
		for (k = i + 1; k < n && v[k].key == v[i].key;)
			k++;
		if (k - i > 1 && (v[i].key & 255))
			sort_names(m, v + i, other, k - i, at + BYTES);
	}
}

void
tree_sort_names(const struct tree *t, struct tree_item *v, size_t n)
{
	struct tree_item *other = n ? mem_resize(NULL, n, sizeof(*other)) : NULL;

	sort_names(t->m, v, other, n, 0);
	free(other);
}

/* --- other keys ------------------------------------------------------------------- */

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
	uint64_t size, less;

	switch (t->sort) {
	case TREE_SIZE:
		return x->kind == 'd' ? tree_saved(t, n) : x->size;
	case TREE_UNIQUE: /* less may be of another filter */
		size = x->kind == 'd' ? tree_saved(t, n) : x->size;
		less = n < t->less_n ? t->less[n] : 0;
		return size > less ? size - less : 0;
	case TREE_TYPE:
		return rank[x->type];
	case TREE_ORIGIN:
		return (uint64_t)t->m->origin.v[x->origin].class << 32 | rank[x->origin];
	case TREE_ACCESS:
		return t->m->access ? t->m->access[n] : 0;
	case TREE_COUNT:
		return tree_saved_files(t, n);
	case TREE_RECENT: /* rows are numbered as they come */
		return x->row;
	case TREE_NAME:
	case TREE_PATH:
	case TREE_SORT_COUNT:
		break;
	}
	return 0;
}

static void
turn_round(struct tree_item *v, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		struct tree_item x = v[i];

		v[i] = v[n - 1 - i];
		v[n - 1 - i] = x;
	}
}

/* Largest first keeps equal ones in the order of their names. */
void
tree_sort_items(const struct tree *t, struct tree_item *v, size_t n)
{
	struct tree_item *other;
	uint32_t *rank = NULL;

	if (n == 0)
		return;
	if (t->sort == TREE_NAME || t->sort == TREE_PATH) {
		if (t->down)
			turn_round(v, n);
		return;
	}
	if (t->sort == TREE_TYPE || t->sort == TREE_ORIGIN)
		rank = ranks(t, t->sort);
	for (size_t i = 0; i < n; i++) {
		v[i].key = key_of(t, v[i].node, rank);
		if (t->down)
			v[i].key = ~v[i].key;
	}
	other = mem_resize(NULL, n, sizeof(*other));
	sort_keys(v, other, n);
	free(other);
	free(rank);
}
