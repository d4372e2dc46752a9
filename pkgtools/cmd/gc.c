/* gc: delete for good what was dropped. */
#include "cmd/edits.h"

static const struct out_column column[] = {
	{ "files", OUT_NUMBER, 0 },
	{ "bytes", OUT_SIZE, 0 },
	{ "groups", OUT_NUMBER, 0 },
};

static int
run(struct call *c, struct err *e)
{
	AUTO(edits_close) struct edits x = { 0 };
	struct edit_gc n;

	if (edits_begin_verb(c, &x, e) < 0 || edits_gc(&x, c->dry_run, &n, e) < 0)
		return -1;

	const struct out_cell cell[] = {
		out_number((int64_t)n.files),
		out_number((int64_t)n.bytes),
		out_number((int64_t)n.groups),
	};

	c->out.vertical = true;
	out_begin(&c->out, "gc", column, ARRAY_SIZE(column));
	out_row(&c->out, cell);
	return out_end(&c->out, e);
}

const struct cmd cmd_gc = {
	.name = "gc",
	.args = "",
	.brief = "delete dropped files for good; edits before cannot be undone any more",
	.group = CMD_CHANGE,
	.flags = CMD_LISTS | CMD_EDITS,
	.run = run,
};
