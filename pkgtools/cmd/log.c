/* log: the groups of edits, oldest first. */
#include <stdio.h>

#include "cmd/edits.h"

struct log_opts {
	bool script;
};

static int
set_script(void *ctx, const char *value, struct err *e)
{
	OWN(ctx, struct log_opts)->script = true;
	return 0;
}

static const struct opt options[] = {
	{ 's', "script", NULL, "as a script for cde-pkg edit: what is done", set_script },
	{ .name = NULL },
};

static const struct out_column column[] = {
	{ "number", OUT_NUMBER, 6 }, { "time", OUT_NAME, -20 },
	{ "state", OUT_TEXT, -10 },  { "paths", OUT_NUMBER, 7 },
	{ "edit", OUT_NAME, 0 },
};

static const char *
state_of(const struct edit_group *g)
{
	if (g->done)
		return g->written ? "written" : "staged";
	return g->written ? "taken back" : "undone";
}

static int
print(struct call *c, const struct edits *x, struct err *e)
{
	out_begin(&c->out, "log", column, ARRAY_SIZE(column));
	for (size_t i = 0; i < x->group.n; i++) {
		const struct edit_group *g = &x->group.v[i];
		AUTO(str_fini) struct str title = STR_INIT;

		edit_group_title(g, &title);
		const struct out_cell cell[] = {
			out_number(g->number), out_text(g->at),
			out_text(state_of(g)), out_number((int64_t)g->op.n),
			out_text(title.s),
		};

		out_row(&c->out, cell);
	}
	return out_end(&c->out, e);
}

static int
run(struct call *c, struct err *e)
{
	AUTO(edits_close) struct edits x = { 0 };
	AUTO(str_fini) struct str text = STR_INIT;

	if (edits_open(&x, &c->package, EDITS_DRY, e) < 0)
		return -1;
	if (!OWN(c, struct log_opts)->script)
		return print(c, &x, e);
	for (size_t i = 0; i < x.group.n; i++)
		if (x.group.v[i].done)
			edits_script(&x, i, i + 1, &text);
	fwrite(text.s, 1, text.len, stdout);
	return 0;
}

const struct cmd cmd_log = {
	.name = "log",
	.args = "",
	.brief = "list the edits: written, staged, undone",
	.group = CMD_CHANGE,
	.flags = CMD_LISTS,
	.opts = options,
	.own = sizeof(struct log_opts),
	.run = run,
};
