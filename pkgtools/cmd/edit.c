/* edit: a script of edits, all or nothing; or forget what is staged. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "cmd/edits.h"

struct edit_opts {
	struct edits_opts edits;
	const char *script;
	bool discard;
};

static int
set_script(void *ctx, const char *value, struct err *e)
{
	OWN(ctx, struct edit_opts)->script = value;
	return 0;
}

static int
set_discard(void *ctx, const char *value, struct err *e)
{
	OWN(ctx, struct edit_opts)->discard = true;
	return 0;
}

static const struct opt options[] = {
	{ 's', "script", "FILE", "the edits in FILE ('-': standard input)", set_script },
	{ 0, "discard", NULL, "forget all that is staged and not written", set_discard },
	EDITS_OPT_STAGE,
	EDITS_OPT_FORCE_RISK,
	{ .name = NULL },
};

static int
read_script(const char *name, struct str *out, struct err *e)
{
	AUTO(fd_drop) int fd = -1;
	int r;

	if (strcmp(name, "-") != 0) {
		fd = open(name, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return err_set(e, errno, "%s", name);
	}
	r = fd_read_all(fd < 0 ? STDIN_FILENO : fd, out);
	return r < 0 ? err_set(e, -r, "%s", name) : 0;
}

static int
run_script(struct call *c, struct edits *x, struct err *e)
{
	const struct edit_opts *opt = c->own;
	AUTO(str_fini) struct str text = STR_INIT;
	bool stage = opt->edits.stage;
	size_t from;
	int n, r;

	if (!stage && !c->dry_run && edits_staged(x))
		return err_set(e, 0, "edits are staged already (--stage adds to them)");
	if (read_script(opt->script, &text, e) < 0 ||
	    (strstr(text.s, "type:") && cmd_types(c, e) < 0))
		return -1;
	n = edits_run_script(x, opt->script, &text, e);
	if (n < 0)
		return -1;
	if (n == 0)
		return edits_none(c, "nothing to do", e);
	from = x->group.n - (size_t)n;
	r = edits_end(c, x, from, x->group.n, stage, e);
	if (r < 0 && !stage) {
		AUTO(err_fini) struct err none = ERR_INIT;

		edits_discard(x, &none);
	}
	return r;
}

static int
run(struct call *c, struct err *e)
{
	AUTO(edits_close) struct edits x = { 0 };
	const struct edit_opts *opt = c->own;

	if (!opt->script == !opt->discard) {
		c->error_status = EXIT_USAGE;
		return err_set(e, 0, "one of --script and --discard is needed");
	}
	if (edits_begin_verb(c, &x, e) < 0)
		return -1;
	if (opt->script)
		return run_script(c, &x, e);
	if (!edits_staged(&x))
		return edits_none(c, "nothing is staged", e);
	return edits_discard(&x, e);
}

const struct cmd cmd_edit = {
	.name = "edit",
	.args = "",
	.brief = "run a script of edits, all or nothing",
	.more = "Lines: drop PATH, add PATH [from HOSTPATH], pin PATH SIDE, note PATH "
		"TEXT, "
		"keep PATH,\ngroup; cde-pkg log --script prints such a script.",
	.group = CMD_CHANGE,
	.flags = CMD_LISTS | CMD_EDITS,
	.opts = options,
	.own = sizeof(struct edit_opts),
	.run = run,
};
