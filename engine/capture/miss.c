#include "capture/miss.h"

void
misses_add(struct misses *x, const struct str *path, const char *call, int error,
	   int64_t process)
{
	struct map_slot *s = map_get(&x->index, path->s, path->len);

	if (s) {
		x->miss.v[s->u].count++;
		return;
	}
	if (x->miss.n >= MISSES_MAX) {
		x->dropped++;
		return;
	}
	s = map_put(&x->index, path->s, path->len);
	s->u = x->miss.n;
	struct miss it = { s->key, call, process, error, 1 };

	vec_push(&x->miss, it);
}

void
misses_save(const struct misses *x, struct manifest *m, int64_t run)
{
	for (size_t i = 0; i < x->miss.n; i++) {
		const struct miss *it = &x->miss.v[i];

		manifest_miss(m, run, it->path, it->call, it->error, it->process,
			      it->count);
	}
	if (x->dropped)
		manifest_note(m, run, "failed look-ups beyond the first 100000 names",
			      x->dropped);
}

void
misses_fini(struct misses *x)
{
	map_fini(&x->index);
	vec_fini(&x->miss);
}
