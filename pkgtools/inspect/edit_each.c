/* The operations that a write would take back, or apply, in the order in which it does. */
#include "inspect/edit_priv.h"

void
edit_each_back(struct edit_each *k, const struct edits *x, enum edit_verb verb)
{
	*k = (struct edit_each){ .verb = verb, .back = true };
	edits_back(x, &k->group);
}

void
edit_each_forth(struct edit_each *k, const struct edits *x, enum edit_verb verb)
{
	*k = (struct edit_each){ .verb = verb };
	edits_forth(x, &k->group);
}

void
edit_each_fini(struct edit_each *k)
{
	vec_fini(&k->group);
	edit_walk_fini(&k->walk);
	*k = (struct edit_each){ 0 };
}

static bool
is_of(const struct edit_ops *o, enum edit_verb verb)
{
	return verb == EDIT_VERBS || o->count[verb];
}

const struct edit_op *
edit_each_next(struct edit_each *k)
{
	while (k->g < k->group.n) {
		const struct edit_ops *o = &k->group.v[k->g]->op;

		while (is_of(o, k->verb) && k->i < o->n) {
			size_t at = k->back ? o->n - 1 - k->i : k->i;
			const struct edit_op *op = edit_ops_at(o, at, &k->walk);

			k->i++;
			if ((k->verb == EDIT_VERBS || k->verb == op->verb) &&
			    (k->back || !op->dead)) {
				k->number = k->before + (uint32_t)at + 1;
				return op;
			}
		}
		k->before += (uint32_t)o->n;
		k->g++;
		k->i = 0;
	}
	return NULL;
}
