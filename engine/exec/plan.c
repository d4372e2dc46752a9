#include "exec/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "path/lex.h"

/* A name that a rule speaks of, or a directory above one. */
struct node {
	char *abs;
	VEC(struct node *) kid;
};

struct planner {
	struct plan *out;
	struct rules *rules;
	const struct plan_view *view;
	struct rules defaults;
	struct node *root;
};

/* MORE: the directory must become one of our own, so that this can be placed. */
enum placed { PLACED, MORE };

/* What is known of a name. */
struct spot {
	struct node *node;
	const char *abs;
	enum side own;	     /* side of the name itself */
	enum side below;     /* side of names below it that no rule names */
	enum side from;	     /* whose object shows there, if nothing is done … */
	bool fresh;	     /* … or nothing, for the directory is ours */
	bool is_default;     /* the rule is one of those that every package has */
	enum plan_kind kind; /* of own's object */
};

static char *
about(const char *abs, const char *what)
{
	AUTO(str_fini) struct str text = STR_INIT;

	str_add_escaped(&text, abs);
	str_addf(&text, ": %s", what);
	return str_take(&text);
}

/* The first reason stays. */
static void
refuse(struct planner *p, const char *abs, const char *why)
{
	if (!p->out->reason)
		p->out->reason = about(abs, why);
}

static void
note(struct planner *p, const char *abs, const char *what)
{
	vec_push(&p->out->note, about(abs, what));
}

static void
step(struct planner *p, enum plan_op op, enum side side, enum plan_kind kind,
     const char *abs, bool fresh)
{
	struct plan_step x = { op, side, kind, fresh, NULL };

	if (p->out->step.n == PLAN_STEPS_MOST) {
		refuse(p, abs, "too many names would have to be mounted");
		return;
	}
	x.abs = mem_strdup(abs);
	vec_push(&p->out->step, x);
}

static void
forget_steps(struct plan *p, size_t keep)
{
	while (p->step.n > keep)
		free(vec_pop(&p->step).abs);
}

static void
forget_notes(struct plan *p, size_t keep)
{
	while (p->note.n > keep)
		free(vec_pop(&p->note));
}

static enum plan_kind
kind_at(const struct planner *p, enum side side, const char *abs)
{
	return side == SIDE_HIDDEN ? PLAN_NONE : p->view->kind(p->view->ctx, side, abs);
}

static bool
writable(const struct planner *p, enum side side, const char *abs)
{
	return side != SIDE_HIDDEN && p->view->writable(p->view->ctx, side, abs);
}

static bool
writable_above(const struct planner *p, enum side side, const char *abs)
{
	AUTO(str_fini) struct str dir = STR_INIT;

	str_set(&dir, abs);
	path_to_parent(&dir);
	return writable(p, side, dir.s);
}

static struct node *
node_new(const char *abs)
{
	struct node *n = mem_alloc(sizeof(*n));

	n->abs = mem_strdup(abs);
	return n;
}

static void
node_free(struct node *n)
{
	for (size_t i = 0; i < n->kid.n; i++)
		node_free(n->kid.v[i]);
	vec_fini(&n->kid);
	free(n->abs);
	free(n);
}

static struct node *
node_kid(const struct node *n, const char *abs)
{
	for (size_t i = 0; i < n->kid.n; i++)
		if (strcmp(n->kid.v[i]->abs, abs) == 0)
			return n->kid.v[i];
	return NULL;
}

/* Enter a name, and the directories above it. */
static void
enter(struct planner *p, const char *abs)
{
	AUTO(str_fini) struct str at = STR_INIT, clean = STR_INIT;
	struct node *n = p->root;

	str_set(&clean, abs);
	path_clean(&clean);
	for (size_t i = 1; clean.len > 1 && i <= clean.len;) {
		struct node *next;

		i += strcspn(clean.s + i, "/");
		str_setn(&at, clean.s, i++);
		next = node_kid(n, at.s);
		if (!next) {
			next = node_new(at.s);
			vec_push(&n->kid, next);
		}
		n = next;
	}
}

static void
names_fini(struct plan_names *x)
{
	for (size_t i = 0; i < x->v.n; i++)
		free(x->v.v[i]);
	vec_fini(&x->v);
}

/* Version 1: "/tmp" is also a prefix of "/tmpfile". */
static void
enter_longer(struct planner *p, enum side side, const struct rule *r)
{
	AUTO(names_fini) struct plan_names names = { 0 };
	AUTO(str_fini) struct str dir = STR_INIT, abs = STR_INIT;
	const char *base = path_base(r->text);

	str_set(&dir, r->text);
	path_to_parent(&dir);
	p->view->list(p->view->ctx, side, dir.s, &names);
	for (size_t i = 0; i < names.v.n; i++) {
		if (!str_has_prefix(names.v.v[i], base))
			continue;
		str_set(&abs, dir.s);
		path_append(&abs, names.v.v[i]);
		enter(p, abs.s);
	}
}

static bool
is_default(const struct planner *p, const struct rule *r)
{
	if (!r)
		return false;
	for (size_t i = 0; i < p->defaults.rule.n; i++) {
		const struct rule *d = &p->defaults.rule.v[i];
		size_t n = strlen(r->text);

		/* version 1 has some of them with a slash at the end */
		if (n > 1 && r->text[n - 1] == '/')
			n--;
		if (d->verdict == r->verdict && d->len == n &&
		    memcmp(d->text, r->text, n) == 0)
			return true;
	}
	return false;
}

static void
enter_rules(struct planner *p, const char *const *also)
{
	for (size_t i = 0; i < p->rules->rule.n; i++) {
		const struct rule *r = &p->rules->rule.v[i];

		if (r->match == MATCH_SUBSTR && !is_default(p, r))
			refuse(p, r->text, "mounts cannot follow a substr rule");
		else if (r->match == MATCH_SUBSTR)
			note(p, r->text,
			     "a substr rule; only those of $HOME and "
			     "$XAUTHORITY are the host's");
		if (r->match == MATCH_SUBSTR || r->text[0] != '/')
			continue;
		enter(p, r->text);
		if (p->rules->version > 1 || r->match != MATCH_PREFIX ||
		    str_has_suffix(r->text, "/"))
			continue;
		enter_longer(p, SIDE_PACKAGE, r);
		enter_longer(p, SIDE_HOST, r);
	}
	for (; *also; also++) {
		AUTO(str_fini) struct str dir = STR_INIT;

		str_set(&dir, *also);
		path_to_parent(&dir);
		if (rules_decide(p->rules, *also, strlen(*also)).verdict ==
			    VERDICT_HOST &&
		    kind_at(p, SIDE_HOST, *also) != PLAN_NONE &&
		    kind_at(p, SIDE_PACKAGE, dir.s) == PLAN_DIRECTORY)
			enter(p, *also);
	}
}

static enum side
side_of(enum verdict v)
{
	return v == VERDICT_HOST     ? SIDE_HOST
	       : v == VERDICT_HIDDEN ? SIDE_HIDDEN
				     : SIDE_PACKAGE;
}

/* A directory that leads to a name with a rule: world.c, world_side. */
static enum side
side_of_lead(const struct planner *p, enum side side, const char *abs)
{
	bool in_package = kind_at(p, SIDE_PACKAGE, abs) != PLAN_NONE;
	bool on_host = kind_at(p, SIDE_HOST, abs) != PLAN_NONE;

	if (side == SIDE_PACKAGE)
		return in_package || !on_host ? SIDE_PACKAGE : SIDE_HOST;
	return (side == SIDE_HIDDEN || !on_host) && in_package ? SIDE_PACKAGE : side;
}

static struct spot
spot_at(struct planner *p, struct node *n, enum side from, bool fresh)
{
	AUTO(str_fini) struct str below = STR_INIT;
	struct decision d = rules_decide(p->rules, n->abs, strlen(n->abs));
	struct spot x = { .node = n, .abs = n->abs, .from = from, .fresh = fresh };

	/* A name that no rule can mean. */
	str_set(&below, n->abs);
	path_append(&below, "\x01");
	x.own = side_of(d.verdict);
	x.below = side_of(rules_decide(p->rules, below.s, below.len).verdict);
	x.is_default = is_default(p, d.rule);
	if (n->kid.n)
		x.own = side_of_lead(p, x.own, n->abs);
	x.kind = kind_at(p, x.own, n->abs);
	return x;
}

/* The name must not be there.  It is not, but could it be made? */
static void
keep_absent(struct planner *p, const struct spot *x)
{
	if (x->is_default)
		note(p, x->abs,
		     "this machine has none; one that is made lands in the package");
	else if (writable_above(p, x->from, x->abs) || writable_above(p, x->own, x->abs))
		refuse(p, x->abs,
		       "it does not exist, and mounts cannot keep it from being made");
}

static enum placed
place_absent(struct planner *p, const struct spot *x, enum plan_kind there)
{
	if (there == PLAN_NONE) {
		keep_absent(p, x);
		return PLACED;
	}
	if (!writable_above(p, x->from, x->abs))
		return MORE;
	if (!x->is_default) {
		refuse(p, x->abs,
		       "mounts cannot hide it in a directory that you may write to");
		return PLACED;
	}
	step(p, PLAN_VEIL, x->from, there, x->abs, false);
	note(p, x->abs,
	     there == PLAN_DIRECTORY
		     ? "this machine has none; it is empty"
		     : "this machine has none; lstat sees a link that leads nowhere");
	return PLACED;
}

/* One object with all that is below it. */
static enum placed
place_whole(struct planner *p, const struct spot *x, enum side side)
{
	enum plan_kind kind = kind_at(p, side, x->abs), there;
	bool is_root = x->abs[1] == 0;

	if (x->fresh || is_root) {
		if (kind != PLAN_NONE)
			step(p, kind == PLAN_LINK ? PLAN_COPY : PLAN_BIND, side, kind,
			     x->abs, x->fresh);
		return PLACED;
	}
	if (side == x->from && side != SIDE_HIDDEN)
		return PLACED;
	there = kind_at(p, x->from, x->abs);
	if (kind == PLAN_NONE)
		return place_absent(p, x, there);
	if (there == PLAN_NONE || (there == PLAN_DIRECTORY) != (kind == PLAN_DIRECTORY))
		return MORE;
	if (kind != PLAN_DIRECTORY && !x->is_default && writable_above(p, side, x->abs))
		refuse(p, x->abs, "what is mounted cannot be replaced, as you may do");
	step(p, PLAN_BIND, side, kind, x->abs, false);
	return PLACED;
}

static enum placed place(struct planner *p, struct node *n, enum side from, bool fresh);

/* The names of a directory that no rule speaks of. */
static void
place_others(struct planner *p, const struct spot *x, enum side side)
{
	AUTO(names_fini) struct plan_names names = { 0 };
	AUTO(str_fini) struct str abs = STR_INIT;

	p->view->list(p->view->ctx, side, x->abs, &names);
	for (size_t i = 0; i < names.v.n && !p->out->reason; i++) {
		enum plan_kind kind;

		str_set(&abs, x->abs);
		path_append(&abs, names.v.v[i]);
		kind = kind_at(p, side, abs.s);
		if (kind == PLAN_NONE || node_kid(x->node, abs.s))
			continue;
		step(p, kind == PLAN_LINK ? PLAN_COPY : PLAN_BIND, side, kind, abs.s,
		     true);
	}
}

/* A directory of our own: `content` is where its other names come from. */
static enum placed
place_own_dir(struct planner *p, const struct spot *x, enum side content)
{
	if (!x->fresh && x->abs[1] && kind_at(p, x->from, x->abs) != PLAN_DIRECTORY)
		return MORE;
	step(p, PLAN_OWN_DIR, x->own, PLAN_DIRECTORY, x->abs, x->fresh);
	if (kind_at(p, content, x->abs) == PLAN_DIRECTORY)
		place_others(p, x, content);
	for (size_t i = 0; i < x->node->kid.n; i++)
		place(p, x->node->kid.v[i], content, true);
	step(p, PLAN_SEAL, x->own, PLAN_DIRECTORY, x->abs, false);
	return PLACED;
}

static enum placed
place_dir(struct planner *p, const struct spot *x)
{
	size_t steps = p->out->step.n, notes = p->out->note.n;

	if (kind_at(p, x->below, x->abs) != PLAN_DIRECTORY)
		return place_own_dir(p, x, SIDE_HIDDEN);
	if (x->own != x->below) {
		refuse(p, x->abs, "a rule means the directory without what is in it");
		return PLACED;
	}
	if (place_whole(p, x, x->own) == MORE)
		return MORE;
	for (size_t i = 0; i < x->node->kid.n; i++) {
		struct node *kid = x->node->kid.v[i];

		if (place(p, kid, x->own, false) == PLACED)
			continue;
		if (writable(p, x->own, x->abs)) {
			refuse(p, kid->abs,
			       x->own == SIDE_PACKAGE
				       ? "the package has nothing to mount it on"
				       : "this machine has nothing to mount it on");
			return PLACED;
		}
		forget_steps(p->out, steps);
		forget_notes(p->out, notes);
		return place_own_dir(p, x, x->own);
	}
	return PLACED;
}

/* A program of the host sees the host, libraries and all, and mounts are the same for
 * everybody.  The default rules are for places without any. */
static void
look_for_programs(struct planner *p, const struct spot *x)
{
	struct decision d = rules_decide(p->rules, x->abs, strlen(x->abs));
	enum plan_answer has;

	if (d.verdict != VERDICT_HOST || x->is_default || x->kind == PLAN_NONE)
		return;
	has = p->view->programs(p->view->ctx, x->abs);
	if (has == PLAN_YES)
		refuse(p, x->abs,
		       "programs of this machine would be started with the package's "
		       "libraries");
	else if (has == PLAN_MAYBE)
		note(p, x->abs,
		     "too much to look at: a program of this machine in it is started "
		     "with the package's libraries");
}

static enum placed
place(struct planner *p, struct node *n, enum side from, bool fresh)
{
	struct spot x;

	if (p->out->reason)
		return PLACED;
	x = spot_at(p, n, from, fresh);
	look_for_programs(p, &x);
	if (x.kind == PLAN_DIRECTORY && (n->kid.n || x.own != x.below))
		return place_dir(p, &x);
	return place_whole(p, &x, x.own);
}

void
plan_make(struct plan *out, struct rules *r, const struct plan_view *v,
	  const char *const *also)
{
	struct planner p = { .out = out, .rules = r, .view = v, .root = node_new("/") };

	*out = (struct plan){ 0 };
	rules_parse(&p.defaults, "defaults", rules_default_text,
		    strlen(rules_default_text), NULL);
	if (r->process.n)
		refuse(&p, r->process.v[0].exe, "mounts are the same for all programs");
	enter_rules(&p, also);
	place(&p, p.root, SIDE_HIDDEN, false);
	node_free(p.root);
	rules_fini(&p.defaults);
}

void
plan_fini(struct plan *p)
{
	forget_steps(p, 0);
	forget_notes(p, 0);
	vec_fini(&p->step);
	vec_fini(&p->note);
	free(p->reason);
	p->reason = NULL;
}

void
plan_describe(const struct plan_step *s, struct str *out)
{
	static const char *const verb[] = {
		[PLAN_BIND] = "bind",	[PLAN_OWN_DIR] = "make a directory like",
		[PLAN_SEAL] = "finish", [PLAN_COPY] = "copy the link",
		[PLAN_VEIL] = "veil",
	};
	static const char *const where[] = {
		[SIDE_PACKAGE] = "of the package",
		[SIDE_HOST] = "of the host",
		[SIDE_HIDDEN] = "",
	};

	str_addf(out, "%s ", verb[s->op]);
	str_add_escaped(out, s->abs);
	if (s->op != PLAN_SEAL)
		str_addf(out, " %s", where[s->side]);
}
