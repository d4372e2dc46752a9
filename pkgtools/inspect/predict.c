#include "inspect/predict.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fs.h"
#include "inspect/edit_priv.h"
#include "path/lex.h"
#include "tree/copy.h"
#include "tree/place.h"

enum { STRINGS_MOST = 256 << 20 };

struct work {
	struct edits *x;
	struct edit_ops *l;
	const struct model *m;
	struct predict *how;
	struct err *e;
	struct map library;  /* last components of what the package has */
	struct map dirs;     /* where it has libraries */
	struct map asked;    /* paths that were looked at */
	struct map packages; /* of the distribution: name → a path, heap */
	VEC(char *) elf;     /* programs and libraries */
	const char *why;
	bool failed;
};

static void
work_fini(struct work *w)
{
	for (struct map_slot *s = NULL; (s = map_next(&w->packages, s));)
		free(s->p);
	for (size_t i = 0; i < w->elf.n; i++)
		free(w->elf.v[i]);
	vec_fini(&w->elf);
	map_fini(&w->library);
	map_fini(&w->dirs);
	map_fini(&w->asked);
	map_fini(&w->packages);
}

/* ---- additions ---- */

static bool
in_package(const struct work *w, const char *path)
{
	AUTO(place_fini) struct place at = PLACE_INIT;
	struct stat st;

	if (!path[1])
		return true;
	if (place_find(&at, &w->x->p->layout, path + 1, false) < 0)
		return false;
	return fstatat(at.dir, at.name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       !tree_is_placeholder(at.dir, at.name, &st);
}

/* What was captured stays as it was, even where this machine has another by now. */
static void
leave_captured(struct work *w, size_t from)
{
	AUTO(str_fini) struct str note = STR_INIT;
	AUTO(edit_walk_fini) struct edit_walk walk = { 0 };
	AUTO(edit_ops_fini) struct edit_ops more = { 0 };

	for (size_t i = from; i < w->l->n; i++) {
		const struct edit_op *op = edit_ops_at(w->l, i, &walk);

		if (!in_package(w, op->path))
			edit_ops_add(&more, op);
	}
	edit_ops_trunc(w->l, from);
	str_addf(&note, PREDICT_NOTE "%s", w->why);
	for (size_t i = 0; i < more.n; i++)
		edit_ops_add(w->l, edit_ops_at(&more, i, &walk));
	for (size_t i = 0; i < more.n; i++)
		edit_push(w->l, EDIT_NOTE, edit_ops_at(&more, i, &walk)->path, note.s,
			  NULL);
	w->how->found += more.n;
}

static void
add(struct work *w, const char *path, unsigned how)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	const struct edit_add a = {
		.path = path, .how = how, .progress = w->how->progress, .ctx = w->how->ctx
	};
	struct map_slot *s = map_put(&w->asked, path, strlen(path));
	size_t from = w->l->n;

	if ((s->u && !(how & EDIT_ADD_PACKAGE)) || w->failed || access(path, R_OK) < 0 ||
	    rules_decide(&w->x->p->rules, path, strlen(path)).verdict == VERDICT_HOST)
		return;
	s->u = 1;
	if (edit_add(w->x, w->l, &a, &e) == 0) {
		leave_captured(w, from);
		return;
	}
	w->failed = e.code == EINTR;
	if (w->failed)
		err_set(w->e, EINTR, "%s", path);
	else if (w->how->warnings)
		str_addf(w->how->warnings, "%s\n", e.text.s);
}

static void
add_all(struct work *w, const char *pattern)
{
	glob_t g;

	if (glob(pattern, GLOB_NOSORT, NULL, &g) == 0)
		for (size_t i = 0; i < g.gl_pathc; i++)
			add(w, g.gl_pathv[i], 0);
	globfree(&g);
}

/* ---- what the package has ---- */

static void
take_node(struct work *w, uint32_t n, const char *path)
{
	const struct node *x = &w->m->node[n];
	const struct node_origin *o = &w->m->origin.v[x->origin];
	const char *name = path_base(path);

	if ((x->state & 15) != FILE_CAPTURED || x->kind == 'd')
		return;
	if (o->class == ORIGIN_PACKAGE && !(x->flags & ENTRY_PREDICTED)) {
		struct map_slot *s =
			map_put(&w->packages, o->package, strlen(o->package));

		if (!s->p)
			s->p = mem_strdup(path);
	}
	if (strstr(name, ".so")) {
		AUTO(str_fini) struct str dir = STR_INIT;

		map_put(&w->library, name, strlen(name));
		str_set(&dir, path);
		path_to_parent(&dir);
		map_put(&w->dirs, dir.s, dir.len);
	}
}

/* Only what is ELF by its first bytes; the package's file, not the host's. */
static void
take_elf(struct work *w, uint32_t n, const char *path)
{
	AUTO(err_fini) struct err none = ERR_INIT;
	char magic[4];

	if (w->m->node[n].kind != 'f' || (w->m->node[n].state & 15) != FILE_CAPTURED ||
	    w->m->node[n].size < 64)
		return;
	AUTO(fd_drop) int fd = package_file(w->x->p, path, false, NULL, &none);
	if (fd >= 0 && pread(fd, magic, 4, 0) == 4 && memcmp(magic, "\177ELF", 4) == 0)
		vec_push(&w->elf, mem_strdup(path));
}

static void
take_all(struct work *w)
{
	AUTO(str_fini) struct str path = STR_INIT;

	for (uint32_t n = 1; n < w->m->n; n++) {
		if (!w->m->node[n].row)
			continue;
		model_path(w->m, n, &path);
		take_node(w, n, path.s);
		take_elf(w, n, path.s);
	}
}

/* ---- libraries ---- */

static void
on_need(void *ctx, const char *path, const char *missing)
{
	AUTO(str_fini) struct str name = STR_INIT;

	if (!path)
		return;
	str_set(&name, path);
	path_clean(&name);
	add(ctx, name.s, 0);
}

/* DIR/libm.so.6 → DIR/glibc-hwcaps/x86-64-v3/libm.so.6 … */
static void
add_variants(struct work *w)
{
	for (struct map_slot *d = NULL; (d = map_next(&w->dirs, d));) {
		AUTO(str_fini) struct str pattern = STR_INIT;
		glob_t g;

		str_addf(&pattern, "%s/glibc-hwcaps/*/*.so*", d->key);
		if (glob(pattern.s, GLOB_NOSORT, NULL, &g) == 0)
			for (size_t i = 0; i < g.gl_pathc; i++) {
				const char *base = path_base(g.gl_pathv[i]);

				if (map_get(&w->library, base, strlen(base)))
					add(w, g.gl_pathv[i], 0);
			}
		globfree(&g);
	}
}

void
predict_names(const char *data, size_t len, predict_name_cb *cb, void *ctx)
{
	const char *end = data + len, *at = data;

	while ((at = memmem(at, (size_t)(end - at), ".so", 3))) {
		const char *from = at, *to = at + 3;

		while (from > data && (isalnum((unsigned char)from[-1]) ||
				       strchr("_+-.", from[-1] ?: 1)))
			from--;
		while (to < end && (isdigit((unsigned char)*to) || *to == '.'))
			to++;
		if (to < end && !*to && from < at &&
		    (from == data || !from[-1] || from[-1] == '/') &&
		    (to == at + 3 || at[3] == '.') && to[-1] != '.')
			cb(ctx, from, (size_t)(to - from));
		at += 3;
	}
}

static void
on_name(void *ctx, const char *name, size_t len)
{
	struct work *w = ctx;

	if (map_get(&w->library, name, len))
		return;
	for (struct map_slot *d = NULL; (d = map_next(&w->dirs, d));) {
		AUTO(str_fini) struct str path = STR_INIT;

		str_addf(&path, "%s/%.*s", d->key, (int)len, name);
		if (access(path.s, R_OK) == 0) {
			add(w, path.s, 0);
			return;
		}
	}
}

static void
add_named(struct work *w, const char *path)
{
	AUTO(err_fini) struct err none = ERR_INIT;
	struct stat st;
	AUTO(fd_drop) int fd = package_file(w->x->p, path, false, &st, &none);
	void *data;

	if (fd < 0 || st.st_size <= 0 || st.st_size > STRINGS_MOST)
		return;
	data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED)
		return;
	predict_names(data, (size_t)st.st_size, on_name, w);
	munmap(data, (size_t)st.st_size);
}

static void
add_libraries(struct work *w)
{
	w->why = "a library by DT_NEEDED";
	for (size_t i = 0; i < w->elf.n; i++)
		edit_needs(w->elf.v[i], on_need, w);
	w->why = "a variant for other processors";
	add_variants(w);
	w->why = "named in a program";
	for (size_t i = 0; i < w->elf.n; i++)
		add_named(w, w->elf.v[i]);
}

/* ---- what libraries load ---- */

static const struct plugin {
	const char *library; /* beginning of its name */
	const char *why;
	const char *pattern; /* relative: to each directory of libraries */
} plugin[] = {
	{ "libc.so.", "name service", "libnss_*.so.2" },
	{ "libc.so.", "name service", "/etc/nsswitch.conf" },
	{ "libc.so.", "name service", "/etc/services" },
	{ "libc.so.", "name service", "/etc/protocols" },
	{ "libc.so.", "character sets", "gconv" },
	{ "libc.so.", "locale", "/usr/lib/locale/C.utf8" },
	{ "libc.so.", "locale", "/usr/lib/locale/locale-archive" },
	{ "libc.so.", "time zones", "/etc/localtime" },
	{ "libc.so.", "threads", "libgcc_s.so.1" },
	{ "libpam.so.", "PAM", "/etc/pam.d" },
	{ "libpam.so.", "PAM", "/etc/security" },
	{ "libpam.so.", "PAM", "security" },
	{ "libgio-2.0.so.", "GIO modules", "gio/modules" },
	{ "libgdk_pixbuf-2.0.so.", "image loaders", "gdk-pixbuf-2.0" },
	{ "libgio-2.0.so.", "GIO settings", "/usr/share/glib-2.0/schemas" },
	{ "libgtk-x11-2.0.so.", "GTK modules", "gtk-2.0" },
	{ "libgtk-3.so.", "GTK modules", "gtk-3.0" },
	{ "libgtk-4.so.", "GTK modules", "gtk-4.0" },
	{ "libQt5Gui.so.", "Qt plugins", "qt5/plugins" },
	{ "libQt6Gui.so.", "Qt plugins", "qt6/plugins" },
	{ "libMagickCore-", "image coders", "ImageMagick-*" },
	{ "libsasl2.so.", "SASL", "sasl2" },
	{ "libcrypto.so.", "OpenSSL", "ossl-modules" },
	{ "libcrypto.so.", "OpenSSL", "/etc/ssl/openssl.cnf" },
	{ "libtinfo.so.", "terminals", "/lib/terminfo" },
	{ "libmagic.so.", "file types", "/usr/share/misc/magic.mgc" },
};

static bool
has_library(const struct work *w, const char *prefix)
{
	for (struct map_slot *s = NULL; (s = map_next(&w->library, s));)
		if (str_has_prefix(s->key, prefix))
			return true;
	return false;
}

static void
add_plugins(struct work *w)
{
	for (size_t i = 0; i < ARRAY_SIZE(plugin); i++) {
		w->why = plugin[i].why;
		if (!has_library(w, plugin[i].library))
			continue;
		if (plugin[i].pattern[0] == '/') {
			add_all(w, plugin[i].pattern);
			continue;
		}
		for (struct map_slot *d = NULL; (d = map_next(&w->dirs, d));) {
			AUTO(str_fini) struct str pattern = STR_INIT;

			str_addf(&pattern, "%s/%s", d->key, plugin[i].pattern);
			add_all(w, pattern.s);
		}
	}
}

/* Of the languages that the captured runs had in their environment. */
static void
add_locales(struct work *w)
{
	AUTO(err_fini) struct err none = ERR_INIT;
	AUTO(str_fini) struct str env = STR_INIT;

	if (!has_library(w, "libc.so.") ||
	    fs_slurp(w->x->p->layout.dirfd, PKG_ENV, &env, &none) < 0)
		return;
	w->why = "locale";
	for (size_t i = 0; i < env.len; i += strlen(env.s + i) + 1) {
		const char *value = strchr(env.s + i, '=');
		AUTO(str_fini) struct str pattern = STR_INIT;
		size_t n = 0;

		if (!value || (!str_has_prefix(env.s + i, "LANG=") &&
			       !str_has_prefix(env.s + i, "LC_")))
			continue;
		while (isalpha((unsigned char)value[1 + n]) || value[1 + n] == '_')
			n++;
		if (n < 2) /* C; "POSIX" is no directory */
			continue;
		str_addf(&pattern, "/usr/lib/locale/%.*s*", (int)n, value + 1);
		add_all(w, pattern.s);
	}
}

/* ---- Python ---- */

static bool
is_init(const struct work *w, const struct str *dir)
{
	AUTO(str_fini) struct str init = STR_INIT;

	str_addf(&init, "%s/__init__.py", dir->s);
	return model_find(w->m, init.s, init.len) != UINT32_MAX;
}

/* The outermost directory that is a package. */
static void
add_module(struct work *w, const char *path)
{
	AUTO(str_fini) struct str dir = STR_INIT, up = STR_INIT;

	str_set(&dir, path);
	path_to_parent(&dir);
	str_set(&up, dir.s);
	for (path_to_parent(&up); up.len > 1 && is_init(w, &up); path_to_parent(&up))
		str_set(&dir, up.s);
	add(w, dir.s, 0);
}

/* "…/__pycache__/x.cpython-311.pyc" → "…/x.py" */
static void
add_source(struct work *w, const char *path)
{
	AUTO(str_fini) struct str source = STR_INIT;
	const char *base = path_base(path);

	str_set(&source, path);
	path_to_parent(&source);
	if (strcmp(path_base(source.s), "__pycache__") != 0)
		return;
	path_to_parent(&source);
	str_addf(&source, "/%.*s.py", (int)strcspn(base, "."), base);
	add(w, source.s, 0);
}

/* What of the standard library is large, and no part of a program. */
static bool
is_aside(const char *name)
{
	static const char *const aside[] = { "test",	   "idlelib", "tkinter",
					     "turtledemo", "lib2to3", "pydoc_data",
					     "ensurepip" };

	for (size_t i = 0; i < ARRAY_SIZE(aside); i++)
		if (strcmp(name, aside[i]) == 0)
			return true;
	return strstr(name, "tkinter") != NULL;
}

/* Names that match, and of those the part that is a module of its own. */
static void
add_modules(struct work *w, const char *dir, const char *pattern, const char *tail)
{
	AUTO(str_fini) struct str all = STR_INIT, name = STR_INIT;
	glob_t g;

	str_addf(&all, "%s/%s%s", dir, pattern, tail);
	if (glob(all.s, GLOB_NOSORT, NULL, &g) == 0)
		for (size_t i = 0; i < g.gl_pathc; i++) {
			str_setn(&name, g.gl_pathv[i],
				 strlen(g.gl_pathv[i]) - strlen(tail));
			if (!is_aside(path_base(name.s)))
				add(w, name.s, 0);
		}
	globfree(&g);
}

/* The directory of os.py is that of the standard library. */
static void
add_standard(struct work *w, const char *path)
{
	AUTO(str_fini) struct str dir = STR_INIT;

	str_set(&dir, path);
	path_to_parent(&dir);
	add_modules(w, dir.s, "*.py", "");
	add_modules(w, dir.s, "*", "/__init__.py");
	add_modules(w, dir.s, "lib-dynload/*.so", "");
}

static void
add_python(struct work *w)
{
	AUTO(str_fini) struct str path = STR_INIT;

	for (uint32_t n = 1; n < w->m->n; n++) {
		const char *name = model_name(w->m, n);

		if (!w->m->node[n].row || (w->m->node[n].state & 15) != FILE_CAPTURED)
			continue;
		if (strcmp(name, "__init__.py") == 0) {
			w->why = "the rest of a Python package";
			model_path(w->m, n, &path);
			add_module(w, path.s);
		} else if (strcmp(name, "os.py") == 0) {
			w->why = "the standard library of Python";
			model_path(w->m, n, &path);
			add_standard(w, path.s);
		} else if (str_has_suffix(name, ".pyc")) {
			w->why = "source of byte code";
			model_path(w->m, n, &path);
			add_source(w, path.s);
		}
	}
}

int
predict(struct edits *x, struct edit_ops *l, const struct model *m, struct predict *how,
	struct err *e)
{
	AUTO(work_fini) struct work w = { .x = x, .l = l, .m = m, .how = how, .e = e };

	take_all(&w);
	add_libraries(&w);
	add_plugins(&w);
	add_locales(&w);
	add_python(&w);
	w.why = "the rest of a distro package";
	if (how->how & PREDICT_DISTRO)
		for (struct map_slot *s = NULL; (s = map_next(&w.packages, s));)
			add(&w, s->p, EDIT_ADD_PACKAGE);
	return w.failed ? -1 : 0;
}
