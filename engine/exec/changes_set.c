/*
 * A change set after the run: what is in it, as a list; and put where the program meant
 * it to be, unless somebody else has changed that meanwhile.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "exec/changes.h"
#include "path/lex.h"

enum kind { ADDED, CHANGED, REMOVED };

struct entry {
	enum kind kind;
	enum side side;
	char *abs;
	struct stat st;	   /* of what is there now; REMOVED: of what goes */
	bool replaces_dir; /* all that is below it here goes first */
};

struct set {
	struct layout pkg;
	struct layer layer[2];
	struct timespec begun;
	int lock;
	VEC(struct entry) entry; /* a directory stands before what is in it */
};

static const char *const kind_name[] = { "added", "changed", "removed" };
static const char *const side_name[] = { "package", "host" };

static void
set_fini(struct set *x)
{
	for (size_t i = 0; i < x->entry.n; i++)
		free(x->entry.v[i].abs);
	vec_fini(&x->entry);
	for (size_t i = 0; i < ARRAY_SIZE(x->layer); i++)
		layer_fini(&x->layer[i]);
	layout_fini(&x->pkg);
	fd_drop(&x->lock);
}

static void
add(struct set *x, enum kind kind, enum side side, const char *abs, const struct stat *st,
    bool replaces_dir)
{
	struct entry n = { kind, side, mem_strdup(abs), *st, replaces_dir };

	vec_push(&x->entry, n);
}

/* Was it only brought up, for a change that did not come? */
static bool
is_as_before(const struct stat *a, const struct stat *b)
{
	if (a->st_mode != b->st_mode ||
	    (geteuid() == 0 && (a->st_uid != b->st_uid || a->st_gid != b->st_gid)))
		return false;
	return S_ISDIR(a->st_mode) ||
	       (a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
		a->st_mtim.tv_nsec == b->st_mtim.tv_nsec);
}

static void collect(struct set *x, enum side side, const char *abs);

static void
collect_name(struct set *x, enum side side, const char *abs)
{
	const struct layer *l = &x->layer[side];
	struct layer_look at;
	bool opaque;

	layer_look(l, abs, &at);
	if (at.whiteout && at.lower)
		add(x, REMOVED, side, abs, &at.lower_st, S_ISDIR(at.lower_st.st_mode));
	if (!at.upper)
		return;
	opaque = S_ISDIR(at.st.st_mode) && layer_is_opaque(l, abs);
	if (!at.lower)
		add(x, ADDED, side, abs, &at.st, false);
	else if (opaque || !is_as_before(&at.st, &at.lower_st))
		add(x, CHANGED, side, abs, &at.st,
		    S_ISDIR(at.lower_st.st_mode) && (opaque || !S_ISDIR(at.st.st_mode)));
	if (S_ISDIR(at.st.st_mode))
		collect(x, side, abs);
}

/* All below a directory of upper, in the order of the names. */
static void
collect(struct set *x, enum side side, const char *abs)
{
	AUTO(str_fini) struct str name = STR_INIT;
	VEC(char *) names = { 0 };
	struct dirent *ent;
	DIR *d;

	layer_name(&x->layer[side], true, abs, &name);
	d = opendir(name.s);
	while (d && (ent = readdir(d)))
		if (strcmp(ent->d_name, ".") && strcmp(ent->d_name, ".."))
			vec_push(&names, mem_strdup(ent->d_name));
	if (d)
		closedir(d);
	if (names.n)
		qsort(names.v, names.n, sizeof(*names.v), str_order);
	for (size_t i = 0; i < names.n; i++) {
		str_set(&name, abs);
		path_append(&name, names.v[i]);
		collect_name(x, side, name.s);
		free(names.v[i]);
	}
	vec_fini(&names);
}

/* "package NAME" of the file about. */
static int
open_package(struct set *x, const char *text, struct err *e)
{
	AUTO(str_fini) struct str name = STR_INIT;

	if (!str_has_prefix(text, "package /"))
		return err_set(e, 0, "its file about does not name a package");
	str_setn(&name, text + strlen("package "), strcspn(text + 8, "\n"));
	return layout_open(&x->pkg, name.s, e);
}

static int
set_open(struct set *x, const char *dir, struct err *e)
{
	AUTO(str_fini) struct str text = STR_INIT;
	AUTO(mem_free) char *real = realpath(dir, NULL);
	struct stat st;

	*x = (struct set){ .pkg = LAYOUT_INIT,
			   .layer = { LAYER_INIT, LAYER_INIT },
			   .lock = -1 };
	if (!real)
		return err_set(e, errno, "%s", dir);
	x->lock = changes_lock(real, e);
	if (x->lock < 0)
		return -1;
	if (fs_slurp(x->lock, LAYER_ABOUT, &text, e) < 0 ||
	    fstatat(x->lock, LAYER_ABOUT, &st, 0) < 0)
		return err_set(e, 0, "%s is not a change set of cde-exec", dir);
	x->begun = st.st_mtim;
	if (open_package(x, text.s, e) < 0)
		return err_wrap(e, "%s", dir);
	layer_init(&x->layer[SIDE_PACKAGE], &x->pkg, real);
	layer_init(&x->layer[SIDE_HOST], NULL, real);
	for (unsigned i = 0; i < ARRAY_SIZE(x->layer); i++)
		if (x->layer[i].upperfd >= 0)
			collect(x, (enum side)i, "/");
	return 0;
}

static void
print_json(const struct set *x, const char *dir)
{
	AUTO(str_fini) struct str out = STR_INIT;

	str_add(&out, "{\"cde-exec\":1,\"changes\":");
	str_add_json(&out, dir);
	str_add(&out, ",\"package\":");
	str_add_json(&out, x->pkg.dir.s);
	str_add(&out, ",\"rows\":[");
	for (size_t i = 0; i < x->entry.n; i++) {
		const struct entry *n = &x->entry.v[i];

		str_addf(&out, "%s\n{\"change\":\"%s\",\"side\":\"%s\",\"kind\":\"%c\",",
			 i ? "," : "", kind_name[n->kind], side_name[n->side],
			 fs_kind_letter(n->st.st_mode));
		str_addf(&out,
			 "\"size\":%llu,\"path\":", (unsigned long long)n->st.st_size);
		str_add_json(&out, n->abs);
		str_addc(&out, '}');
	}
	str_add(&out, "\n]}\n");
	fwrite(out.s, 1, out.len, stdout);
}

static void
print_list(const struct set *x)
{
	for (size_t i = 0; i < x->entry.n; i++) {
		const struct entry *n = &x->entry.v[i];
		AUTO(str_fini) struct str name = STR_INIT;

		str_add_escaped(&name, n->abs);
		printf("%-8s %-8s %c %11llu  %s\n", kind_name[n->kind],
		       side_name[n->side], fs_kind_letter(n->st.st_mode),
		       (unsigned long long)n->st.st_size, name.s);
	}
}

static bool
is_later(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec > b->tv_sec ||
	       (a->tv_sec == b->tv_sec && a->tv_nsec > b->tv_nsec);
}

/* Something that changed here since the run began; directories change with each name. */
static bool
is_changed_here(const struct set *x, const char *real, bool below)
{
	struct stat st;
	struct dirent *ent;
	bool changed = false;
	DIR *d;

	if (lstat(real, &st) < 0)
		return false;
	if (!S_ISDIR(st.st_mode))
		return is_later(&st.st_ctim, &x->begun);
	d = below ? opendir(real) : NULL;
	while (d && !changed && (ent = readdir(d))) {
		AUTO(str_fini) struct str name = STR_INIT;

		if (strcmp(ent->d_name, ".") == 0 || strcmp(ent->d_name, "..") == 0)
			continue;
		str_set(&name, real);
		path_append(&name, ent->d_name);
		changed = is_changed_here(x, name.s, true);
	}
	if (d)
		closedir(d);
	return changed;
}

static void
target_of(const struct set *x, const struct entry *n, struct str *out)
{
	layer_name(&x->layer[n->side], false, n->abs, out);
}

static int
check(const struct set *x, struct err *e)
{
	AUTO(str_fini) struct str to = STR_INIT;
	size_t found = 0;

	for (size_t i = 0; i < x->entry.n; i++) {
		const struct entry *n = &x->entry.v[i];

		target_of(x, n, &to);
		if (!is_changed_here(x, to.s, n->replaces_dir))
			continue;
		log_error("%s was changed here since the run began", to.s);
		found++;
	}
	return found ? err_set(e, 0,
			       "nothing is kept; take over by hand what you need, "
			       "and --discard the rest")
		     : 0;
}

static int
make_copy(const struct entry *n, const char *from, int dir, const char *tmp)
{
	const struct timespec times[2] = { n->st.st_atim, n->st.st_mtim };
	AUTO(str_fini) struct str text = STR_INIT;
	AUTO(fd_drop) int src = -1, dst = -1;
	int r = 0;

	if (S_ISLNK(n->st.st_mode)) {
		r = fs_readlink(AT_FDCWD, from, &text);
		return r < 0 ? r : symlinkat(text.s, dir, tmp) < 0 ? -errno : 0;
	}
	if (S_ISFIFO(n->st.st_mode))
		return mkfifoat(dir, tmp, n->st.st_mode & 07777) < 0 ? -errno : 0;
	src = open(from, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	dst = openat(dir, tmp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (src < 0 || dst < 0)
		return -errno;
	r = fs_copy_data(src, dst, (uint64_t)n->st.st_size);
	if (r < 0)
		return r;
	fs_copy_xattrs(src, dst);
	if (geteuid() == 0)
		(void)!fchown(dst, n->st.st_uid, n->st.st_gid);
	return fchmod(dst, n->st.st_mode & 07777) < 0 || futimens(dst, times) < 0 ||
			       fsync(dst) < 0
		       ? -errno
		       : 0;
}

static int
put_dir(const struct entry *n, const char *to)
{
	struct stat st;

	if (lstat(to, &st) == 0 && !S_ISDIR(st.st_mode) && unlink(to) < 0)
		return -errno;
	if (mkdir(to, 0700) < 0 && errno != EEXIST)
		return -errno;
	if (geteuid() == 0)
		(void)!lchown(to, n->st.st_uid, n->st.st_gid);
	return chmod(to, n->st.st_mode & 07777) < 0 ? -errno : 0;
}

static int
put(const struct set *x, const struct entry *n, const char *to)
{
	AUTO(str_fini) struct str from = STR_INIT, dir = STR_INIT, tmp = STR_INIT;
	int r = n->kind == REMOVED || n->replaces_dir ? fs_remove_tree(AT_FDCWD, to) : 0;

	if (r < 0 || n->kind == REMOVED || S_ISSOCK(n->st.st_mode))
		return r;
	if (S_ISDIR(n->st.st_mode))
		return put_dir(n, to);
	layer_name(&x->layer[n->side], true, n->abs, &from);
	str_set(&dir, to);
	path_to_parent(&dir);
	AUTO(fd_drop) int at = open(dir.s, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (at < 0)
		return -errno;
	str_addf(&tmp, ".cde-keep.%d", getpid());
	r = make_copy(n, from.s, at, tmp.s);
	if (r == 0 && renameat(at, tmp.s, at, path_base(to)) < 0)
		r = -errno;
	if (r < 0)
		unlinkat(at, tmp.s, 0);
	return r;
}

/* Whoever edits the package, or runs a program from it, goes first. */
static int
lock_package(const struct set *x, int *lock, struct err *e)
{
	*lock = openat(x->pkg.dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*lock < 0 || flock(*lock, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
		return 0;
	return err_set(e, 0, "%s is in use", x->pkg.dir.s);
}

static int
keep(const struct set *x, struct err *e)
{
	AUTO(str_fini) struct str to = STR_INIT;
	AUTO(fd_drop) int lock = -1;

	if (check(x, e) < 0 || lock_package(x, &lock, e) < 0)
		return -1;
	for (size_t i = 0; i < x->entry.n; i++) {
		int r;

		target_of(x, &x->entry.v[i], &to);
		r = put(x, &x->entry.v[i], to.s);
		if (r < 0)
			return err_set(e, r,
				       "%s (what stands before it in the list is "
				       "done, the change set stays)",
				       to.s);
	}
	return 0;
}

int
changes_act(const struct changes *c, struct err *e)
{
	AUTO(set_fini) struct set x;
	int r;

	if (set_open(&x, c->name, e) < 0)
		return -1;
	if (!c->keep && !c->discard) {
		if (c->json)
			print_json(&x, c->name);
		else
			print_list(&x);
		return fflush(stdout) == 0 ? 0 : err_set(e, errno, "write");
	}
	if (c->keep && keep(&x, e) < 0)
		return -1;
	r = fs_remove_tree(AT_FDCWD, c->name);
	return r < 0 ? err_set(e, r, "%s cannot be removed", c->name) : 0;
}
