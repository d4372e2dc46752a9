/* Building an act: operations that are checked against the package as it will be. */
#include <errno.h>
#include <string.h>

#include "inspect/edit_priv.h"
#include "path/lex.h"

static int
check_path(const char *path, bool root, struct err *e)
{
	size_t len = strlen(path);

	if (!db_is_path(path, len) || len > 32768)
		return err_set(e, EINVAL, "%s: not an absolute, clean name", path);
	if (!root && len == 1)
		return err_set(e, 0, "/: that is the whole package");
	return 0;
}

int
edit_drop(struct edits *x, struct edit_ops *l, const char *path, struct err *e)
{
	if (check_path(path, false, e) < 0)
		return -1;
	if (!edit_will_be(x, l, path))
		return err_set(e, ENOENT, "%s: not in the package", path);
	edit_push(l, EDIT_DROP, path, NULL, NULL);
	return 0;
}

/* What is known of it need not be read again for its cost. */
static void
push_drop(struct edit_ops *l, const char *path, uint32_t row, char kind, unsigned state,
	  uint64_t size)
{
	struct edit_op op = { .verb = EDIT_DROP, .path = path, .row = row };

	if (row && !strchr("d?", kind)) {
		op.kind = kind;
		op.state = (uint8_t)state;
		op.size = size;
	}
	edit_ops_add(l, &op);
}

struct drop_query {
	struct edits *x;
	struct edit_ops *l;
	const struct query *q;
};

static bool
drop_entry(void *ctx, const struct entry *x)
{
	struct drop_query *d = ctx;
	struct entry as_it_will_be = *x;
	const struct view_path *at;
	enum view_fate fate = FATE_NONE;

	if (x->kind == 'd' || (x->state != FILE_CAPTURED && x->state != FILE_PLACEHOLDER))
		return true;
	if (edits_view(d->x)->any)
		fate = edit_fate(d->x, x->path, &at);
	if (fate == FATE_DROP)
		return true;
	as_it_will_be.flags |= fate == FATE_ADD ? ENTRY_ADD : 0;
	if (query_match(d->q, &as_it_will_be))
		push_drop(d->l, x->path, x->row, x->kind, x->state, x->size);
	return true;
}

int
edit_drop_query(struct edits *x, struct edit_ops *l, const struct query *q, struct err *e)
{
	AUTO(str_fini) struct str where = STR_INIT, prefix = STR_INIT;
	struct drop_query d = { x, l, q };
	struct each how = { .need = q->need, .cb = drop_entry, .ctx = &d };
	size_t before = l->n;

	query_sql(q, &where);
	how.where = where.s;
	query_prefix(q, &prefix);
	how.prefix = prefix.s;
	how.bare = query_is_bare(q);
	if (package_each(x->p, &how, e) == 0)
		return 0;
	edit_ops_trunc(l, before);
	return -1;
}

int
edit_drop_nodes(struct edits *x, struct edit_ops *l, const struct model *m,
		const query_ids *ids, struct err *e)
{
	AUTO(str_fini) struct str path = STR_INIT;
	AUTO(mem_free) char *chosen = mem_alloc((size_t)m->n + 1);

	for (size_t i = 0; i < ids->n; i++)
		if (ids->v[i] < m->n)
			chosen[ids->v[i]] = 1;
	if (chosen[0])
		return err_set(e, 0, "/: that is the whole package");
	for (size_t i = 0; i < ids->n; i++) {
		uint32_t n = ids->v[i], up;

		if (n >= m->n || chosen[n] != 1 || (m->node[n].flags & ENTRY_DROP) ||
		    (!m->node[n].row && !(m->node[n].flags & ENTRY_ADD) &&
		     !m->node[n].first))
			continue;
		for (up = m->node[n].parent; up && !chosen[up];)
			up = m->node[up].parent;
		if (up)
			continue;
		chosen[n] = 2; /* once */
		model_path(m, n, &path);
		push_drop(l, path.s, m->node[n].row, (char)m->node[n].kind,
			  m->node[n].state & 15, m->node[n].size);
	}
	return 0;
}

int
edit_pin(struct edits *x, struct edit_ops *l, const char *path, const char *side,
	 struct err *e)
{
	AUTO(str_fini) struct str text = STR_INIT, before = STR_INIT;
	const struct edit_view *v = edits_view(x);
	AUTO(edit_walk_fini) struct edit_walk w = { 0 };
	int version = x->p->rules.version;
	bool is_dir;

	if (check_path(path, true, e) < 0)
		return -1;
	if (strcmp(side, "both") == 0)
		return edit_both(x, l, NULL, path, e);
	if (!edit_side_word(side))
		return err_set(e, EINVAL,
			       "'%s' is not host, sandbox, both, hidden, absent or "
			       "inherit",
			       side);
	if (strchr(path, '\n'))
		return err_set(e, EINVAL, "%s: a rule cannot hold a line break", path);
	is_dir = edit_pin_is_dir(x, path);
	str_addn(&text, v->options.s, v->options.len);
	for (size_t i = 0; i < l->n; i++) { /* an act may hold several */
		const struct edit_op *op = edit_ops_at(l, i, &w);

		if (op->verb == EDIT_PIN)
			edit_pin_set(&text, version, op->path, op->arg,
				     edit_pin_is_dir(x, op->path), &before);
	}
	edit_pin_set(&text, version, path, side, is_dir, &before);
	if (edit_pin_check(text.s, text.len, path, side, is_dir, e) < 0)
		return -1;
	edit_push(l, EDIT_PIN, path, side, NULL);
	return 0;
}

int
edit_note(struct edits *x, struct edit_ops *l, const char *path, const char *text,
	  struct err *e)
{
	AUTO(edit_walk_fini) struct edit_walk w = { 0 };
	const struct view_path *at;
	bool there;

	if (check_path(path, true, e) < 0)
		return -1;
	there = edit_fate(x, path, &at) == FATE_ADD ||
		(edit_fate(x, path, &at) == FATE_NONE && edit_has_row(x->p, path));
	for (size_t i = 0; i < l->n && !there; i++) {
		const struct edit_op *op = edit_ops_at(l, i, &w);

		there = op->verb == EDIT_ADD && strcmp(op->path, path) == 0;
	}
	if (!there)
		return err_set(e, ENOENT, "%s: not in the manifest", path);
	edit_push(l, EDIT_NOTE, path, text, NULL);
	return 0;
}

/* All operations are read only for those that have none of their own: thousands may be
 * kept at once. */
int
edit_keep(struct edits *x, struct edit_ops *l, const char *path, struct err *e)
{
	AUTO(edit_walk_fini) struct edit_walk w = { 0 };
	AUTO(str_fini) struct str by = STR_INIT;
	size_t len = strlen(path);
	bool any = false;

	if (check_path(path, true, e) < 0)
		return -1;
	any = edit_is_staged(x, path, len);
	for (size_t g = 0; g < x->group.n && !any; g++) {
		const struct edit_group *group = &x->group.v[g];

		if (!group->done || group->written)
			continue;
		for (size_t i = 0; i < group->op.n; i++) {
			const struct edit_op *op = edit_ops_at(&group->op, i, &w);

			if (op->dead || op->verb == EDIT_KEEP)
				continue;
			any |= path_under(op->path, path);
			if (op->verb == EDIT_DROP && strlen(op->path) < len &&
			    path_under(path, op->path))
				str_set(&by, op->path);
		}
	}
	if (any)
		edit_push(l, EDIT_KEEP, path, NULL, NULL);
	else if (by.len)
		return err_set(e, 0, "%s: staged to be dropped with all of %s", path,
			       by.s);
	else
		return err_set(e, 0, "%s: nothing is staged for it", path);
	return 0;
}
