/* diff: two packages: their files, the versions of distro packages, the environment. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/map.h"
#include "cmd/cmd.h"
#include "cmd/words.h"
#include "inspect/detail.h"

struct diff {
	bool no_content;
};

static int
set_no_content(void *ctx, const char *value, struct err *e)
{
	OWN(ctx, struct diff)->no_content = true;
	return 0;
}

static const struct opt options[] = {
	{ 0, "no-content", NULL, "do not compare what files of the same size contain",
	  set_no_content },
	{ .name = NULL },
};

static const struct out_column column[] = {
	{ "what", OUT_TEXT, -11 }, { "change", OUT_TEXT, -8 }, { "name", OUT_NAME, -40 },
	{ "a", OUT_NAME, -12 },	   { "b", OUT_NAME, 0 },
};

struct side {
	struct package package;
	struct model model;
	struct map env;	     /* NAME → value (heap) */
	struct map versions; /* package → version (of the model) */
};

struct work {
	struct call *c;
	struct side a, b;
	uint64_t rows;
	struct err *e;
	bool failed;
};

static void
row(struct work *w, const char *what, const char *name, const char *a, const char *b)
{
	const struct out_cell cell[] = {
		out_text(what), out_text(!a ? "added" : !b ? "removed" : "changed"),
		out_text(name), out_text(a),
		out_text(b),
	};

	out_row(&w->c->out, cell);
	w->rows++;
}

/* What the file is, in a word or two. */
static void
describe(const struct entry *x, struct str *out)
{
	static const char *const kind[] = {
		['f'] = "file",	  ['d'] = "directory", ['l'] = "link",	 ['p'] = "fifo",
		['s'] = "socket", ['c'] = "device",    ['b'] = "device",
	};
	size_t k = (unsigned char)x->kind;

	str_set(out, k < ARRAY_SIZE(kind) && kind[k] ? kind[k] : "?");
	if (x->state != FILE_CAPTURED)
		str_addf(out, " (%s)", words_state(x->state));
	else if (x->kind == 'f')
		str_addf(out, " of %llu B", (unsigned long long)x->size);
}

/* 1: the same bytes, 0: not; what cannot be read is not the same. */
static bool
same_bytes(struct package *a, struct package *b, const char *path)
{
	enum { CHUNK = 1 << 16 };
	AUTO(err_fini) struct err none = ERR_INIT;
	AUTO(fd_drop) int x = package_file(a, path, false, NULL, &none);
	AUTO(fd_drop) int y = package_file(b, path, false, NULL, &none);
	AUTO(mem_free) char *p = mem_alloc(CHUNK), *q = mem_alloc(CHUNK);
	ssize_t n, m = 0;

	if (x < 0 || y < 0)
		return x < 0 && y < 0;
	for (off_t at = 0; (n = pread(x, p, CHUNK, at)) > 0; at += n) {
		m = pread(y, q, (size_t)n, at);
		if (m != n || memcmp(p, q, (size_t)n) != 0)
			return false;
	}
	return n == 0;
}

static bool
same_link(struct work *w, const char *path)
{
	AUTO(str_fini) struct str a = STR_INIT, b = STR_INIT;

	package_readlink(&w->a.package, path, &a);
	package_readlink(&w->b.package, path, &b);
	if (strcmp(a.s, b.s) == 0)
		return true;
	row(w, "file", path, a.s, b.s);
	return false;
}

static void
compare(struct work *w, const struct entry *x, const struct entry *y)
{
	AUTO(str_fini) struct str a = STR_INIT, b = STR_INIT;
	const struct diff *opt = w->c->own;

	describe(x, &a);
	describe(y, &b);
	if (strcmp(a.s, b.s) != 0)
		row(w, "file", x->path, a.s, b.s);
	else if (x->kind == 'l' && x->state == FILE_CAPTURED)
		same_link(w, x->path);
	else if (x->kind == 'f' && x->state == FILE_CAPTURED && !opt->no_content &&
		 !same_bytes(&w->a.package, &w->b.package, x->path))
		row(w, "file", x->path, "content", "content");
}

static bool
counts(const struct entry *x)
{
	return !(x->flags & ENTRY_IMPLIED) && x->state != FILE_HOST;
}

static enum model_step
of_a(void *ctx, uint32_t n, const struct entry *x)
{
	struct work *w = ctx;
	uint32_t other = model_find(&w->b.model, x->path, x->len);
	AUTO(str_fini) struct str text = STR_INIT;
	struct entry y;

	if (!counts(x))
		return MODEL_ON;
	if (other != UINT32_MAX) {
		str_set(&text, x->path);
		model_entry(&w->b.model, other, &text, &y);
	}
	if (other != UINT32_MAX && counts(&y)) {
		compare(w, x, &y);
	} else {
		describe(x, &text);
		row(w, "file", x->path, text.s, NULL);
	}
	return MODEL_ON;
}

static enum model_step
of_b(void *ctx, uint32_t n, const struct entry *x)
{
	struct work *w = ctx;
	uint32_t other = model_find(&w->a.model, x->path, x->len);
	AUTO(str_fini) struct str text = STR_INIT;

	if (!counts(x))
		return MODEL_ON;
	if (other != UINT32_MAX && !(w->a.model.node[other].flags & ENTRY_IMPLIED) &&
	    (w->a.model.node[other].state & 15) != FILE_HOST)
		return MODEL_ON;
	describe(x, &text);
	row(w, "file", x->path, NULL, text.s);
	return MODEL_ON;
}

/* In order of their names. */
static void
compare_maps(struct work *w, const char *what, const struct map *a, const struct map *b)
{
	VEC(const char *) name = { 0 };

	for (struct map_slot *s = NULL; (s = map_next(a, s));)
		vec_push(&name, s->key);
	for (struct map_slot *s = NULL; (s = map_next(b, s));)
		if (!map_get(a, s->key, s->len))
			vec_push(&name, s->key);
	if (name.n)
		qsort(name.v, name.n, sizeof(*name.v), str_order);
	for (size_t i = 0; i < name.n; i++) {
		const char *k = name.v[i];
		const struct map_slot *x = map_get(a, k, strlen(k)), *y;

		y = map_get(b, k, strlen(k));
		if (!x || !y || strcmp(x->p, y->p) != 0)
			row(w, what, k, x ? x->p : NULL, y ? y->p : NULL);
	}
	vec_fini(&name);
}

static int
load_env(struct side *s, struct err *e)
{
	AUTO(str_fini) struct str text = STR_INIT;

	if (layout_load_env(&s->package.layout, &text, e) < 0) {
		if (e->code != ENOENT)
			return -1;
		err_clear(e);
		return 0;
	}
	for (size_t at = 0; at < text.len; at += strlen(text.s + at) + 1) {
		const char *var = text.s + at, *eq = strchr(var, '=');
		struct map_slot *slot;

		if (!eq)
			continue;
		slot = map_put(&s->env, var, (size_t)(eq - var));
		free(slot->p);
		slot->p = mem_strdup(eq + 1);
	}
	return 0;
}

static int
load(struct side *s, const char *dir, struct err *e)
{
	if (package_open(&s->package, dir, 0, e) < 0 ||
	    model_load(&s->model, &s->package, 0, e) < 0)
		return -1;
	for (uint32_t i = 0; i < s->model.n; i++) {
		const struct node *n = &s->model.node[i];
		const struct node_origin *o = &s->model.origin.v[n->origin];

		if (*o->package && (n->state & 15) == FILE_CAPTURED)
			map_put(&s->versions, o->package, strlen(o->package))->p =
				(void *)o->version;
	}
	return load_env(s, e);
}

static void
side_fini(struct side *s)
{
	for (struct map_slot *m = NULL; (m = map_next(&s->env, m));)
		free(m->p);
	map_fini(&s->env);
	map_fini(&s->versions);
	model_fini(&s->model);
	package_close(&s->package);
}

static int
run(struct call *c, struct err *e)
{
	struct work w = { .c = c,
			  .e = e,
			  .a = { .package = PACKAGE_INIT },
			  .b = { .package = PACKAGE_INIT } };
	int r = 0;

	if (load(&w.a, c->argv[0], e) < 0 || load(&w.b, c->argv[1], e) < 0)
		r = -1;
	if (r == 0) {
		out_begin(&c->out, "diff", column, ARRAY_SIZE(column));
		compare_maps(&w, "package", &w.a.versions, &w.b.versions);
		compare_maps(&w, "environment", &w.a.env, &w.b.env);
		model_each(&w.a.model, 0, of_a, &w);
		model_each(&w.b.model, 0, of_b, &w);
		r = out_end(&c->out, e) < 0 ? -1 : w.rows > 0;
	}
	side_fini(&w.a);
	side_fini(&w.b);
	return r;
}

const struct cmd cmd_diff = {
	.name = "diff",
	.args = "DIR DIR",
	.brief = "compare two packages: files, versions of distro packages, environment",
	.more = "Exit status: 0 the same, 1 different.",
	.group = CMD_WHOLE,
	.flags = CMD_LISTS | CMD_NO_OPEN,
	.min = 2,
	.max = 2,
	.opts = options,
	.own = sizeof(struct diff),
	.run = run,
};
