/* pack: the package as one file, for sending.  export: what is in it as the root
 * directory of a system, for other tools. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd/cmd.h"
#include "cmd/progress.h"
#include "inspect/db.h"
#include "inspect/pack.h"
#include "path/lex.h"

struct pack_call {
	const char *output;
	bool owners, force;
};

static int
set_output(void *ctx, const char *value, struct err *e)
{
	OWN(ctx, struct pack_call)->output = value;
	if (pack_format_of(value) == PACK_NONE)
		return err_set(e, 0, "'%s' ends with none of " PACK_NAMES, value);
	return 0;
}

static int
set_owners(void *ctx, const char *value, struct err *e)
{
	OWN(ctx, struct pack_call)->owners = true;
	return 0;
}

static int
set_force(void *ctx, const char *value, struct err *e)
{
	OWN(ctx, struct pack_call)->force = true;
	return 0;
}

static const struct opt options[] = {
	{ 'o', "output", "FILE", "its name tells the format (the package's .tar.zst)",
	  set_output },
	{ 0, "owner", NULL, "owners as in the manifest, instead of root", set_owners },
	{ 'f', "force", NULL, "replace the file if there is one", set_force },
	{ .name = NULL },
};

static const struct out_column column[] = {
	{ "file", OUT_NAME, 0 },       { "size", OUT_SIZE, 0 },
	{ "files", OUT_NUMBER, 0 },    { "bytes", OUT_SIZE, 0 },
	{ "left_out", OUT_NUMBER, 0 },
};

static bool
at(void *ctx, uint64_t files, uint64_t bytes)
{
	progress_at(ctx, files, bytes);
	return !cmd_interrupted();
}

extern const struct cmd cmd_export;

static int
read_epoch(int64_t *newest, struct err *e)
{
	const char *text = getenv("SOURCE_DATE_EPOCH");

	*newest = -1;
	if (!text || !*text)
		return 0;
	return cmd_number(text, 0, newest, e) < 0 ? err_wrap(e, "SOURCE_DATE_EPOCH") : 0;
}

static int
print(struct call *c, const char *file, const struct pack *how, struct err *e)
{
	const struct out_cell cell[] = {
		out_text(file),
		out_number((int64_t)how->size),
		out_number((int64_t)how->files),
		out_number((int64_t)how->bytes),
		out_number((int64_t)how->left_out),
	};

	c->out.vertical = true;
	out_begin(&c->out, c->cmd->name, column, ARRAY_SIZE(column));
	out_row(&c->out, cell);
	return out_end(&c->out, e);
}

static int
run(struct call *c, struct err *e)
{
	const struct pack_call *own = c->own;
	AUTO(str_fini) struct str file = STR_INIT;
	struct progress p;
	struct pack how = { .owners = own->owners,
			    .root = c->cmd == &cmd_export,
			    .replace = own->force,
			    .progress = at,
			    .ctx = &p };
	uint64_t staged = pack_staged(&c->package);
	int r;

	if (read_epoch(&how.newest, e) < 0)
		return -1;
	if (own->output)
		str_set(&file, own->output);
	else
		str_addf(&file, "%s%s", path_base(c->package.layout.dir.s),
			 how.root ? "-root.tar.gz" : ".tar.zst");
	if (staged)
		log_error("%llu staged edit%s will not be in it (cde-pkg write applies "
			  "them first)",
			  (unsigned long long)staged, staged == 1 ? "" : "s");
	setenv("TZ", "UTC0", 1); /* a zip has local times */
	tzset();
	cmd_catch_interrupt();
	progress_begin(
		&p, c->cmd->name,
		(uint64_t)db_number(&c->package,
				    "SELECT count(*) FROM file WHERE state < 2", 0),
		(uint64_t)db_number(&c->package,
				    "SELECT total(size) FROM file WHERE state = 0 AND "
				    "kind = 'f'",
				    0));
	r = pack_write(&c->package, file.s, &how, e);
	progress_end(&p);
	if (r > 0)
		return EXIT_ERROR; /* the signal tells */
	return r < 0 ? -1 : print(c, file.s, &how, e);
}

const struct cmd cmd_pack = {
	.name = "pack",
	.args = "",
	.brief = "make one file of the package: " PACK_NAMES,
	.more = "The same package gives the same bytes (SOURCE_DATE_EPOCH is heeded).",
	.group = CMD_SHIP,
	.flags = CMD_LISTS,
	.opts = options,
	.own = sizeof(struct pack_call),
	.run = run,
};

static const struct opt export_options[] = {
	{ 'o', "output", "FILE", "its name tells the format (PACKAGE-root.tar.gz)",
	  set_output },
	{ 0, "owner", NULL, "owners as in the manifest, instead of root", set_owners },
	{ 'f', "force", NULL, "replace the file if there is one", set_force },
	{ .name = NULL },
};

const struct cmd cmd_export = {
	.name = "export",
	.args = "",
	.brief = "make a root file system of what is in it, for containers",
	.more = "An archive of cde-root alone, without placeholders: for chroot, "
		"systemd-nspawn,\n"
		"`docker import` and the like.  The same package gives the same bytes.",
	.group = CMD_SHIP,
	.flags = CMD_LISTS,
	.opts = export_options,
	.own = sizeof(struct pack_call),
	.run = run,
};
