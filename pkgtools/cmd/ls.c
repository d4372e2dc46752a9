/*
 * ls.  In order of the paths it streams: rows are printed as they are read.  Any other
 * order, and the tree, need the model.
 */
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/ncdu.h"
#include "inspect/ftype.h"
#include "inspect/missing.h"

enum order { BY_PATH, BY_NAME, BY_SIZE, BY_TYPE, BY_ORIGIN, BY_STATE, BY_ACC };

struct ls {
	bool tree, reverse, ncdu;
	enum order order;
	int64_t depth; /* 0: no limit */
	const char *columns;
};

static int
set_tree(void *ctx, const char *value, struct err *e)
{
	OWN(ctx, struct ls)->tree = true;
	return 0;
}

static int
set_flat(void *ctx, const char *value, struct err *e)
{
	OWN(ctx, struct ls)->tree = false;
	return 0;
}

static int
set_reverse(void *ctx, const char *value, struct err *e)
{
	OWN(ctx, struct ls)->reverse = true;
	return 0;
}

static int
set_columns(void *ctx, const char *value, struct err *e)
{
	OWN(ctx, struct ls)->columns = value;
	return 0;
}

static int
set_depth(void *ctx, const char *value, struct err *e)
{
	return cmd_number(value, 1, &OWN(ctx, struct ls)->depth, e);
}

static int
set_sort(void *ctx, const char *value, struct err *e)
{
	static const char *const name[] = {
		[BY_PATH] = "path", [BY_NAME] = "name",	    [BY_SIZE] = "size",
		[BY_TYPE] = "type", [BY_ORIGIN] = "origin", [BY_STATE] = "state",
		[BY_ACC] = "acc",
	};

	for (size_t i = 0; i < ARRAY_SIZE(name); i++)
		if (strcmp(value, name[i]) == 0) {
			OWN(ctx, struct ls)->order = i;
			return 0;
		}
	return err_set(e, 0, "cannot sort by '%s' (path name size type origin state acc)",
		       value);
}

static int
set_format(void *ctx, const char *value, struct err *e)
{
	OWN(ctx, struct ls)->ncdu = strcmp(value, "ncdu") == 0;
	if (OWN(ctx, struct ls)->ncdu ||
	    out_parse_format(value, &((struct call *)ctx)->out.format))
		return 0;
	return err_set(e, 0, "unknown format '%s' (there are: table, tsv, json, 0, ncdu)",
		       value);
}

static const struct opt options[] = {
	{ 't', "tree", NULL, "as a tree, directories with the sum of what is in them",
	  set_tree },
	{ 0, "flat", NULL, "one path per line (as without --tree)", set_flat },
	{ 'd', "depth", "N", "with --tree: not deeper than N directories", set_depth },
	{ 's', "sort", "KEY", "path, name, size, type, origin, state or acc", set_sort },
	{ 'r', "reverse", NULL, "the other way round", set_reverse },
	{ 'c', "columns", "LIST", "which, parted by commas (cde-pkg(1), COLUMNS)",
	  set_columns },
	{ 0, "format", "FORMAT", "table, tsv, json, ncdu or 0 (names, each ended by NUL)",
	  set_format },
	{ .name = NULL },
};

enum column {
	COL_STATE,
	COL_SIZE,
	COL_KIND,
	COL_TYPE,
	COL_ACC,
	COL_CLASS,
	COL_PACKAGE,
	COL_VERSION,
	COL_ORIGIN,
	COL_NAME,
	COL_PATH,
	COLUMNS
};

static const struct out_column all[COLUMNS] = {
	[COL_STATE] = { "state", OUT_TEXT, -5 },
	[COL_SIZE] = { "size", OUT_SIZE, 10 },
	[COL_KIND] = { "kind", OUT_TEXT, -4 },
	[COL_TYPE] = { "type", OUT_TEXT, -8 },
	[COL_ACC] = { "acc", OUT_TEXT, -6 },
	[COL_CLASS] = { "class", OUT_TEXT, -9 },
	[COL_PACKAGE] = { "package", OUT_NAME, -20 },
	[COL_VERSION] = { "version", OUT_NAME, -16 },
	[COL_ORIGIN] = { "origin", OUT_TEXT, -20 },
	[COL_NAME] = { "name", OUT_NAME, -20 },
	[COL_PATH] = { "path", OUT_NAME, 0 },
};

struct listing {
	struct call *c;
	const struct ls *opt;
	struct query q;
	struct out_column column[COLUMNS];
	enum column id[COLUMNS];
	size_t n;
	bool wants_access, wants_types;
};

static const enum column for_people[] = { COL_STATE, COL_SIZE, COL_TYPE, COL_ORIGIN,
					  COL_PATH };
static const enum column for_programs[] = {
	COL_STATE, COL_KIND,	COL_SIZE,    COL_TYPE,
	COL_CLASS, COL_PACKAGE, COL_VERSION, COL_PATH
};

static void
add_column(struct listing *l, enum column id)
{
	if (l->n == COLUMNS)
		return;
	l->id[l->n] = id;
	l->column[l->n++] = all[id];
	l->wants_access |= id == COL_ACC;
}

/* Those that nobody chose. */
static void
default_columns(struct listing *l)
{
	enum out_format format = l->c->out.format;
	const enum column *ids = format == OUT_TABLE ? for_people : for_programs;
	size_t n =
		format == OUT_TABLE ? ARRAY_SIZE(for_people) : ARRAY_SIZE(for_programs);

	if (format == OUT_NUL) { /* it prints one name: not that of a Debian package */
		add_column(l, COL_PATH);
		return;
	}
	for (size_t i = 0; i < n; i++)
		add_column(l, ids[i]);
}

static int
choose_columns(struct listing *l, struct err *e)
{
	const char *at = l->opt->columns;

	if (!at)
		default_columns(l);
	while (at && *at) {
		size_t len = strcspn(at, ","), i;

		for (i = 0; i < COLUMNS; i++)
			if (strlen(all[i].name) == len &&
			    memcmp(all[i].name, at, len) == 0)
				break;
		if (i == COLUMNS) {
			l->c->error_status = EXIT_USAGE;
			return err_set(e, 0, "no such column: %.*s", (int)len, at);
		}
		add_column(l, i);
		at += len + (at[len] == ',');
	}
	return l->n ? 0 : err_set(e, 0, "no columns");
}

static void
access_letters(unsigned bits, char out[static 8])
{
	static const char letter[] = "srwxlk";
	size_t n = 0;

	for (int i = 0; letter[i]; i++)
		if (bits & 1u << i)
			out[n++] = letter[i];
	if (!n)
		out[n++] = 'n';
	out[n] = '\0';
}

static const char *
style_of(const struct entry *x)
{
	if (x->flags & ENTRY_MISSING || x->state == FILE_LOST ||
	    x->state == FILE_UNREADABLE)
		return OUT_STYLE_RED;
	if (x->state != FILE_CAPTURED || x->flags & (ENTRY_HOST | ENTRY_HIDDEN))
		return OUT_STYLE_DIM;
	return x->kind == 'd' ? OUT_STYLE_BLUE : NULL;
}

/* One row: indent and total are those of a tree, "" and NULL otherwise. */
static void
print_entry(struct listing *l, const struct entry *x, const char *indent,
	    const struct node_total *total)
{
	AUTO(str_fini) struct str name = STR_INIT;
	char state[2] = { entry_letter(x), '\0' }, kind[2] = { x->kind, '\0' }, acc[8];
	struct out_cell cell[COLUMNS];

	access_letters(x->access, acc);
	for (size_t i = 0; i < l->n; i++) {
		struct out_cell *y = &cell[i];

		switch (l->id[i]) {
		case COL_STATE:
			*y = out_text(state[0] == ' ' ? "" : state);
			break;
		case COL_SIZE:
			*y = out_number((int64_t)(total && x->kind == 'd' ? total->bytes
									  : x->size));
			y->none = x->kind == 'd' && !total;
			break;
		case COL_KIND:
			*y = out_text(kind);
			break;
		case COL_TYPE:
			*y = out_text(x->type[0] ? x->type : ftype_of_kind(x->kind));
			y->s = y->len ? y->s : NULL;
			break;
		case COL_ACC:
			*y = out_text(acc);
			break;
		case COL_CLASS:
			*y = out_text(x->kind == 'd' ? NULL
						     : origin_class_name(x->origin));
			break;
		case COL_PACKAGE:
			*y = out_text(x->package[0] ? x->package : NULL);
			break;
		case COL_VERSION:
			*y = out_text(x->version[0] ? x->version : NULL);
			break;
		case COL_ORIGIN:
			*y = out_text(x->package[0]    ? x->package
				      : x->kind == 'd' ? ""
						       : origin_class_name(x->origin));
			break;
		case COL_NAME:
		case COL_PATH:
		case COLUMNS:
			*y = out_text(l->id[i] == COL_PATH ? x->path : x->name);
			if (*indent || (total && l->c->out.format == OUT_TABLE)) {
				str_set(&name, indent);
				str_add(&name, x->len == 1 ? "/" : x->name);
				str_add(&name, x->kind == 'd' && x->len > 1 ? "/" : "");
				*y = out_text(name.s);
			}
			y->style = style_of(x);
			break;
		}
	}
	out_row(&l->c->out, cell);
}

static bool
print_matching(void *ctx, const struct entry *x)
{
	struct listing *l = ctx;

	if (query_match(&l->q, x))
		print_entry(l, x, "", NULL);
	return !l->c->out.failed;
}

static unsigned
needs(const struct listing *l)
{
	return l->q.need | MODEL_PINS |
	       (l->wants_access || l->opt->order == BY_ACC ? MODEL_ACCESS : 0);
}

static int
stream(struct listing *l, struct err *e)
{
	AUTO(str_fini) struct str where = STR_INIT, prefix = STR_INIT;
	struct each how = { .need = needs(l), .cb = print_matching, .ctx = l };

	query_sql(&l->q, &where);
	how.where = where.s;
	query_prefix(&l->q, &prefix);
	how.prefix = prefix.s;
	return package_each(&l->c->package, &how, e);
}

struct sorted {
	uint32_t node, order; /* order: place in the tree, which decides between equals */
};

struct sorting {
	const struct model *m;
	enum order by;
	int sign;
};

static int
compare_key(const struct sorting *s, uint32_t i, uint32_t k)
{
	const struct node *a = &s->m->node[i], *b = &s->m->node[k];
	const struct node_origin *x = &s->m->origin.v[a->origin],
				 *y = &s->m->origin.v[b->origin];

	switch (s->by) {
	case BY_NAME:
		return strcmp(model_name(s->m, i), model_name(s->m, k));
	case BY_SIZE: /* large ones first */
		return (a->size < b->size) - (a->size > b->size);
	case BY_TYPE:
		return strcmp(s->m->pool + s->m->type.v[a->type],
			      s->m->pool + s->m->type.v[b->type]);
	case BY_ORIGIN:
		return x->class != y->class ? (int)x->class - (int)y->class
					    : strcmp(x->package, y->package);
	case BY_STATE:
		return (a->state & 15) - (b->state & 15);
	case BY_ACC:
		return s->m->access[k] - s->m->access[i];
	case BY_PATH:
		break;
	}
	return 0;
}

static int
compare(const void *a, const void *b, void *ctx)
{
	const struct sorted *x = a, *y = b;
	const struct sorting *s = ctx;
	int r = compare_key(s, x->node, y->node);

	return s->sign * (r ? r : (x->order > y->order) - (x->order < y->order));
}

static int
print_sorted(struct listing *l, const struct model *m)
{
	AUTO(str_fini) struct str path = STR_INIT;
	struct sorting s = { m, l->opt->order, l->opt->reverse ? -1 : 1 };
	query_ids id = { 0 };
	struct sorted *v;

	query_select(&l->q, m, &id);
	v = mem_alloc((id.n + 1) * sizeof(*v));
	for (uint32_t i = 0; i < id.n; i++)
		v[i] = (struct sorted){ id.v[i], i };
	qsort_r(v, id.n, sizeof(*v), compare, &s);
	for (size_t i = 0; i < id.n && !l->c->out.failed; i++) {
		struct entry x;

		if (m->node[v[i].node].flags & ENTRY_IMPLIED)
			continue;
		model_path(m, v[i].node, &path);
		model_entry(m, v[i].node, &path, &x);
		print_entry(l, &x, "", NULL);
	}
	free(v);
	vec_fini(&id);
	return 0;
}

struct tree {
	struct listing *l;
	const struct model *m;
	uint8_t *shown; /* per node: it, or something below it, matches */
	struct str indent;
};

static int64_t
depth_of(const struct model *m, uint32_t n)
{
	int64_t depth = 0;

	for (; n; n = m->node[n].parent)
		depth++;
	return depth;
}

static enum model_step
print_branch(void *ctx, uint32_t n, const struct entry *x)
{
	struct tree *t = ctx;
	int64_t depth = depth_of(t->m, n);

	if (t->l->c->out.failed)
		return MODEL_STOP;
	if (!t->shown[n])
		return MODEL_SKIP;
	str_clear(&t->indent);
	for (int64_t i = 0; i < depth && t->l->c->out.format == OUT_TABLE; i++)
		str_add(&t->indent, "  ");
	print_entry(t->l, x, t->indent.s, &t->m->total[n]);
	return t->l->opt->depth && depth >= t->l->opt->depth ? MODEL_SKIP : MODEL_ON;
}

static int
print_tree(struct listing *l, const struct model *m)
{
	struct tree t = { .l = l, .m = m, .indent = STR_INIT };
	query_ids id = { 0 };

	t.shown = mem_alloc(m->n);
	query_select(&l->q, m, &id);
	for (size_t i = 0; i < id.n; i++)
		for (uint32_t n = id.v[i]; !t.shown[n]; n = m->node[n].parent)
			t.shown[n] = 1;
	model_each(m, 0, print_branch, &t);
	free(t.shown);
	str_fini(&t.indent);
	vec_fini(&id);
	return 0;
}

/* What is missing gets rows, since somebody asks for them. */
static int
mark_missing(struct listing *l, struct model *m, struct err *e)
{
	AUTO(missing_list_fini) struct missing_list gone = { 0 };

	if (missing_find(&gone, &l->c->package, m, MISSING_NEEDS, e) < 0)
		return -1;
	missing_mark_nodes(&gone, m);
	if (l->opt->tree)
		model_totals(m, false);
	return 0;
}

static int
from_model(struct listing *l, struct err *e)
{
	AUTO(model_fini) struct model m = { 0 };
	unsigned need = needs(l) | (l->opt->tree ? MODEL_TOTALS : 0);

	if (l->q.missing && cmd_types_of_few(l->c, e) < 0) /* what programs need */
		return -1;
	if (model_load(&m, &l->c->package, need, e) < 0 ||
	    (l->q.missing && mark_missing(l, &m, e) < 0))
		return -1;
	return (l->opt->tree ? print_tree : print_sorted)(l, &m);
}

static int
print_listing(struct listing *l, struct err *e)
{
	struct out *o = &l->c->out;
	bool streams = !l->opt->tree && l->opt->order == BY_PATH && !l->opt->reverse &&
		       !l->q.missing;

	if (choose_columns(l, e) < 0)
		return -1;
	out_begin(o, "ls", l->column, l->n);
	if ((streams ? stream : from_model)(l, e) < 0)
		return -1;
	return out_end(o, e);
}

static int
run(struct call *c, struct err *e)
{
	struct listing l = { .c = c, .opt = c->own, .q = { .root = -1 } };
	int r = cmd_query(c, 0, &l.q, e);

	if (r == 0)
		r = l.opt->ncdu ? ncdu_print(c, &l.q, e) : print_listing(&l, e);
	query_fini(&l.q);
	return r;
}

const struct cmd cmd_ls = {
	.name = "ls",
	.args = "[EXPR...]",
	.brief = "list what is in the package",
	.more = "EXPR is a filter (cde-pkg(1), FILTERS): words of the path, name:*.so*, "
		"size>1M,\n"
		"type:elf, class:user, state:H, !x, x or y, (x).",
	.group = CMD_LOOK,
	.flags = CMD_LISTS,
	.max = -1,
	.opts = options,
	.own = sizeof(struct ls),
	.run = run,
};
