/* missing: what the package lacks, worst first; one row for each thing that is wanted. */
#include "inspect/missing.h"

#include <string.h>

#include "cmd/cmd.h"

struct missing_opts {
	bool all;
};

static int
set_all(void *ctx, const char *value, struct err *e)
{
	OWN(ctx, struct missing_opts)->all = true;
	return 0;
}

static const struct opt options[] = {
	{ 'a', "all", NULL, "also what failed at capture, or is expected", set_all },
	{ .name = NULL },
};

static const struct out_column column[] = {
	{ "severity", OUT_TEXT, -8 }, { "times", OUT_NUMBER, 5 },
	{ "kind", OUT_TEXT, -8 },     { "wanted", OUT_NAME, -28 },
	{ "path", OUT_NAME, -40 },    { "host", OUT_NAME, -4 },
	{ "program", OUT_NAME, -10 }, { "call", OUT_TEXT, -8 },
	{ "reason", OUT_NAME, 0 },    { "tried", OUT_LIST, 0 },
	{ "expected", OUT_BOOL, 0 },
};

static void
row(struct call *c, const struct missing_thing *x)
{
	AUTO(str_fini) struct str reason = STR_INIT;
	bool table = c->out.format == OUT_TABLE;
	const char *host = x->host;

	if (x->expected)
		str_add(&reason, "expected to be missing; ");
	missing_reason(x, &reason);
	if (x->differs)
		str_add(&reason, "; this machine's has another size");
	if (table && host)
		host = strcmp(host, x->path) == 0 ? "yes" : host;
	struct out_cell cell[] = {
		out_text(missing_mark(x->severity)),
		out_number(x->times),
		out_text(missing_word(x->kind)),
		out_text(x->name),
		out_text(x->path),
		out_text(host
				 ?: table ? "no"
					  : NULL),
		out_text(*x->program ? x->program : NULL),
		out_text(*x->call ? x->call : NULL),
		out_text(reason.s),
		{ .list = (const char *const *)x->tried.v, .n = (int64_t)x->tried.n },
		{ .n = x->expected },
	};

	if (x->severity == MISSING_SURE)
		cell[0].style = OUT_STYLE_RED;
	out_row(&c->out, cell);
}

static int
run(struct call *c, struct err *e)
{
	AUTO(missing_list_fini) struct missing_list l = { 0 };
	AUTO(model_fini) struct model m = { 0 };
	size_t columns = ARRAY_SIZE(column);

	if (cmd_types_of_few(c, e) < 0 || model_load(&m, &c->package, 0, e) < 0 ||
	    missing_find(&l, &c->package, &m, MISSING_TREE | MISSING_NEEDS, e) < 0)
		return -1;
	if (c->out.format == OUT_TABLE)
		columns -= 2; /* what was tried is for programs */
	out_begin(&c->out, "missing", column, columns);
	for (size_t i = 0; i < l.v.n; i++)
		if (l.v.v[i].severity != MISSING_NORMAL ||
		    OWN(c, struct missing_opts)->all)
			row(c, &l.v.v[i]);
	if (out_end(&c->out, e) < 0)
		return -1;
	return l.count[MISSING_SURE] + l.count[MISSING_LIKELY] ? EXIT_FINDINGS
							       : EXIT_FINE;
}

const struct cmd cmd_missing = {
	.name = "missing",
	.args = "",
	.brief = "list what the package lacks, worst first",
	.more = "From look-ups that failed with cde-exec (of the namespace engine only "
		"with --diagnose),\nwhat the manifest has and cde-root has not, and what "
		"programs need.\n!!! it was there at capture, or is needed; !! this "
		"machine has it; ! not known.  What cde-pkg pin PATH absent was said of "
		"is "
		"normal.\nExit status: 3 when there is something of "
		"!!! or !!, else 0.",
	.group = CMD_WHOLE,
	.flags = CMD_LISTS,
	.opts = options,
	.own = sizeof(struct missing_opts),
	.run = run,
};
