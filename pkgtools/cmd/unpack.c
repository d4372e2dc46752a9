/* unpack: a package out of an archive, which is not trusted. */
#include "cmd/cmd.h"
#include "cmd/progress.h"
#include "inspect/unpack.h"

struct unpack_call {
	int64_t entries, bytes;
};

static int
set_entries(void *ctx, const char *value, struct err *e)
{
	return cmd_number(value, 1, &OWN(ctx, struct unpack_call)->entries, e);
}

static int
set_bytes(void *ctx, const char *value, struct err *e)
{
	return cmd_number(value, 1, &OWN(ctx, struct unpack_call)->bytes, e);
}

static const struct opt options[] = {
	{ 0, "max-entries", "N", "refuse an archive with more entries (4000000)",
	  set_entries },
	{ 0, "max-bytes", "N", "refuse one with more bytes (what is free on the disk)",
	  set_bytes },
	{ .name = NULL },
};

static const struct out_column column[] = {
	{ "package", OUT_NAME, 0 },
	{ "entries", OUT_NUMBER, 0 },
	{ "bytes", OUT_SIZE, 0 },
	{ "set_id_removed", OUT_NUMBER, 0 },
};

static bool
at(void *ctx, uint64_t files, uint64_t bytes)
{
	progress_at(ctx, files, bytes);
	return !cmd_interrupted();
}

static int
run(struct call *c, struct err *e)
{
	const struct unpack_call *own = c->own;
	const char *dir = c->argc > 1 ? c->argv[1] : PACK_TOP;
	struct progress p;
	struct unpack how = { .entries_max = (uint64_t)own->entries,
			      .bytes_max = (uint64_t)own->bytes,
			      .progress = at,
			      .ctx = &p };
	int r;

	cmd_catch_interrupt();
	progress_begin(&p, "unpack", 0, 0);
	r = unpack_archive(c->argv[0], dir, &how, e);
	progress_end(&p);
	if (r)
		return r > 0 ? EXIT_ERROR : -1; /* the signal tells */

	const struct out_cell cell[] = {
		out_text(dir),
		out_number((int64_t)how.entries),
		out_number((int64_t)how.bytes),
		out_number((int64_t)how.stripped),
	};

	c->out.vertical = true;
	out_begin(&c->out, "unpack", column, ARRAY_SIZE(column));
	out_row(&c->out, cell);
	return out_end(&c->out, e);
}

const struct cmd cmd_unpack = {
	.name = "unpack",
	.args = "FILE [DIR]",
	.brief = "unpack what pack made, into DIR (cde-package), which is made",
	.more = "The archive is not trusted: nothing is written but below DIR.",
	.group = CMD_SHIP,
	.flags = CMD_LISTS | CMD_NO_OPEN,
	.min = 1,
	.max = 2,
	.opts = options,
	.own = sizeof(struct unpack_call),
	.run = run,
};
