#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "inspect/lookup.h"
#include "inspect/missing_priv.h"
#include "path/lex.h"
#include "tree/copy.h"
#include "tree/place.h"

static void
thing_fini(struct missing_thing *x)
{
	for (size_t i = 0; i < x->tried.n; i++)
		free(x->tried.v[i]);
	vec_fini(&x->tried);
	free(x->name);
	free(x->path);
	free(x->host);
	free(x->call);
	free(x->program);
	free(x->needer);
}

void
missing_list_fini(struct missing_list *l)
{
	for (size_t i = 0; i < l->v.n; i++)
		thing_fini(&l->v.v[i]);
	vec_fini(&l->v);
	*l = (struct missing_list){ 0 };
}

static void
search_fini(struct missing_search *s)
{
	str_fini(&s->path);
	map_fini(&s->baseline);
	edit_set_fini(&s->dropped);
	edit_set_fini(&s->base);
	vec_fini(&s->base_of);
	map_fini(&s->added);
	map_fini(&s->group);
}

bool
missing_has(const struct missing_search *s, const char *path)
{
	AUTO(place_fini) struct place at = PLACE_INIT;
	struct stat st;

	if (!path[1])
		return true;
	if (place_find(&at, &s->p->layout, path + 1, false) < 0)
		return false;
	return fstatat(at.dir, at.name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       !tree_is_placeholder(at.dir, at.name, &st);
}

/* ---- grouping ---- */

static void
replace(char **at, const char *text)
{
	char *copy = text ? mem_strdup(text) : NULL;

	free(*at);
	*at = copy;
}

/* A name without suffix may be the directory of a module that was tried, too. */
static struct map_slot *
group_of(struct missing_search *s, const struct missing_try *x, enum missing_kind *kind,
	 struct str *name)
{
	AUTO(str_fini) struct str key = STR_INIT, module = STR_INIT, as = STR_INIT;
	struct map_slot *slot;

	*kind = missing_name(&s->names, x->path, x->program, &key, name);
	if (*kind == MISSING_PATH && !strchr(path_base(x->path), '.')) {
		str_addf(&as, "%s.py", x->path);
		missing_name(&s->names, as.s, x->program, &module, &as);
		slot = map_get(&s->group, module.s, module.len);
		if (slot)
			return slot;
	}
	return map_put(&s->group, key.s, key.len);
}

static bool
has_tried(const struct missing_thing *g, const char *path)
{
	for (size_t i = 0; i < g->tried.n; i++)
		if (strcmp(g->tried.v[i], path) == 0)
			return true;
	return false;
}

static bool
is_worse(const struct missing_try *x, const struct missing_thing *g)
{
	if (x->severity != g->severity)
		return x->severity > g->severity;
	return x->why > g->why || (x->host && !g->host);
}

void
missing_push(struct missing_search *s, const struct missing_try *x)
{
	AUTO(str_fini) struct str name = STR_INIT;
	enum missing_kind kind;
	struct map_slot *slot = group_of(s, x, &kind, &name);
	struct missing_thing *g;

	if (!slot->u) {
		vec_push(&s->out->v, ((struct missing_thing){ .kind = kind }));
		slot->u = s->out->v.n;
	}
	g = &s->out->v.v[slot->u - 1];
	if (!has_tried(g, x->path))
		vec_push(&g->tried, mem_strdup(x->path));
	g->times += x->times;
	if (x->needer && *x->needer && (!g->needer || !*g->needer))
		replace(&g->needer, x->needer);
	if (x->program && *x->program && (!g->program || !*g->program))
		replace(&g->program, x->program);
	if (x->call && *x->call && (!g->call || !*g->call))
		replace(&g->call, x->call);
	if (g->path && !is_worse(x, g))
		return;
	g->severity = x->severity;
	g->why = x->why;
	g->captured = x->captured;
	replace(&g->path, x->path);
	replace(&g->host, x->host);
	if (!g->name)
		g->name = str_take(&name);
	if (x->program && *x->program)
		replace(&g->program, x->program);
	if (x->call && *x->call)
		replace(&g->call, x->call);
}

/* ---- look-ups of later runs ---- */

/* ld.so asks for the directories that it is about to search. */
static bool
is_library_probe(const char *path)
{
	static const char *const name[] = {
		"tls",	     "x86_64",	"i686",		"haswell",   "xeon_phi",
		"avx512_1",  "sse2",	"glibc-hwcaps", "x86-64-v2", "x86-64-v3",
		"x86-64-v4", "aarch64", "atomics",
	};
	const char *base = path_base(path);

	for (size_t i = 0; i < ARRAY_SIZE(name); i++)
		if (strcmp(base, name[i]) == 0)
			return true;
	return false;
}

static void
set(struct missing_try *x, enum missing_severity s, enum missing_why why)
{
	x->severity = s;
	x->why = why;
}

static enum file_state
state_of(const struct missing_search *s, const char *path)
{
	uint32_t n = model_find(s->m, path, strlen(path));

	if (n == UINT32_MAX || !s->m->node[n].row)
		return FILE_OUTPUT; /* nobody copied anything */
	return s->m->node[n].state & 15;
}

/* What a name that failed and is still not there means. */
static void
judge(struct missing_search *s, const struct lookup *l, struct missing_try *x)
{
	size_t len = strlen(l->path);
	enum file_state state = state_of(s, l->path);
	enum verdict v = rules_decide(&s->p->rules, l->path, len).verdict;
	struct stat st;

	if (lstat(l->path, &st) == 0)
		x->host = l->path;
	x->captured = state == FILE_CAPTURED;
	if (v == VERDICT_HIDDEN)
		set(x, x->captured || x->host ? MISSING_LIKELY : MISSING_MAYBE,
		    MISSING_DENIED);
	else if (x->captured)
		set(x, MISSING_SURE, MISSING_GONE);
	else if (edit_set_find(&s->dropped, l->path))
		set(x, MISSING_SURE, MISSING_DROPPED);
	else if (map_get(&s->baseline, l->path, len) ||
		 (!x->host && is_library_probe(l->path)))
		set(x, MISSING_NORMAL, MISSING_PROBED);
	else if (l->placeholder || state == FILE_PLACEHOLDER)
		set(x, MISSING_LIKELY, MISSING_NAME_ONLY);
	else if (state == FILE_UNREADABLE || state == FILE_LOST)
		set(x, MISSING_LIKELY, MISSING_UNREADABLE);
	else if (x->host)
		set(x, MISSING_LIKELY, MISSING_HOST);
	else
		set(x, MISSING_MAYBE, MISSING_UNKNOWN);
}

/* Answered by now: it was added, or pinned to a host that has it. */
static bool
is_settled(const struct missing_search *s, const struct lookup *l)
{
	struct decision d = rules_decide(&s->p->rules, l->path, strlen(l->path));

	if (d.verdict == VERDICT_HOST)
		return access(l->path, F_OK) == 0;
	return d.verdict != VERDICT_HIDDEN && missing_has(s, l->path);
}

static void
take_lookup(struct missing_search *s, const struct lookup *l)
{
	struct missing_try x = { .path = l->path,
				 .call = l->call,
				 .program = l->program,
				 .times =
					 l->later && l->count > 0 ? l->count : l->later };

	if (l->later) {
		if (is_settled(s, l))
			return;
		judge(s, l, &x);
	}
	missing_push(s, &x);
}

/* The search ended well elsewhere: what else it tried says nothing. */
static void
settle(struct missing_search *s, const struct lookup *l)
{
	AUTO(str_fini) struct str key = STR_INIT, name = STR_INIT;
	struct missing_thing *g;
	struct map_slot *slot;

	missing_name(&s->names, l->path, l->program, &key, &name);
	slot = map_get(&s->group, key.s, key.len);
	if (!slot || !slot->u)
		return;
	g = &s->out->v.v[slot->u - 1];
	if (g->severity == MISSING_MAYBE) {
		g->severity = MISSING_NORMAL;
		g->why = MISSING_PROBED;
	}
}

/* Those with suffixes first: they say what the others are. */
static void
take_lookups(struct missing_search *s, const lookup_list *all)
{
	for (size_t i = 0; i < all->n; i++)
		if (!all->v[i].later)
			map_put(&s->baseline, all->v[i].path, strlen(all->v[i].path));
	for (int suffix = 1; suffix >= 0; suffix--)
		for (size_t i = 0; i < all->n; i++)
			if (!!strchr(path_base(all->v[i].path), '.') == suffix)
				take_lookup(s, &all->v[i]);
	for (size_t i = 0; i < all->n; i++)
		if (all->v[i].later && is_settled(s, &all->v[i]))
			settle(s, &all->v[i]);
}

/* ---- what edits did ---- */

static void
take_dropped(struct missing_search *s, const char *path)
{
	edit_set_put(&s->dropped, path);
	edit_set_put(&s->base, path_base(path));
	if (s->base_of.n < edit_set_count(&s->base))
		vec_push(&s->base_of, (uint32_t)edit_set_count(&s->dropped));
}

static void
take_added(struct missing_search *s, const char *path)
{
	map_put(&s->added, path, strlen(path));
}

static int
read_edits(struct missing_search *s, const char *sql,
	   void (*take)(struct missing_search *s, const char *path), struct err *e)
{
	AUTO(db_finalize) sqlite3_stmt *q = NULL;
	int got;

	if (db_prepare(s->p, &q, sql, e) < 0)
		return -1;
	while ((got = db_step(s->p, q, e)) > 0) {
		size_t len;
		const char *path = db_name(q, 0, &len);

		if (path && db_is_path(path, len))
			take(s, path);
	}
	return got;
}

static int
take_edits(struct missing_search *s, struct err *e)
{
	if (!s->p->db || s->p->version < 2)
		return 0;
	if (read_edits(s,
		       "SELECT k.path FROM kept k JOIN edit x ON x.id = k.edit WHERE"
		       " k.side = 0 AND x.verb = 'drop' AND x.done = 1 AND x.written = 1",
		       take_dropped, e) < 0)
		return -1;
	return read_edits(s,
			  "SELECT path FROM edit WHERE verb = 'add' AND done = 1"
			  " AND written = 1",
			  take_added, e);
}

/* ---- all together ---- */

static bool
is_package(void *ctx, const char *dir)
{
	AUTO(str_fini) struct str init = STR_INIT;
	const struct missing_search *s = ctx;

	str_set(&init, dir);
	path_append(&init, "__init__.py");
	return model_find(s->m, init.s, init.len) != UINT32_MAX;
}

/* PATH, as the captured programs had it. */
static void
read_path(struct missing_search *s)
{
	AUTO(err_fini) struct err none = ERR_INIT;
	AUTO(str_fini) struct str env = STR_INIT;

	s->names.search = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	if (fs_slurp(s->p->layout.dirfd, PKG_ENV, &env, &none) < 0)
		return;
	for (size_t i = 0; i < env.len; i += strlen(env.s + i) + 1)
		if (str_has_prefix(env.s + i, "PATH=")) {
			str_set(&s->path, env.s + i + 5);
			s->names.search = s->path.s;
			return;
		}
}

static const char *
noted_path(const struct rules *r, const char *path)
{
	if (*path == '/')
		return rules_expect_absent(r, path, strlen(path)) ? path : NULL;
	for (struct map_slot *s = NULL; (s = map_next(&r->absent, s));)
		if (strcmp(path_base(s->key), path) == 0)
			return s->key;
	return NULL;
}

const char *
missing_noted(const struct rules *r, char *const *tried, size_t n)
{
	const char *path = NULL;

	for (size_t i = 0; i < n && r->absent.n && !path; i++)
		path = noted_path(r, tried[i]);
	return path;
}

static int
worst_first(const void *a, const void *b)
{
	const struct missing_thing *x = a, *y = b;

	if (x->severity != y->severity)
		return x->severity > y->severity ? -1 : 1;
	if (x->times != y->times)
		return x->times > y->times ? -1 : 1;
	return strcmp(x->path, y->path);
}

static void
finish(struct missing_search *s)
{
	struct missing_list *l = s->out;

	for (size_t i = 0; i < l->v.n; i++) {
		struct missing_thing *x = &l->v.v[i];
		uint32_t n = model_find(s->m, x->path, strlen(x->path));
		struct stat st;

		if (!x->program)
			replace(&x->program, "");
		if (!x->call)
			replace(&x->call, "");
		if (!x->needer)
			replace(&x->needer, "");
		for (size_t t = 0; t < x->tried.n && !x->host; t++)
			if (access(x->tried.v[t], F_OK) == 0)
				replace(&x->host, x->tried.v[t]);
		x->differs = x->captured && x->host && n != UINT32_MAX &&
			     s->m->node[n].kind == 'f' && stat(x->host, &st) == 0 &&
			     (uint64_t)st.st_size != s->m->node[n].size;
		x->judged = x->severity;
		x->expected = missing_noted(&s->p->rules, x->tried.v, x->tried.n);
		if (x->expected)
			x->severity = MISSING_NORMAL;
		l->count[x->severity]++;
	}
	if (l->v.n)
		qsort(l->v.v, l->v.n, sizeof(*l->v.v), worst_first);
}

static int
find(struct missing_search *s, lookup_list *all, unsigned how, struct err *e)
{
	s->names.is_package = is_package;
	s->names.ctx = s;
	read_path(s);
	if (take_edits(s, e) < 0)
		return -1;
	take_lookups(s, all);
	if (how & MISSING_TREE)
		missing_tree(s);
	if ((how & MISSING_NEEDS) && missing_needs(s, e) < 0)
		return -1;
	finish(s);
	return 0;
}

int
missing_find(struct missing_list *out, struct package *p, const struct model *m,
	     unsigned how, struct err *e)
{
	AUTO(search_fini)
	struct missing_search s = { .p = p, .m = m, .out = out, .path = STR_INIT };
	AUTO(lookup_fini) lookup_list all = { 0 };

	return lookup_read(p, &all, e) < 0 ? -1 : find(&s, &all, how, e);
}

int
missing_find_in(struct missing_list *out, struct package *p, const struct model *m,
		const struct str *jsonl, struct err *e)
{
	AUTO(search_fini)
	struct missing_search s = { .p = p, .m = m, .out = out, .path = STR_INIT };
	AUTO(lookup_fini) lookup_list all = { 0 };

	if (lookup_read_capture(p, &all, e) < 0)
		return -1;
	lookup_parse(jsonl, &all);
	return find(&s, &all, 0, e);
}

/* Nobody knows what it would be. */
static uint32_t
mark_node(struct model *m, const char *path)
{
	uint32_t n = model_find(m, path, strlen(path));

	if (n != UINT32_MAX)
		return n;
	n = model_add(m, path, strlen(path));
	if (n != UINT32_MAX) {
		m->node[n].kind = '?';
		m->node[n].state = FILE_PLACEHOLDER;
		m->node[n].flags = 0;
	}
	return n;
}

bool
missing_mark_nodes(const struct missing_list *l, struct model *m)
{
	bool any = false;

	for (uint32_t i = 0; i < m->n; i++) {
		any |= (m->node[i].flags & ENTRY_MISSING) != 0;
		m->node[i].flags &= ~(uint32_t)ENTRY_MISSING;
	}
	for (size_t i = 0; i < l->v.n; i++) {
		uint32_t n = l->v.v[i].severity != MISSING_NORMAL
				     ? mark_node(m, l->v.v[i].path)
				     : UINT32_MAX;

		if (n == UINT32_MAX)
			continue;
		m->node[n].flags |= ENTRY_MISSING;
		any = true;
	}
	return any;
}
