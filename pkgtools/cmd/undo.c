/* undo, redo: groups of edits, NUMBER of them or one; what was written is changed at once. */
#include "cmd/edits.h"

static const struct opt options[] = {
	EDITS_OPT_STAGE,
	{ .name = NULL },
};

static int
undo(struct call *c, struct err *e)
{
	return edits_step(c, edits_undo, e);
}

static int
redo(struct call *c, struct err *e)
{
	return edits_step(c, edits_redo, e);
}

#define STEP(verb, text) \
	{ \
		.name = #verb, .args = "[NUMBER]", .brief = text, \
		.more = "While edits are staged and not written, only what is staged " \
			"changes.", \
		.group = CMD_CHANGE, .flags = CMD_LISTS | CMD_EDITS, .max = 1, \
		.opts = options, .own = sizeof(struct edits_opts), .run = verb, \
	}

const struct cmd cmd_undo = STEP(undo, "take back the last edits, written or not");
const struct cmd cmd_redo = STEP(redo, "do again what was undone");
