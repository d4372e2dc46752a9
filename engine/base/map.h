#ifndef CDE_BASE_MAP_H
#define CDE_BASE_MAP_H

#include <stddef.h>
#include <stdint.h>

/*
 * Hash map from byte strings to one word.  Keys are copied into the map.
 * Zero-initialised is empty.  Slots move when the map grows: do not keep them.
 */
struct map_slot {
	char *key; /* NUL-terminated copy; NULL: free slot */
	size_t len;
	uint64_t hash;
	union {
		void *p;
		uint64_t u;
	};
};

struct map {
	struct map_slot *slot;
	size_t n, cap;
};

struct map_slot *map_get(const struct map *m, const char *key, size_t len); /* NULL: no */
struct map_slot *map_put(struct map *m, const char *key,
			 size_t len); /* finds or adds (u = 0) */
void map_del(struct map *m, const char *key, size_t len);
void map_clear(struct map *m); /* forgets the keys; keeps the table */
void map_fini(struct map *m);  /* values are the caller's */
uint64_t map_hash(const char *key, size_t len);

/* for (struct map_slot *s = NULL; (s = map_next(m, s)); ) */
struct map_slot *map_next(const struct map *m, const struct map_slot *s);

#endif
