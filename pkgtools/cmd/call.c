/* What verbs share: common options, filters and paths as arguments, Ctrl-C. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/progress.h"
#include "inspect/ftype.h"

static int
set_package(void *ctx, const char *value, struct err *e)
{
	((struct call *)ctx)->dir = value;
	return *value ? 0 : err_set(e, 0, "-p needs the name of a directory");
}

static int
set_no_manifest(void *ctx, const char *value, struct err *e)
{
	((struct call *)ctx)->open |= PACKAGE_TREE;
	return 0;
}

static int
set_help(void *ctx, const char *value, struct err *e)
{
	((struct call *)ctx)->help = true;
	return 0;
}

static int
set_dry_run(void *ctx, const char *value, struct err *e)
{
	((struct call *)ctx)->dry_run = true;
	return 0;
}

static int
set_format(void *ctx, const char *value, struct err *e)
{
	if (out_parse_format(value, &((struct call *)ctx)->out.format))
		return 0;
	return err_set(e, 0, "unknown format '%s' (there are: table, tsv, json, 0)",
		       value);
}

static int
set_color(void *ctx, const char *value, struct err *e)
{
	struct call *c = ctx;

	if (strcmp(value, "always") == 0)
		c->out.color = true;
	else if (strcmp(value, "never") == 0)
		c->out.color = false;
	else if (strcmp(value, "auto") != 0)
		return err_set(e, 0, "--color is auto, always or never, not '%s'", value);
	return 0;
}

static const struct {
	unsigned with, without; /* enum cmd_flag */
	struct opt opt;
} common[] = {
	{ CMD_LISTS,
	  0,
	  { 0, "format", "FORMAT", "table, tsv, json or 0 (names, each ended by NUL)",
	    set_format } },
	{ CMD_LISTS,
	  0,
	  { 0, "color", "WHEN", "auto, always or never (NO_COLOR is heeded)",
	    set_color } },
	{ CMD_EDITS,
	  0,
	  { 'n', "dry-run", NULL, "only say what would be done", set_dry_run } },
	{ 0,
	  CMD_NO_OPEN,
	  { 'p', "package", "DIR", "the package (around here, else ./cde-package)",
	    set_package } },
	{ 0,
	  CMD_NO_OPEN | CMD_EDITS,
	  { 0, "no-manifest", NULL, "look at the files alone", set_no_manifest } },
	{ 0, 0, { 'h', "help", NULL, "print this help", set_help } },
};

static bool
has_option(const struct cmd *cmd, const char *name)
{
	for (const struct opt *o = cmd->opts; o && o->name; o++)
		if (strcmp(o->name, name) == 0)
			return true;
	return false;
}

struct opt *
cmd_options(const struct cmd *cmd)
{
	VEC(struct opt) all = { 0 };
	const struct opt end = { .name = NULL };

	for (const struct opt *o = cmd->opts; o && o->name; o++)
		vec_push(&all, *o);
	for (size_t i = 0; i < ARRAY_SIZE(common); i++)
		if ((cmd->flags & common[i].with) == common[i].with &&
		    !(cmd->flags & common[i].without) &&
		    !has_option(cmd, common[i].opt.name))
			vec_push(&all, common[i].opt);
	vec_push(&all, end);
	return all.v;
}

static bool
type_progress(void *ctx, uint64_t done, uint64_t total, const char *path)
{
	struct progress *p = ctx;

	p->files = total;
	progress_at(p, done, 0);
	return !cmd_interrupted();
}

/* Types are computed when first asked for, and kept where the package can be written. */
static int
update_types(struct call *c, uint64_t limit, struct err *e)
{
	struct progress p;
	int r;

	if (!c->package.db)
		return 0;
	progress_begin(&p, "types", 0, 0);
	r = ftype_update(&c->package, limit, type_progress, &p, e);
	progress_end(&p);
	return r < 0 ? -1 : 0;
}

int
cmd_types(struct call *c, struct err *e)
{
	return update_types(c, 0, e);
}

int
cmd_types_of_few(struct call *c, struct err *e)
{
	return update_types(c, 20000, e);
}

int
cmd_query(struct call *c, int first, struct query *q, struct err *e)
{
	AUTO(str_fini) struct str text = STR_INIT, why = STR_INIT;
	AUTO(err_fini) struct err inner = ERR_INIT;
	size_t column = 0;

	for (int i = first; i < c->argc; i++) {
		if (text.len)
			str_addc(&text, ' ');
		str_add(&text, c->argv[i]);
	}
	if (query_parse(q, text.s, &column, &inner) < 0) {
		query_explain(&why, text.s, column, inner.text.s);
		c->error_status = EXIT_USAGE;
		return err_set(e, 0, "%s", why.s);
	}
	if (q->types && cmd_types(c, e) < 0)
		return -1;
	return query_bind(q, &c->package, e);
}

int
cmd_number(const char *text, int64_t least, int64_t *out, struct err *e)
{
	char *end;

	errno = 0;
	*out = strtoll(text, &end, 10);
	if (end == text || *end || errno || *out < least)
		return err_set(e, 0, "'%s' is not a number of at least %lld", text,
			       (long long)least);
	return 0;
}

int
cmd_path(struct call *c, const char *arg, struct str *out, struct err *e)
{
	struct stat st;
	int r;

	package_locate(&c->package, arg, out);
	r = package_lstat(&c->package, out->s, &st);
	if (r < 0)
		return err_set(e, -r, "%s", out->s);
	return 0;
}

static volatile sig_atomic_t interrupted;

static void
on_interrupt(int sig)
{
	interrupted = 1;
}

void
cmd_catch_interrupt(void)
{
	struct sigaction sa = { .sa_handler = on_interrupt, .sa_flags = SA_RESETHAND };

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
}

bool
cmd_interrupted(void)
{
	return interrupted;
}
