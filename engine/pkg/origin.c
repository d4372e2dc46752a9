/*
 * dpkg's database, read as it lies: info/PACKAGE.list for the files, diversions
 * for those that stand elsewhere, status for the versions.  All lists are read
 * once and each line costs one look-up among the wanted names.
 *
 * On a merged-/usr system /bin/x and /usr/bin/x are one file and packages list
 * either; both are brought to the spelling without /usr.  A link of the
 * alternatives system belongs to the package of the file that it leads to.
 */
#include "pkg/origin.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/map.h"
#include "base/vec.h"
#include "path/lex.h"

struct package {
	char *name, *version;
};

struct diversion {
	char *to;
	char *package; /* whose file stands at the original name; NULL: local */
};

struct origin {
	int rootfd;
	bool merged;
	struct map owner;    /* wanted spelling → package + 1; 0: not found (yet) */
	struct map target;   /* link of the alternatives → spelling of its file */
	struct map diverted; /* listed name → struct diversion * */
	VEC(char *) want;
	VEC(struct package) package;
};

struct origin *
origin_open(const char *root, struct err *e)
{
	struct origin *o;
	struct stat st;
	int fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0) {
		err_set(e, errno, "open %s", root);
		return NULL;
	}
	o = mem_alloc(sizeof(*o));
	o->rootfd = fd;
	o->merged =
		fstatat(fd, "bin", &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode);
	return o;
}

void
origin_close(struct origin *o)
{
	for (struct map_slot *s = NULL; (s = map_next(&o->target, s));)
		free(s->p);
	for (struct map_slot *s = NULL; (s = map_next(&o->diverted, s));) {
		struct diversion *d = s->p;

		free(d->to);
		free(d->package);
		free(d);
	}
	for (size_t i = 0; i < o->want.n; i++)
		free(o->want.v[i]);
	for (size_t i = 0; i < o->package.n; i++) {
		free(o->package.v[i].name);
		free(o->package.v[i].version);
	}
	vec_fini(&o->want);
	vec_fini(&o->package);
	map_fini(&o->owner);
	map_fini(&o->target);
	map_fini(&o->diverted);
	fd_drop(&o->rootfd);
	free(o);
}

static const char *const merged_dirs[] = {
	"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/libo32",
};

static bool
is_merged_dir(const char *path)
{
	for (size_t i = 0; i < ARRAY_SIZE(merged_dirs); i++)
		if (strcmp(path, merged_dirs[i]) == 0)
			return true;
	return false;
}

/* The one spelling of a name: a suffix of it. */
static const char *
spelling(const struct origin *o, const char *path)
{
	if (!o->merged || strncmp(path, "/usr/", 5) != 0)
		return path;
	for (size_t i = 0; i < ARRAY_SIZE(merged_dirs); i++)
		if (path_under(path + 4, merged_dirs[i]))
			return path + 4;
	return path;
}

/* Packages put nothing elsewhere (Debian policy 9.1). */
static bool
may_be_owned(const char *path)
{
	static const char *const dirs[] = { "/usr", "/etc",  "/var",
					    "/opt", "/boot", "/srv" };

	if (path_under(path, "/usr/local"))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		if (path_under(path, dirs[i]))
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(merged_dirs); i++)
		if (path_under(path, merged_dirs[i]))
			return true;
	return false;
}

void
origin_want(struct origin *o, const char *path)
{
	const char *key = spelling(o, path);

	if (!may_be_owned(path) || map_get(&o->owner, key, strlen(key)))
		return;
	map_put(&o->owner, key, strlen(key));
	vec_push(&o->want, mem_strdup(path));
}

/* path is a link into /etc/alternatives, or one there: want its file, too. */
static void
want_target(struct origin *o, const char *path)
{
	AUTO(str_fini) struct str text = STR_INIT, next = STR_INIT;
	struct map_slot *s;

	if (!path[1] || fs_readlink(o->rootfd, path + 1, &text) < 0 || text.s[0] != '/')
		return;
	if (path_under(text.s, "/etc/alternatives")) {
		if (fs_readlink(o->rootfd, text.s + 1, &next) < 0 || next.s[0] != '/')
			return;
		str_swap(&text, &next);
	} else if (!path_under(path, "/etc/alternatives")) {
		return;
	}
	path_clean(&text);
	origin_want(o, text.s);
	s = map_put(&o->target, path, strlen(path));
	free(s->p);
	s->p = mem_strdup(spelling(o, text.s));
}

/* Cuts the line at *at off (in place) and moves on; NULL at the end. */
static char *
next_line(char **at)
{
	char *line = *at, *end;

	if (!*line)
		return NULL;
	end = strchrnul(line, '\n');
	*at = *end ? end + 1 : end;
	*end = '\0';
	return line;
}

/* 0 with text, 1 when there is no such file. */
static int
read_file(struct origin *o, const char *name, struct str *text, struct err *e)
{
	str_clear(text);
	if (fs_slurp(o->rootfd, name, text, e) == 0)
		return 0;
	if (e->code != ENOENT && e->code != ENOTDIR)
		return -1;
	err_clear(e);
	return 1;
}

static int
load_diversions(struct origin *o, struct err *e)
{
	AUTO(str_fini) struct str text = STR_INIT;
	char *at, *from, *to, *package;
	int r = read_file(o, "var/lib/dpkg/diversions", &text, e);

	if (r)
		return r < 0 ? -1 : 0;
	at = text.len ? text.s : str_empty;
	while ((from = next_line(&at)) && (to = next_line(&at)) &&
	       (package = next_line(&at))) {
		struct map_slot *s = map_put(&o->diverted, from, strlen(from));
		struct diversion *d = s->p;

		if (d)
			continue;
		s->p = d = mem_alloc(sizeof(*d));
		d->to = mem_strdup(to);
		d->package = strcmp(package, ":") == 0 ? NULL : mem_strdup(package);
	}
	return 0;
}

/* "libc6:amd64" is a package named "libc6". */
static bool
is_package(const char *full, const char *name)
{
	size_t n = strlen(name);

	return strncmp(full, name, n) == 0 && (full[n] == '\0' || full[n] == ':');
}

static size_t
package_add(struct origin *o, const char *name)
{
	struct package p = { mem_strdup(name), mem_strdup("") };

	vec_push(&o->package, p);
	return o->package.n;
}

static void
load_list(struct origin *o, const char *package, char *at)
{
	size_t number = 0; /* index + 1, once it owns something that is wanted */
	char *line;

	while ((line = next_line(&at))) {
		const char *path = line;
		struct map_slot *s;

		if (o->diverted.n && (s = map_get(&o->diverted, path, strlen(path)))) {
			const struct diversion *d = s->p;

			if (!d->package || !is_package(package, d->package))
				path = d->to;
		}
		path = spelling(o, path);
		s = map_get(&o->owner, path, strlen(path));
		if (!s || s->u)
			continue;
		if (!number)
			number = package_add(o, package);
		s->u = number;
	}
}

static int
load_lists(struct origin *o, struct err *e)
{
	static const char dir[] = "var/lib/dpkg/info";
	AUTO(str_fini) struct str text = STR_INIT, name = STR_INIT;
	int fd = openat(o->rootfd, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *ent;
	int r = 0;

	if (!d) {
		fd_drop(&fd);
		return errno == ENOENT ? 0 : err_set(e, errno, "/%s", dir);
	}
	while (r == 0 && (ent = readdir(d))) {
		if (!str_has_suffix(ent->d_name, ".list"))
			continue;
		str_clear(&text);
		r = fs_slurp(fd, ent->d_name, &text, e);
		str_setn(&name, ent->d_name, strlen(ent->d_name) - strlen(".list"));
		if (r == 0 && text.len)
			load_list(o, name.s, text.s);
	}
	closedir(d);
	return r;
}

/* The paragraph's fields that count; all borrowed. */
struct paragraph {
	const char *package, *arch, *version;
	bool installed;
};

static void
paragraph_done(const struct map *by_name, struct origin *o, const struct paragraph *p)
{
	AUTO(str_fini) struct str full = STR_INIT;
	const struct map_slot *s;

	if (!p->package || !p->version || !p->installed)
		return;
	str_addf(&full, "%s:%s", p->package, p->arch ? p->arch : "");
	s = map_get(by_name, full.s, full.len);
	if (!s)
		s = map_get(by_name, p->package, strlen(p->package));
	if (!s)
		return;
	free(o->package.v[s->u].version);
	o->package.v[s->u].version = mem_strdup(p->version);
}

static void
read_status(struct origin *o, const struct map *by_name, char *at)
{
	struct paragraph p = { 0 };
	char *line;

	while ((line = next_line(&at))) {
		if (!*line) {
			paragraph_done(by_name, o, &p);
			p = (struct paragraph){ 0 };
		} else if (str_has_prefix(line, "Package: ")) {
			p.package = line + 9;
		} else if (str_has_prefix(line, "Architecture: ")) {
			p.arch = line + 14;
		} else if (str_has_prefix(line, "Version: ")) {
			p.version = line + 9;
		} else if (str_has_prefix(line, "Status: ")) {
			p.installed = !str_has_suffix(line, " not-installed") &&
				      !str_has_suffix(line, " config-files");
		}
	}
	paragraph_done(by_name, o, &p);
}

static int
load_versions(struct origin *o, struct err *e)
{
	AUTO(str_fini) struct str text = STR_INIT;
	AUTO(map_fini) struct map by_name = { 0 };
	int r;

	if (o->package.n == 0)
		return 0;
	r = read_file(o, "var/lib/dpkg/status", &text, e);
	if (r)
		return r < 0 ? -1 : 0;
	for (size_t i = 0; i < o->package.n; i++) {
		const char *name = o->package.v[i].name;

		map_put(&by_name, name, strlen(name))->u = i;
	}
	if (text.len)
		read_status(o, &by_name, text.s);
	return 0;
}

int
origin_load(struct origin *o, struct err *e)
{
	if (o->want.n == 0)
		return 0;
	for (size_t i = 0, n = o->want.n; i < n; i++)
		want_target(o, o->want.v[i]);
	if (load_diversions(o, e) < 0 || load_lists(o, e) < 0)
		return -1;
	return load_versions(o, e);
}

static size_t
owner_of(const struct origin *o, const char *key)
{
	const struct map_slot *s = map_get(&o->owner, key, strlen(key));

	return s ? s->u : 0;
}

bool
origin_find(const struct origin *o, const char *path, struct origin_owner *out)
{
	size_t number = owner_of(o, spelling(o, path));
	const struct map_slot *s;

	if (o->merged && is_merged_dir(path))
		return false; /* listed by many as a directory, owned by none */
	if (!number && (s = map_get(&o->target, path, strlen(path))))
		number = owner_of(o, s->p);
	if (!number)
		return false;
	out->package = o->package.v[number - 1].name;
	out->version = o->package.v[number - 1].version;
	return true;
}
