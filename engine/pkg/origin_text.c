/*
 * apk's and pacman's databases, as they lie.
 *
 * apk: one file of paragraphs, a letter per line: P name, V version, F directory, R name
 * in it, Z checksum of that ("Q1" and base64 of its SHA-1).  pacman: a directory per
 * package, with sections that begin "%NAME%".
 */
#include <string.h>

#include "pkg/origin_priv.h"

struct apk {
	struct origin_reader r;
	const char *dir;
	struct owner *last;
};

static void
apk_line(struct apk *a, char *line, struct str *path)
{
	const char *value = line[0] && line[1] == ':' ? line + 2 : NULL;

	if (!value) {
		if (!*line)
			*a = (struct apk){ .r = { .o = a->r.o,
						  .class = ORIGIN_PACKAGE } };
		return;
	}
	switch (line[0]) {
	case 'P':
		a->r.name = value;
		break;
	case 'V':
		a->r.version = value;
		break;
	case 'F':
		a->dir = value;
		break;
	case 'R':
		str_clear(path);
		str_addf(path, "/%s%s%s", a->dir ? a->dir : "",
			 a->dir && *a->dir ? "/" : "", value);
		a->last = a->r.name ? origin_own(&a->r, path->s) : NULL;
		break;
	case 'Z':
		if (a->last && str_has_prefix(value, "Q1"))
			origin_sum_base64(a->last, "sha1", value + 2, strlen(value + 2));
		break;
	default:
		break;
	}
}

int
origin_load_apk(struct origin *o, struct err *e)
{
	AUTO(str_fini) struct str text = STR_INIT, path = STR_INIT;
	struct apk a = { .r = { .o = o, .class = ORIGIN_PACKAGE } };
	char *at, *line;
	int r = origin_read(o, "lib/apk/db/installed", &text, e);

	if (r > 0)
		r = origin_read(o, "usr/lib/apk/db/installed", &text, e);
	if (r)
		return r < 0 ? -1 : 0;
	for (at = text.s; (line = origin_line(&at));)
		apk_line(&a, line, &path);
	return 0;
}

/* The line after "%KEY%", or the rest of the text from there; NULL: no such section. */
static char *
section(struct str *text, const char *key)
{
	char *at = text->s;

	while ((at = strstr(at, key))) {
		if ((at == text->s || at[-1] == '\n') && at[strlen(key)] == '\n')
			return at + strlen(key) + 1;
		at++;
	}
	return NULL;
}

static void
pacman_files(struct origin_reader *r, char *at)
{
	AUTO(str_fini) struct str path = STR_INIT;
	char *line;

	while ((line = origin_line(&at)) && *line && *line != '%') {
		str_set(&path, "/");
		str_add(&path, line);
		if (!str_has_suffix(path.s, "/"))
			origin_own(r, path.s);
	}
}

static int
pacman_package(struct origin *o, int dirfd, const char *name, struct err *e)
{
	AUTO(str_fini) struct str desc = STR_INIT, files = STR_INIT, file = STR_INIT;
	AUTO(err_fini) struct err none = ERR_INIT;
	struct origin_reader r = { .o = o, .class = ORIGIN_PACKAGE };
	char *at;

	str_addf(&file, "%s/desc", name);
	if (fs_slurp(dirfd, file.s, &desc, &none) < 0)
		return 0; /* ALPM_DB_VERSION, or half installed */
	str_clear(&file);
	str_addf(&file, "%s/files", name);
	if (fs_slurp(dirfd, file.s, &files, &none) < 0)
		return 0;
	r.name = section(&desc, "%NAME%");
	r.version = section(&desc, "%VERSION%");
	if (!r.name || !(at = section(&files, "%FILES%")))
		return 0;
	for (char *c = desc.s; *c; c++)
		if (*c == '\n')
			*c = '\0';
	pacman_files(&r, at);
	return 0;
}

int
origin_load_pacman(struct origin *o, struct err *e)
{
	return origin_each(o, "var/lib/pacman/local", pacman_package, e);
}
