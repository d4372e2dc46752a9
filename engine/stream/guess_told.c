/* Files that a profile names: on their way while their directories are listed. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "stream/guess_priv.h"

struct told {
	struct guess *g;
	int error;
};

typedef VEC(struct told) told_vec;

static void
find_all(struct stream *s, char *const *names, size_t n, told_vec *v)
{
	for (size_t i = 0; i < n; i++) {
		struct map_slot *slot =
			map_get(&s->guesses.files, names[i], strlen(names[i]));
		struct told x = { .g = slot ? slot->p : NULL };

		if (!x.g || !x.g->told)
			continue;
		if (list_file(s, names[i], &x.g->entry))
			vec_push(v, x);
		else
			guess_unlock(x.g);
	}
}

/* Some of them may have come already. */
static void
begin_meter(struct stream *s, const told_vec *v)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < v->n; i++)
		bytes += v->v[i].g->entry.size;
	meter_begin(&s->meter, remote_server(s->remote), (unsigned)v->n, bytes);
	for (size_t i = 0; i < v->n; i++) {
		struct guess *g = v->v[i].g;

		g->wanted = true;
		meter_add(&s->meter, !guess_is_asked(s, g), atomic_load(&g->bytes));
	}
}

static bool
is_as_listed(const struct guess *g)
{
	const struct names_entry *got = &g->fetch.got;

	return got->type == NAMES_FILE && got->size == g->entry.size &&
	       got->mtime == g->entry.mtime;
}

void
guess_told_take(struct stream *s, char *const *names, size_t n)
{
	told_vec v = { 0 };

	find_all(s, names, n, &v);
	if (!v.n)
		return;
	begin_meter(s, &v);
	for (size_t i = 0; i < v.n; i++) {
		struct guess *g = v.v[i].g;

		while (guess_is_asked(s, g))
			guess_wait_for_news(s);
		guess_news(s); /* it may still be among them */
		if (g->state == GUESS_HERE && is_as_listed(g))
			guess_place(s, g, false, &v.v[i].error);
	}
	finish_wait(&s->finish);
	log_debug("%s: fetched %s and %zu more, %llu bytes, in %d ms",
		  remote_server(s->remote), v.v[0].g->abs, v.n - 1,
		  (unsigned long long)s->meter.bytes,
		  (int)((meter_now() - s->meter.began) / 1000000));
	meter_end(&s->meter);
	for (size_t i = 0; i < v.n; i++)
		guess_forget(&s->guesses.files, v.v[i].g);
	vec_fini(&v);
}
