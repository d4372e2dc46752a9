#include "exec/install.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "base/map.h"
#include "path/lex.h"
#include "tree/copy.h"

#define MARK	  "# By cde-exec --install; --uninstall removes it.  "
#define WRAPPER	  ".cde"
#define TEXT_MOST (256 << 10)

struct site {
	const struct install *x;
	struct layout *pkg;
	const struct env *env;
	struct str bin, apps;
	struct str name; /* of the package: told apart from others by it */
	unsigned refused;
};

static void
site_fini(struct site *s)
{
	str_fini(&s->bin);
	str_fini(&s->apps);
	str_fini(&s->name);
}

static int
site_init(struct site *s, const struct install *x, struct err *e)
{
	const char *home = getenv("HOME"), *data = getenv("XDG_DATA_HOME");
	AUTO(str_fini) struct str dir = STR_INIT;

	*s = (struct site){ .x = x, .bin = STR_INIT, .apps = STR_INIT, .name = STR_INIT };
	if ((!x->dir || !data) && (!home || home[0] != '/'))
		return err_set(e, 0, "HOME is not set: where shall it be installed?");
	if (x->dir)
		str_set(&s->bin, x->dir);
	else
		str_addf(&s->bin, "%s/.local/bin", home);
	if (data && data[0] == '/')
		str_addf(&s->apps, "%s/applications", data);
	else if (home)
		str_addf(&s->apps, "%s/.local/share/applications", home);
	/* ".../study/cde-package" is known as "study" */
	str_set(&dir, x->package);
	if (strcmp(path_base(dir.s), "cde-package") == 0)
		path_to_parent(&dir);
	str_set(&s->name, path_base(dir.s));
	return 0;
}

/* ------------------------------------------------------------ marks */

static void
add_mark(struct str *out, const char *package, uint64_t hash)
{
	str_addf(out, MARK "%016llx ", (unsigned long long)hash);
	str_add_escaped(out, package);
	str_addc(out, '\n');
}

/* A text with its mark: behind the "#!" line, or at the top. */
static void
add_marked(struct str *out, const char *package, const struct str *text)
{
	const char *rest = text->s;

	if (str_has_prefix(rest, "#!")) {
		rest += strcspn(rest, "\n");
		rest += *rest == '\n';
	}
	str_addn(out, text->s, (size_t)(rest - text->s));
	add_mark(out, package, map_hash(text->s, text->len));
	str_add(out, rest);
}

enum owner { OWNER_NONE, OWNER_OTHER, OWNER_US, OWNER_US_CHANGED };

/* Whose file is it? */
static enum owner
owner_of(const char *name, const char *package)
{
	AUTO(str_fini) struct str text = STR_INIT, plain = STR_INIT, mark = STR_INIT;
	AUTO(fd_drop)
	int fd = open(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	const char *at, *end;
	struct stat st;

	if (fd < 0)
		return errno == ENOENT ? OWNER_NONE : OWNER_OTHER;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > TEXT_MOST ||
	    fd_read_all(fd, &text) < 0)
		return OWNER_OTHER;
	at = str_has_prefix(text.s, MARK) ? text.s : strstr(text.s, "\n" MARK);
	if (!at)
		return OWNER_OTHER;
	at += *at == '\n';
	end = at + strcspn(at, "\n");
	end += *end == '\n';
	str_setn(&plain, text.s, (size_t)(at - text.s));
	str_add(&plain, end);
	add_mark(&mark, package, map_hash(plain.s, plain.len));
	if (strncmp(at, mark.s, mark.len) == 0 && (size_t)(end - at) == mark.len)
		return OWNER_US;
	/* the hash differs, the package does not */
	if ((size_t)(end - at) > strlen(MARK) + 17 &&
	    strncmp(at + strlen(MARK) + 17, mark.s + strlen(MARK) + 17,
		    mark.len - strlen(MARK) - 17) == 0)
		return OWNER_US_CHANGED;
	return OWNER_OTHER;
}

/* ------------------------------------------------------------ names */

/* Is there a program of that name in another directory of PATH, or a desktop file of that
 * name in another data directory? */
static bool
is_elsewhere(const char *list, const char *below, const char *own, const char *name)
{
	AUTO(str_fini) struct str at = STR_INIT;

	for (size_t n; *list; list += n + (list[n] != 0)) {
		n = strcspn(list, ":");
		str_setn(&at, list, n);
		if (*below)
			path_append(&at, below);
		if (!n || strcmp(at.s, own) == 0)
			continue;
		path_append(&at, name);
		if (access(at.s, F_OK) == 0)
			return true;
	}
	return false;
}

static bool
is_taken(const struct site *s, const char *dir, const char *name)
{
	const char *path = getenv("PATH"), *data = getenv("XDG_DATA_DIRS");

	if (dir == s->bin.s)
		return is_elsewhere(path ? path : "/usr/local/bin:/usr/bin:/bin", "", dir,
				    name);
	return is_elsewhere(data && *data ? data : "/usr/local/share:/usr/share",
			    "applications", dir, name);
}

/* NAME, or NAME.cde where this machine has a NAME, or NAME.PACKAGE.cde. */
static void
candidate(const struct site *s, unsigned n, const char *stem, const char *suffix,
	  struct str *out)
{
	str_set(out, stem);
	if (n == 2)
		str_addf(out, ".%s", s->name.s);
	if (n > 0)
		str_add(out, WRAPPER);
	str_add(out, suffix);
}

static int
make_dir(const char *dir, struct err *e)
{
	AUTO(fd_drop) int here = open(dir[0] == '/' ? "/" : ".", O_PATH | O_CLOEXEC);
	int r = fs_mkdirs(here, dir + strspn(dir, "/"));

	return r < 0 ? err_set(e, r, "make directory %s", dir) : 0;
}

/* A marked text under the first name that is free, or ours already. */
static int
put(struct site *s, const char *dir, const char *stem, const char *suffix,
    const struct str *text, struct err *e)
{
	AUTO(str_fini) struct str name = STR_INIT, to = STR_INIT, marked = STR_INIT;

	if (make_dir(dir, e) < 0)
		return -1;
	add_marked(&marked, s->x->package, text);
	for (unsigned n = 0; n < 3; n++) {
		enum owner o;

		candidate(s, n, stem, suffix, &name);
		str_set(&to, dir);
		path_append(&to, name.s);
		o = owner_of(to.s, s->x->package);
		if (o == OWNER_US_CHANGED) {
			log_error("%s was changed since it was installed: left as it is",
				  to.s);
			s->refused++;
			return 0;
		}
		if (o == OWNER_OTHER ||
		    (o == OWNER_NONE && n < 1 && is_taken(s, dir, name.s)))
			continue;
		if (fs_replace(AT_FDCWD, to.s, marked.s, marked.len,
			       *suffix ? 0644 : 0755, e) < 0)
			return -1;
		printf("%s\n", to.s);
		return 0;
	}
	log_error("%s%s: not installed: %s is there, and not of this package", stem,
		  suffix, to.s);
	s->refused++;
	return 0;
}

/* ------------------------------------------------------------ programs */

/* What starts a program of the package: its wrapper, or cde-exec. */
static bool
has_wrapper(const struct site *s, const char *program, struct str *name)
{
	str_set(name, program);
	str_add(name, WRAPPER);
	return faccessat(s->pkg->dirfd, name->s, X_OK, AT_EACCESS) == 0;
}

static void
in_package(const struct site *s, const char *name, struct str *out)
{
	str_set(out, s->pkg->dir.s);
	path_append(out, name);
}

static int
put_program(struct site *s, const char *program, struct err *e)
{
	AUTO(str_fini) struct str text = STR_INIT, file = STR_INIT, wrapper = STR_INIT;

	str_add(&text, "#!/bin/sh\nexec ");
	if (has_wrapper(s, program, &wrapper)) {
		in_package(s, wrapper.s, &file);
		str_add_quoted(&text, file.s);
	} else {
		in_package(s, PKG_EXEC, &file);
		str_add_quoted(&text, file.s);
		str_add(&text, " --package ");
		str_add_quoted(&text, s->pkg->dir.s);
		str_add(&text, " -- ");
		str_add_quoted(&text, program);
	}
	str_add(&text, " \"$@\"\n");
	return put(s, s->bin.s, program, "", &text, e);
}

struct names {
	VEC(char *) v;
};

static void
names_fini(struct names *x)
{
	for (size_t i = 0; i < x->v.n; i++)
		free(x->v.v[i]);
	vec_fini(&x->v);
}

/* Sorted names in a directory of the package; absolute links stay in it. */
static void
list(const struct site *s, const char *abs, struct names *out)
{
	int fd = abs ? fs_open_beneath(s->pkg->rootfd, abs + strspn(abs, "/"),
				       O_RDONLY | O_DIRECTORY, 0)
		     : openat(s->pkg->dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *ent;

	if (!d) {
		fd_drop(&fd);
		return;
	}
	while ((ent = readdir(d)))
		if (ent->d_name[0] != '.')
			vec_push(&out->v, mem_strdup(ent->d_name));
	closedir(d);
	if (out->v.n)
		qsort(out->v.v, out->v.n, sizeof(char *), str_order);
}

/* A file of the package with content; its descriptor or -1. */
static int
open_file(const struct site *s, const char *abs, struct stat *st)
{
	AUTO(fd_drop)
	int fd = fs_open_beneath(s->pkg->rootfd, abs + strspn(abs, "/"),
				 O_RDONLY | O_NONBLOCK, 0);

	if (fd < 0 || fstat(fd, st) < 0 || !S_ISREG(st->st_mode))
		return -1;
	AUTO(str_fini) struct str link = STR_INIT;
	str_addf(&link, "/proc/self/fd/%d", fd);
	AUTO(str_fini) struct str real = STR_INIT;
	if (fs_readlink(AT_FDCWD, link.s, &real) == 0 &&
	    tree_is_placeholder(AT_FDCWD, real.s, st))
		return -1;
	return fd_take(&fd);
}

static bool
is_program(const struct site *s, const char *abs)
{
	struct stat st;
	AUTO(fd_drop) int fd = open_file(s, abs, &st);

	return fd >= 0 && (st.st_mode & 0111);
}

/* Along the PATH of the package. */
static int
put_all(struct site *s, struct err *e)
{
	const char *path = env_get(s->env, "PATH");
	AUTO(str_fini) struct str abs = STR_INIT;
	struct map done = { 0 };
	int r = 0;

	for (size_t n; r == 0 && path && *path; path += n + (path[n] != 0)) {
		AUTO(names_fini) struct names names = { 0 };
		AUTO(str_fini) struct str dir = STR_INIT;

		n = strcspn(path, ":");
		str_setn(&dir, path, n);
		if (dir.s[0] == '/')
			list(s, dir.s, &names);
		for (size_t i = 0; r == 0 && i < names.v.n; i++) {
			const char *name = names.v.v[i];

			str_set(&abs, dir.s);
			path_append(&abs, name);
			if (map_get(&done, name, strlen(name)) || !is_program(s, abs.s))
				continue;
			map_put(&done, name, strlen(name));
			r = put_program(s, name, e);
		}
	}
	map_fini(&done);
	return r;
}

static int
put_captured(struct site *s, struct err *e)
{
	AUTO(names_fini) struct names names = { 0 };
	AUTO(str_fini) struct str program = STR_INIT;
	int r = 0;

	list(s, NULL, &names);
	for (size_t i = 0; r == 0 && i < names.v.n; i++) {
		if (!str_has_suffix(names.v.v[i], WRAPPER))
			continue;
		str_set(&program, names.v.v[i]);
		str_trunc(&program, program.len - strlen(WRAPPER));
		r = program.len ? put_program(s, program.s, e) : 0;
	}
	return r;
}

/* ------------------------------------------------------------ menus */

static bool
exec_words(void *ctx, const char *name, struct str *out)
{
	AUTO(str_fini) struct str file = STR_INIT, wrapper = STR_INIT, abs = STR_INIT;
	const char *path = env_get(((struct site *)ctx)->env, "PATH");
	const struct site *s = ctx;
	bool found = name[0] == '/' && is_program(s, name);

	for (size_t n; !found && !strchr(name, '/') && path && *path;
	     path += n + (path[n] != 0)) {
		n = strcspn(path, ":");
		str_setn(&abs, path, n);
		path_append(&abs, name);
		found = *abs.s == '/' && is_program(s, abs.s);
	}
	if (!found)
		return false;
	if (has_wrapper(s, path_base(name), &wrapper)) {
		in_package(s, wrapper.s, &file);
		desktop_add_quoted(out, file.s);
		return true;
	}
	in_package(s, PKG_EXEC, &file);
	desktop_add_quoted(out, file.s);
	str_add(out, " --package ");
	desktop_add_quoted(out, s->pkg->dir.s);
	str_add(out, " -- ");
	desktop_add_quoted(out, name);
	return true;
}

/* The file in cde-root: for programs of this machine. */
static bool
icon_at(const struct site *s, const char *abs, struct str *out)
{
	struct stat st;
	AUTO(fd_drop) int fd = open_file(s, abs, &st);

	if (fd < 0)
		return false;
	str_set(out, s->pkg->root.s);
	path_append(out, abs);
	return true;
}

static bool
find_icon(void *ctx, const char *name, struct str *out)
{
	static const char *const size[] = { "scalable", "512x512", "256x256", "128x128",
					    "96x96",	"64x64",   "48x48",   "32x32" };
	static const char *const end[] = { ".svg", ".png", ".xpm" };
	AUTO(str_fini) struct str abs = STR_INIT;

	if (name[0] == '/')
		return icon_at(ctx, name, out);
	for (size_t i = 0; i < ARRAY_SIZE(size) * ARRAY_SIZE(end); i++) {
		str_clear(&abs);
		str_addf(&abs, "/usr/share/icons/hicolor/%s/apps/%s%s",
			 size[i / ARRAY_SIZE(end)], name, end[i % ARRAY_SIZE(end)]);
		if (icon_at(ctx, abs.s, out))
			return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(end); i++) {
		str_clear(&abs);
		str_addf(&abs, "/usr/share/pixmaps/%s%s", name, end[i]);
		if (icon_at(ctx, abs.s, out))
			return true;
	}
	return false;
}

static int
put_desktop(struct site *s, const char *abs, struct err *e)
{
	const struct desktop_view view = { exec_words, find_icon, s };
	AUTO(str_fini) struct str text = STR_INIT, out = STR_INIT, stem = STR_INIT;
	struct stat st;
	AUTO(fd_drop) int fd = open_file(s, abs, &st);

	if (fd < 0 || st.st_size > TEXT_MOST || fd_read_all(fd, &text) < 0)
		return 0;
	if (!desktop_rewrite(text.s, &view, &out)) {
		log_debug("%s: starts no program of the package", abs);
		return 0;
	}
	str_set(&stem, path_base(abs));
	str_trunc(&stem, stem.len - strlen(".desktop"));
	return put(s, s->apps.s, stem.s, ".desktop", &out, e);
}

static int
put_desktops(struct site *s, struct err *e)
{
	static const char *const dirs[] = { "/usr/share/applications",
					    "/usr/local/share/applications" };
	AUTO(str_fini) struct str abs = STR_INIT;
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		AUTO(names_fini) struct names names = { 0 };

		list(s, dirs[i], &names);
		for (size_t k = 0; r == 0 && k < names.v.n; k++) {
			if (!str_has_suffix(names.v.v[k], ".desktop"))
				continue;
			str_set(&abs, dirs[i]);
			path_append(&abs, names.v.v[k]);
			r = put_desktop(s, abs.s, e);
		}
	}
	return r;
}

static bool
is_on_path(const char *dir)
{
	const char *path = getenv("PATH");

	for (size_t n; path && *path; path += n + (path[n] != 0)) {
		n = strcspn(path, ":");
		if (strlen(dir) == n && strncmp(path, dir, n) == 0)
			return true;
	}
	return false;
}

int
install_add(const struct install *x, struct layout *pkg, const struct env *env,
	    struct err *e)
{
	AUTO(site_fini) struct site s;

	if (site_init(&s, x, e) < 0)
		return -1;
	s.pkg = pkg;
	s.env = env;
	if ((x->all ? put_all(&s, e) : put_captured(&s, e)) < 0 ||
	    put_desktops(&s, e) < 0)
		return -1;
	if (!is_on_path(s.bin.s))
		log_error("note: %s is not on your PATH", s.bin.s);
	return s.refused ? err_set(e, 0, "%u not installed", s.refused) : 0;
}

static int
remove_from(const struct install *x, const char *dir, struct err *e)
{
	DIR *d = opendir(dir);
	struct dirent *ent;
	int r = 0;

	while (d && r == 0 && (ent = readdir(d))) {
		AUTO(str_fini) struct str name = STR_INIT;
		enum owner o;

		str_set(&name, dir);
		path_append(&name, ent->d_name);
		o = owner_of(name.s, x->package);
		if (o == OWNER_US_CHANGED)
			log_error("%s was changed since it was installed: kept", name.s);
		if (o != OWNER_US)
			continue;
		if (unlink(name.s) < 0)
			r = err_set(e, errno, "remove %s", name.s);
		else
			printf("%s\n", name.s);
	}
	if (d)
		closedir(d);
	return r;
}

int
install_remove(const struct install *x, struct err *e)
{
	AUTO(site_fini) struct site s;

	if (site_init(&s, x, e) < 0 || remove_from(x, s.bin.s, e) < 0)
		return -1;
	return s.apps.len ? remove_from(x, s.apps.s, e) : 0;
}
