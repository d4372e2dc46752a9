/*
 * Risks: for what goes, who used it in the runs, and who of those that stay needs it.
 */
#include <string.h>

#include "inspect/edit_cost.h"
#include "path/lex.h"

enum { RISKS_OF_A_KIND = EDIT_RISKS_MAX / RISK_KINDS };

void
edit_risk_add(struct cost *c, enum edit_risk_kind kind, const char *path,
	      const char *text)
{
	struct edit_risk r = { kind, NULL, NULL };

	if (c->out->risks[kind]++ >= RISKS_OF_A_KIND)
		return;
	r.path = mem_strdup(path);
	r.text = mem_strdup(text);
	vec_push(&c->out->risk, r);
}

static void
need(struct cost *c, char kind, const char *name, const char *by)
{
	AUTO(str_fini) struct str key = STR_INIT;
	struct map_slot *s;

	str_addf(&key, "%c:%s", kind, name);
	s = map_put(&c->needs, key.s, key.len);
	if (!s->u) {
		vec_push(&c->needer, ((struct needer){ 0, mem_strdup(by) }));
		s->u = c->needer.n;
	}
	c->needer.v[s->u - 1].count++;
}

static bool
goes(const struct cost *c, int64_t id)
{
	return edit_cost_is(&c->gone, id) && !edit_cost_is(&c->back, id);
}

static int
load_needs(struct cost *c)
{
	AUTO(db_finalize) sqlite3_stmt *s = NULL;
	int got;

	if (c->x->p->version < 2)
		return 0;
	if (db_prepare(c->x->p, &s,
		       "SELECT f.path, x.key, x.value, f.id FROM fact x JOIN file f ON "
		       "f.id ="
		       " x.file WHERE x.key IN ('elf.needed', 'elf.interp',"
		       " 'script.interp') AND f.type IS NOT NULL ORDER BY f.path",
		       c->e) < 0)
		return -1;
	while ((got = db_step(c->x->p, s, c->e)) > 0) {
		AUTO(str_fini) struct str real = STR_INIT;
		const char *by = db_name(s, 0, NULL), *key = db_name(s, 1, NULL),
			   *value = db_name(s, 2, NULL);

		if (!by || !key || !value || goes(c, sqlite3_column_int64(s, 3)))
			continue;
		if (strcmp(key, "elf.needed") == 0) {
			need(c, 'N', path_base(value), by);
			continue;
		}
		need(c, *key == 'e' ? 'N' : 'I', value, by);
		if (db_is_path(value, strlen(value)) &&
		    package_resolve(c->x->p, value, &real) == 0 &&
		    strcmp(real.s, value) != 0)
			need(c, *key == 'e' ? 'N' : 'I', real.s, by);
	}
	return got;
}

static const struct needer *
needer_of(const struct cost *c, char kind, const char *name)
{
	AUTO(str_fini) struct str key = STR_INIT;
	struct map_slot *s;

	str_addf(&key, "%c:%s", kind, name);
	s = map_get(&c->needs, key.s, key.len);
	return s ? &c->needer.v[s->u - 1] : NULL;
}

static void
risk_needed(struct cost *c, const char *path, const struct needer *n, bool interpreter)
{
	AUTO(str_fini) struct str text = STR_INIT;

	if (!n)
		return;
	str_add(&text, interpreter ? "interpreter of " : "needed by ");
	if (n->count == 1)
		str_add(&text, n->first);
	else
		str_addf(&text, "%llu others", (unsigned long long)n->count);
	edit_risk_add(c, interpreter ? RISK_INTERPRETER : RISK_NEEDED, path, text.s);
}

/* What the runs did with what goes.  Files of a directory have numbers near each other:
 * then one range is read instead of many single ones. */
struct used {
	sqlite3_stmt *one;
	unsigned char *kinds; /* NULL: asked one by one */
	int64_t from, to;
};

static void
used_fini(struct used *u)
{
	db_finalize(&u->one);
	free(u->kinds);
}

static int
used_open(struct cost *c, struct used *u)
{
	AUTO(db_finalize) sqlite3_stmt *all = NULL;
	uint64_t n = c->gone.n;
	int got;

	u->from = c->gone.from;
	u->to = c->gone.to;
	if (db_prepare(c->x->p, &u->one, "SELECT kind FROM access WHERE file=?1", c->e) <
	    0)
		return -1;
	if (n < 100 || (uint64_t)u->to - (uint64_t)u->from > 4 * n)
		return 0;
	if (db_prepare(c->x->p, &all,
		       "SELECT file, kind FROM access WHERE file BETWEEN ?1 AND ?2",
		       c->e) < 0)
		return -1;
	u->kinds = mem_alloc((size_t)(u->to - u->from) + 1);
	sqlite3_bind_int64(all, 1, u->from);
	sqlite3_bind_int64(all, 2, u->to);
	while ((got = db_step(c->x->p, all, c->e)) > 0)
		u->kinds[sqlite3_column_int64(all, 0) - u->from] |=
			(unsigned char)sqlite3_column_int(all, 1);
	return got;
}

static int
used_of(struct cost *c, struct used *u, int64_t id, unsigned *kinds)
{
	int got;

	if (u->kinds) {
		*kinds = u->kinds[id - u->from];
		return 0;
	}
	sqlite3_bind_int64(u->one, 1, id);
	while ((got = db_step(c->x->p, u->one, c->e)) > 0)
		*kinds |= (unsigned)sqlite3_column_int(u->one, 0);
	sqlite3_reset(u->one);
	return got;
}

static void
risks_by_name(struct cost *c, int64_t id, const char *path, sqlite3_stmt *soname)
{
	AUTO(err_fini) struct err none = ERR_INIT;
	const struct needer *n =
		needer_of(c, 'N', path_base(path)) ?: needer_of(c, 'N', path);

	if (!n && soname) {
		sqlite3_bind_int64(soname, 1, id);
		if (db_step(c->x->p, soname, &none) > 0)
			n = needer_of(c, 'N', db_name(soname, 0, NULL) ?: "");
		sqlite3_reset(soname);
	}
	risk_needed(c, path, n, false);
	risk_needed(c, path, needer_of(c, 'I', path), true);
}

/* Its name is needed only where there is something to say of it. */
static int
risks_of(struct cost *c, int64_t id, struct used *used, sqlite3_stmt *soname)
{
	const char *path = NULL;
	unsigned kinds = 0;
	int got;

	if (used_of(c, used, id, &kinds) < 0)
		return -1;
	kinds &= ACCESS_READ | ACCESS_EXEC;
	if (!c->needer.n && (!kinds || c->out->risks[RISK_USED] >= RISKS_OF_A_KIND)) {
		c->out->risks[RISK_USED] += kinds != 0;
		return 0;
	}
	if (edit_cost_row(c, &c->by_id, "id") < 0)
		return -1;
	sqlite3_bind_int64(c->by_id, 1, id);
	got = db_step(c->x->p, c->by_id, c->e);
	if (got > 0 && (path = db_name(c->by_id, 1, NULL))) {
		if (kinds)
			edit_risk_add(c, RISK_USED, path,
				      kinds & ACCESS_EXEC ? "executed by the run"
							  : "read by the run");
		if (c->needer.n)
			risks_by_name(c, id, path, soname);
	}
	sqlite3_reset(c->by_id);
	return got < 0 ? -1 : 0;
}

static int
risks_of_rows(struct cost *c, struct used *used, sqlite3_stmt *soname)
{
	const struct rows_of *r = &c->gone;

	for (int64_t at = 0; at < r->max; at += 64)
		for (uint64_t bits = r->bit[at / 64]; bits; bits &= bits - 1) {
			int64_t id = at + __builtin_ctzll(bits);

			if ((!c->comes || goes(c, id)) &&
			    risks_of(c, id, used, soname) < 0)
				return -1;
		}
	for (struct map_slot *s = NULL; (s = map_next(&r->other, s));) {
		int64_t id;

		memcpy(&id, s->key, sizeof(id));
		if ((!c->comes || goes(c, id)) && risks_of(c, id, used, soname) < 0)
			return -1;
	}
	return 0;
}

int
edit_risks(struct cost *c)
{
	AUTO(used_fini) struct used used = { 0 };
	AUTO(db_finalize) sqlite3_stmt *soname = NULL;

	if (!c->gone.n)
		return 0;
	if (load_needs(c) < 0 || used_open(c, &used) < 0)
		return -1;
	if (c->x->p->version >= 2 &&
	    db_prepare(c->x->p, &soname,
		       "SELECT value FROM fact WHERE file=?1 AND key='elf.soname'",
		       c->e) < 0)
		return -1;
	return risks_of_rows(c, &used, soname);
}

void
edit_cost_risk(const struct edit_cost *c, struct str *out)
{
	static const char *const text[RISK_KINDS][2] = {
		[RISK_USED] = { "was used by the run", "were used by the run" },
		[RISK_NEEDED] = { "is needed by others", "are needed by others" },
		[RISK_INTERPRETER] = { "is an interpreter", "are interpreters" },
		[RISK_HOST_GONE] = { "is not on this machine",
				     "are not on this machine" },
	};
	size_t from = out->len;

	if (c->dropped + c->added == 1 && c->risk.n) { /* of one file, in full */
		for (size_t i = 0; i < c->risk.n; i++)
			str_addf(out, "%s%s", i ? ", " : "", c->risk.v[i].text);
		return;
	}
	for (size_t k = 0; k < RISK_KINDS; k++)
		if (c->risks[k])
			str_addf(out, "%s%llu %s", out->len > from ? ", " : "",
				 (unsigned long long)c->risks[k],
				 text[k][c->risks[k] != 1]);
}
