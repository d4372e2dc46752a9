/* note: a text of the user's for a file. */
#include "cmd/edits.h"

static const struct opt options[] = {
	EDITS_OPT_STAGE,
	{ .name = NULL },
};

static int
build(struct call *c, struct edits *x, struct edit_ops *l, struct err *e)
{
	AUTO(str_fini) struct str path = STR_INIT, text = STR_INIT;

	package_spell(c->argv[0], &path);
	for (int i = 1; i < c->argc; i++)
		str_addf(&text, "%s%s", i > 1 ? " " : "", c->argv[i]);
	return edit_note(x, l, path.s, text.s, e);
}

static int
run(struct call *c, struct err *e)
{
	return edits_act(c, build, e);
}

const struct cmd cmd_note = {
	.name = "note",
	.args = "PATH TEXT...",
	.brief = "attach a note to a file ('' removes it)",
	.group = CMD_CHANGE,
	.flags = CMD_LISTS | CMD_EDITS,
	.min = 2,
	.max = -1,
	.opts = options,
	.own = sizeof(struct edits_opts),
	.run = run,
};
