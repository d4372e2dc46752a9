/*
 * Adding: from one name to all the objects that it takes.  Names are walked over the
 * package as it will be, and over the host where the package has nothing: so an addition
 * goes where the package's own links lead.  Each object of the host that is met becomes
 * one operation; those that programs need wait in a queue.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "inspect/digest.h"
#include "inspect/edit_priv.h"
#include "path/lex.h"
#include "path/walk.h"
#include "pkg/origin_files.h"
#include "tree/copy.h"
#include "tree/place.h"

struct todo {
	char *path, *why; /* why NULL: what was asked for */
	bool below;	  /* if it is a directory: with all in it */
};

struct add {
	struct edits *x;
	struct edit_ops *l;
	const struct edit_add *a;
	struct edit_walk walk;
	struct map seen; /* path → index + 1 of its operation in the list */
	VEC(struct todo) todo;
	size_t next;
	const char *why; /* of the present one */
	uint64_t files, bytes;
	struct stat self; /* the package itself is never added */
	struct err *e;
	bool failed;
};

static void
add_fini(struct add *d)
{
	for (size_t i = 0; i < d->todo.n; i++) {
		free(d->todo.v[i].path);
		free(d->todo.v[i].why);
	}
	vec_fini(&d->todo);
	map_fini(&d->seen);
	edit_walk_fini(&d->walk);
}

static void
later(struct add *d, const char *path, const char *why, bool below)
{
	struct todo t = { mem_strdup(path), why ? mem_strdup(why) : NULL, below };

	vec_push(&d->todo, t);
}

static void
warn(struct add *d, const char *path, const char *text)
{
	if (d->a->warnings)
		str_addf(d->a->warnings, "%s: %s\n", path, text);
}

/* The object that was asked for has no `why`, those that it takes have. */
static void
push(struct add *d, const char *path, const char *host)
{
	struct map_slot *s = map_put(&d->seen, path, strlen(path));
	const char *why = d->why && strcmp(d->why, path) == 0 ? NULL : d->why;

	if (s->u)
		return;
	edit_push(d->l, EDIT_ADD, path, host, why);
	s->u = d->l->n;
}

/* Is it a real object of the package, now and afterwards? */
static bool
in_package(struct add *d, const char *path, struct stat *st)
{
	AUTO(place_fini) struct place at = PLACE_INIT;
	const struct view_path *v;

	if (!path[1])
		return package_lstat(d->x->p, path, st) == 0;
	if (map_get(&d->seen, path, strlen(path)) ||
	    edit_fate(d->x, path, &v) != FATE_NONE ||
	    place_find(&at, &d->x->p->layout, path + 1, false) < 0)
		return false;
	return fstatat(at.dir, at.name, st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       !tree_is_placeholder(at.dir, at.name, st);
}

/* Where the host has what will be at `path`: that, or a copy in `out`, since the list
 * moves when it grows. */
static const char *
host_of(struct add *d, const char *path, struct str *out)
{
	const struct view_path *v;
	const char *host = NULL;
	struct map_slot *s;

	if (edit_fate(d->x, path, &v) == FATE_ADD && v->host)
		host = v->host;
	else if ((s = map_get(&d->seen, path, strlen(path))))
		host = edit_ops_at(d->l, s->u - 1, &d->walk)->arg;
	if (!host)
		return path;
	str_set(out, host);
	return out->s;
}

static int
look_up(void *ctx, const struct str *abs, bool last, struct str *text)
{
	struct add *d = ctx;
	AUTO(str_fini) struct str own = STR_INIT;
	const char *host;
	struct stat st;

	if (in_package(d, abs->s, &st)) {
		if (!S_ISLNK(st.st_mode))
			return S_ISDIR(st.st_mode) ? FSV_DIR : FSV_FILE;
		return package_readlink(d->x->p, abs->s, text) < 0 ? FSV_MISSING
								   : FSV_LINK;
	}
	host = host_of(d, abs->s, &own);
	if (lstat(host, &st) < 0)
		return errno == ENOENT || errno == ENOTDIR ? FSV_MISSING : -errno;
	if (S_ISLNK(st.st_mode)) {
		int r = fs_readlink(AT_FDCWD, host, text);

		if (r < 0)
			return r;
		push(d, abs->s, host == abs->s ? NULL : host);
		return FSV_LINK;
	}
	if (!S_ISDIR(st.st_mode))
		return FSV_FILE;
	push(d, abs->s, host == abs->s ? NULL : host);
	return FSV_DIR;
}

static bool
is_same_file(const struct stat *a, const struct stat *b)
{
	return ((a->st_mode ^ b->st_mode) & (S_IFMT | 0777)) == 0 &&
	       a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Of two names, size and time alone say little: files are often made in one tick. */
static bool
is_same_content(struct add *d, const char *path, const char *host)
{
	AUTO(err_fini) struct err none = ERR_INIT;
	char a[DIGEST_HEX], b[DIGEST_HEX], other[DIGEST_HEX];
	AUTO(fd_drop) int there = package_file(d->x->p, path, false, NULL, &none);
	AUTO(fd_drop) int here = open(host, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	return there >= 0 && here >= 0 && digest_file(there, a, NULL, other) == 0 &&
	       digest_file(here, b, NULL, other) == 0 && strcmp(a, b) == 0;
}

static void
on_need(void *ctx, const char *path, const char *missing)
{
	struct add *d = ctx;
	AUTO(str_fini) struct str name = STR_INIT;

	if (missing) {
		str_addf(&name, "needs %s, which is not on this machine", missing);
		warn(d, d->todo.v[d->next].path, name.s);
		return;
	}
	str_set(&name, path);
	path_clean(&name);
	later(d, name.s, d->todo.v[d->next].path, false);
}

static int
add_file(struct add *d, const char *path, const char *host, const struct stat *st)
{
	struct stat there;

	if (!S_ISREG(st->st_mode) && !S_ISFIFO(st->st_mode)) {
		warn(d, host, "a socket or device: not added");
		return 0;
	}
	if (access(host, R_OK) < 0)
		return err_set(d->e, errno, "%s", host);
	if (in_package(d, path, &there) && is_same_file(&there, st) &&
	    (strcmp(host, path) == 0 || is_same_content(d, path, host)))
		return 0;
	push(d, path, strcmp(host, path) == 0 ? NULL : host);
	d->files++;
	d->bytes += (uint64_t)st->st_size;
	if (S_ISREG(st->st_mode) && !(d->a->how & EDIT_ADD_NO_NEEDS))
		edit_needs(host, on_need, d);
	if (d->a->progress && !d->a->progress(d->a->ctx, d->files, d->bytes))
		return err_set(d->e, EINTR, "%s", path);
	return 0;
}

static int add_elsewhere(struct add *d, const char *path, const char *host);

static void
push_dir(struct add *d, const char *path, const char *host)
{
	struct stat st;

	if (!in_package(d, path, &st) || !S_ISDIR(st.st_mode))
		push(d, path, host);
}

static bool
is_self(const struct add *d, const struct stat *st)
{
	return st->st_dev == d->self.st_dev && st->st_ino == d->self.st_ino;
}

/* What is in a directory of the host. */
static int
add_below(struct add *d, const char *path, const char *host)
{
	AUTO(str_fini) struct str name = STR_INIT, from = STR_INIT;
	DIR *dir = opendir(host);
	struct dirent *ent;
	struct stat st;
	int r = 0;

	if (!dir)
		return err_set(d->e, errno, "%s", host);
	if (fstat(dirfd(dir), &st) == 0 && is_self(d, &st)) {
		closedir(dir);
		warn(d, host, "the package itself: not added");
		return 0;
	}
	while (r == 0 && (ent = readdir(dir))) {
		if (strcmp(ent->d_name, ".") == 0 || strcmp(ent->d_name, "..") == 0)
			continue;
		str_set(&name, path);
		path_append(&name, ent->d_name);
		str_set(&from, host);
		path_append(&from, ent->d_name);
		if (strcmp(path, host) != 0)
			r = add_elsewhere(d, name.s, from.s);
		else
			later(d, name.s, d->todo.v[d->next].path,
			      lstat(from.s, &st) == 0 && S_ISDIR(st.st_mode));
	}
	closedir(dir);
	return r;
}

/* Below a directory that has another name here: links stay as they are. */
static int
add_elsewhere(struct add *d, const char *path, const char *host)
{
	struct stat st;

	if (lstat(host, &st) < 0)
		return err_set(d->e, errno, "%s", host);
	if (S_ISLNK(st.st_mode))
		push(d, path, host);
	else if (!S_ISDIR(st.st_mode))
		return add_file(d, path, host, &st);
	else {
		push_dir(d, path, host);
		return add_below(d, path, host);
	}
	return 0;
}

static int
add_final(struct add *d, const char *path, const char *host, bool below)
{
	struct stat st;

	if (stat(host, &st) < 0) {
		if (d->todo.v[d->next].why && errno == ENOENT)
			return 0; /* a dangling link is what it is */
		return err_set(d->e, errno, "%s", host);
	}
	if (!S_ISDIR(st.st_mode))
		return add_file(d, path, host, &st);
	if (strcmp(path, host) != 0)
		push_dir(d, path, host);
	return below ? add_below(d, path, host) : 0;
}

/* `host` NULL: by the same name. */
static int
add_one(struct add *d, const char *path, const char *host, bool below)
{
	AUTO(walk_fini) struct walk w = WALK_INIT;
	AUTO(str_fini) struct str parent = STR_INIT, own = STR_INIT;
	AUTO(mem_free) char *real = NULL;
	const struct fsview view = { look_up, d };
	int r;

	if (map_get(&d->seen, path, strlen(path)) && !below)
		return 0;
	str_set(&parent, path);
	if (host) /* only the way to it */
		path_to_parent(&parent);
	r = path_walk(&view, "/", parent.s, WALK_FOLLOW, NULL, NULL, &w);
	if (host && (r == -ENOENT || (r == 0 && w.kind == FSV_MISSING))) {
		str_set(&w.abs, parent.s); /* directories of no host: made as they come */
		r = 0;
	}
	if (r < 0) {
		if (d->todo.v[d->next].why)
			return 0; /* a link that leads nowhere */
		return err_set(d->e, -r, "%s", path);
	}
	if (!host)
		return add_final(d, w.abs.s, host_of(d, w.abs.s, &own), below);
	path_append(&w.abs, path_base(path));
	real = realpath(host, NULL); /* its links are not what was asked for */
	return add_final(d, w.abs.s, real ? real : host, below);
}

static int
add_package_file(void *ctx, const char *path)
{
	struct add *d = ctx;
	AUTO(str_fini) struct str name = STR_INIT;
	struct stat st;

	str_set(&name, path);
	path_clean(&name);
	if (lstat(name.s, &st) == 0 && (S_ISREG(st.st_mode) || S_ISLNK(st.st_mode)))
		later(d, name.s, d->a->path, false);
	return 0;
}

/* All files of the distro package that `path` belongs to on this machine. */
static int
queue_package(struct add *d, const char *path)
{
	struct origin_owner owner;
	struct origin *o = origin_open("/", d->e);
	int r;

	if (!o)
		return -1;
	origin_want(o, path);
	r = origin_load(o, d->e);
	if (r == 0 && origin_find(o, path, &owner) && owner.class == ORIGIN_PACKAGE)
		r = origin_files("/", owner.package, add_package_file, d, d->e);
	else if (r == 0)
		r = err_set(d->e, 0, "%s: no package of this system owns it", path);
	origin_close(o);
	return r;
}

static int
run(struct add *d)
{
	if ((d->a->how & EDIT_ADD_PACKAGE) &&
	    queue_package(d, d->a->host ? d->a->host : d->a->path) < 0)
		return -1;
	for (d->next = 0; d->next < d->todo.n; d->next++) {
		const struct todo *t = &d->todo.v[d->next];
		AUTO(mem_free) char *path = mem_strdup(t->path);
		AUTO(mem_free) char *why = t->why ? mem_strdup(t->why) : NULL;

		d->why = why ? why : path;
		if (add_one(d, path, d->next ? NULL : d->a->host, t->below) < 0)
			return -1;
	}
	return 0;
}

static int
add_only(struct edits *x, struct edit_ops *l, const struct edit_add *a, struct err *e)
{
	const char *host = a->host ? a->host : a->path;
	struct stat st;

	if (lstat(host, &st) < 0)
		return err_set(e, errno, "%s", host);
	if (S_ISSOCK(st.st_mode) || S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
		return err_set(e, ENOTSUP, "%s: a socket or device", host);
	edit_push(l, EDIT_ADD, a->path, host == a->path ? NULL : host, a->why);
	return 0;
}

int
edit_add(struct edits *x, struct edit_ops *l, const struct edit_add *a, struct err *e)
{
	AUTO(add_fini) struct add d = { .x = x, .l = l, .a = a, .e = e };
	size_t before = l->n;
	struct stat st;

	if (!db_is_path(a->path, strlen(a->path)) || !a->path[1] ||
	    (a->host && !db_is_path(a->host, strlen(a->host))))
		return err_set(e, EINVAL, "%s: not an absolute, clean name",
			       a->host && a->host[0] != '/' ? a->host : a->path);
	if (a->how & EDIT_ADD_ONLY)
		return add_only(x, l, a, e);
	for (size_t i = 0; i < l->n; i++) {
		const struct edit_op *op = edit_ops_at(l, i, &d.walk);

		if (op->verb == EDIT_ADD)
			map_put(&d.seen, op->path, d.walk.len)->u = i + 1;
	}
	if (fstatat(x->p->layout.dirfd, "", &d.self, AT_EMPTY_PATH) < 0)
		return err_set(e, errno, "%s", x->p->layout.dir.s);
	if (stat(a->host ? a->host : a->path, &st) == 0 && is_self(&d, &st))
		return err_set(e, 0, "%s is the package itself", a->path);
	later(&d, a->path, NULL, true);
	if (run(&d) < 0) {
		edit_ops_trunc(l, before);
		return -1;
	}
	return 0;
}
