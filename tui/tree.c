#include "tree_priv.h"

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
	free(t->dirs.bit);
	free(t->dirs.rank);
	free(t->dir);
	free(t->was);
	vec_fini(&t->changed);
	query_fini(&t->filter);
	query_fini(&t->next);
	str_fini(&t->walk.path);
	*t = (struct tree){ 0 };
}

uint32_t
tree_behind(const struct model *m, uint32_t n)
{
	for (; n; n = m->node[n].parent)
		if (m->node[n].next)
			return m->node[n].next;
	return 0;
}

uint32_t
tree_after(const struct model *m, uint32_t n)
{
	return m->node[n].first ? m->node[n].first : tree_behind(m, n);
}

/* As it is with these flags of what is staged. */
static bool
counts_with(const struct tree *t, uint32_t n, unsigned flags)
{
	const struct node *x = &t->m->node[n];

	if (x->kind != 'f' || (t->filtered && !(t->bit[n] & TREE_HIT)))
		return false;
	if (flags & (ENTRY_DROP | ENTRY_ADD))
		return flags & ENTRY_ADD;
	return (x->state & 15) == FILE_CAPTURED;
}

bool
tree_counts(const struct tree *t, uint32_t n)
{
	return counts_with(t, n, t->m->node[n].flags);
}

static void
add_up(uint64_t *sum, uint64_t n)
{
	if (__builtin_add_overflow(*sum, n, sum))
		*sum = UINT64_MAX;
}

/* The package as a whole, whatever the filter shows. */
static void
count_one(struct tree_total *c, const struct node *x)
{
	bool now = (x->state & 15) == FILE_CAPTURED && x->row, after = now;

	if (x->kind != 'f')
		return;
	if (x->flags & (ENTRY_DROP | ENTRY_ADD))
		after = x->flags & ENTRY_ADD;
	c->files += now;
	c->files_after += after;
	add_up(&c->bytes, now ? x->size : 0);
	add_up(&c->bytes_after, after ? x->size : 0);
	if (now && (x->flags & ENTRY_DROP)) {
		c->dropped++;
		add_up(&c->dropped_bytes, x->size);
	} else if (x->flags & ENTRY_ADD) {
		c->added++;
		add_up(&c->added_bytes, x->size);
	}
}

/* --- directories ------------------------------------------------------------------ */

static struct tree_dir *
dir_of(const struct tree *t, uint32_t n)
{
	uint64_t word = t->dirs.bit[n / 64], below = word & ((UINT64_C(1) << n % 64) - 1);

	return &t->dir[t->dirs.rank[n / 64] + (unsigned)__builtin_popcountll(below)];
}

/* Has it a tree_dir?  The root always has, so that it need not be asked for. */
static bool
is_dir(const struct tree *t, uint32_t n)
{
	return n < t->bits && (t->dirs.bit[n / 64] >> n % 64 & 1);
}

static void
number_dirs(struct tree *t)
{
	const struct model *m = t->m;
	uint32_t words = m->n / 64 + 1, n = 0;

	t->dirs.bit = mem_resize(t->dirs.bit, words, sizeof(*t->dirs.bit));
	t->dirs.rank = mem_resize(t->dirs.rank, words, sizeof(*t->dirs.rank));
	for (uint32_t w = 0; w < words; w++) {
		uint64_t bit = 0;

		for (uint32_t i = w * 64; i < m->n && i < w * 64 + 64; i++)
			if (m->node[i].first || i == 0)
				bit |= UINT64_C(1) << i % 64;
		t->dirs.bit[w] = bit;
		t->dirs.rank[w] = n;
		n += (unsigned)__builtin_popcountll(bit);
	}
	t->dirs.n = n;
	t->dir = mem_resize(t->dir, n, sizeof(*t->dir));
	memset(t->dir, 0, n * sizeof(*t->dir));
	t->sorted_n = 1;
}

/* Of one node alone. */
static struct tree_dir
own_sums(const struct tree *t, uint32_t n)
{
	const struct node *x = &t->m->node[n];
	struct tree_dir d = { 0 };
	bool now = tree_counts(t, n);

	if (now || ((x->flags & ENTRY_DROP) && counts_with(t, n, 0))) {
		d.saved_files = 1;
		d.saved = x->size;
	}
	d.files = now;
	d.bytes = now ? x->size : 0;
	return d;
}

static struct tree_dir
sums_of(const struct tree *t, uint32_t n)
{
	return is_dir(t, n) ? *dir_of(t, n) : own_sums(t, n);
}

struct node_total
tree_total(const struct tree *t, uint32_t n)
{
	struct tree_dir d = sums_of(t, n);

	return (struct node_total){ d.bytes, d.files };
}

uint64_t
tree_saved(const struct tree *t, uint32_t n)
{
	return sums_of(t, n).saved;
}

uint32_t
tree_saved_files(const struct tree *t, uint32_t n)
{
	return sums_of(t, n).saved_files;
}

static void
add_sums(struct tree_dir *to, const struct tree_dir *x)
{
	to->files += x->files;
	to->saved_files += x->saved_files;
	add_up(&to->bytes, x->bytes);
	add_up(&to->saved, x->saved);
}

/* Sums of what is shown; parents have smaller numbers than children. */
static void
add_totals(struct tree *t)
{
	struct model *m = t->m;

	number_dirs(t);
	t->all = (struct tree_total){ 0 };
	for (uint32_t i = m->n; i-- > 0;) {
		struct tree_dir x = own_sums(t, i);

		if (is_dir(t, i)) { /* what is below it is there already */
			add_sums(dir_of(t, i), &x);
			x = *dir_of(t, i);
		}
		t->was[i] = (uint8_t)(m->node[i].flags & (ENTRY_DROP | ENTRY_ADD));
		if (i == 0)
			break;
		count_one(&t->all, &m->node[i]);
		add_sums(dir_of(t, m->node[i].parent), &x);
	}
}

static void
forget_order(struct tree *t)
{
	for (uint32_t i = 0; i < t->dirs.n; i++)
		t->dir[i].sorted_at = 0;
	t->sorted_n = 1;
}

void
tree_changed(struct tree *t)
{
	if (t->bits < t->m->n) {
		t->bit = mem_resize(t->bit, t->m->n, 1);
		memset(t->bit + t->bits, TREE_HIT | TREE_SHOWN, t->m->n - t->bits);
		t->bits = t->m->n;
		t->was = mem_resize(t->was, t->bits, sizeof(*t->was));
		if (t->working) { /* paths of the walk are as they were */
			t->walk.done = false;
			t->walk.at = 0;
			t->hits = t->walked = 0;
			str_set(&t->walk.path, "/");
		}
	}
	add_totals(t);
}

/* --- what is staged --------------------------------------------------------------- */

enum { FEW = 4096 }; /* so many cost less one by one than all of them */

/* Which nodes are staged otherwise than they were; false: too many, or some that came or
 * went, so that rows change. */
static bool
find_changed(struct tree *t)
{
	const struct model *m = t->m;

	t->changed.n = 0;
	if (t->bits < m->n)
		return false;
	for (uint32_t i = 0; i < m->n; i++) {
		unsigned is = m->node[i].flags & (ENTRY_DROP | ENTRY_ADD);

		if (is == t->was[i])
			continue;
		if (((is | t->was[i]) & ENTRY_ADD) || t->changed.n == FEW)
			return false;
		vec_push(&t->changed, i);
	}
	return t->dir[0].bytes < UINT64_MAX && t->all.bytes < UINT64_MAX &&
	       t->all.bytes_after < UINT64_MAX;
}

static void
change_totals(struct tree *t, uint32_t n)
{
	struct node *x = &t->m->node[n];
	bool before = counts_with(t, n, t->was[n]), after = tree_counts(t, n);
	struct tree_total old = { 0 }, new = { 0 };
	unsigned flags = x->flags;

	count_one(&new, x);
	x->flags = (x->flags & ~(unsigned)(ENTRY_DROP | ENTRY_ADD)) | t->was[n];
	count_one(&old, x);
	x->flags = flags;
	t->was[n] = (uint8_t)(flags & (ENTRY_DROP | ENTRY_ADD));
	t->all.files_after += new.files_after - old.files_after;
	t->all.bytes_after += new.bytes_after - old.bytes_after;
	t->all.dropped += new.dropped - old.dropped;
	t->all.dropped_bytes += new.dropped_bytes - old.dropped_bytes;
	if (before == after)
		return;
	for (;; n = t->m->node[n].parent) {
		if (is_dir(t, n)) {
			dir_of(t, n)->files += after ? 1 : UINT32_MAX;
			dir_of(t, n)->bytes += after ? x->size : -x->size;
		}
		if (n == 0)
			break;
	}
}

/* What is dropped keeps its place, so that no order and no row changes with it. */
bool
tree_staged(struct tree *t)
{
	if (!find_changed(t)) {
		tree_changed(t);
		tree_rebuild(t);
		return false;
	}
	for (size_t i = 0; i < t->changed.n; i++)
		change_totals(t, t->changed.v[i]);
	return true;
}

/* --- order ------------------------------------------------------------------------ */

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
	VEC(struct tree_item) v = { 0 };
	struct tree_dir *d = dir_of(t, dir);

	if (d->sorted_at)
		return d->sorted_at;
	for (uint32_t c = t->m->node[dir].first; c; c = t->m->node[c].next)
		vec_push(&v, ((struct tree_item){ 0, (uint32_t)v.n, c }));
	tree_sort_items(t, v.v, v.n);
	d->sorted_at = (uint32_t)t->sorted_n;
	for (size_t i = 0; i < v.n; i++)
		push_sorted(t, v.v[i].node);
	push_sorted(t, 0);
	vec_fini(&v);
	return d->sorted_at;
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
		if (t->m->node[n].kind == 'd' && is_dir(t, n) && tree_is_open(t, n))
			vec_push(&stack, children(t, n));
	}
	vec_fini(&stack);
}

/* Room is made once: growing a list of a million takes half of its memory again.  There
 * are no rows while they are sorted, which takes four times as much. */
static void
build_flat(struct tree *t)
{
	VEC(struct tree_item) v = { .cap = t->m->n };

	vec_fini(&t->row);
	v.v = mem_resize(NULL, v.cap, sizeof(*v.v));
	for (uint32_t n = tree_after(t->m, 0); n; n = tree_after(t->m, n))
		if (t->m->node[n].kind != 'd' && (!t->filtered || (t->bit[n] & TREE_HIT)))
			vec_push(&v, ((struct tree_item){ 0, (uint32_t)v.n, n }));
	if (t->sort == TREE_NAME)
		tree_sort_names(t, v.v, v.n);
	else
		tree_sort_items(t, v.v, v.n);
	t->row.cap = v.n;
	t->row.v = mem_resize(NULL, v.n, sizeof(*t->row.v));
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
	uint32_t n = node, end = tree_behind(t->m, node);

	do {
		if (t->m->node[n].kind == 'd')
			t->bit[n] =
				(uint8_t)(open ? t->bit[n] | TREE_OPEN
					       : t->bit[n] & ~(TREE_OPEN | TREE_AUTO));
		n = tree_after(t->m, n);
	} while (n && n != end);
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
