/* complete: what the next run may need, added from this machine, and marked. */
#include <string.h>

#include "cmd/edits.h"
#include "cmd/progress.h"
#include "inspect/predict.h"

struct complete_opts {
	struct edits_opts edits;
	unsigned how;
};

static int
set_distro(void *ctx, const char *value, struct err *e)
{
	OWN(ctx, struct complete_opts)->how |= PREDICT_DISTRO;
	return 0;
}

static const struct opt options[] = {
	{ 0, "distro", NULL, "all files of the distro packages that brought something",
	  set_distro },
	EDITS_OPT_STAGE,
	{ .name = NULL },
};

static int
build(struct call *c, struct edits *x, struct edit_ops *l, struct err *e)
{
	AUTO(str_fini) struct str warnings = STR_INIT;
	AUTO(model_fini) struct model m = { 0 };
	struct progress p;
	struct predict how = { .how = OWN(c, struct complete_opts)->how,
			       .warnings = &warnings,
			       .progress = edits_at_file,
			       .ctx = &p };
	int r;

	if (model_load(&m, &c->package, 0, e) < 0)
		return -1;
	cmd_catch_interrupt();
	progress_begin(&p, "look", 0, 0);
	r = predict(x, l, &m, &how, e);
	progress_end(&p);
	if (r == 0)
		edits_warn(&warnings);
	return r;
}

static int
run(struct call *c, struct err *e)
{
	return edits_act(c, build, e);
}

const struct cmd cmd_complete = {
	.name = "complete",
	.args = "",
	.brief = "add what the next run may need",
	.more = "Libraries, modules that libraries load, the rest of Python packages, "
		"from "
		"this machine.\nOne step of undo; what came is marked: cde-pkg ls "
		"predicted, cde-pkg drop predicted.",
	.group = CMD_WHOLE,
	.flags = CMD_LISTS | CMD_EDITS,
	.opts = options,
	.own = sizeof(struct complete_opts),
	.run = run,
};
