/* du: sums over what matches, by something that files have in common. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "inspect/db.h"
#include "inspect/ftype.h"

enum by { BY_ORIGIN, BY_PACKAGE, BY_TYPE, BY_DIR, BY_PROCESS };

struct du {
	enum by by;
	int64_t depth;
};

static int
set_by(void *ctx, const char *value, struct err *e)
{
	static const char *const name[] = {
		[BY_ORIGIN] = "origin", [BY_PACKAGE] = "package", [BY_TYPE] = "type",
		[BY_DIR] = "dir",	[BY_PROCESS] = "process",
	};

	for (size_t i = 0; i < ARRAY_SIZE(name); i++)
		if (strcmp(value, name[i]) == 0) {
			OWN(ctx, struct du)->by = i;
			return 0;
		}
	return err_set(e, 0, "cannot sum by '%s' (origin, package, type, dir, process)",
		       value);
}

static int
set_depth(void *ctx, const char *value, struct err *e)
{
	return cmd_number(value, 1, &OWN(ctx, struct du)->depth, e);
}

static const struct opt options[] = {
	{ 'b', "by", "WHAT", "origin, package, type, dir or process", set_by },
	{ 'd', "depth", "N", "with --by dir: directories of this depth (2)", set_depth },
	{ .name = NULL },
};

struct group {
	char *name; /* heap */
	size_t len;
	const char *version; /* of the model; "" */
	uint64_t files, bytes;
};

struct sums {
	struct call *c;
	const struct du *opt;
	struct model m;
	struct query q;
	struct map index; /* name → group + 1 */
	VEC(struct group) group;
	uint32_t *
		of_origin; /* origin → group + 1, so that it is not looked up each time */
	VEC(uint32_t) node_of_row;
};

static struct group *
group_of(struct sums *s, const char *name, size_t len)
{
	struct map_slot *slot = map_put(&s->index, name, len);

	if (!slot->u) {
		struct group g = { .name = mem_dup(name, len + 1),
				   .len = len,
				   .version = "" };

		g.name[len] = '\0';
		vec_push(&s->group, g);
		slot->u = s->group.n;
	}
	return &s->group.v[slot->u - 1];
}

static void
add_to(struct group *g, uint64_t size)
{
	g->files++;
	if (__builtin_add_overflow(g->bytes, size, &g->bytes))
		g->bytes = UINT64_MAX;
}

static struct group *
by_origin(struct sums *s, uint32_t origin)
{
	const struct node_origin *o = &s->m.origin.v[origin];
	const char *name = s->opt->by == BY_PACKAGE && *o->package
				   ? o->package
				   : origin_class_name(o->class);
	struct group *g;

	if (!s->of_origin)
		s->of_origin = mem_alloc(s->m.origin.n * sizeof(*s->of_origin));
	if (s->of_origin[origin])
		return &s->group.v[s->of_origin[origin] - 1];
	g = group_of(s, name, strlen(name));
	if (s->opt->by == BY_PACKAGE)
		g->version = o->version;
	s->of_origin[origin] = (uint32_t)(g - s->group.v) + 1;
	return g;
}

static struct group *
by_dir(struct sums *s, const struct entry *x)
{
	size_t len = 0;

	for (int64_t i = 0; i < s->opt->depth; i++) {
		const char *slash = memchr(x->path + len + 1, '/', x->len - len - 1);

		if (!slash)
			break;
		len = (size_t)(slash - x->path);
	}
	return len ? group_of(s, x->path, len) : group_of(s, "/", 1);
}

static enum model_step
add_node(void *ctx, uint32_t n, const struct entry *x)
{
	struct sums *s = ctx;
	const char *type;

	if (x->kind != 'f' || x->state != FILE_CAPTURED || !query_match(&s->q, x))
		return MODEL_ON;
	switch (s->opt->by) {
	case BY_ORIGIN:
	case BY_PACKAGE:
		add_to(by_origin(s, s->m.node[n].origin), x->size);
		break;
	case BY_TYPE:
		type = *x->type ? x->type : "(not known yet: cde-pkg scan)";
		add_to(group_of(s, type, strlen(type)), x->size);
		break;
	case BY_DIR:
		add_to(by_dir(s, x), x->size);
		break;
	case BY_PROCESS:
		while (s->node_of_row.n <= x->row)
			vec_push(&s->node_of_row, 0);
		s->node_of_row.v[x->row] = n;
		break;
	}
	return MODEL_ON;
}

/* Groups of all processes: a file counts for each that used it. */
static int
add_processes(struct sums *s, struct err *e)
{
	AUTO(db_finalize) sqlite3_stmt *q = NULL;
	AUTO(map_fini) struct map of_process = { 0 };
	int got;

	if (!s->c->package.db)
		return err_set(e, 0, "without manifest nothing is known of processes");
	if (db_prepare(&s->c->package, &q, "SELECT id, pid, exe, argv FROM process", e) <
	    0)
		return -1;
	while ((got = db_step(&s->c->package, q, e)) > 0) {
		AUTO(str_fini) struct str name = STR_INIT;
		int64_t id = sqlite3_column_int64(q, 0);
		const char *exe = db_name(q, 2, NULL), *argv;

		argv = db_name(q, 3, NULL);
		str_addf(&name, "%lld %s", (long long)sqlite3_column_int64(q, 1),
			 argv && *argv ? argv
			 : exe	       ? exe
				       : "?");
		map_put(&of_process, (char *)&id, sizeof(id))->u =
			(uint64_t)(group_of(s, name.s, name.len) - s->group.v);
	}
	db_finalize(&q);
	if (got < 0 ||
	    db_prepare(&s->c->package, &q, "SELECT file, process FROM access", e) < 0)
		return -1;
	while ((got = db_step(&s->c->package, q, e)) > 0) {
		int64_t row = sqlite3_column_int64(q, 0), id = sqlite3_column_int64(q, 1);
		const struct map_slot *slot =
			map_get(&of_process, (char *)&id, sizeof(id));

		if (slot && row > 0 && (uint64_t)row < s->node_of_row.n &&
		    s->node_of_row.v[row])
			add_to(&s->group.v[slot->u],
			       s->m.node[s->node_of_row.v[row]].size);
	}
	return got;
}

static int
larger_first(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? 1 : -1;
	return strcmp(x->name, y->name);
}

static int
print(struct sums *s, struct err *e)
{
	static const struct out_column column[] = {
		{ "size", OUT_SIZE, 10 },
		{ "files", OUT_NUMBER, 8 },
		{ "name", OUT_NAME, -30 },
		{ "version", OUT_NAME, 0 },
	};
	struct out *o = &s->c->out;
	size_t columns = s->opt->by == BY_PACKAGE ? 4 : 3;

	if (s->group.n)
		qsort(s->group.v, s->group.n, sizeof(*s->group.v), larger_first);
	out_begin(o, "du", column, columns);
	for (size_t i = 0; i < s->group.n; i++) {
		const struct group *g = &s->group.v[i];
		struct out_cell cell[4] = { out_number((int64_t)g->bytes),
					    out_number((int64_t)g->files),
					    out_text(g->name),
					    out_text(*g->version ? g->version : NULL) };

		if (g->files)
			out_row(o, cell);
	}
	return out_end(o, e);
}

static void
sums_fini(struct sums *s)
{
	for (size_t i = 0; i < s->group.n; i++)
		free(s->group.v[i].name);
	vec_fini(&s->group);
	vec_fini(&s->node_of_row);
	map_fini(&s->index);
	free(s->of_origin);
	query_fini(&s->q);
	model_fini(&s->m);
}

static int
run(struct call *c, struct err *e)
{
	AUTO(sums_fini) struct sums s = { .c = c, .opt = c->own, .q = { .root = -1 } };

	if (!s.opt->depth)
		OWN(c, struct du)->depth = 2;
	if (s.opt->by == BY_TYPE && cmd_types(c, e) < 0)
		return -1;
	if (cmd_query(c, 0, &s.q, e) < 0 ||
	    model_load(&s.m, &c->package, s.q.need, e) < 0)
		return -1;
	model_each(&s.m, 0, add_node, &s);
	if (s.opt->by == BY_PROCESS && add_processes(&s, e) < 0)
		return -1;
	return print(&s, e);
}

const struct cmd cmd_du = {
	.name = "du",
	.args = "[EXPR...]",
	.brief = "sum up sizes by origin, package, type, directory or process",
	.more = "Files in the package that match EXPR are counted; with --by process, "
		"one that\n"
		"several have used is counted for each.",
	.group = CMD_LOOK,
	.flags = CMD_LISTS,
	.max = -1,
	.opts = options,
	.own = sizeof(struct du),
	.run = run,
};
