#include "capture/miss.h"

#include <errno.h>
#include <string.h>

#include "path/lex.h"

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
misses_save(const struct misses *x, struct manifest *m)
{
	for (size_t i = 0; i < x->miss.n; i++) {
		const struct miss *it = &x->miss.v[i];

		manifest_miss(m, it->path, it->call, it->error, it->process, it->count);
	}
	if (x->dropped)
		manifest_note(m, "failed look-ups beyond the first 100000 names",
			      x->dropped);
}

enum { FINDS_MOST = 64 }; /* of one base name that are compared with a miss */

/* Does the package have it, as something that a search could find? */
static bool
is_find(const struct node *n)
{
	return n->flags & NODE_STORED && !(n->flags & NODE_MADE) &&
	       (n->kind == FSV_FILE || n->kind == FSV_LINK) && passed_counts(n->path);
}

/* How many components the ends of two names have in common. */
static unsigned
same_end(const char *a, const char *b)
{
	size_t i = strlen(a), j = strlen(b);
	unsigned n = 0;

	while (i && j && a[--i] == b[--j])
		n += a[i] == '/';
	return n;
}

/* Of another thing, rather than another place for this one: "b/main.js" of "a/main.js",
 * where there is no b. */
static bool
is_other(const struct view *v, const char *name, const char *found, unsigned same)
{
	AUTO(str_fini) struct str a = STR_INIT, b = STR_INIT;
	const struct node *dir;

	str_set(&a, name);
	str_set(&b, found);
	while (same--) {
		path_to_parent(&a);
		path_to_parent(&b);
	}
	dir = view_find(v, a.s, a.len);
	if (dir && dir->kind == FSV_DIR)
		return false;
	path_to_parent(&a);
	path_to_parent(&b);
	return strcmp(a.s, b.s) == 0;
}

struct find {
	const char *path;
	size_t next; /* of that base name: its place in the list, + 1; or 0 */
};

struct finds {
	struct map base; /* base name → the latest, + 1 */
	VEC(struct find) list;
};

static void
finds_make(struct finds *f, const struct view *v)
{
	for (size_t i = 0; i < v->node.n; i++) {
		const struct node *n = v->node.v[i];
		const char *base = path_base(n->path);
		struct find it = { .path = n->path };
		struct map_slot *s;

		if (!is_find(n))
			continue;
		s = map_put(&f->base, base, strlen(base));
		it.next = s->u;
		vec_push(&f->list, it);
		s->u = f->list.n;
	}
}

/* The one whose end is most like the name's. */
static const char *
best_find(const struct finds *f, const char *name, unsigned *same)
{
	const char *base = path_base(name), *best = NULL;
	const struct map_slot *s = map_get(&f->base, base, strlen(base));
	size_t tries = 0;

	*same = 0;
	for (size_t k = s ? s->u : 0; k && tries < FINDS_MOST; tries++) {
		const struct find *it = &f->list.v[k - 1];
		unsigned n = same_end(name, it->path);

		if (n > *same) {
			*same = n;
			best = it->path;
		}
		k = it->next;
	}
	return best;
}

void
misses_passed(const struct misses *x, const struct view *v, struct passed *out)
{
	struct finds f = { 0 };

	finds_make(&f, v);
	for (size_t i = 0; i < x->miss.n; i++) {
		const struct miss *it = &x->miss.v[i];
		const char *best;
		unsigned same;

		if (it->error != ENOENT || !passed_counts(it->path))
			continue;
		best = best_find(&f, it->path, &same);
		if (best && !is_other(v, it->path, best, same))
			passed_put(out, it->path, best);
	}
	map_fini(&f.base);
	vec_fini(&f.list);
}

void
misses_fini(struct misses *x)
{
	map_fini(&x->index);
	vec_fini(&x->miss);
}
