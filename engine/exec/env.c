#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "exec/env.h"

static size_t
name_length(const char *entry)
{
	return strcspn(entry, "=");
}

static bool
has_name(const struct env *x, const char *entry)
{
	size_t n = name_length(entry);

	for (size_t i = 0; i < x->v.n; i++)
		if (strncmp(x->v.v[i], entry, n) == 0 && x->v.v[i][n] == '=')
			return true;
	return false;
}

void
env_make(struct env *x, const char *stored, size_t len, const struct rules *r,
	 char *const *host)
{
	for (size_t at = 0; at < len; at += strlen(stored + at) + 1) {
		const char *entry = stored + at;

		if (name_length(entry) &&
		    !rules_ignores_env(r, entry, name_length(entry)))
			vec_push(&x->v, mem_strdup(entry));
	}
	for (; *host; host++)
		if (!has_name(x, *host) && !str_has_prefix(*host, "LD_"))
			vec_push(&x->v, mem_strdup(*host));
	vec_push(&x->v, NULL);
}

static void
put(struct env *x, const char *entry)
{
	size_t n = name_length(entry);

	for (size_t i = 0; i + 1 < x->v.n; i++) {
		if (strncmp(x->v.v[i], entry, n) != 0 || x->v.v[i][n] != '=')
			continue;
		free(x->v.v[i]);
		x->v.v[i] = mem_strdup(entry);
	}
}

void
env_be_here(struct env *x, char *const *host, bool home)
{
	static const char *const name[] = { "USER", "LOGNAME", "MAIL",
					    "TZ",   "PWD",     "OLDPWD" };

	for (; *host; host++) {
		size_t n = name_length(*host);
		bool mine = !home && n == 4 && strncmp(*host, "HOME", n) == 0;

		for (size_t i = 0; !mine && i < ARRAY_SIZE(name); i++)
			mine = strlen(name[i]) == n && strncmp(*host, name[i], n) == 0;
		if (mine)
			put(x, *host);
	}
}

static const char *
entry_of(const struct env *x, const char *name, size_t n)
{
	for (size_t i = 0; i + 1 < x->v.n; i++)
		if (strncmp(x->v.v[i], name, n) == 0 && x->v.v[i][n] == '=')
			return x->v.v[i];
	return NULL;
}

void
env_of_host(struct env *x, const struct env *now, const struct env *given,
	    char *const *host)
{
	for (size_t i = 0; i + 1 < now->v.n; i++) {
		const char *entry = now->v.v[i];
		const char *was = entry_of(given, entry, name_length(entry));

		if (!was || strcmp(was, entry) != 0)
			vec_push(&x->v, mem_strdup(entry));
	}
	for (; *host; host++) {
		size_t n = name_length(*host);
		const char *was = entry_of(given, *host, n);
		bool removed = was && strcmp(was, *host) == 0 && !entry_of(now, *host, n);

		if (!removed && !has_name(x, *host))
			vec_push(&x->v, mem_strdup(*host));
	}
	vec_push(&x->v, NULL);
}

const char *
env_get(const struct env *x, const char *name)
{
	size_t n = strlen(name);
	const char *entry = entry_of(x, name, n);

	return entry ? entry + n + 1 : NULL;
}

void
env_fini(struct env *x)
{
	for (size_t i = 0; i < x->v.n; i++)
		free(x->v.v[i]);
	vec_fini(&x->v);
}
