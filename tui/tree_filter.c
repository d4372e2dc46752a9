#include "tree.h"

#include <ctype.h>
#include <string.h>
#include <time.h>

/* The filter in slices; marks; search. */

static bool
shown(const struct tree *t, uint32_t n)
{
	return !t->filtered || (t->bit[n] & TREE_SHOWN);
}

/* --- filter ----------------------------------------------------------------------- */

static void
step_walk(const struct model *m, struct tree_walk *w)
{
	uint32_t n = w->at;

	if (m->node[n].first) {
		n = m->node[n].first;
		if (w->path.len > 1)
			str_addc(&w->path, '/');
		str_add(&w->path, model_name(m, n));
		w->at = n;
		return;
	}
	for (; n; n = m->node[n].parent) {
		size_t keep = w->path.len - strlen(model_name(m, n));

		if (m->node[n].next) {
			str_trunc(&w->path, keep);
			w->at = m->node[n].next;
			str_add(&w->path, model_name(m, w->at));
			return;
		}
		str_trunc(&w->path, keep > 1 ? keep - 1 : 1);
	}
	w->done = true;
}

/* What was looked for is seen at once, unless it is half of the package. */
static void
open_to_hits(struct tree *t)
{
	if (query_is_empty(&t->next) || t->hits > 500)
		return;
	for (uint32_t i = t->m->n; i-- > 1;)
		if (t->bit[i] & TREE_AUTO ||
		    (t->bit[i] & TREE_HIT && t->m->node[i].kind != 'd'))
			t->bit[t->m->node[i].parent] |= TREE_AUTO;
}

static void
filter_through(struct tree *t)
{
	struct model *m = t->m;

	for (uint32_t i = 0; i < m->n; i++)
		t->bit[i] &= (uint8_t)~TREE_AUTO;
	for (uint32_t i = 0; i < m->n; i++)
		t->bit[i] = (uint8_t)(t->bit[i] & TREE_HIT ? t->bit[i] | TREE_SHOWN
							   : t->bit[i] & ~TREE_SHOWN);
	t->bit[0] |= TREE_SHOWN;
	for (uint32_t i = m->n; i-- > 1;)
		if (t->bit[i] & TREE_SHOWN)
			t->bit[m->node[i].parent] |= TREE_SHOWN;
	open_to_hits(t);
	query_fini(&t->filter);
	t->filter = t->next;
	t->next = (struct query){ 0 };
	t->working = false;
	t->filtered = !query_is_empty(&t->filter);
	tree_changed(t);
	tree_rebuild(t);
}

void
tree_filter(struct tree *t, struct query *q)
{
	query_fini(&t->next);
	t->next = *q;
	*q = (struct query){ 0 };
	t->hits = t->walked = 0;
	if (query_is_empty(&t->next)) {
		for (uint32_t i = 0; i < t->m->n; i++)
			t->bit[i] |= TREE_HIT;
		filter_through(t);
		return;
	}
	t->working = true;
	t->walk.at = 0;
	t->walk.done = false;
	str_set(&t->walk.path, "/");
}

static uint64_t
milliseconds_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

bool
tree_filter_step(struct tree *t, unsigned milliseconds)
{
	uint64_t until = milliseconds_now() + milliseconds;
	struct entry x;

	if (!t->working)
		return true;
	for (unsigned i = 1; !t->walk.done; i++) {
		uint32_t n = t->walk.at;
		bool hit;

		if (i % 1024 == 0 && milliseconds_now() >= until)
			return false;
		model_entry(t->m, n, &t->walk.path, &x);
		hit = query_match(&t->next, &x);
		t->bit[n] = (uint8_t)(hit ? t->bit[n] | TREE_HIT : t->bit[n] & ~TREE_HIT);
		t->hits += hit && x.kind != 'd';
		t->walked++;
		step_walk(t->m, &t->walk);
	}
	filter_through(t);
	return true;
}

/* --- marks, search ---------------------------------------------------------------- */

void
tree_mark(struct tree *t, uint32_t node, bool on)
{
	if (!(t->bit[node] & TREE_MARK) == !on)
		return;
	t->bit[node] ^= TREE_MARK;
	t->marks += on ? 1 : UINT32_MAX;
	if (t->m->node[node].kind == 'd')
		t->marked_dirs += on ? 1 : UINT32_MAX;
	else if (t->m->node[node].kind == 'f')
		t->marked_bytes += on ? t->m->node[node].size : -t->m->node[node].size;
	if (!t->marks)
		t->marked_bytes = 0;
}

uint64_t
tree_marked_bytes(const struct tree *t)
{
	const struct model *m = t->m;
	uint64_t sum = 0;

	if (!t->marked_dirs)
		return t->marked_bytes;
	for (uint32_t n = 0; n < m->n;) {
		bool marked = t->bit[n] & TREE_MARK;
		uint32_t next = marked ? tree_behind(m, n) : tree_after(m, n);

		if (marked)
			sum += m->node[n].kind == 'd'	? tree_total(t, n).bytes
			       : m->node[n].kind == 'f' ? m->node[n].size
							: 0;
		if (!next)
			break;
		n = next;
	}
	return sum;
}

void
tree_unmark_all(struct tree *t)
{
	for (uint32_t i = 0; t->marks && i < t->m->n; i++)
		t->bit[i] &= (uint8_t)~TREE_MARK;
	t->marks = t->marked_dirs = 0;
	t->marked_bytes = 0;
}

void
tree_each_hit(const struct tree *t, uint32_t top, tree_cb *cb, void *ctx)
{
	uint32_t n = top, end = tree_behind(t->m, top);

	do {
		if (t->m->node[n].kind != 'd' &&
		    (!t->filtered || (t->bit[n] & TREE_HIT)) && !cb(ctx, n))
			return;
		n = tree_after(t->m, n);
	} while (n && n != end);
}

static bool
contains(const char *name, const char *text, bool exact)
{
	return exact ? strstr(name, text) : strcasestr(name, text);
}

static uint32_t
search_rows(const struct tree *t, const char *text, uint32_t from, int step)
{
	bool exact = false;
	size_t n = t->row.n;

	for (const char *s = text; *s; s++)
		exact |= isupper((unsigned char)*s);
	for (size_t k = 1, i = from; k <= n; k++) {
		i = (i + (step > 0 ? 1 : n - 1)) % n;
		if (contains(model_name(t->m, t->row.v[i].node), text, exact))
			return t->row.v[i].node;
	}
	return UINT32_MAX;
}

/* First what is on the screen already; then, in the order of paths, what is closed. */
uint32_t
tree_search(const struct tree *t, const char *text, uint32_t from, int step)
{
	uint32_t n = t->row.n ? search_rows(t, text, from, step) : UINT32_MAX;
	bool exact = false;

	if (n != UINT32_MAX || t->flat)
		return n;
	for (const char *s = text; *s; s++)
		exact |= isupper((unsigned char)*s);
	for (n = tree_after(t->m, 0); n; n = tree_after(t->m, n))
		if (shown(t, n) && contains(model_name(t->m, n), text, exact))
			return n;
	return UINT32_MAX;
}
