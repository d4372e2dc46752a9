/* write: apply what is staged. */
#include "cmd/edits.h"

static const struct opt options[] = {
	EDITS_OPT_FORCE_RISK,
	{ .name = NULL },
};

static int
run(struct call *c, struct err *e)
{
	AUTO(edits_close) struct edits x = { 0 };

	if (edits_begin_verb(c, &x, e) < 0)
		return -1;
	if (!edits_staged(&x)) {
		return edits_none(c, "nothing is staged", e);
	}
	return edits_end(c, &x, 1, 0, false, e);
}

const struct cmd cmd_write = {
	.name = "write",
	.args = "",
	.brief = "apply the staged edits, all or nothing",
	.group = CMD_CHANGE,
	.flags = CMD_LISTS | CMD_EDITS,
	.opts = options,
	.own = sizeof(struct edits_opts),
	.run = run,
};
