/*
 * Packages of languages, by the metadata that lies beside their files:
 *
 *   pip    SITE/NAME.dist-info/{METADATA,RECORD}, SITE/NAME.egg-info/{PKG-INFO,
 *          installed-files.txt,top_level.txt}; SITE is a site-packages or dist-packages
 *   npm    …/node_modules/[@SCOPE/]NAME/package.json
 *   gem    …/gems/NAME-VERSION/ with …/specifications/NAME-VERSION.gemspec
 *   cargo  …/registry/src/INDEX/NAME-VERSION/Cargo.toml
 *
 * Each directory is asked once, however many files of it are wanted.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "path/lex.h"
#include "pkg/origin_priv.h"

struct lang {
	struct origin *o;
	struct map seen; /* directory → number of its package, 0 none */
	/* What is wanted below the SITE at hand: its first component there, "numpy" or
	 * "six.py" → index + 1 of one; `next` of that: another of the same, 0 no more. */
	struct map top;
	VEC(size_t) next;
};

static bool
slurp(const struct lang *l, const char *abs, struct str *out)
{
	AUTO(err_fini) struct err e = ERR_INIT;

	str_clear(out);
	return fs_slurp(l->o->rootfd, abs + 1, out, &e) == 0;
}

/* The value of "Key: value" in the head of METADATA; cut off in place. */
static char *
header(struct str *text, const char *key)
{
	size_t n = strlen(key);
	char *end;

	for (char *at = text->s; *at && *at != '\n'; at = end + 1) {
		if (strncmp(at, key, n) == 0)
			return at + n;
		if (!(end = strchr(at, '\n')))
			break;
	}
	return NULL;
}

static void
copy_line(struct str *out, const char *from)
{
	str_setn(out, from, strcspn(from, "\r\n"));
}

/* "numpy/x.py,sha256=BASE64,123"; the name may be quoted. */
static void
record_line(struct origin_reader *r, const char *site, char *line)
{
	AUTO(str_fini) struct str path = STR_INIT;
	char *name = line, *sum = NULL;
	struct owner *x;

	if (*name == '"') {
		name++;
		line = strchr(name, '"');
	} else {
		line = strchr(name, ',');
	}
	if (line) {
		*line++ = '\0';
		sum = strstr(line, "sha256=");
	}
	name[strcspn(name, "\r")] = '\0';
	str_set(&path, name[0] == '/' ? "" : site);
	path_append(&path, name);
	path_clean(&path);
	x = origin_own(r, path.s);
	if (x && sum)
		origin_sum_base64(x, "sha256", sum + 7, strcspn(sum + 7, ","));
}

static void
index_site(struct lang *l, const char *site)
{
	map_clear(&l->top);
	while (l->next.n < l->o->want.n)
		vec_push(&l->next, 0);
	for (size_t i = 0; i < l->o->want.n; i++) {
		const char *path = l->o->want.v[i], *name = path + strlen(site) + 1;
		struct map_slot *s;

		if (!path_under(path, site) || strlen(path) <= strlen(site))
			continue;
		s = map_put(&l->top, name, strcspn(name, "/"));
		l->next.v[i] = s->u;
		s->u = i + 1;
	}
}

/* Those of one name that `dir` contains, or is. */
static void
own_name(struct lang *l, struct origin_reader *r, const char *name, size_t len,
	 const char *dir)
{
	const struct map_slot *s = map_get(&l->top, name, len);

	for (size_t i = s ? s->u : 0; i; i = l->next.v[i - 1])
		if (path_under(l->o->want.v[i - 1], dir))
			origin_own(r, l->o->want.v[i - 1]);
}

/* Everything wanted below SITE/TOP or SITE/TOP.py that has no owner yet. */
static void
own_top(struct lang *l, struct origin_reader *r, const char *site, const char *top)
{
	AUTO(str_fini) struct str dir = STR_INIT;
	const char *name;

	str_set(&dir, site);
	path_append(&dir, top);
	if (dir.len < strlen(site) + 2)
		return; /* no name at all */
	name = dir.s + strlen(site) + 1;
	own_name(l, r, name, strcspn(name, "/"), dir.s);
	str_add(&dir, ".py");
	name = dir.s + strlen(site) + 1;
	own_name(l, r, name, strcspn(name, "/"), dir.s);
}

static void
pip_package(struct lang *l, const char *site, const char *name)
{
	AUTO(str_fini) struct str dir = STR_INIT, text = STR_INIT, file = STR_INIT;
	AUTO(str_fini) struct str id = STR_INIT, version = STR_INIT;
	struct origin_reader r = { .o = l->o, .class = ORIGIN_LANGUAGE };
	bool egg = str_has_suffix(name, ".egg-info");
	char *at, *line, *value;

	str_set(&dir, site);
	path_append(&dir, name);
	str_set(&file, dir.s);
	path_append(&file, egg ? "PKG-INFO" : "METADATA");
	if (!slurp(l, file.s, &text) && !(egg && slurp(l, dir.s, &text)))
		return;
	str_set(&id, "pip:");
	if (!(value = header(&text, "Name: ")))
		return;
	str_addn(&id, value, strcspn(value, "\r\n"));
	if ((value = header(&text, "Version: ")))
		copy_line(&version, value);
	r.name = id.s;
	r.version = version.s;
	str_set(&file, dir.s);
	path_append(&file, egg ? "installed-files.txt" : "RECORD");
	if (slurp(l, file.s, &text)) {
		for (at = text.s; (line = origin_line(&at));)
			record_line(&r, egg ? dir.s : site, line);
		return;
	}
	str_set(&file, dir.s);
	path_append(&file, "top_level.txt");
	if (slurp(l, file.s, &text))
		for (at = text.s; (line = origin_line(&at));)
			if (*line)
				own_top(l, &r, site, line);
	own_top(l, &r, site, name);
}

static void
pip_site(struct lang *l, const char *site)
{
	int fd = openat(l->o->rootfd, site + 1, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *ent;

	if (!d) {
		fd_drop(&fd);
		return;
	}
	index_site(l, site);
	while ((ent = readdir(d)))
		if (str_has_suffix(ent->d_name, ".dist-info") ||
		    str_has_suffix(ent->d_name, ".egg-info"))
			pip_package(l, site, ent->d_name);
	closedir(d);
}

/* A string of the outermost object of JSON, as it stands there. */
static bool
json_string(const char *at, const char *key, struct str *out)
{
	int depth = 0;
	size_t n = strlen(key);

	for (; *at; at++) {
		const char *start = at + 1;

		if (*at == '{' || *at == '[')
			depth++;
		else if (*at == '}' || *at == ']')
			depth--;
		if (*at != '"')
			continue;
		for (at++; *at && *at != '"'; at++)
			at += *at == '\\' && at[1];
		if (!*at)
			return false;
		if (depth != 1 || (size_t)(at - start) != n || memcmp(start, key, n) != 0)
			continue;
		at += 1 + strspn(at + 1, " \t\r\n");
		if (*at != ':')
			continue;
		at += 1 + strspn(at + 1, " \t\r\n");
		if (*at != '"')
			return false;
		str_setn(out, at + 1, strcspn(at + 1, "\"\\"));
		return true;
	}
	return false;
}

static uint32_t
npm_package(struct lang *l, const char *dir)
{
	AUTO(str_fini) struct str file = STR_INIT, text = STR_INIT;
	AUTO(str_fini) struct str name = STR_INIT, version = STR_INIT, id = STR_INIT;

	str_set(&file, dir);
	path_append(&file, "package.json");
	if (!slurp(l, file.s, &text) || !json_string(text.s, "name", &name))
		return 0;
	json_string(text.s, "version", &version);
	str_addf(&id, "npm:%s", name.s);
	return origin_package_add(l->o, ORIGIN_LANGUAGE, id.s, version.s);
}

/* NAME-VERSION: the version begins with a digit behind the last such dash. */
static uint32_t
dashed_package(struct lang *l, const char *kind, const char *text, size_t n)
{
	AUTO(str_fini) struct str id = STR_INIT, version = STR_INIT;
	size_t dash = 0;

	for (size_t i = 1; i + 1 < n && !dash; i++)
		if (text[i] == '-' && text[i + 1] >= '0' && text[i + 1] <= '9')
			dash = i;
	if (!dash)
		return 0;
	str_addf(&id, "%s:%.*s", kind, (int)dash, text);
	str_setn(&version, text + dash + 1, n - dash - 1);
	return origin_package_add(l->o, ORIGIN_LANGUAGE, id.s, version.s);
}

/* Is there `end` beside: dir/…`up` components up, then `rest`NAME`end`? */
static bool
has_file(const struct lang *l, const char *dir, size_t n, const char *rest,
	 const char *name, size_t len, const char *end)
{
	AUTO(str_fini) struct str file = STR_INIT;

	str_setn(&file, dir, n);
	str_addf(&file, "%s%.*s%s", rest, (int)len, name, end);
	return faccessat(l->o->rootfd, file.s + 1, F_OK, 0) == 0;
}

static uint32_t
ask_dir(struct lang *l, const char *kind, const char *dir, const char *base)
{
	size_t n = strlen(base), before = (size_t)(base - dir);

	if (strcmp(kind, "npm") == 0)
		return npm_package(l, dir);
	if (strcmp(kind, "gem") == 0) {
		before -= strlen("gems/");
		if (!has_file(l, dir, before, "specifications/", base, n, ".gemspec") &&
		    !has_file(l, dir, before, "specifications/default/", base, n,
			      ".gemspec"))
			return 0;
	} else if (!has_file(l, dir, before, "", base, n, "/Cargo.toml")) {
		return 0;
	}
	return dashed_package(l, kind, base, n);
}

/* The package whose directory is path up to end; base: the beginning of its name. */
static void
own_dir(struct lang *l, const char *kind, struct owner *x, const char *path,
	const char *base, const char *end)
{
	AUTO(str_fini) struct str dir = STR_INIT;
	struct map_slot *s = map_get(&l->seen, path, (size_t)(end - path));

	if (!s) {
		uint32_t number;

		str_setn(&dir, path, (size_t)(end - path));
		number = ask_dir(l, kind, dir.s, dir.s + (base - path));
		s = map_put(&l->seen, dir.s, dir.len);
		s->u = number;
	}
	x->package = s->u;
}

static const char *
last_part(const char *path, const char *part)
{
	const char *found = NULL;

	for (const char *at = path; (at = strstr(at, part)); at++)
		found = at + strlen(part);
	return found;
}

static void
ask_path(struct lang *l, struct owner *x, const char *path)
{
	const char *base, *end;

	if ((base = last_part(path, "/node_modules/"))) {
		end = strchr(base, '/');
		if (end && *base == '@')
			end = strchr(end + 1, '/');
		if (end)
			own_dir(l, "npm", x, path, base, end);
	} else if ((base = last_part(path, "/gems/"))) {
		if ((end = strchr(base, '/')))
			own_dir(l, "gem", x, path, base, end);
	} else if ((base = strstr(path, "/registry/src/"))) {
		base = strchr(base + strlen("/registry/src/"), '/');
		if (base && (end = strchr(base + 1, '/')))
			own_dir(l, "cargo", x, path, base + 1, end);
	}
}

/* The site directories of path, innermost last; each is read once. */
static void
ask_sites(struct lang *l, const char *path)
{
	static const char *const part[] = { "/site-packages/", "/dist-packages/" };
	AUTO(str_fini) struct str site = STR_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(part); i++) {
		const char *end = last_part(path, part[i]);
		struct map_slot *s;

		if (!end)
			continue;
		str_setn(&site, path, (size_t)(end - 1 - path));
		s = map_put(&l->seen, site.s, site.len);
		if (s->u)
			continue;
		s->u = 1;
		pip_site(l, site.s);
	}
}

void
origin_load_language(struct origin *o)
{
	struct lang l = { .o = o };

	for (size_t i = 0, n = o->want.n; i < n; i++) {
		const struct owner *x = origin_wanted(o, o->want.v[i]);

		if (x && !x->package && o->want.v[i][0] == '/')
			ask_sites(&l, o->want.v[i]);
	}
	for (size_t i = 0, n = o->want.n; i < n; i++) {
		struct owner *x = origin_wanted(o, o->want.v[i]);

		if (x && !x->package && o->want.v[i][0] == '/')
			ask_path(&l, x, o->want.v[i]);
	}
	map_fini(&l.seen);
	map_fini(&l.top);
	vec_fini(&l.next);
}
