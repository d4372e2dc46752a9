#include "base/map.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Open addressing with linear probing, at most 3/4 full; a deletion moves the
 * slots behind it back, so that there are no tombstones. */

/* FNV-1a, and a finaliser since the low bits choose the slot. */
uint64_t
map_hash(const char *key, size_t len)
{
	uint64_t h = 0xcbf29ce484222325;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)key[i]) * 0x100000001b3;
	h ^= h >> 32;
	h *= 0xd6e8feb86659fd93;
	return h ^ h >> 32;
}

/* The slot that has the key, or the free slot where it belongs. */
static struct map_slot *
map_find(const struct map *m, const char *key, size_t len, uint64_t hash)
{
	size_t i = hash & (m->cap - 1);

	for (;; i = (i + 1) & (m->cap - 1)) {
		struct map_slot *s = &m->slot[i];

		if (!s->key)
			return s;
		if (s->hash == hash && s->len == len && memcmp(s->key, key, len) == 0)
			return s;
	}
}

struct map_slot *
map_get(const struct map *m, const char *key, size_t len)
{
	struct map_slot *s;

	if (m->n == 0)
		return NULL;
	s = map_find(m, key, len, map_hash(key, len));
	return s->key ? s : NULL;
}

static void
map_grow(struct map *m)
{
	struct map old = *m;

	m->cap = old.cap ? old.cap * 2 : 16;
	m->slot = mem_resize(NULL, m->cap, sizeof(*m->slot));
	memset(m->slot, 0, m->cap * sizeof(*m->slot));
	for (size_t i = 0; i < old.cap; i++) {
		struct map_slot *s = &old.slot[i];

		if (s->key)
			*map_find(m, s->key, s->len, s->hash) = *s;
	}
	free(old.slot);
}

struct map_slot *
map_put(struct map *m, const char *key, size_t len)
{
	uint64_t hash = map_hash(key, len);
	struct map_slot *s;

	if (m->cap) {
		s = map_find(m, key, len, hash);
		if (s->key)
			return s;
	}
	if ((m->n + 1) * 4 > m->cap * 3)
		map_grow(m);
	s = map_find(m, key, len, hash);
	s->key = mem_alloc(len + 1);
	memcpy(s->key, key, len);
	s->len = len;
	s->hash = hash;
	s->u = 0;
	m->n++;
	return s;
}

void
map_del(struct map *m, const char *key, size_t len)
{
	struct map_slot *s = map_get(m, key, len);
	size_t hole, i;

	if (!s)
		return;
	free(s->key);
	hole = i = (size_t)(s - m->slot);
	for (;;) {
		size_t home;

		i = (i + 1) & (m->cap - 1);
		if (!m->slot[i].key)
			break;
		home = m->slot[i].hash & (m->cap - 1);
		/* movable when its home is not behind the hole, cyclically */
		if (((i - home) & (m->cap - 1)) < ((i - hole) & (m->cap - 1)))
			continue;
		m->slot[hole] = m->slot[i];
		hole = i;
	}
	m->slot[hole] = (struct map_slot){ 0 };
	m->n--;
}

void
map_clear(struct map *m)
{
	for (size_t i = 0; i < m->cap; i++) {
		free(m->slot[i].key);
		m->slot[i] = (struct map_slot){ 0 };
	}
	m->n = 0;
}

void
map_fini(struct map *m)
{
	map_clear(m);
	free(m->slot);
	*m = (struct map){ 0 };
}

struct map_slot *
map_next(const struct map *m, const struct map_slot *s)
{
	size_t i = s ? (size_t)(s - m->slot) + 1 : 0;

	for (; i < m->cap; i++)
		if (m->slot[i].key)
			return &m->slot[i];
	return NULL;
}
