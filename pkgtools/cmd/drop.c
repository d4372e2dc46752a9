/* drop: paths with all below them, or all files that match a filter. */
#include "cmd/edits.h"

static const struct opt options[] = {
	EDITS_OPT_STAGE,
	EDITS_OPT_FORCE_RISK,
	{ .name = NULL },
};

static int
build(struct call *c, struct edits *x, struct edit_ops *l, struct err *e)
{
	struct query q = { .root = -1 };
	int r = 0;

	if (c->argv[0][0] == '/') {
		for (int i = 0; i < c->argc && r == 0; i++) {
			AUTO(str_fini) struct str path = STR_INIT;

			package_spell(c->argv[i], &path);
			r = edit_drop(x, l, path.s, e);
		}
		return r;
	}
	r = cmd_query(c, 0, &q, e);
	if (r == 0)
		r = edit_drop_query(x, l, &q, e);
	query_fini(&q);
	if (r == 0 && !l->n)
		return err_set(e, 0, "nothing matches");
	return r;
}

static int
run(struct call *c, struct err *e)
{
	return edits_act(c, build, e);
}

const struct cmd cmd_drop = {
	.name = "drop",
	.args = "PATH...|EXPR...",
	.brief = "remove files from the package (cde-pkg undo brings them back)",
	.more = "What begins with a slash is a path, and goes with all below it; else it "
		"is "
		"a filter,\nand all files and links that match go.",
	.group = CMD_CHANGE,
	.flags = CMD_LISTS | CMD_EDITS,
	.min = 1,
	.max = -1,
	.opts = options,
	.own = sizeof(struct edits_opts),
	.run = run,
};
