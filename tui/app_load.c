/* The model, and reading it again. */
#include "app.h"

#include <string.h>

#include "inspect/ftype.h"

enum { ACCESS_LATER = 200000 };

/* What is no regular file says by its kind what it is. */
static void
type_by_kind(struct model *m)
{
	static const char kinds[] = "dlpscb";
	uint16_t id[sizeof(kinds)];

	for (size_t k = 0; kinds[k]; k++)
		id[k] = model_type_id(m, ftype_of_kind(kinds[k]));
	for (uint32_t i = 0; i < m->n; i++) {
		const char *k = m->node[i].type ? NULL : strchr(kinds, m->node[i].kind);

		if (k && *k)
			m->node[i].type = id[k - kinds];
	}
}

int
app_load(struct app *a, struct err *e)
{
	if (model_load(&a->model, &a->package, MODEL_PINS, e) < 0)
		return -1;
	type_by_kind(&a->model);
	if (a->model.n < ACCESS_LATER)
		return model_need(&a->model, &a->package, MODEL_ACCESS, e);
	return 0;
}

/* Paths of nodes that have a bit, each ended by NUL. */
static void
remember(const struct app *a, enum tree_bit bit, struct str *out)
{
	AUTO(str_fini) struct str path = STR_INIT;

	for (uint32_t i = 0; i < a->tree.bits; i++)
		if (a->tree.bit[i] & bit) {
			model_path(&a->model, i, &path);
			str_addn(out, path.s, path.len + 1);
		}
}

static void
recall(struct app *a, enum tree_bit bit, const struct str *paths)
{
	for (size_t i = 0; i < paths->len; i += strlen(paths->s + i) + 1) {
		uint32_t n = model_find(&a->model, paths->s + i, strlen(paths->s + i));

		if (n == UINT32_MAX)
			continue;
		if (bit == TREE_MARK)
			tree_mark(&a->tree, n, true);
		else
			a->tree.bit[n] |= bit;
	}
}

int
app_reload(struct app *a, struct err *e)
{
	AUTO(str_fini)
	struct str open = STR_INIT, marks = STR_INIT, at = STR_INIT, filter = STR_INIT;
	enum tree_sort sort = a->tree.sort;
	bool down = a->tree.down, flat = a->tree.flat, unique = a->unique.read;
	uint32_t n = a->tree.row.n ? a->tree.row.v[a->list[SCREEN_FILES].cursor].node : 0;
	int r = 0;

	costs_forget(&a->costs);
	model_path(&a->model, n, &at);
	remember(a, TREE_OPEN, &open);
	remember(a, TREE_MARK, &marks);
	str_set(&filter, a->filter_text.s);
	unique_fini(&a->unique);
	tree_fini(&a->tree);
	model_fini(&a->model);
	r = app_load(a, e);
	if (a->model.n == 0)
		model_add(&a->model, "/", 1);
	tree_init(&a->tree, &a->model, &a->package);
	if (r == 0 && unique)
		r = unique_read(&a->unique, &a->package, &a->model, e);
	a->tree.sort = sort;
	a->tree.down = down;
	a->tree.flat = flat;
	recall(a, TREE_OPEN, &open);
	recall(a, TREE_MARK, &marks);
	a->process_fresh = a->findings_fresh = false;
	a->origins.fresh = a->types.fresh = a->facets.fresh = false;
	a->last_mark = UINT32_MAX;
	app_refresh(a);
	app_set_filter(a, filter.s, false);
	n = model_find(&a->model, at.s, at.len);
	a->list[SCREEN_FILES].cursor = tree_row_of(&a->tree, n == UINT32_MAX ? 0 : n);
	return r;
}

struct reload {
	struct app *a;
	struct err *e;
	int r;
};

static void
reload_work(void *ctx)
{
	struct reload *x = ctx;

	x->r = app_reload(x->a, x->e);
}

int
app_reload_long(struct app *a, struct err *e)
{
	struct reload x = { a, e, 0 };
	const struct app_act act = { "reading", false, reload_work, &x };

	if (a->model.n > APP_FEW)
		app_long(a, &act);
	else
		reload_work(&x);
	return x.r;
}
