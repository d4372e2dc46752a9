/*
 * What is staged, as marks in a model.
 */
#include <string.h>

#include "inspect/edit_priv.h"

static void
clear_marks(struct model *m)
{
	for (uint32_t i = 0; i < m->n; i++) {
		struct node *n = &m->node[i];

		if (!(n->flags & (ENTRY_DROP | ENTRY_ADD | ENTRY_PIN)))
			continue;
		if ((n->flags & ENTRY_ADD) && !n->row && (n->flags & ENTRY_IMPLIED)) {
			n->size = 0;
			n->kind = 'd';
		}
		n->flags &= ~(unsigned)(ENTRY_DROP | ENTRY_ADD | ENTRY_PIN);
	}
}

static uint32_t
next_below(const struct model *m, uint32_t top, uint32_t n)
{
	if (m->node[n].first)
		return m->node[n].first;
	for (; n != top; n = m->node[n].parent)
		if (m->node[n].next)
			return m->node[n].next;
	return 0;
}

struct marker {
	struct edits *x;
	struct model *m;
};

static enum model_step
mark_below(void *ctx, uint32_t n, const struct entry *e)
{
	struct marker *k = ctx;
	const struct view_path *at;

	if (edit_fate(k->x, e->path, &at) == FATE_DROP)
		k->m->node[n].flags |= ENTRY_DROP;
	return MODEL_ON;
}

static void
mark_drop(struct marker *k, uint32_t top, bool adds)
{
	if (top == UINT32_MAX)
		return;
	if (adds) { /* something may be added below */
		model_each(k->m, top, mark_below, k);
		return;
	}
	k->m->node[top].flags |= ENTRY_DROP;
	if (!k->m->node[top].first)
		return;
	for (uint32_t n = next_below(k->m, top, top); n; n = next_below(k->m, top, n))
		k->m->node[n].flags |= ENTRY_DROP;
}

static void
mark_gone(struct marker *k, const char *path, size_t len)
{
	uint32_t n = model_find(k->m, path, len);
	const struct view_path *at;

	if (n != UINT32_MAX && edit_fate(k->x, path, &at) == FATE_DROP)
		k->m->node[n].flags |= ENTRY_DROP;
}

static char
kind_of(mode_t mode)
{
	return S_ISREG(mode) ? 'f' : S_ISDIR(mode) ? 'd' : S_ISLNK(mode) ? 'l' : 'p';
}

static void
mark_add(struct marker *k, const char *path, const struct view_path *at)
{
	uint32_t n = model_put(k->m, path, strlen(path));
	struct node *node;
	struct stat st;

	if (n == UINT32_MAX)
		return;
	node = &k->m->node[n];
	node->flags |= ENTRY_ADD;
	if (at->kind) {
		node->kind = (uint8_t)at->kind;
		node->size = at->size;
	} else if (!node->row && lstat(at->host ? at->host : path, &st) == 0) {
		node->kind = (uint8_t)kind_of(st.st_mode);
		node->size = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
	}
}

static int
mark_pins(struct marker *k, struct err *e)
{
	struct edit_view *v = edits_view(k->x);
	struct package as_it_will_be = *k->x->p;
	AUTO(edit_each_fini) struct edit_each forth = { 0 };
	const struct edit_op *op;

	if (!(k->m->loaded & MODEL_PINS) || (!v->pins && !k->x->pinned))
		return 0;
	if (v->pins)
		as_it_will_be.rules = v->rules;
	k->x->pinned = v->pins;
	k->m->loaded &= ~(unsigned)MODEL_PINS;
	if (model_need(k->m, &as_it_will_be, MODEL_PINS, e) < 0)
		return -1;
	edit_each_forth(&forth, k->x, EDIT_PIN);
	while ((op = edit_each_next(&forth))) {
		uint32_t n = model_find(k->m, op->path, forth.walk.len);

		if (n != UINT32_MAX)
			k->m->node[n].flags |= ENTRY_PIN;
	}
	return 0;
}

static void
mark_drops(struct marker *k, bool adds)
{
	AUTO(edit_each_fini) struct edit_each forth;
	const struct edit_op *op;

	edit_each_forth(&forth, k->x, EDIT_DROP);
	while ((op = edit_each_next(&forth)))
		mark_drop(k, model_find(k->m, op->path, forth.walk.len), adds);
}

/* Whatever comes at its place, by name. */
static void
mark_paths(struct marker *k)
{
	const struct edit_view *v = edits_paths(k->x);
	uint32_t from = k->m->n;

	for (struct map_slot *s = NULL; (s = map_next(&v->path, s));) {
		const struct view_path *at = &v->at.v[s->u - 1], *by;

		if (at->add && edit_fate(k->x, s->key, &by) == FATE_ADD)
			mark_add(k, s->key, by);
		else if (at->gone)
			mark_gone(k, s->key, s->len);
	}
	model_link(k->m, from);
}

/* Nothing is added: what comes back does, unless it is dropped again.  A million need no
 * names then. */
static void
mark_backs(struct marker *k, struct edit_view *v)
{
	AUTO(edit_each_fini) struct edit_each back;
	struct edit_names *drop = edits_drops(k->x, v);
	bool begun = db_begin_read(k->x->p);
	uint32_t from = k->m->n;
	const struct edit_op *op;
	sqlite3_stmt *s = NULL;
	struct edit_kept row;

	edit_each_back(&back, k->x, EDIT_DROP);
	while ((op = edit_each_next(&back))) {
		if (edit_kept_open(k->x, &s, op, SIDE_OLD))
			continue;
		while (edit_kept_next(k->x, s, &row))
			if (!edit_names_above(drop, row.path, row.len))
				mark_add(k, row.path,
					 &(struct view_path){ .kind = row.kind,
							      .size = row.size });
	}
	db_finalize(&s);
	db_end_read(k->x->p, begun);
	model_link(k->m, from);
}

int
edits_mark(struct edits *x, struct model *m, struct err *e)
{
	struct edit_view *v = edits_view(x);
	struct marker k = { x, m };

	clear_marks(m);
	if (v->adds)
		mark_paths(&k);
	else if (v->backs)
		mark_backs(&k, v);
	if (v->drops)
		mark_drops(&k, v->adds);
	return mark_pins(&k, e);
}
