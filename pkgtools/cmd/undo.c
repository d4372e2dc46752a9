/* undo: groups of edits, NUMBER of them or one; what was written is changed at once. */
#include "cmd/edits.h"

static const struct opt options[] = {
	EDITS_OPT_STAGE,
	{ .name = NULL },
};

static int
run(struct call *c, struct err *e)
{
	return edits_step(c, edits_undo, e);
}

const struct cmd cmd_undo = {
	.name = "undo",
	.args = "[NUMBER]",
	.brief = "take back the last edits, written or not",
	.more = "While edits are staged and not written, only what is staged changes.",
	.group = CMD_CHANGE,
	.flags = CMD_LISTS | CMD_EDITS,
	.max = 1,
	.opts = options,
	.own = sizeof(struct edits_opts),
	.run = run,
};
