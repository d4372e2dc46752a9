#include "app.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "inspect/text.h"
#include "path/lex.h"

/* --- what an edit is for ---------------------------------------------------------- */

static bool
push_hit(void *ctx, uint32_t n)
{
	app_nodes *out = ctx;

	vec_push(out, n);
	return true;
}

/* A directory stands for all below it; under a filter only for what is shown of that. */
static void
push_target(const struct app *a, uint32_t n, app_nodes *out)
{
	if (a->tree.filtered && a->model.node[n].kind == 'd')
		tree_each_hit(&a->tree, n, push_hit, out);
	else
		vec_push(out, n);
}

static bool
marked_above(const struct app *a, uint32_t n)
{
	while (n) {
		n = a->model.node[n].parent;
		if (a->tree.bit[n] & TREE_MARK)
			return true;
	}
	return false;
}

void
app_targets(struct app *a, app_nodes *out)
{
	struct groups *g = app_groups(a);
	size_t at = app_list(a)->cursor;
	uint32_t n;

	if (g && at < g->n) {
		struct group x = groups_at(g, &a->tree, at);

		for (n = 1; n < a->model.n; n++)
			if (group_has(&x, &a->tree, n))
				vec_push(out, n);
		return;
	}
	if (a->screen == SCREEN_FILES && a->tree.marks) {
		for (n = 0; n < a->model.n; n++)
			if ((a->tree.bit[n] & TREE_MARK) && !marked_above(a, n))
				push_target(a, n, out);
		return;
	}
	n = app_node(a);
	if (n != UINT32_MAX)
		push_target(a, n, out);
}

/* --- one group of edits for all targets ------------------------------------------- */

/* "drop 2 files (read by the run)" */
void
app_say_group(struct app *a, const char *before, size_t group)
{
	AUTO(str_fini) struct str title = STR_INIT;
	const struct cost_known *k;

	if (group >= stage_groups(&a->stage))
		return;
	edit_group_title(&a->stage.edits.group.v[group], &title);
	k = costs_group(&a->costs, group);
	a->said_group = group;
	a->said_before = k ? NULL : before;
	if (k && *k->risk)
		app_say(a, STYLE_WARN, "%s%s (%s)", before, title.s, k->risk);
	else
		app_say(a, STYLE_GOOD, "%s%s%s", before, title.s,
			k ? "" : " (looking for risks)");
}

/* One act of the user: a list of edits, which becomes a group. */
struct act {
	struct app *a;
	int (*build)(struct act *x); /* fills the list; NULL: it is made */
	enum edit_verb verb;
	const char *path, *arg; /* path: of the only target */
	const struct edit_add *add;
	bool redo; /* of undo_or_redo */
	struct edit_ops list;
	struct err e;
	int r;
};

static void
act_fini(struct act *x)
{
	edit_ops_fini(&x->list);
	err_fini(&x->e);
}

static void
stage_work(void *ctx)
{
	struct act *x = ctx;

	x->r = x->build ? x->build(x) : 0;
	if (x->r == 0)
		x->r = stage_list(&x->a->stage, &x->list, &x->e);
	edit_ops_fini(&x->list);
	if (x->r == 0)
		app_refresh(x->a);
}

/* In a thread, if it may take longer than a moment.  False: it failed, that is said. */
static bool
run_act(struct act *x, const char *what, void (*work)(void *ctx), bool much)
{
	const struct app_act act = { what, true, work, x };
	bool whole = true;

	costs_stop(&x->a->costs);
	if (much)
		whole = app_long(x->a, &act);
	else
		work(x);
	if (x->r < 0 && whole) {
		app_fail(x->a, &x->e);
	} else if (x->r < 0) {
		app_say(x->a, STYLE_WARN, "%s was stopped: nothing is changed", what);
		err_clear(&x->e);
	}
	return x->r >= 0;
}

/* What an edit of the targets is for. */
static bool
is_much(struct app *a)
{
	const struct groups *g = app_groups(a);
	size_t at = app_list(a)->cursor;
	uint32_t n = app_node(a);

	if (g && at < g->n)
		return groups_at(g, &a->tree, at).files > APP_FEW;
	if (a->screen == SCREEN_FILES && a->tree.marks)
		return a->tree.marks > APP_FEW || a->tree.marked_dirs;
	return n != UINT32_MAX && a->model.node[n].kind == 'd' &&
	       tree_total(&a->tree, n).files > APP_FEW;
}

static bool
stage(struct act *x)
{
	struct app *a = x->a;

	if (!run_act(x, "staging", stage_work, x->add || is_much(a)))
		return false;
	if (stage_bar(&a->stage))
		app_say_group(a, "staged: ", stage_bar(&a->stage) - 1);
	return true;
}

static int
build_one(struct act *x, const char *path)
{
	struct edits *log = &x->a->stage.edits;

	if (x->verb == EDIT_PIN && strcmp(x->arg, "both") == 0)
		return edit_both(log, &x->list, &x->a->model, path, &x->e);
	if (x->verb == EDIT_PIN)
		return edit_pin(log, &x->list, path, x->arg, &x->e);
	if (x->verb == EDIT_NOTE)
		return edit_note(log, &x->list, path, x->arg, &x->e);
	return edit_keep(log, &x->list, path, &x->e);
}

static int
build_targets(struct act *x)
{
	AUTO(str_fini) struct str path = STR_INIT;
	app_nodes nodes = { 0 };
	int r = 0;

	app_targets(x->a, &nodes);
	if (x->verb == EDIT_DROP) {
		query_ids ids = { nodes.v, nodes.n, nodes.cap };

		r = edit_drop_nodes(&x->a->stage.edits, &x->list, &x->a->model, &ids,
				    &x->e);
	}
	for (size_t i = 0; r == 0 && x->verb != EDIT_DROP && i < nodes.n; i++) {
		model_path(&x->a->model, nodes.v[i], &path);
		r = build_one(x, path.s);
	}
	vec_fini(&nodes);
	return r;
}

static void
stage_targets(struct app *a, enum edit_verb verb, const char *arg)
{
	AUTO(act_fini)
	struct act x = {
		.a = a, .build = build_targets, .verb = verb, .arg = arg, .e = ERR_INIT
	};

	if (stage(&x) && a->tree.marks)
		tree_unmark_all(&a->tree);
}

static int
build_path(struct act *x)
{
	return build_one(x, x->path);
}

static void
stage_pin(struct app *a, const char *path, const char *side)
{
	AUTO(act_fini)
	struct act x = { .a = a,
			 .build = build_path,
			 .verb = EDIT_PIN,
			 .path = path,
			 .arg = side,
			 .e = ERR_INIT };

	stage(&x);
}

static bool
add_goes_on(void *ctx, uint64_t files, uint64_t bytes)
{
	return app_long_goes_on(ctx, files, bytes);
}

static int
build_add(struct act *x)
{
	return edit_add(&x->a->stage.edits, &x->list, x->add, &x->e);
}

static void
stage_add(struct app *a, const char *path, const char *host, unsigned how)
{
	AUTO(str_fini) struct str warnings = STR_INIT;
	struct edit_add add = { .path = path,
				.host = host,
				.how = how,
				.warnings = &warnings,
				.progress = add_goes_on,
				.ctx = a };
	AUTO(act_fini)
	struct act x = { .a = a, .build = build_add, .add = &add, .e = ERR_INIT };

	if (stage(&x) && warnings.len) {
		AUTO(str_fini) struct str s = STR_INIT;

		text_escape(&s, warnings.s, strcspn(warnings.s, "\n"));
		app_say(a, STYLE_WARN, "staged, but %s", s.s);
	}
}

static void
undo_work(void *ctx)
{
	struct act *x = ctx;
	struct edits *log = &x->a->stage.edits;

	x->r = x->redo ? edits_redo(log, 1, &x->e) : edits_undo(log, 1, &x->e);
	if (x->r > 0)
		app_refresh(x->a);
}

static void
undo(struct app *a, bool redo)
{
	AUTO(str_fini) struct str title = STR_INIT;
	AUTO(act_fini) struct act x = { .a = a, .redo = redo, .e = ERR_INIT };
	size_t at = stage_bar(&a->stage) - !redo;

	edit_group_title(&a->stage.edits.group.v[at], &title);
	if (run_act(&x, redo ? "redoing" : "undoing", undo_work,
		    a->stage.edits.group.v[at].op.n > APP_FEW) &&
	    x.r > 0)
		app_say(a, STYLE_GOOD, "%s: %s", redo ? "done again" : "undone", title.s);
}

/* --- pins ------------------------------------------------------------------------- */

static const struct {
	char key;
	const char *side;
} sides[] = {
	{ 'h', "host" },    { 'p', "sandbox" }, { 's', "sandbox" }, { 'x', "hidden" },
	{ 'r', "inherit" }, { 'b', "both" },	{ 'n', "absent" },
};

void
app_pin(struct app *a, uint32_t key)
{
	for (size_t i = 0; i < ARRAY_SIZE(sides); i++)
		if (key == (uint32_t)sides[i].key) {
			stage_targets(a, EDIT_PIN, sides[i].side);
			return;
		}
	app_say(a, STYLE_DIM, "not pinned");
}

/* --- screen 4 --------------------------------------------------------------------- */

static struct finding *
finding_here(struct app *a)
{
	size_t at = a->list[SCREEN_MISSING].cursor;

	return at < a->findings.row.n ? &a->findings.v.v[a->findings.row.v[at]] : NULL;
}

/* What a rule for the path itself says. */
static const char *
own_side(struct app *a, const struct str *path)
{
	static const char *const side[] = {
		[VERDICT_DEFAULT] = "inherit",
		[VERDICT_PACKAGE] = "sandbox",
		[VERDICT_HOST] = "host",
		[VERDICT_HIDDEN] = "hidden",
	};
	struct decision d = rules_decide(app_rules(a), path->s, path->len);
	bool own = d.rule && d.rule->match != MATCH_SUBSTR && d.rule->len == path->len;

	return side[own ? d.verdict : VERDICT_DEFAULT];
}

/* … for ever; or not any more, and the path stays pinned to what it was. */
static void
ignore_finding(struct app *a, const struct finding *f)
{
	AUTO(str_fini) struct str path = STR_INIT;

	if (!f->ignored && f->severity == SEVERITY_NORMAL) {
		app_say(a, STYLE_DIM, "it is normal already: %s", f->reason);
		return;
	}
	finding_place(f, app_rules(a), &path);
	stage_pin(a, path.s, f->ignored ? own_side(a, &path) : "absent");
}

static bool
edit_finding(struct app *a, enum action x)
{
	struct finding *f = finding_here(a);
	AUTO(str_fini) struct str dir = STR_INIT;

	if (!f) {
		app_say(a, STYLE_GOOD, "nothing is missing");
		return true;
	}
	if (x == ACTION_add || x == ACTION_add_package) {
		if (f->host)
			stage_add(a, f->path, NULL,
				  x == ACTION_add ? 0 : EDIT_ADD_PACKAGE);
		else
			prompt_open(&a->prompt, PROMPT_ADD,
				    "this machine has it elsewhere, at: ", "/");
	} else if (x == ACTION_pin) {
		stage_pin(a, f->path, "host");
	} else if (x == ACTION_fall_back) {
		str_set(&dir, f->path);
		path_to_parent(&dir);
		stage_pin(a, dir.s, "both");
	} else if (x == ACTION_ignore) {
		ignore_finding(a, f);
	} else {
		return false;
	}
	return true;
}

/* --- marks ------------------------------------------------------------------------ */

static void
mark(struct app *a)
{
	struct list *l = app_list(a);
	uint32_t n = app_node(a);

	if (n == UINT32_MAX)
		return;
	tree_mark(&a->tree, n, !(a->tree.bit[n] & TREE_MARK));
	a->last_mark = n;
	app_cursor(a, l->cursor + 1);
}

static void
mark_range(struct app *a)
{
	size_t at = app_list(a)->cursor, from;

	if (a->last_mark == UINT32_MAX || at >= a->tree.row.n) {
		app_say(a, STYLE_WARN, "the range begins at a mark: Space sets one");
		return;
	}
	from = tree_row_of(&a->tree, a->last_mark);
	for (size_t i = from < at ? from : at; i <= (from < at ? at : from); i++)
		tree_mark(&a->tree, a->tree.row.v[i].node, true);
}

static void
mark_all(struct app *a)
{
	for (size_t i = 0; i < a->tree.row.n; i++)
		if (a->model.node[a->tree.row.v[i].node].kind != 'd')
			tree_mark(&a->tree, a->tree.row.v[i].node, true);
}

/* Of what is missing the name is known. */
static void
ask_add(struct app *a)
{
	AUTO(str_fini) struct str path = STR_INIT;
	uint32_t n = app_node(a);

	if (n != UINT32_MAX && (a->model.node[n].flags & ENTRY_MISSING))
		model_path(&a->model, n, &path);
	prompt_open(&a->prompt, PROMPT_ADD, "add from this machine: ",
		    text_is_utf8(path.s, path.len) && path.len ? path.s : "/");
}

static bool
edit_files(struct app *a, enum action x)
{
	if (x == ACTION_mark)
		mark(a);
	else if (x == ACTION_mark_range)
		mark_range(a);
	else if (x == ACTION_mark_all)
		mark_all(a);
	else if (x == ACTION_mark_by)
		prompt_open(&a->prompt, PROMPT_MARK, "mark what matches: ", "");
	else if (x == ACTION_unmark_by)
		prompt_open(&a->prompt, PROMPT_UNMARK, "unmark what matches: ", "");
	else if (x == ACTION_add)
		ask_add(a);
	else if (x == ACTION_note)
		prompt_open(&a->prompt, PROMPT_NOTE, "note: ", "");
	else
		return false;
	return true;
}

bool
app_edit(struct app *a, enum action x)
{
	if (x == ACTION_undo || x == ACTION_redo) {
		undo(a, x == ACTION_redo);
		return true;
	}
	if (a->screen == SCREEN_MISSING && edit_finding(a, x))
		return true;
	if (a->screen == SCREEN_FILES && !a->in_facets && edit_files(a, x))
		return true;
	if (x == ACTION_drop)
		stage_targets(a, EDIT_DROP, NULL);
	else if (x == ACTION_revert)
		stage_targets(a, EDIT_KEEP, NULL);
	else if (x == ACTION_pin)
		a->pending = 'p';
	else
		return false;
	return true;
}

/* --- what was typed --------------------------------------------------------------- */

void
app_add_typed(struct app *a, const char *text)
{
	struct finding *f = a->screen == SCREEN_MISSING ? finding_here(a) : NULL;
	AUTO(str_fini) struct str from = STR_INIT;
	AUTO(mem_free) char *here = getcwd(NULL, 0);

	if (!*text)
		return;
	if (text[0] != '/' && here) {
		str_set(&from, here);
		path_append(&from, text);
	} else {
		str_set(&from, text);
	}
	path_clean(&from);
	if (f)
		stage_add(a, f->path, from.s, 0);
	else
		stage_add(a, from.s, NULL, 0);
}

void
app_note_typed(struct app *a, const char *text)
{
	stage_targets(a, EDIT_NOTE, text);
}

void
app_mark_typed(struct app *a, const char *text, bool on)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	AUTO(query_fini) struct query q = { 0 };
	query_ids ids = { 0 };
	size_t before = a->tree.marks;

	if (query_parse(&q, text, NULL, &e) < 0 ||
	    (q.need && model_need(&a->model, &a->package, q.need, &e) < 0) ||
	    (q.procs && query_bind(&q, &a->package, &e) < 0)) {
		app_fail(a, &e);
		return;
	}
	query_select(&q, &a->model, &ids);
	for (size_t i = 0; i < ids.n; i++)
		if (a->model.node[ids.v[i]].kind != 'd')
			tree_mark(&a->tree, ids.v[i], on);
	vec_fini(&ids);
	app_say(a, STYLE_DIM, "%zu %s",
		on ? a->tree.marks - before : before - a->tree.marks,
		on ? "marked" : "unmarked");
}

/* drop PATH, add PATH [from HOSTPATH], pin PATH SIDE, note PATH TEXT, undo, redo,
 * write, filter EXPR, quit */
void
app_command(struct app *a, const char *text)
{
	AUTO(act_fini) struct act x = { .a = a, .e = ERR_INIT };

	if (strncmp(text, "filter", 6) == 0) {
		app_set_filter(a, text[6] ? text + 7 : "", false);
		return;
	}
	for (int i = 1; i < ACTION_COUNT; i++)
		if (strcmp(text, key_table[i].action) == 0 &&
		    (i == ACTION_undo || i == ACTION_redo || i == ACTION_write ||
		     i == ACTION_quit || i == ACTION_help)) {
			app_do(a, (enum action)i);
			return;
		}
	if (a->read_only)
		app_say(a, STYLE_WARN, "opened read-only");
	else if (*text && edit_line(&a->stage.edits, &x.list, text, NULL, &x.e) < 0)
		app_fail(a, &x.e);
	else if (*text)
		stage(&x);
}
