/*
 * dpkg's database, read as it lies: info/PACKAGE.list for the files, diversions
 * for those that stand elsewhere, status for versions and the checksums of
 * configuration files, info/PACKAGE.md5sums for those of the others.  A link of the
 * alternatives system belongs to the package of the file that it leads to.
 */
#include <string.h>

#include "path/lex.h"
#include "pkg/origin_priv.h"

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
	s->p = mem_strdup(origin_spelling(o, text.s));
}

static int
load_diversions(struct origin *o, struct err *e)
{
	AUTO(str_fini) struct str text = STR_INIT;
	char *at, *from, *to, *package;
	int r = origin_read(o, "var/lib/dpkg/diversions", &text, e);

	if (r)
		return r < 0 ? -1 : 0;
	at = text.s;
	while ((from = origin_line(&at)) && (to = origin_line(&at)) &&
	       (package = origin_line(&at))) {
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

/* Where the package's file `path` stands. */
static const char *
undivert(const struct origin *o, const char *package, const char *path)
{
	const struct map_slot *s =
		o->diverted.n ? map_get(&o->diverted, path, strlen(path)) : NULL;
	const struct diversion *d = s ? s->p : NULL;

	return d && (!d->package || !is_package(package, d->package)) ? d->to : path;
}

static int
load_list(struct origin *o, int dirfd, const char *file, struct err *e)
{
	AUTO(str_fini) struct str text = STR_INIT, name = STR_INIT;
	struct origin_reader r = { .o = o, .class = ORIGIN_PACKAGE };
	char *at, *line;

	if (!str_has_suffix(file, ".list"))
		return 0;
	if (fs_slurp(dirfd, file, &text, e) < 0)
		return -1;
	str_setn(&name, file, strlen(file) - strlen(".list"));
	r.name = name.s;
	for (at = text.s; (line = origin_line(&at));)
		origin_own(&r, undivert(o, name.s, line));
	if (r.number)
		o->package.v[r.number - 1].dpkg = true;
	return 0;
}

/* "HEX  usr/bin/x" */
static int
load_sums(struct origin *o, uint32_t number, struct err *e)
{
	AUTO(str_fini) struct str text = STR_INIT, name = STR_INIT, path = STR_INIT;
	const char *package = o->package.v[number - 1].name;
	char *at, *line;
	int r;

	str_addf(&name, "var/lib/dpkg/info/%s.md5sums", package);
	r = origin_read(o, name.s, &text, e);
	if (r)
		return r < 0 ? -1 : 0;
	for (at = text.s; (line = origin_line(&at));) {
		char *space = strchr(line, ' ');
		struct owner *x;

		if (!space || space - line != 32)
			continue;
		*space = '\0';
		str_set(&path, "/");
		str_add(&path, space + 1 + strspn(space + 1, " *"));
		x = origin_wanted(o, undivert(o, package, path.s));
		if (x && x->package == number)
			origin_sum_hex(x, "md5", line);
	}
	return 0;
}

/* The paragraph's fields that count; all borrowed. */
struct paragraph {
	const char *package, *arch, *version;
	char *conffiles; /* its first line, up to the next field */
	bool installed;
};

/* " /etc/x HEX" and perhaps " obsolete". */
static void
conffile_line(struct origin *o, uint32_t number, char *line)
{
	char *path = line + 1, *sum = strrchr(path, ' ');
	struct owner *x;

	if (sum &&
	    (strcmp(sum, " obsolete") == 0 || strcmp(sum, " remove-on-upgrade") == 0)) {
		*sum = '\0';
		sum = strrchr(path, ' ');
	}
	if (!sum || strlen(sum + 1) != 32)
		return;
	*sum = '\0';
	x = origin_wanted(o, undivert(o, o->package.v[number - 1].name, path));
	if (x && x->package == number)
		origin_sum_hex(x, "md5", sum + 1);
}

static uint32_t
paragraph_package(const struct map *by_name, const struct paragraph *p)
{
	AUTO(str_fini) struct str full = STR_INIT;
	const struct map_slot *s;

	if (!p->package || !p->version || !p->installed)
		return 0;
	str_addf(&full, "%s:%s", p->package, p->arch ? p->arch : "");
	s = map_get(by_name, full.s, full.len);
	if (!s)
		s = map_get(by_name, p->package, strlen(p->package));
	return s ? s->u : 0;
}

static void
paragraph_field(struct origin *o, const struct map *by_name, struct paragraph *p,
		char *line)
{
	if (str_has_prefix(line, "Package: ")) {
		p->package = line + 9;
	} else if (str_has_prefix(line, "Architecture: ")) {
		p->arch = line + 14;
	} else if (str_has_prefix(line, "Version: ")) {
		uint32_t number;

		p->version = line + 9;
		number = paragraph_package(by_name, p);
		if (number) {
			free(o->package.v[number - 1].version);
			o->package.v[number - 1].version = mem_strdup(p->version);
		}
	} else if (str_has_prefix(line, "Status: ")) {
		p->installed = !str_has_suffix(line, " not-installed") &&
			       !str_has_suffix(line, " config-files");
	}
}

/* dpkg writes Package, Status, Architecture and Version in this order, Conffiles later. */
static void
read_status(struct origin *o, const struct map *by_name, char *at)
{
	struct paragraph p = { 0 };
	bool conffiles = false;
	char *line;

	while ((line = origin_line(&at))) {
		if (*line == ' ') {
			uint32_t number = conffiles ? paragraph_package(by_name, &p) : 0;

			if (number)
				conffile_line(o, number, line);
			continue;
		}
		conffiles = str_has_prefix(line, "Conffiles:");
		if (!*line)
			p = (struct paragraph){ 0 };
		else
			paragraph_field(o, by_name, &p, line);
	}
}

static int
load_versions(struct origin *o, struct err *e)
{
	AUTO(str_fini) struct str text = STR_INIT;
	AUTO(map_fini) struct map by_name = { 0 };
	int r = origin_read(o, "var/lib/dpkg/status", &text, e);

	if (r)
		return r < 0 ? -1 : 0;
	for (size_t i = 0; i < o->package.n; i++) {
		const char *name = o->package.v[i].name;

		if (!o->package.v[i].dpkg)
			continue;
		map_put(&by_name, name, strlen(name))->u = i + 1;
		if (load_sums(o, i + 1, e) < 0)
			return -1;
	}
	read_status(o, &by_name, text.s);
	return 0;
}

int
origin_load_dpkg(struct origin *o, struct err *e)
{
	for (size_t i = 0, n = o->want.n; i < n; i++)
		want_target(o, o->want.v[i]);
	if (load_diversions(o, e) < 0 ||
	    origin_each(o, "var/lib/dpkg/info", load_list, e) < 0)
		return -1;
	return o->package.n ? load_versions(o, e) : 0;
}
