#include "exec/locale.h"

#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "tree/copy.h"

#define DATA	"usr/lib/locale"
#define ARCHIVE DATA "/locale-archive"

enum { ARCHIVE_MAGIC = (int)0xde020109, NAMES_MOST = 1 << 20 };

/* The head of glibc's locale-archive, as far as it is needed. */
struct archive_head {
	uint32_t magic, serial;
	uint32_t hash_at, hash_used, hash_size;
	uint32_t names_at, names_used;
};

/* As glibc has it on disk: "de_DE.UTF-8@euro" is "de_DE.utf8@euro". */
static void
normalize(const char *name, struct str *out)
{
	size_t dot = strcspn(name, ".@");
	bool digits = true;

	str_setn(out, name, dot);
	if (name[dot] == '.') {
		const char *set = name + dot + 1;
		size_t n = strcspn(set, "@");

		for (size_t i = 0; i < n; i++)
			digits &= !isalpha((unsigned char)set[i]);
		str_add(out, digits ? ".iso" : ".");
		for (size_t i = 0; i < n; i++)
			if (isalnum((unsigned char)set[i]))
				str_addc(out, (char)tolower((unsigned char)set[i]));
		dot += 1 + n;
	}
	str_add(out, name + dot);
}

struct where {
	const struct layout *l;
	const struct rules *rules;
};

/* By rule, else by existence: the package's, else this machine's. */
static int
open_seen(const struct where *w, const char *rel)
{
	AUTO(str_fini) struct str host = STR_INIT;
	const int how = O_RDONLY | O_NONBLOCK | O_CLOEXEC;
	const struct layout *l = w->l;
	enum verdict v;
	struct stat st;
	int fd = -1;

	str_addf(&host, "/%s", rel);
	v = rules_decide(w->rules, host.s, host.len).verdict;
	if (v == VERDICT_DEFAULT || v == VERDICT_PACKAGE)
		fd = fs_open_beneath(l->rootfd, rel, how, 0);
	if (fd >= 0) {
		if (fstat(fd, &st) == 0 && !tree_is_placeholder(l->rootfd, rel, &st))
			return fd;
		close(fd);
		return -1;
	}
	return v == VERDICT_DEFAULT || v == VERDICT_HOST ? open(host.s, how) : -1;
}

static bool
has_files(const struct where *w, const char *name)
{
	AUTO(str_fini) struct str rel = STR_INIT;

	str_addf(&rel, DATA "/%s/LC_CTYPE", name);
	AUTO(fd_drop) int fd = open_seen(w, rel.s);

	return fd >= 0;
}

static bool
is_in_archive(const struct where *w, const char *name)
{
	AUTO(fd_drop) int fd = open_seen(w, ARCHIVE);
	AUTO(str_fini) struct str names = STR_INIT;
	struct archive_head h;
	size_t n = strlen(name) + 1;

	if (fd < 0 || pread(fd, &h, sizeof(h), 0) != (ssize_t)sizeof(h) ||
	    h.magic != (uint32_t)ARCHIVE_MAGIC || h.names_used > NAMES_MOST)
		return false;
	str_reserve(&names, h.names_used);
	if (pread(fd, names.s, h.names_used, h.names_at) != (ssize_t)h.names_used)
		return false;
	for (const char *at = names.s, *end = names.s + h.names_used;
	     (at = memmem(at, (size_t)(end - at), name, n)); at++)
		if (at == names.s || at[-1] == 0)
			return true;
	return false;
}

static bool
is_here(const struct where *w, const char *name)
{
	AUTO(str_fini) struct str normal = STR_INIT;

	if (strchr(name, '/') || name[0] == '.')
		return false;
	normalize(name, &normal);
	return has_files(w, name) || has_files(w, normal.s) || is_in_archive(w, normal.s);
}

static bool
is_of_locale(const char *entry)
{
	return str_has_prefix(entry, "LANG=") || str_has_prefix(entry, "LANGUAGE=") ||
	       str_has_prefix(entry, "LC_");
}

static const char *
value_of(char *const *host, const char *name)
{
	size_t n = strlen(name);

	for (; *host; host++)
		if (strncmp(*host, name, n) == 0 && (*host)[n] == '=' && (*host)[n + 1])
			return *host + n + 1;
	return NULL;
}

static bool
is_none(const char *name)
{
	return strcmp(name, "C") == 0 || strcmp(name, "POSIX") == 0;
}

/* Has he chosen one, and is all of his choice here? */
static bool
can_speak(const struct where *w, char *const *host)
{
	const char *all = value_of(host, "LC_ALL"), *lang = value_of(host, "LANG");

	if (all)
		return !is_none(all) && is_here(w, all);
	if (!lang || is_none(lang) || !is_here(w, lang))
		return false;
	for (; *host; host++) {
		const char *value = strchr(*host, '=');

		if (str_has_prefix(*host, "LC_") && value && value[1] &&
		    !is_none(value + 1) && !is_here(w, value + 1))
			return false;
	}
	return true;
}

void
locale_of_host(struct env *x, const struct layout *l, const struct rules *r,
	       char *const *host)
{
	const struct where w = { l, r };
	size_t kept = 0;

	if (!can_speak(&w, host))
		return;
	for (size_t i = 0; i + 1 < x->v.n; i++)
		if (is_of_locale(x->v.v[i]))
			free(x->v.v[i]);
		else
			x->v.v[kept++] = x->v.v[i];
	x->v.n = kept;
	for (; *host; host++)
		if (is_of_locale(*host))
			vec_push(&x->v, mem_strdup(*host));
	vec_push(&x->v, NULL);
}
