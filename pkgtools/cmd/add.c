/* add: files of this machine, with what they take. */
#include <string.h>
#include <unistd.h>

#include "cmd/edits.h"
#include "cmd/progress.h"
#include "path/lex.h"

struct add_opts {
	struct edits_opts edits;
	unsigned how;
};

static int
set_package(void *ctx, const char *value, struct err *e)
{
	OWN(ctx, struct add_opts)->how |= EDIT_ADD_PACKAGE;
	return 0;
}

static int
set_no_needs(void *ctx, const char *value, struct err *e)
{
	OWN(ctx, struct add_opts)->how |= EDIT_ADD_NO_NEEDS;
	return 0;
}

static int
set_only(void *ctx, const char *value, struct err *e)
{
	OWN(ctx, struct add_opts)->how |= EDIT_ADD_ONLY;
	return 0;
}

static const struct opt options[] = {
	{ 0, "package-files", NULL, "all files of the distro package that brought it",
	  set_package },
	{ 0, "no-needs", NULL, "not the libraries and interpreters that it needs",
	  set_no_needs },
	{ 0, "only", NULL, "this object alone: no links followed, nothing below it",
	  set_only },
	EDITS_OPT_STAGE,
	{ .name = NULL },
};

/* A name of this machine, as typed here. */
static int
host_path(const char *arg, struct str *out, struct err *e)
{
	AUTO(mem_free) char *cwd = NULL;

	if (*arg != '/') {
		cwd = getcwd(NULL, 0);
		if (!cwd || *cwd != '/')
			return err_set(e, 0, "%s: the present directory has no name",
				       arg);
		str_set(out, cwd);
	}
	path_append(out, arg);
	path_clean(out);
	return 0;
}

static int
add(struct edits *x, struct edit_ops *l, struct edit_add *a, struct err *e)
{
	struct progress p;
	int r;

	progress_begin(&p, "look", 0, 0);
	a->progress = edits_at_file;
	a->ctx = &p; /* cppcheck-suppress autoVariables ; taken back below */
	r = edit_add(x, l, a, e);
	a->ctx = NULL;
	progress_end(&p);
	return r;
}

static int
build(struct call *c, struct edits *x, struct edit_ops *l, struct err *e)
{
	AUTO(str_fini) struct str path = STR_INIT, host = STR_INIT, warnings = STR_INIT;
	struct edit_add a = { .how = OWN(c, struct add_opts)->how,
			      .warnings = &warnings };
	int r = 0;

	cmd_catch_interrupt();
	if (c->argc == 3 && strcmp(c->argv[1], "from") == 0) {
		package_spell(c->argv[0], &path);
		if (host_path(c->argv[2], &host, e) < 0)
			return -1;
		a.path = path.s;
		a.host = host.s;
		r = add(x, l, &a, e);
	} else {
		for (int i = 0; i < c->argc && r == 0; i++) {
			str_clear(&path);
			r = host_path(c->argv[i], &path, e);
			a.path = path.s;
			if (r == 0)
				r = add(x, l, &a, e);
		}
	}
	if (r == 0)
		edits_warn(&warnings);
	return r;
}

static int
run(struct call *c, struct err *e)
{
	return edits_act(c, build, e);
}

const struct cmd cmd_add = {
	.name = "add",
	.args = "PATH...|PATH from HOSTPATH",
	.brief = "add files of this machine, with what they need",
	.more = "Links are added with what they lead to, directories with all in them, "
		"programs with\ntheir interpreter and libraries; --dry-run lists it all.",
	.group = CMD_CHANGE,
	.flags = CMD_LISTS | CMD_EDITS,
	.min = 1,
	.max = -1,
	.opts = options,
	.own = sizeof(struct add_opts),
	.run = run,
};
