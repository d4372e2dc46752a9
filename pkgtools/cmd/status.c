/* status: the facts of a package, in a few lines. */
#include <string.h>

#include "base/fs.h"
#include "cmd/cmd.h"
#include "inspect/db.h"
#include "inspect/detail.h"

static const struct out_column column[] = {
	{ "package", OUT_NAME, 0 },	   { "format", OUT_NUMBER, 0 },
	{ "command", OUT_NAME, 0 },	   { "runs", OUT_NUMBER, 0 },
	{ "processes", OUT_NUMBER, 0 },	   { "files", OUT_NUMBER, 0 },
	{ "size", OUT_SIZE, 0 },	   { "packages", OUT_NUMBER, 0 },
	{ "links", OUT_NUMBER, 0 },	   { "directories", OUT_NUMBER, 0 },
	{ "placeholders", OUT_NUMBER, 0 }, { "outputs", OUT_NUMBER, 0 },
	{ "host", OUT_NUMBER, 0 },	   { "unreadable", OUT_NUMBER, 0 },
	{ "lost", OUT_NUMBER, 0 },	   { "misses", OUT_NUMBER, 0 },
	{ "untyped", OUT_NUMBER, 0 },	   { "unhashed", OUT_NUMBER, 0 },
	{ "staged", OUT_NUMBER, 0 },	   { "origin", OUT_NAME, 0 },
};

enum {
	COL_PACKAGE,
	COL_FORMAT,
	COL_COMMAND,
	COL_RUNS,
	COL_PROCESSES,
	COL_FILES,
	COL_SIZE,
	COL_PACKAGES,
	COL_LINKS,
	COL_DIRS,
	COL_PLACEHOLDERS,
	COL_OUTPUTS,
	COL_HOST,
	COL_UNREADABLE,
	COL_LOST,
	COL_MISSES,
	COL_UNTYPED,
	COL_UNHASHED,
	COL_STAGED,
	COL_ORIGIN,
	COLUMNS
};

_Static_assert(ARRAY_SIZE(column) == COLUMNS, "a column for each");

struct counts {
	uint64_t files, bytes, links, dirs, state[FILE_LOST + 1];
};

static bool
count(void *ctx, const struct entry *x)
{
	struct counts *n = ctx;
	bool here = x->state == FILE_CAPTURED;

	n->state[x->state]++;
	n->files += here && x->kind == 'f';
	n->links += here && x->kind == 'l';
	n->dirs += here && x->kind == 'd';
	if (here && x->kind == 'f' &&
	    __builtin_add_overflow(n->bytes, x->size, &n->bytes))
		n->bytes = UINT64_MAX;
	return true;
}

static struct out_cell
number(struct call *c, const char *sql)
{
	int64_t n = db_number(&c->package, sql, -1);

	return (struct out_cell){ .n = n, .none = n < 0 };
}

static void
from_manifest(struct call *c, struct out_cell *cell)
{
	bool v2 = c->package.version >= 2;

	cell[COL_RUNS] = number(c, "SELECT count(*) FROM run");
	cell[COL_PROCESSES] = number(c, "SELECT count(*) FROM process");
	cell[COL_PACKAGES] = number(c, "SELECT count(DISTINCT origin_package) FROM file"
				       " WHERE state = 0");
	cell[COL_MISSES] = number(c, "SELECT count(*) FROM miss");
	cell[COL_UNTYPED] = number(c, v2 ? "SELECT count(*) FROM file WHERE state=0 AND "
					   "kind='f' AND type IS NULL"
					 : "SELECT NULL");
	cell[COL_UNHASHED] = number(c, "SELECT count(*) FROM file WHERE state=0 AND "
				       "kind='f' AND sha256 IS NULL");
	cell[COL_STAGED] = number(c, "SELECT count(*) FROM edit WHERE done AND NOT "
				     "coalesce(written, 0)");
}

static int
run(struct call *c, struct err *e)
{
	AUTO(str_fini) struct str host = STR_INIT;
	AUTO(err_fini) struct err none = ERR_INIT;
	struct counts n = { 0 };
	struct each how = { .any_order = true, .cb = count, .ctx = &n };
	struct out_cell cell[COLUMNS];
	detail_runs runs = { 0 };

	if (package_each(&c->package, &how, e) < 0 ||
	    detail_runs_read(&c->package, &runs, e) < 0)
		return -1;
	for (size_t i = 0; i < COLUMNS; i++)
		cell[i] = (struct out_cell){ .none = true };
	cell[COL_PACKAGE] = out_text(c->package.layout.dir.s);
	cell[COL_FORMAT] = out_number(c->package.version);
	cell[COL_COMMAND] = out_text(runs.n ? runs.v[runs.n - 1].argv : NULL);
	cell[COL_FILES] = out_number((int64_t)n.files);
	cell[COL_SIZE] = out_number((int64_t)n.bytes);
	cell[COL_LINKS] = out_number((int64_t)n.links);
	cell[COL_DIRS] = out_number((int64_t)n.dirs);
	cell[COL_PLACEHOLDERS] = out_number((int64_t)n.state[FILE_PLACEHOLDER]);
	cell[COL_OUTPUTS] = out_number((int64_t)n.state[FILE_OUTPUT]);
	cell[COL_HOST] = out_number((int64_t)n.state[FILE_HOST]);
	cell[COL_UNREADABLE] = out_number((int64_t)n.state[FILE_UNREADABLE]);
	cell[COL_LOST] = out_number((int64_t)n.state[FILE_LOST]);
	if (c->package.db)
		from_manifest(c, cell);
	if (fs_slurp(c->package.layout.dirfd, PKG_UNAME, &host, &none) == 0) {
		str_trunc(&host, strcspn(host.s, "\n"));
		cell[COL_ORIGIN] = out_text(host.s);
	}
	c->out.vertical = true;
	out_begin(&c->out, "status", column, COLUMNS);
	out_row(&c->out, cell);
	detail_runs_fini(&runs);
	return out_end(&c->out, e);
}

const struct cmd cmd_status = {
	.name = "status",
	.args = "",
	.brief = "show the facts of the package in a few lines",
	.group = CMD_CARE,
	.flags = CMD_LISTS,
	.run = run,
};
