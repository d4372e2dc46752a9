#include "tree/passed.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "path/lex.h"

enum { PASSED_BYTES = 16 << 20, PASSED_MOST = 100000 };

bool
passed_counts(const char *abs)
{
	static const char *const tree[] = {
		"/usr", "/lib", "/lib32", "/lib64", "/libx32", "/bin", "/sbin", "/opt",
	};

	if (path_under(abs, "/usr/local"))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(tree); i++)
		if (path_under(abs, tree[i]))
			return true;
	return false;
}

void
passed_put(struct passed *x, const char *name, const char *found)
{
	AUTO(str_fini) struct str dir = STR_INIT;
	size_t len = strlen(name);
	struct map_slot *s = map_get(&x->name, name, len);

	if (s) {
		free(x->found.v[s->u]);
		x->found.v[s->u] = mem_strdup(found);
		return;
	}
	if (x->found.n == PASSED_MOST)
		return;
	map_put(&x->name, name, len)->u = x->found.n;
	vec_push(&x->found, mem_strdup(found));
	str_set(&dir, name);
	path_to_parent(&dir);
	map_put(&x->dir, dir.s, dir.len);
}

const char *
passed_found(const struct passed *x, const char *name, size_t len)
{
	const struct map_slot *s = map_get(&x->name, name, len);

	return s ? x->found.v[s->u] : NULL;
}

bool
passed_in(const struct passed *x, const char *dir)
{
	return map_get(&x->dir, dir, strlen(dir));
}

void
passed_fini(struct passed *x)
{
	for (size_t i = 0; i < x->found.n; i++)
		free(x->found.v[i]);
	vec_fini(&x->found);
	map_fini(&x->name);
	map_fini(&x->dir);
}

static bool
slurp(const struct layout *l, struct str *text)
{
	AUTO(fd_drop)
	int fd = openat(l->dirfd, PKG_PASSED,
			O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	       st.st_size <= PASSED_BYTES && fd_read_all(fd, text) == 0 &&
	       str_has_prefix(text->s, PASSED_HEAD) && text->s[text->len - 1] == 0;
}

void
passed_read(struct passed *x, const struct layout *l)
{
	AUTO(str_fini) struct str text = STR_INIT;
	const char *name, *found, *end;

	if (!slurp(l, &text))
		return;
	end = text.s + text.len;
	for (name = text.s + strlen(PASSED_HEAD); name < end;
	     name = found + strlen(found) + 1) {
		found = name + strlen(name) + 1;
		if (found == end)
			return;
		if (name[0] == '/' && found[0] == '/')
			passed_put(x, name, found);
	}
}

void
passed_write(const struct passed *x, const struct layout *l)
{
	AUTO(str_fini) struct str text = STR_INIT;
	AUTO(err_fini) struct err e = ERR_INIT;
	VEC(char *) name = { 0 };

	for (struct map_slot *s = NULL; (s = map_next(&x->name, s));)
		vec_push(&name, s->key);
	if (!name.n) {
		unlinkat(l->dirfd, PKG_PASSED, 0);
		return;
	}
	qsort(name.v, name.n, sizeof(*name.v), str_order);
	str_set(&text, PASSED_HEAD);
	for (size_t i = 0; i < name.n && text.len < PASSED_BYTES - 16384; i++) {
		const char *found = passed_found(x, name.v[i], strlen(name.v[i]));

		str_addn(&text, name.v[i], strlen(name.v[i]) + 1);
		str_addn(&text, found, strlen(found) + 1);
	}
	vec_fini(&name);
	if (fs_replace(l->dirfd, PKG_PASSED, text.s, text.len, 0644, &e) < 0)
		unlinkat(l->dirfd, PKG_PASSED, 0);
}
