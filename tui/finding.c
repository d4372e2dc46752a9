#include "finding.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "path/lex.h"

static void
free_finding(struct finding *x)
{
	for (size_t i = 0; i < x->tried.n; i++)
		free(x->tried.v[i]);
	vec_fini(&x->tried);
	free(x->path);
	free(x->call);
	free(x->program);
}

void
finding_fini(struct findings *f)
{
	for (size_t i = 0; i < f->v.n; i++)
		free_finding(&f->v.v[i]);
	vec_fini(&f->v);
	vec_fini(&f->row);
}

const char *
finding_mark(enum severity s)
{
	static const char *const mark[] = { "-", "!", "!!", "!!!" };

	return mark[s];
}

/* How one failed look-up is to be taken. */
static enum severity
judge(struct package *p, const struct model *m, const struct map *baseline,
      const struct lookup *x, bool *host, bool *captured)
{
	uint32_t n = model_find(m, x->path, strlen(x->path));
	const struct node *node = n == UINT32_MAX ? NULL : &m->node[n];
	enum file_state state = node ? node->state & 15 : FILE_PLACEHOLDER;
	struct stat st;

	*host = lstat(x->path, &st) == 0;
	*captured = node && node->row &&
		    (state == FILE_CAPTURED || state == FILE_UNREADABLE ||
		     state == FILE_LOST);
	if (*captured)
		return package_lstat(p, x->path, &st) == 0 ? SEVERITY_NORMAL
							   : SEVERITY_SURE;
	if (map_get(baseline, x->path, strlen(x->path)))
		return SEVERITY_NORMAL;
	if (x->placeholder || (node && node->row && state == FILE_PLACEHOLDER))
		return SEVERITY_LIKELY;
	return *host ? SEVERITY_LIKELY : SEVERITY_MAYBE;
}

/* A search goes through many directories for one name. */
static void
group_key(const struct lookup *x, struct str *key)
{
	str_set(key, x->program ? x->program : "");
	str_addc(key, '\n');
	str_add(key, path_base(x->path));
}

static void
add_lookup(struct findings *f, struct map *groups, const struct lookup *x,
	   const struct finding *as)
{
	AUTO(str_fini) struct str key = STR_INIT;
	struct map_slot *s;
	struct finding *g;

	group_key(x, &key);
	s = map_put(groups, key.s, key.len);
	if (!s->u) {
		vec_push(&f->v, ((struct finding){ .severity = SEVERITY_NORMAL }));
		s->u = f->v.n;
	}
	g = &f->v.v[s->u - 1];
	for (size_t i = 0; i < g->tried.n; i++)
		if (strcmp(g->tried.v[i], x->path) == 0) {
			g->times += x->count;
			return;
		}
	vec_push(&g->tried, mem_strdup(x->path));
	g->times += x->count;
	if (g->path && as->severity <= g->severity)
		return;
	free(g->path);
	free(g->call);
	free(g->program);
	g->severity = as->severity;
	g->host = as->host;
	g->captured = as->captured;
	g->path = mem_strdup(x->path);
	g->call = mem_strdup(x->call ? x->call : "");
	g->program = mem_strdup(x->program ? x->program : "");
}

static int
worst_first(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;

	if (x->severity != y->severity)
		return x->severity > y->severity ? -1 : 1;
	if (x->times != y->times)
		return x->times > y->times ? -1 : 1;
	return strcmp(x->path, y->path);
}

void
finding_select(struct findings *f)
{
	f->row.n = 0;
	f->sure = f->likely = f->maybe = f->normal = 0;
	for (uint32_t i = 0; i < f->v.n; i++) {
		const struct finding *x = &f->v.v[i];
		bool normal = x->severity == SEVERITY_NORMAL || x->ignored;

		f->sure += !normal && x->severity == SEVERITY_SURE;
		f->likely += !normal && x->severity == SEVERITY_LIKELY;
		f->maybe += !normal && x->severity == SEVERITY_MAYBE;
		f->normal += normal;
		if (!normal || f->noise)
			vec_push(&f->row, i);
	}
}

/* Captured, and gone from the tree since; the manifest says so without a run. */
static void
add_unreadable(struct findings *f, struct map *groups, const struct model *m)
{
	AUTO(str_fini) struct str path = STR_INIT;

	for (uint32_t n = 1; n < m->n; n++) {
		enum file_state state = m->node[n].state & 15;
		struct lookup x = { .call = (char *)"capture", .count = 1 };
		struct finding as = { .severity = SEVERITY_LIKELY, .captured = true };
		struct stat st;

		if (!m->node[n].row || (state != FILE_UNREADABLE && state != FILE_LOST))
			continue;
		model_path(m, n, &path);
		x.path = path.s;
		as.host = lstat(path.s, &st) == 0;
		add_lookup(f, groups, &x, &as);
	}
}

int
finding_read(struct findings *f, struct package *p, const struct model *m, struct err *e)
{
	AUTO(map_fini) struct map baseline = { 0 }, groups = { 0 };
	AUTO(lookup_fini) lookup_list all = { 0 };
	bool noise = f->noise;

	finding_fini(f);
	*f = (struct findings){ .noise = noise };
	if (lookup_read(p, &all, e) < 0)
		return -1;
	for (size_t i = 0; i < all.n; i++)
		if (!all.v[i].later)
			map_put(&baseline, all.v[i].path, strlen(all.v[i].path));
	for (size_t i = 0; i < all.n; i++) {
		struct finding as = { .severity = SEVERITY_NORMAL };

		if (all.v[i].later)
			as.severity =
				judge(p, m, &baseline, &all.v[i], &as.host, &as.captured);
		add_lookup(f, &groups, &all.v[i], &as);
	}
	add_unreadable(f, &groups, m);
	if (f->v.n)
		qsort(f->v.v, f->v.n, sizeof(*f->v.v), worst_first);
	finding_select(f);
	return 0;
}
