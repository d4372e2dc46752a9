#include "path/rule.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "path/lex.h"
#include "path/rule_priv.h"

/*
 * Decisions.  All exact and prefix texts are in one hash table.  A name is
 * hashed once from left to right, and at each place where a rule may end the
 * table is asked for the hash so far; `ends` says at which lengths that is worth
 * while.  Substr rules are tried one by one, and only when nothing else matched.
 *
 * Version 1 asks twice: its redirect rules are one rank, its ignore rules the
 * next.  Version 2 has one rank.
 */

enum { ENDS_EXACT = 1, ENDS_PREFIX = 2, RANKS = 2 };

struct rule_slot {
	uint64_t hash;
	uint32_t rule; /* 1 + its place in rules.rule; 0: free */
};

struct rule_index {
	struct rule_slot *slot;
	size_t cap;	     /* a power of two */
	unsigned char *ends; /* [0 … longest] */
	size_t longest;
	VEC(uint32_t) substr; /* places in rules.rule */
};

#define HASH_START	0xcbf29ce484222325
#define HASH_STEP(h, c) (((h) ^ (unsigned char)(c)) * 0x100000001b3)

static unsigned
rule_rank(const struct rules *r, const struct rule *x)
{
	return r->version == 1 && x->verdict != VERDICT_PACKAGE;
}

/* A rule of this text, and a slash behind it if `slash`. */
static const struct rule *
index_find(const struct rules *r, uint64_t hash, enum rule_match m, unsigned rank,
	   const char *text, size_t len, bool slash)
{
	const struct rule_index *ix = r->index;

	for (size_t i = hash ^ hash >> 32;; i++) {
		const struct rule_slot *s = &ix->slot[i & (ix->cap - 1)];
		const struct rule *x;

		if (!s->rule)
			return NULL;
		x = &r->rule.v[s->rule - 1];
		if (s->hash == hash && x->match == m && x->len == len + slash &&
		    rule_rank(r, x) == rank && memcmp(x->text, text, len) == 0 &&
		    (!slash || x->text[len] == '/'))
			return x;
	}
}

/* The first of equal ones stays. */
static void
index_add(struct rules *r, uint32_t n)
{
	struct rule_index *ix = r->index;
	const struct rule *x = &r->rule.v[n];
	uint64_t h = HASH_START;
	size_t i;

	if (x->match == MATCH_SUBSTR) {
		vec_push(&ix->substr, n);
		return;
	}
	for (i = 0; i < x->len; i++)
		h = HASH_STEP(h, x->text[i]);
	if (index_find(r, h, x->match, rule_rank(r, x), x->text, x->len, false))
		return;
	for (i = (h ^ h >> 32) & (ix->cap - 1); ix->slot[i].rule;
	     i = (i + 1) & (ix->cap - 1))
		;
	ix->slot[i] = (struct rule_slot){ h, n + 1 };
	ix->ends[x->len] |= x->match == MATCH_EXACT ? ENDS_EXACT : ENDS_PREFIX;
}

static void
index_free(struct rules *r)
{
	if (!r->index)
		return;
	free(r->index->slot);
	free(r->index->ends);
	vec_fini(&r->index->substr);
	free(r->index);
	r->index = NULL;
}

void
rules_reindex(struct rules *r)
{
	struct rule_index *ix;

	index_free(r);
	ix = r->index = mem_alloc(sizeof(*ix));
	ix->cap = 16;
	for (size_t i = 0; i < r->rule.n; i++) {
		if (ix->cap < 2 * (i + 1))
			ix->cap *= 2;
		if (r->rule.v[i].match != MATCH_SUBSTR && r->rule.v[i].len > ix->longest)
			ix->longest = r->rule.v[i].len;
	}
	ix->slot = mem_alloc(ix->cap * sizeof(*ix->slot));
	ix->ends = mem_alloc(ix->longest + 1);
	for (size_t i = 0; i < r->rule.n; i++)
		index_add(r, (uint32_t)i);
}

/* What matched so far, by rank. */
struct matches {
	const struct rule *exact[RANKS];
	const struct rule *prefix[RANKS];
};

static bool
is_boundary(const struct rules *r, const char *abs, size_t len, size_t at)
{
	return r->version == 1 || at == len || abs[at] == '/' || at == 1;
}

/* "ignore_prefix=/tmp/" of version 1 speaks of /tmp itself, too; h is abs hashed. */
static void
match_slash(const struct rules *r, uint64_t h, const char *abs, size_t len,
	    struct matches *m)
{
	if (r->version != 1 || len >= r->index->longest ||
	    !(r->index->ends[len + 1] & ENDS_PREFIX))
		return;
	for (unsigned k = 0; k < RANKS; k++) {
		const struct rule *x =
			index_find(r, HASH_STEP(h, '/'), MATCH_PREFIX, k, abs, len, true);

		if (x)
			m->prefix[k] = x;
	}
}

static void
match_ends(const struct rules *r, const char *abs, size_t len, struct matches *m)
{
	const struct rule_index *ix = r->index;
	uint64_t h = HASH_START;

	for (size_t n = 1; n <= len && n <= ix->longest; n++) {
		h = HASH_STEP(h, abs[n - 1]);
		for (unsigned k = 0; k < RANKS; k++) {
			const struct rule *x;

			if ((ix->ends[n] & ENDS_EXACT) && n == len)
				m->exact[k] =
					index_find(r, h, MATCH_EXACT, k, abs, n, false);
			if (!(ix->ends[n] & ENDS_PREFIX) || !is_boundary(r, abs, len, n))
				continue;
			x = index_find(r, h, MATCH_PREFIX, k, abs, n, false);
			if (x)
				m->prefix[k] = x;
		}
	}
	if (len <= ix->longest)
		match_slash(r, h, abs, len, m);
}

/* The longest one; of equally long ones the first. */
static const struct rule *
match_substr(const struct rules *r, const char *abs, size_t len, unsigned rank)
{
	const struct rule *best = NULL;

	for (size_t i = 0; i < r->index->substr.n; i++) {
		const struct rule *x = &r->rule.v[r->index->substr.v[i]];

		if (rule_rank(r, x) == rank && (!best || x->len > best->len) &&
		    memmem(abs, len, x->text, x->len))
			best = x;
	}
	return best;
}

static struct decision
decide(const struct rules *r, const char *abs, size_t len, bool with_exact)
{
	struct matches m = { 0 };

	if (!r->index)
		return (struct decision){ VERDICT_DEFAULT, NULL };
	match_ends(r, abs, len, &m);
	for (unsigned k = 0; k < RANKS; k++) {
		const struct rule *x = with_exact ? m.exact[k] : NULL;

		if (!x)
			x = m.prefix[k];
		if (!x)
			x = match_substr(r, abs, len, k);
		if (x)
			return (struct decision){ x->verdict, x };
	}
	return (struct decision){ VERDICT_DEFAULT, NULL };
}

struct decision
rules_decide(const struct rules *r, const char *abs, size_t len)
{
	return decide(r, abs, len, true);
}

/* Could x overrule `all`, the decision for a name below dir that no rule names,
 * for some name below dir?  dir ends in a slash. */
static bool
rule_may_split(const struct rules *r, const struct rule *x, const struct decision *all,
	       const struct str *dir)
{
	if (x->verdict == all->verdict)
		return false;
	if (r->version == 1 && all->rule && rule_rank(r, x) > rule_rank(r, all->rule))
		return false;
	if (x->match != MATCH_SUBSTR)
		return x->len > dir->len && memcmp(x->text, dir->s, dir->len) == 0;
	return r->version == 1 || !all->rule || all->rule->match == MATCH_SUBSTR;
}

bool
rules_split_below(const struct rules *r, const char *abs)
{
	AUTO(str_fini) struct str dir = STR_INIT;
	struct decision self = rules_decide(r, abs, strlen(abs)), all;

	str_set(&dir, abs);
	if (!str_has_suffix(abs, "/"))
		str_addc(&dir, '/');
	all = decide(r, dir.s, dir.len, false);
	if (all.verdict != self.verdict)
		return true;
	for (size_t i = 0; i < r->rule.n; i++)
		if (rule_may_split(r, &r->rule.v[i], &all, &dir))
			return true;
	return false;
}

void
rules_init(struct rules *r, int version)
{
	*r = (struct rules){ .version = version };
}

void
rules_fini(struct rules *r)
{
	index_free(r);
	for (size_t i = 0; i < r->rule.n; i++)
		free(r->rule.v[i].text);
	vec_fini(&r->rule);
	for (size_t i = 0; i < r->process.n; i++) {
		struct rule_process *p = &r->process.v[i];

		for (size_t k = 0; k < p->prefix.n; k++)
			free(p->prefix.v[k]);
		vec_fini(&p->prefix);
		free(p->exe);
	}
	vec_fini(&r->process);
	for (size_t i = 0; i < r->env.n; i++)
		free(r->env.v[i]);
	vec_fini(&r->env);
	map_fini(&r->absent);
}

char *
rule_value(int version, enum rule_match m, const char *text, struct err *e)
{
	AUTO(str_fini) struct str value = STR_INIT;

	if (*text == '\0') {
		err_set(e, 0, "a value is missing");
		return NULL;
	}
	str_set(&value, text);
	if (version >= 2 && m != MATCH_SUBSTR) {
		if (*text != '/') {
			err_set(e, 0, "'%s' is not an absolute path", text);
			return NULL;
		}
		path_clean(&value);
	}
	return str_take(&value);
}

int
rules_enter(struct rules *r, struct rule x, const char *text, struct err *e)
{
	x.text = rule_value(r->version, x.match, text, e);
	if (!x.text)
		return -1;
	x.len = strlen(x.text);
	vec_push(&r->rule, x);
	return 0;
}

int
rules_add(struct rules *r, enum verdict v, enum rule_match m, const char *text,
	  struct err *e)
{
	struct rule x = { .verdict = v, .match = m, .line = 0 };
	size_t at = 0;

	if (v == VERDICT_DEFAULT || (v == VERDICT_HIDDEN && r->version == 1))
		return err_set(e, 0,
			       "such a rule cannot be added to cde.options version %d",
			       r->version);
	if (rules_enter(r, x, text, e) < 0)
		return -1;
	x = vec_pop(&r->rule);
	while (at < r->rule.n && r->rule.v[at].line == 0)
		at++;
	vec_push(&r->rule, x);
	memmove(r->rule.v + at + 1, r->rule.v + at, (r->rule.n - at - 1) * sizeof(x));
	r->rule.v[at] = x;
	rules_reindex(r);
	return 0;
}

const struct rule_process *
rules_process(const struct rules *r, const char *exe)
{
	for (size_t i = 0; i < r->process.n; i++)
		if (strcmp(r->process.v[i].exe, exe) == 0)
			return &r->process.v[i];
	return NULL;
}

bool
rules_ignores_env(const struct rules *r, const char *name, size_t len)
{
	for (size_t i = 0; i < r->env.n; i++)
		if (strncmp(r->env.v[i], name, len) == 0 && r->env.v[i][len] == '\0')
			return true;
	return false;
}

bool
rules_expect_absent(const struct rules *r, const char *abs, size_t len)
{
	return map_get(&r->absent, abs, len);
}

void
rule_describe(const struct rule *x, struct str *out)
{
	static const char *const verdict[] = {
		[VERDICT_DEFAULT] = "default",
		[VERDICT_PACKAGE] = "redirect",
		[VERDICT_HOST] = "ignore",
		[VERDICT_HIDDEN] = "hide",
	};
	static const char *const match[] = {
		[MATCH_EXACT] = "exact",
		[MATCH_PREFIX] = "prefix",
		[MATCH_SUBSTR] = "substr",
	};

	str_addf(out, "%s_%s=", verdict[x->verdict], match[x->match]);
	str_add_escaped(out, x->text);
	if (x->line)
		str_addf(out, " (cde.options:%u)", x->line);
	else
		str_add(out, " (command line)");
}
