/* pin: rules of cde.options for paths. */
#include "cmd/edits.h"

static const struct opt options[] = {
	EDITS_OPT_STAGE,
	{ .name = NULL },
};

static int
build(struct call *c, struct edits *x, struct edit_ops *l, struct err *e)
{
	int r = 0;

	for (int i = 0; i < c->argc - 1 && r == 0; i++) {
		AUTO(str_fini) struct str path = STR_INIT;

		package_spell(c->argv[i], &path);
		r = edit_pin(x, l, path.s, c->argv[c->argc - 1], e);
	}
	return r;
}

static int
run(struct call *c, struct err *e)
{
	return edits_act(c, build, e);
}

const struct cmd cmd_pin = {
	.name = "pin",
	.args = "PATH... host|sandbox|both|hidden|absent|inherit",
	.brief = "take a path from the host, from the package, both, or neither",
	.more = "Writes a rule into cde.options; 'inherit' removes the rule of that "
		"path.\n'both': what the package has in a directory now stays the "
		"package's, all else\nof it is the host's.\n'absent' changes nothing for "
		"programs: it is a note that the name is expected to\nbe missing, so "
		"that "
		"cde-pkg missing and cde-tui do not show it.",
	.group = CMD_CHANGE,
	.flags = CMD_LISTS | CMD_EDITS,
	.min = 2,
	.max = -1,
	.opts = options,
	.own = sizeof(struct edits_opts),
	.run = run,
};
