/* fix: what `missing` lists is added from this machine, or pinned to it. */
#include <string.h>
#include <sys/stat.h>

#include "cmd/edits.h"
#include "inspect/missing.h"

struct fix_opts {
	struct edits_opts edits;
	bool all, pin;
};

static int
set_all(void *ctx, const char *value, struct err *e)
{
	OWN(ctx, struct fix_opts)->all = true;
	return 0;
}

static int
set_pin(void *ctx, const char *value, struct err *e)
{
	OWN(ctx, struct fix_opts)->pin = true;
	return 0;
}

static const struct opt options[] = {
	{ 'a', "all", NULL, "everything that is marked !!! or !!", set_all },
	{ 0, "pin", NULL, "take it from the host in each run, instead of adding it",
	  set_pin },
	EDITS_OPT_STAGE,
	{ .name = NULL },
};

struct fix {
	struct call *c;
	struct edits *x;
	struct edit_ops *l;
	struct str warnings;
	size_t done;
};

static int
fix_path(struct fix *f, const char *path, struct err *e)
{
	const struct edit_add a = { .path = path, .warnings = &f->warnings };

	if (OWN(f->c, struct fix_opts)->pin)
		return edit_pin(f->x, f->l, path, "host", e);
	return edit_add(f->x, f->l, &a, e);
}

/* A module is source and byte code, a locale several files: all that is here. */
static int
fix_thing(struct fix *f, const struct missing_thing *x, struct err *e)
{
	bool whole = x->kind == MISSING_MODULE || x->kind == MISSING_LOCALE;
	struct stat st;

	if (!x->host) {
		str_addf(&f->warnings, "%s: this machine does not have it\n", x->name);
		return 0;
	}
	if (x->why == MISSING_DENIED && !OWN(f->c, struct fix_opts)->pin) {
		str_addf(&f->warnings, "%s: a rule hides it; see cde-pkg pin\n", x->path);
		return 0;
	}
	f->done++;
	if (fix_path(f, x->host, e) < 0)
		return -1;
	for (size_t i = 0; whole && i < x->tried.n; i++)
		if (strcmp(x->tried.v[i], x->host) != 0 &&
		    stat(x->tried.v[i], &st) == 0 && S_ISREG(st.st_mode) &&
		    fix_path(f, x->tried.v[i], e) < 0)
			return -1;
	return 0;
}

static bool
is_meant(const struct missing_thing *x, const char *arg)
{
	AUTO(str_fini) struct str path = STR_INIT;

	if (strcmp(arg, x->name) == 0)
		return true;
	package_spell(arg, &path);
	for (size_t i = 0; i < x->tried.n; i++)
		if (strcmp(x->tried.v[i], path.s) == 0)
			return true;
	return false;
}

static int
fix_named(struct fix *f, const struct missing_list *l, const char *arg, struct err *e)
{
	size_t found = 0;

	for (size_t i = 0; i < l->v.n; i++) {
		if (!is_meant(&l->v.v[i], arg))
			continue;
		found++;
		if (fix_thing(f, &l->v.v[i], e) < 0)
			return -1;
	}
	return found ? 0 : err_set(e, 0, "%s: not among what is missing", arg);
}

static int
build(struct call *c, struct edits *x, struct edit_ops *out, struct err *e)
{
	AUTO(missing_list_fini) struct missing_list l = { 0 };
	AUTO(model_fini) struct model m = { 0 };
	struct fix f = { .c = c, .x = x, .l = out, .warnings = STR_INIT };
	int r = 0;

	if (model_load(&m, &c->package, 0, e) < 0 ||
	    missing_find(&l, &c->package, &m, MISSING_TREE | MISSING_NEEDS, e) < 0)
		return -1;
	for (size_t i = 0; OWN(c, struct fix_opts)->all && i < l.v.n && r == 0; i++)
		if (l.v.v[i].severity >= MISSING_LIKELY)
			r = fix_thing(&f, &l.v.v[i], e);
	for (int i = 0; i < c->argc && r == 0; i++)
		r = fix_named(&f, &l, c->argv[i], e);
	edits_warn(&f.warnings);
	str_fini(&f.warnings);
	return r;
}

static int
run(struct call *c, struct err *e)
{
	if (!c->argc && !OWN(c, struct fix_opts)->all) {
		c->error_status = EXIT_USAGE;
		return err_set(e, 0, "what? name it, or --all");
	}
	return cmd_types_of_few(c, e) < 0 ? -1 : edits_act(c, build, e);
}

const struct cmd cmd_fix = {
	.name = "fix",
	.args = "[PATH...]",
	.brief = "add what is missing from this machine",
	.more = "PATH is a path or a name as cde-pkg missing shows it (libfoo.so.1).  It "
		"is "
		"added\nas cde-pkg add does, in one step of undo.",
	.group = CMD_WHOLE,
	.flags = CMD_LISTS | CMD_EDITS,
	.min = 0,
	.max = -1,
	.opts = options,
	.own = sizeof(struct fix_opts),
	.run = run,
};
