/* doctor: can this machine run the package? */
#include "inspect/doctor.h"
#include "cmd/cmd.h"

static const struct out_column column[] = {
	{ "verdict", OUT_TEXT, -7 },
	{ "check", OUT_TEXT, -10 },
	{ "detail", OUT_NAME, 0 },
};

struct work {
	struct call *c;
	bool fails;
};

static void
row(void *ctx, const char *check, enum doctor_verdict v, const char *text)
{
	static const char *const word[] = {
		[DOCTOR_OK] = "ok",
		[DOCTOR_WARN] = "warning",
		[DOCTOR_FAIL] = "fails",
	};
	struct work *w = ctx;
	struct out_cell cell[] = { out_text(word[v]), out_text(check), out_text(text) };

	if (v != DOCTOR_OK)
		cell[0].style = v == DOCTOR_FAIL ? OUT_STYLE_RED : OUT_STYLE_BOLD;
	w->fails |= v == DOCTOR_FAIL;
	out_row(&w->c->out, cell);
}

static int
run(struct call *c, struct err *e)
{
	struct work w = { .c = c };

	if (cmd_types(c, e) < 0)
		return -1;
	out_begin(&c->out, "doctor", column, ARRAY_SIZE(column));
	if (doctor_run(&c->package, row, &w, e) < 0 || out_end(&c->out, e) < 0)
		return -1;
	return w.fails ? EXIT_FINDINGS : EXIT_FINE;
}

const struct cmd cmd_doctor = {
	.name = "doctor",
	.args = "",
	.brief = "check whether this machine can run the package",
	.more = "Nothing of the package is started.  Exit status: 0 it can, 3 it cannot.",
	.group = CMD_CARE,
	.flags = CMD_LISTS,
	.run = run,
};
