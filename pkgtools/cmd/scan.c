/* scan: bring the manifest up to date with the files, or make one. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/fs.h"
#include "cmd/cmd.h"
#include "cmd/progress.h"
#include "inspect/db.h"
#include "inspect/ftype.h"
#include "inspect/scan.h"
#include "tree/listed.h"

struct scan {
	bool fresh, all, no_hash;
};

static int
set_new(void *ctx, const char *value, struct err *e)
{
	OWN(ctx, struct scan)->fresh = true;
	return 0;
}

static int
set_all(void *ctx, const char *value, struct err *e)
{
	OWN(ctx, struct scan)->all = true;
	return 0;
}

static int
set_no_hash(void *ctx, const char *value, struct err *e)
{
	OWN(ctx, struct scan)->no_hash = true;
	return 0;
}

static int
set_package(void *ctx, const char *value, struct err *e)
{
	((struct call *)ctx)->dir = value;
	return 0;
}

static const struct opt options[] = {
	{ 0, "new", NULL, "set the manifest aside (manifest.db.old) and make a new one",
	  set_new },
	{ 'a', "all", NULL, "types and checksums of all files, not only of new ones",
	  set_all },
	{ 0, "no-hash", NULL, "no checksums, which need each file to be read",
	  set_no_hash },
	{ 'p', "package", "DIR", "the package (around here, else ./cde-package)",
	  set_package },
	{ .name = NULL },
};

static bool
at_type(void *ctx, uint64_t done, uint64_t total, const char *path)
{
	struct progress *p = ctx;

	p->files = total;
	progress_at(p, done, 0);
	return !cmd_interrupted();
}

static bool
at_digest(void *ctx, uint64_t files, uint64_t bytes)
{
	progress_at(ctx, files, bytes);
	return !cmd_interrupted();
}

static int
types(struct call *c, struct err *e)
{
	struct progress p;
	int r;

	if (OWN(c, struct scan)->all &&
	    db_exec(&c->package, "UPDATE file SET type = NULL", e) < 0)
		return -1;
	progress_begin(&p, "types", 0, 0);
	r = ftype_update(&c->package, 0, at_type, &p, e);
	progress_end(&p);
	return r;
}

static int
digests(struct call *c, struct scan_counts *n, struct err *e)
{
	struct progress p;
	struct scan_work w = { OWN(c, struct scan)->all, at_digest, &p };
	int r;

	progress_begin(&p, "checksums",
		       (uint64_t)db_number(&c->package,
					   "SELECT count(*) FROM file WHERE state=0 AND "
					   "kind='f'",
					   0),
		       0);
	r = scan_digests(&c->package, &w, n, e);
	progress_end(&p);
	return r;
}

/* Its journal belongs to it, and would ruin the next one of that name. */
static int
set_aside(struct call *c, struct err *e)
{
	AUTO(package_close) struct package p = PACKAGE_INIT;
	static const char journal[] = PKG_MANIFEST "-journal";

	if (package_open(&p, c->dir, PACKAGE_TREE, e) < 0)
		return -1;
	if (renameat(p.layout.dirfd, PKG_MANIFEST, p.layout.dirfd, PKG_MANIFEST ".old") <
		    0 &&
	    errno != ENOENT)
		return err_set(e, errno, "%s/%s", p.layout.dir.s, PKG_MANIFEST);
	if (renameat(p.layout.dirfd, journal, p.layout.dirfd,
		     PKG_MANIFEST ".old-journal") < 0 &&
	    errno != ENOENT)
		return err_set(e, errno, "%s/%s", p.layout.dir.s, journal);
	return 0;
}

static int
print(struct call *c, const struct scan_counts *n, struct err *e)
{
	static const struct out_column column[] = {
		{ "added", OUT_NUMBER, 0 },
		{ "lost", OUT_NUMBER, 0 },
		{ "hashed", OUT_NUMBER, 0 },
		{ "modified", OUT_NUMBER, 0 },
	};
	const struct out_cell cell[] = {
		out_number((int64_t)n->added),
		out_number((int64_t)n->lost),
		out_number((int64_t)n->hashed),
		out_number((int64_t)n->modified),
	};

	c->out.vertical = true;
	out_begin(&c->out, "scan", column, ARRAY_SIZE(column));
	out_row(&c->out, cell);
	return out_end(&c->out, e);
}

static int
run(struct call *c, struct err *e)
{
	const struct scan *opt = c->own;
	struct scan_counts n = { 0 };

	if (opt->fresh && set_aside(c, e) < 0)
		return -1;
	if (package_open(&c->package, c->dir, PACKAGE_WRITE, e) < 0)
		return -1;
	cmd_catch_interrupt();
	if (scan_rows(&c->package, &n, e) < 0 || types(c, e) < 0)
		return -1;
	if (!opt->no_hash && !cmd_interrupted() && digests(c, &n, e) < 0)
		return -1;
	listed_write(&c->package.layout);
	return cmd_interrupted() ? EXIT_ERROR : print(c, &n, e);
}

const struct cmd cmd_scan = {
	.name = "scan",
	.args = "",
	.brief = "bring the manifest up to date with the files, with types and checksums",
	.more = "Files without an entry get one; entries without a file are marked as "
		"lost.",
	.group = CMD_CARE,
	.flags = CMD_LISTS | CMD_NO_OPEN,
	.opts = options,
	.own = sizeof(struct scan),
	.run = run,
};
