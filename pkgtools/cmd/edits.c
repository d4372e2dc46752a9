/* Acts from the command line: staged, costed, written, told. */
#include "cmd/edits.h"

#include <string.h>

#include "cmd/progress.h"
#include "inspect/db.h"
#include "path/lex.h"

int
edits_set_stage(void *ctx, const char *value, struct err *e)
{
	OWN(ctx, struct edits_opts)->stage = true;
	return 0;
}

int
edits_set_force_risk(void *ctx, const char *value, struct err *e)
{
	OWN(ctx, struct edits_opts)->force_risk = true;
	return 0;
}

int
edits_begin_verb(struct call *c, struct edits *x, struct err *e)
{
	return edits_open(x, &c->package, c->dry_run ? EDITS_DRY : 0, e);
}

/* ---- what is printed ---- */

static const struct out_column result[] = {
	{ "edit", OUT_NAME, 0 },    { "state", OUT_TEXT, 0 },  { "files", OUT_NUMBER, 0 },
	{ "bytes", OUT_NUMBER, 0 }, { "pins", OUT_NUMBER, 0 }, { "notes", OUT_NUMBER, 0 },
	{ "risk", OUT_NAME, 0 },
};

int
edits_none(struct call *c, const char *text, struct err *e)
{
	log_error("%s", text);
	if (c->out.format == OUT_TABLE)
		return 0;
	out_begin(&c->out, c->cmd->name, result, ARRAY_SIZE(result));
	return out_end(&c->out, e);
}

static int
print_result(struct call *c, const char *title, const struct edit_cost *cost,
	     const char *state, struct err *e)
{
	AUTO(str_fini) struct str risk = STR_INIT;

	edit_cost_risk(cost, &risk);
	const struct out_cell cell[] = {
		out_text(title),
		out_text(state),
		out_number(cost->files),
		out_number(cost->bytes),
		out_number((int64_t)cost->pins),
		out_number((int64_t)cost->notes),
		out_text(risk.len ? risk.s : NULL),
	};

	c->out.vertical = true;
	out_begin(&c->out, c->cmd->name, result, ARRAY_SIZE(result));
	out_row(&c->out, cell);
	return out_end(&c->out, e);
}

struct risks { /* by path, and those below directories */
	struct map text;
	const struct edit_cost *cost;
};

static void
risks_fini(struct risks *r)
{
	for (struct map_slot *s = NULL; (s = map_next(&r->text, s));)
		free(s->p);
	map_fini(&r->text);
}

static void
risks_load(struct risks *r, const struct edit_cost *cost)
{
	r->cost = cost;
	for (size_t i = 0; i < cost->risk.n; i++) {
		const struct edit_risk *x = &cost->risk.v[i];
		struct map_slot *s = map_put(&r->text, x->path, strlen(x->path));
		AUTO(str_fini) struct str both = STR_INIT;

		str_addf(&both, "%s%s%s", s->p ? (char *)s->p : "", s->p ? ", " : "",
			 x->text);
		free(s->p);
		s->p = str_take(&both);
	}
}

static void
risks_of(const struct risks *r, const struct edit_op *op, bool deep, struct str *out)
{
	struct map_slot *s = map_get(&r->text, op->path, strlen(op->path));
	size_t n = 0;

	if (s)
		str_add(out, s->p);
	for (size_t i = 0; deep && i < r->cost->risk.n; i++)
		n += r->cost->risk.v[i].path[strlen(op->path)] &&
		     path_under(r->cost->risk.v[i].path, op->path);
	if (n)
		str_addf(out, "%s%zu%s risks below", out->len ? ", " : "", n,
			 r->cost->risk.n >= EDIT_RISKS_MAX ? " or more" : "");
}

static int
print_op(struct call *c, struct edits *x, const struct edit_op *op,
	 const struct risks *risks, struct err *e)
{
	AUTO(edit_cost_fini) struct edit_cost cost = { 0 };
	AUTO(str_fini) struct str risk = STR_INIT;

	if (edit_op_cost(x, op, &cost, e) < 0)
		return -1;
	risks_of(risks, op, op->verb == EDIT_DROP && cost.dropped > 1, &risk);
	const struct out_cell cell[] = {
		out_text(edit_verb_name(op->verb)),
		out_text(op->path),
		out_number(cost.files),
		out_number(cost.bytes),
		out_text(op->arg),
		out_text(op->why),
		out_text(risk.len ? risk.s : NULL),
	};

	out_row(&c->out, cell);
	return 0;
}

/* --dry-run: a row for each operation. */
static int
print_ops(struct call *c, struct edits *x, size_t first, size_t last,
	  const struct edit_cost *cost, struct err *e)
{
	static const struct out_column column[] = {
		{ "edit", OUT_TEXT, -5 },   { "path", OUT_NAME, -40 },
		{ "files", OUT_NUMBER, 7 }, { "bytes", OUT_NUMBER, 12 },
		{ "arg", OUT_NAME, -8 },    { "for", OUT_NAME, -8 },
		{ "risk", OUT_NAME, 0 },
	};
	AUTO(edit_walk_fini) struct edit_walk w = { 0 };
	AUTO(risks_fini) struct risks risks = { 0 };

	risks_load(&risks, cost);
	if (db_exec(&c->package, "BEGIN", e) < 0) /* one look at it, not one per row */
		return -1;
	out_begin(&c->out, c->cmd->name, column, ARRAY_SIZE(column));
	for (size_t g = first; g < last; g++)
		for (size_t i = 0; i < x->group.v[g].op.n; i++)
			if (print_op(c, x, edit_ops_at(&x->group.v[g].op, i, &w), &risks,
				     e) < 0)
				return -1;
	return db_exec(&c->package, "COMMIT", e) < 0 ? -1 : out_end(&c->out, e);
}

/* ---- writing ---- */

static bool
at_copy(void *ctx, uint64_t files, uint64_t bytes)
{
	progress_at(ctx, files, bytes);
	return !cmd_interrupted();
}

static int
tell_conflicts(const struct edit_write *w, struct err *e)
{
	AUTO(str_fini) struct str text = STR_INIT;

	for (size_t i = 0; i < w->conflict.n; i++) {
		if (i == 20) {
			str_addf(&text, "\n  and %zu more", w->conflict.n - i);
			break;
		}
		str_addf(&text, "\n  %s: %s", w->conflict.v[i].path,
			 w->conflict.v[i].text);
	}
	return err_set(e, 0, "nothing was changed, because of:%s", text.s);
}

static int
write_now(struct call *c, struct edits *x, struct err *e)
{
	AUTO(edit_write_fini) struct edit_write w = { .progress = at_copy };
	struct progress p;
	int r;

	cmd_catch_interrupt();
	progress_begin(&p, "copy", 0, 0);
	w.ctx = &p;
	r = edits_write(x, &w, e);
	progress_end(&p);
	if (r == 2)
		return tell_conflicts(&w, e);
	return r < 0 ? -1 : 0;
}

static void
title_of(const struct edits *x, size_t first, size_t last, struct str *out)
{
	if (first < last && last - first == 1)
		edit_group_title(&x->group.v[first], out);
	else if (first < last)
		str_addf(out, "%zu groups", last - first);
	else if (edits_staged(x) == 1) {
		size_t g = 0;

		while (x->group.v[g].done == x->group.v[g].written)
			g++;
		str_add(out, x->group.v[g].done ? "" : "undo: ");
		edit_group_title(&x->group.v[g], out);
	} else
		str_addf(out, "%zu groups", edits_staged(x));
}

static bool
is_guarded(const struct call *c)
{
	for (const struct opt *o = c->cmd->opts; o && o->name; o++)
		if (strcmp(o->name, EDITS_FORCE_RISK) == 0)
			return !OWN(c, struct edits_opts)->force_risk;
	return false;
}

/* Who goes is asked for by those that stay: then the package breaks. */
static int
refuse_risk(struct call *c, const struct edit_cost *cost, struct err *e)
{
	AUTO(str_fini) struct str text = STR_INIT;
	uint64_t all = cost->risks[RISK_NEEDED] + cost->risks[RISK_INTERPRETER], told = 0;

	if (!all || !is_guarded(c))
		return 0;
	for (size_t i = 0; i < cost->risk.n && told < 5; i++) {
		const struct edit_risk *r = &cost->risk.v[i];

		if (r->kind != RISK_NEEDED && r->kind != RISK_INTERPRETER)
			continue;
		str_addf(&text, "\n  %s: %s", r->path, r->text);
		told++;
	}
	if (all > told)
		str_addf(&text, "\n  and %llu more", (unsigned long long)(all - told));
	return err_set(e, 0,
		       "nothing was changed, because what stays needs what goes "
		       "(--" EDITS_FORCE_RISK " does it nevertheless):%s",
		       text.s);
}

int
edits_end(struct call *c, struct edits *x, size_t first, size_t last, bool stage,
	  struct err *e)
{
	AUTO(edit_cost_fini) struct edit_cost cost = { 0 };
	AUTO(str_fini) struct str title = STR_INIT;
	int r;

	if (cmd_types_of_few(c, e) < 0)
		return -1;
	r = first < last ? edits_cost(x, first, last, &cost, e)
			 : edits_cost_staged(x, &cost, e);
	if (r < 0)
		return -1;
	if (c->dry_run && first < last)
		return print_ops(c, x, first, last, &cost, e);
	title_of(x, first, last, &title);
	if (!c->dry_run && !stage &&
	    (refuse_risk(c, &cost, e) < 0 || write_now(c, x, e) < 0))
		return -1;
	return print_result(c, title.s, &cost,
			    c->dry_run ? "not changed"
			    : stage    ? "staged"
				       : "written",
			    e);
}

static int
refuse_staged(const struct edits *x, struct err *e)
{
	size_t n = edits_staged(x);

	if (!n)
		return 0;
	return err_set(e, 0,
		       "%zu staged edit%s not written: cde-pkg write applies %s, cde-pkg "
		       "edit --discard forgets %s, --stage adds to %s",
		       n, n == 1 ? " is" : "s are", n == 1 ? "it" : "them",
		       n == 1 ? "it" : "them", n == 1 ? "it" : "them");
}

static int
act(struct call *c, struct edits *x, edits_build *build, struct err *e)
{
	const struct edits_opts *opt = c->own;
	struct edit_ops l = { 0 };
	int64_t g;
	int r;

	if (!opt->stage && !c->dry_run && refuse_staged(x, e) < 0)
		return -1;
	r = build(c, x, &l, e);
	if (r < 0 || !l.n) {
		edit_ops_fini(&l);
		return r == 0 ? edits_none(c, "nothing to do", e) : r;
	}
	g = edits_stage(x, &l, e);
	if (g < 0)
		return -1;
	r = edits_end(c, x, (size_t)g, (size_t)g + 1, opt->stage, e);
	if (r < 0 && !opt->stage) {
		AUTO(err_fini) struct err none = ERR_INIT;

		edits_discard(x,
			      &none); /* unless it was written: then nothing is staged */
	}
	return r;
}

int
edits_act(struct call *c, edits_build *build, struct err *e)
{
	AUTO(edits_close) struct edits x = { 0 };

	return edits_begin_verb(c, &x, e) < 0 ? -1 : act(c, &x, build, e);
}

static int
step_by(struct call *c, struct edits *x,
	int (*step)(struct edits *x, unsigned n, struct err *e), unsigned n,
	struct err *e)
{
	bool stage = OWN(c, struct edits_opts)->stage || edits_staged(x);
	int moved = step(x, n, e), r;

	if (moved <= 0)
		return moved < 0 ? -1 : err_set(e, 0, "nothing to %s", c->cmd->name);
	r = edits_end(c, x, 1, 0, stage, e);
	if (r < 0 && !stage) {
		AUTO(err_fini) struct err none = ERR_INIT;

		if (edits_staged(x)) /* as it was before */
			(step == edits_undo ? edits_redo : edits_undo)(x, (unsigned)moved,
								       &none);
	}
	return r;
}

int
edits_step(struct call *c, int (*step)(struct edits *x, unsigned n, struct err *e),
	   struct err *e)
{
	AUTO(edits_close) struct edits x = { 0 };
	int64_t n = 1;

	if (c->argc && cmd_number(c->argv[0], 1, &n, e) < 0) {
		c->error_status = EXIT_USAGE;
		return -1;
	}
	if (edits_begin_verb(c, &x, e) < 0)
		return -1;
	return step_by(c, &x, step, n > UINT32_MAX ? UINT32_MAX : (unsigned)n, e);
}

bool
edits_at_file(void *ctx, uint64_t files, uint64_t bytes)
{
	progress_at(ctx, files, bytes);
	return !cmd_interrupted();
}

void
edits_warn(struct str *warnings)
{
	if (!warnings->len)
		return;
	str_trunc(warnings, warnings->len - 1);
	log_error("%s", warnings->s);
}
