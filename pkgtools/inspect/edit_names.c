/*
 * Which operation is the last one for a path, of those that a write would apply.  A slot
 * holds a part of the hash and the number of the operation, which has the path.
 */
#include <string.h>

#include "inspect/edit_priv.h"

struct edit_name {
	uint32_t hash, number; /* 0: free */
};

void
edit_names_fini(struct edit_names *s)
{
	vec_fini(&s->group);
	vec_fini(&s->first);
	free(s->slot);
	edit_walk_fini(&s->walk);
	*s = (struct edit_names){ 0 };
}

static const char *
path_of(struct edit_names *s, uint32_t number)
{
	size_t low = 0, high = s->first.n;

	while (high - low > 1) {
		size_t mid = (low + high) / 2;

		if (s->first.v[mid] < number)
			low = mid;
		else
			high = mid;
	}
	return edit_ops_at(&s->group.v[low]->op, number - 1 - s->first.v[low], &s->walk)
		->path;
}

/* The slot that has the path, or the free one where it belongs. */
static struct edit_name *
slot_of(struct edit_names *s, const char *path, size_t len)
{
	uint64_t hash = map_hash(path, len);
	uint32_t tag = (uint32_t)(hash >> 32);

	for (size_t i = (uint32_t)hash * (uint64_t)s->cap >> 32;; i = (i + 1) % s->cap) {
		struct edit_name *slot = &s->slot[i];
		const char *own;

		if (!slot->number)
			return slot;
		if (slot->hash != tag)
			continue;
		own = path_of(s, slot->number);
		if (s->walk.len == len && memcmp(own, path, len) == 0)
			return slot;
	}
}

static void
put_group(struct edit_names *s, size_t g, enum edit_verb verb)
{
	const struct edit_ops *o = &s->group.v[g]->op;
	AUTO(edit_walk_fini) struct edit_walk w = { 0 };

	for (size_t i = 0; i < o->n && o->count[verb]; i++) {
		const struct edit_op *op = edit_ops_at(o, i, &w);
		struct edit_name *slot;

		if (op->verb != verb || op->dead)
			continue;
		slot = slot_of(s, op->path, w.len);
		slot->hash = (uint32_t)(map_hash(op->path, w.len) >> 32);
		slot->number = s->first.v[g] + (uint32_t)i + 1;
	}
}

void
edit_names_init(struct edit_names *s, const struct edits *x, enum edit_verb verb)
{
	uint32_t before = 0;
	size_t n = 0;

	*s = (struct edit_names){ 0 };
	edits_forth(x, &s->group);
	for (size_t g = 0; g < s->group.n; g++) {
		const struct edit_ops *o = &s->group.v[g]->op;

		vec_push(&s->first, before);
		before += (uint32_t)o->n;
		n += o->count[verb] - o->dead[verb];
	}
	if (!n)
		return;
	s->cap = n + n / 3 + 1;
	s->slot = mem_alloc(s->cap * sizeof(*s->slot));
	for (size_t g = 0; g < s->group.n; g++)
		put_group(s, g, verb);
}

uint32_t
edit_names_get(struct edit_names *s, const char *path, size_t len)
{
	return s->cap ? slot_of(s, path, len)->number : 0;
}

uint32_t
edit_names_above(struct edit_names *s, const char *path, size_t len)
{
	uint32_t last = 0;

	while (s->cap && len > 1) {
		uint32_t n = edit_names_get(s, path, len);

		last = n > last ? n : last;
		while (len > 1 && path[--len] != '/')
			;
	}
	return last;
}

/* --- a set that grows ------------------------------------------------------------- */

void
edit_set_fini(struct edit_set *s)
{
	edit_names_fini(&s->name);
	edit_group_fini(&s->own);
	*s = (struct edit_set){ 0 };
}

static void
grow_set(struct edit_set *s)
{
	if (!s->name.group.n) {
		vec_push(&s->name.group, &s->own);
		vec_push(&s->name.first, 0);
	}
	free(s->name.slot);
	s->name.cap = s->name.cap ? s->name.cap * 2 : 64;
	s->name.slot = mem_alloc(s->name.cap * sizeof(*s->name.slot));
	put_group(&s->name, 0, EDIT_DROP);
}

void
edit_set_put(struct edit_set *s, const char *path)
{
	size_t len = strlen(path);
	struct edit_name *slot;

	if ((s->own.op.n + 1) * 4 > s->name.cap * 3)
		grow_set(s);
	slot = slot_of(&s->name, path, len);
	if (slot->number)
		return;
	edit_push(&s->own.op, EDIT_DROP, path, NULL, NULL);
	slot->hash = (uint32_t)(map_hash(path, len) >> 32);
	slot->number = (uint32_t)s->own.op.n;
}

bool
edit_set_has_above(struct edit_set *s, const char *path)
{
	return edit_names_above(&s->name, path, strlen(path));
}

size_t
edit_set_find(struct edit_set *s, const char *path)
{
	return edit_names_get(&s->name, path, strlen(path));
}

const char *
edit_set_at(struct edit_set *s, size_t number)
{
	return edit_ops_at(&s->own.op, number - 1, &s->name.walk)->path;
}
