#include "exec/layer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fs.h"
#include "path/lex.h"

#define OPAQUE "user.overlay.opaque"

static const char *
rel(const char *abs)
{
	return abs[1] ? abs + 1 : ".";
}

/* Below the package the name stays short; this machine's is the name itself. */
static const char *
lower_name(const struct layer *l, const char *abs)
{
	return l->lowerfd == AT_FDCWD ? abs : rel(abs);
}

static int
open_trees(struct layer *l)
{
	const int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	AUTO(str_fini) struct str tmp = STR_INIT;

	str_addf(&tmp, "%s/tmp", l->dir.s);
	l->tmpfd = open(tmp.s, flags);
	if (l->tmpfd < 0)
		return -errno;
	l->upperfd = open(l->upper.s, flags);
	return l->upperfd < 0 ? -errno : 0;
}

void
layer_init(struct layer *l, const struct layout *pkg, const char *dir)
{
	*l = (struct layer)LAYER_INIT;
	if (pkg) {
		l->lower = pkg->root.s;
		l->lowerfd = pkg->rootfd;
		l->owned = true;
	}
	str_set(&l->dir, dir);
	str_addf(&l->upper, "%s/%s", dir, pkg ? "package" : "host");
	open_trees(l);
}

void
layer_fini(struct layer *l)
{
	fd_drop(&l->upperfd);
	fd_drop(&l->tmpfd);
	str_fini(&l->dir);
	str_fini(&l->upper);
}

bool
layer_is_whiteout(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == 0;
}

static void
next_temp(struct layer *l, struct str *name)
{
	str_clear(name);
	str_addf(name, "%d-%u", getpid(), l->count++);
}

/* Whiteouts need Linux 5.8 where one is not root, and attributes need a file system that
 * has them. */
static int
probe_marks(struct layer *l)
{
	AUTO(str_fini) struct str name = STR_INIT, path = STR_INIT;
	int r = 0;

	next_temp(l, &name);
	if (mknodat(l->tmpfd, name.s, S_IFCHR, makedev(0, 0)) < 0)
		return -errno;
	unlinkat(l->tmpfd, name.s, 0);
	if (mkdirat(l->tmpfd, name.s, 0700) < 0)
		return -errno;
	str_addf(&path, "%s/tmp/%s", l->dir.s, name.s);
	if (lsetxattr(path.s, OPAQUE, "y", 1, 0) < 0)
		r = -errno;
	unlinkat(l->tmpfd, name.s, AT_REMOVEDIR);
	return r;
}

/* Over a package: whose changes these are.  Its time is that of the beginning. */
static int
write_about(const struct layer *l, int top)
{
	AUTO(str_fini) struct str text = STR_INIT, package = STR_INIT;
	AUTO(err_fini) struct err e = ERR_INIT;

	if (!l->owned || faccessat(top, LAYER_ABOUT, F_OK, 0) == 0)
		return 0;
	str_set(&package, l->lower);
	path_to_parent(&package);
	str_addf(&text, "package %s\n", package.s);
	return fs_replace(top, LAYER_ABOUT, text.s, text.len, 0600, &e) < 0
		       ? -(e.code ? e.code : EIO)
		       : 0;
}

int
layer_start(struct layer *l)
{
	static const char *const part[] = { "tmp", "work" };
	AUTO(fd_drop) int root = -1, top = -1;
	struct stat st;
	int r;

	if (l->upperfd >= 0)
		return 0;
	root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	r = root < 0 ? -errno : fs_mkdirs(root, l->dir.s + 1);
	if (r < 0)
		return r;
	top = open(l->dir.s, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (top < 0)
		return -errno;
	for (size_t i = 0; i < ARRAY_SIZE(part); i++)
		if (mkdirat(top, part[i], 0700) < 0 && errno != EEXIST)
			return -errno;
	if (mkdirat(top, path_base(l->upper.s), 0700) < 0 && errno != EEXIST)
		return -errno;
	/* It is the root directory of its side. */
	if (fstatat(l->lowerfd, lower_name(l, "/"), &st, 0) == 0)
		fchmodat(top, path_base(l->upper.s),
			 (st.st_mode & 07777) | (l->owned ? 0700 : 0), 0);
	fd_drop(&l->tmpfd);
	r = open_trees(l);
	if (r == 0)
		r = probe_marks(l);
	if (r == 0)
		r = write_about(l, top);
	if (r < 0)
		fd_drop(&l->upperfd);
	return r;
}

void
layer_name(const struct layer *l, bool upper, const char *abs, struct str *out)
{
	str_set(out, upper ? l->upper.s : l->lower);
	if (abs[1] || !out->len)
		str_add(out, abs);
}

bool
layer_is_opaque(const struct layer *l, const char *abs)
{
	AUTO(str_fini) struct str name = STR_INIT;
	char value = 0;

	layer_name(l, true, abs, &name);
	return lgetxattr(name.s, OPAQUE, &value, 1) == 1 && value == 'y';
}

/* What upper says of abs.  *error: 0, or why lower's name does not count. */
enum upper { UPPER_NONE, UPPER_OBJECT, UPPER_WHITEOUT };

static enum upper
look_upper(const struct layer *l, const char *abs, struct stat *st, int *error)
{
	AUTO(str_fini) struct str at = STR_INIT;

	*error = 0;
	if (l->upperfd < 0)
		return UPPER_NONE;
	if (!abs[1])
		return fstat(l->upperfd, st) < 0 ? UPPER_NONE : UPPER_OBJECT;
	str_set(&at, abs);
	for (size_t i = 1;; at.s[i++] = '/') {
		bool last;

		i += strcspn(at.s + i, "/");
		last = !at.s[i];
		at.s[i] = 0;
		if (fstatat(l->upperfd, at.s + 1, st, AT_SYMLINK_NOFOLLOW) < 0) {
			if (errno == EACCES)
				*error = -EACCES;
			return UPPER_NONE;
		}
		if (layer_is_whiteout(st) && !last)
			*error = -ENOENT;
		if (layer_is_whiteout(st))
			return last ? UPPER_WHITEOUT : UPPER_NONE;
		if (last)
			return UPPER_OBJECT;
		if (!S_ISDIR(st->st_mode)) {
			*error = -ENOTDIR;
			return UPPER_NONE;
		}
		if (layer_is_opaque(l, at.s))
			*error = -ENOENT;
	}
}

void
layer_look(const struct layer *l, const char *abs, struct layer_look *x)
{
	int error;
	enum upper u = look_upper(l, abs, &x->st, &error);

	x->upper = u == UPPER_OBJECT;
	x->whiteout = u == UPPER_WHITEOUT;
	x->lower = !error && fstatat(l->lowerfd, lower_name(l, abs), &x->lower_st,
				     AT_SYMLINK_NOFOLLOW) == 0;
	x->error = error ? error : x->lower ? 0 : x->whiteout ? -ENOENT : -errno;
	if (!x->upper && x->lower)
		x->st = x->lower_st;
}

int
layer_stat(const struct layer *l, const char *abs, struct stat *st, bool *upper)
{
	int error;
	enum upper u = look_upper(l, abs, st, &error);

	*upper = u == UPPER_OBJECT;
	if (*upper)
		return 0;
	if (error || u == UPPER_WHITEOUT)
		return error ? error : -ENOENT;
	return fstatat(l->lowerfd, lower_name(l, abs), st, AT_SYMLINK_NOFOLLOW) < 0
		       ? -errno
		       : 0;
}

bool
layer_has_dir(const struct layer *l, const char *abs)
{
	struct stat st;

	return l->upperfd >= 0 &&
	       fstatat(l->upperfd, rel(abs), &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISDIR(st.st_mode);
}

static DIR *
list_at(int dirfd, const char *name)
{
	int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d)
		fd_drop(&fd);
	return d;
}

static bool
is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static bool
none_shown(const struct layer *l, const char *abs, DIR *d)
{
	AUTO(str_fini) struct str at = STR_INIT;
	struct dirent *e;
	struct stat st;
	bool upper;

	while (d && (e = readdir(d))) {
		if (is_dots(e->d_name))
			continue;
		str_set(&at, abs);
		path_append(&at, e->d_name);
		if (layer_stat(l, at.s, &st, &upper) == 0)
			return false;
	}
	return true;
}

bool
layer_is_empty(const struct layer *l, const char *abs)
{
	DIR *upper = l->upperfd < 0 ? NULL : list_at(l->upperfd, rel(abs));
	DIR *lower = list_at(l->lowerfd, lower_name(l, abs));
	bool empty = none_shown(l, abs, upper) && none_shown(l, abs, lower);

	if (upper)
		closedir(upper);
	if (lower)
		closedir(lower);
	return empty;
}

int
layer_may_open(const struct layer *l, const char *abs, const struct stat *st, int how)
{
	mode_t need = (how & R_OK ? 0400 : 0) | (how & W_OK ? 0200 : 0) |
		      (how & X_OK ? 0100 : 0);

	if (l->owned)
		return geteuid() == 0 || (st->st_mode & need) == need ? 0 : -EACCES;
	return faccessat(l->lowerfd, lower_name(l, abs), how, AT_EACCESS) < 0 ? -errno
									      : 0;
}

int
layer_may_change(const struct layer *l, const char *dir)
{
	struct layer_look x;

	layer_look(l, dir, &x);
	if (x.upper && (!x.lower || l->owned || x.lower_st.st_uid == geteuid()))
		return faccessat(l->upperfd, rel(dir), W_OK | X_OK, AT_EACCESS) < 0
			       ? -errno
			       : 0;
	if (x.lower && l->owned)
		return 0; /* a package whose directories were closed is read-only */
	return x.lower ? layer_may_open(l, dir, &x.lower_st, W_OK | X_OK) : -ENOENT;
}

/* A directory of upper in which we may do what we like, whatever its mode says. */
struct room {
	const struct layer *l;
	const char *abs;
	int fd;
	bool quiet; /* its times do not change */
	struct stat st;
};

static int
room_open(struct room *x, const struct layer *l, const char *abs, bool quiet)
{
	*x = (struct room){ l, abs, -1, quiet, { 0 } };
	if (fstatat(l->upperfd, rel(abs), &x->st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if ((x->st.st_mode & 0300) != 0300)
		fchmodat(l->upperfd, rel(abs), (x->st.st_mode & 07777) | 0300, 0);
	x->fd = openat(l->upperfd, rel(abs),
		       O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return x->fd < 0 ? -errno : 0;
}

static void
room_close(struct room *x)
{
	const struct timespec times[2] = { x->st.st_atim, x->st.st_mtim };

	if (x->fd < 0)
		return;
	if ((x->st.st_mode & 0300) != 0300)
		fchmodat(x->l->upperfd, rel(x->abs), x->st.st_mode & 07777, 0);
	if (x->quiet)
		utimensat(x->l->upperfd, rel(x->abs), times, AT_SYMLINK_NOFOLLOW);
	fd_drop(&x->fd);
}

static void
give_owner(int fd, const char *name, const struct stat *st)
{
	if (geteuid() == 0)
		(void)!fchownat(fd, name, st->st_uid, st->st_gid,
				AT_SYMLINK_NOFOLLOW | (*name ? 0 : AT_EMPTY_PATH));
}

static void
dress_dir(const struct layer *l, const char *abs, const struct room *in,
	  const struct stat *st)
{
	const struct timespec times[2] = { st->st_atim, st->st_mtim };
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	AUTO(fd_drop) int from = openat(l->lowerfd, lower_name(l, abs), flags);
	AUTO(fd_drop) int to = openat(in->fd, path_base(abs), flags);

	if (from >= 0 && to >= 0)
		fs_copy_xattrs(from, to);
	give_owner(in->fd, path_base(abs), st);
	fchmodat(in->fd, path_base(abs), (st->st_mode & 07777) | (l->owned ? 0700 : 0),
		 0);
	utimensat(in->fd, path_base(abs), times, AT_SYMLINK_NOFOLLOW);
}

static int
parent_up(struct layer *l, const char *abs, struct str *dir)
{
	str_set(dir, abs);
	path_to_parent(dir);
	return layer_dir_up(l, dir->s);
}

int
layer_dir_up(struct layer *l, const char *abs)
{
	AUTO(str_fini) struct str dir = STR_INIT;
	AUTO(room_close) struct room in = { .fd = -1 };
	struct stat st;
	int r = layer_start(l);

	if (r < 0 || layer_has_dir(l, abs))
		return r;
	if (fstatat(l->lowerfd, lower_name(l, abs), &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (!S_ISDIR(st.st_mode))
		return -ENOTDIR;
	r = parent_up(l, abs, &dir);
	if (r == 0)
		r = room_open(&in, l, dir.s, true);
	if (r < 0)
		return r;
	if (mkdirat(in.fd, path_base(abs), 0700) < 0)
		return errno == EEXIST ? 0 : -errno;
	dress_dir(l, abs, &in, &st);
	return 0;
}

/* The content in tmp, complete. */
static int
copy_data(struct layer *l, const char *abs, const struct stat *st, const char *tmp)
{
	const struct timespec times[2] = { st->st_atim, st->st_mtim };
	AUTO(fd_drop)
	int from = openat(l->lowerfd, lower_name(l, abs),
			  O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	AUTO(fd_drop)
	int to = openat(l->tmpfd, tmp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int r;

	if (from < 0 || to < 0)
		return -errno;
	r = fs_copy_data(from, to, (uint64_t)st->st_size);
	if (r < 0)
		return r;
	fs_copy_xattrs(from, to);
	give_owner(to, "", st);
	return fchmod(to, st->st_mode & 07777) < 0 || futimens(to, times) < 0 ? -errno
									      : 0;
}

static int
copy_link(struct layer *l, const char *abs, const struct stat *st, const char *tmp)
{
	const struct timespec times[2] = { st->st_atim, st->st_mtim };
	AUTO(str_fini) struct str text = STR_INIT;
	int r = fs_readlink(l->lowerfd, lower_name(l, abs), &text);

	if (r < 0)
		return r;
	if (symlinkat(text.s, l->tmpfd, tmp) < 0)
		return -errno;
	give_owner(l->tmpfd, tmp, st);
	utimensat(l->tmpfd, tmp, times, AT_SYMLINK_NOFOLLOW);
	return 0;
}

int
layer_copy_up(struct layer *l, const char *abs, const struct stat *st)
{
	AUTO(str_fini) struct str dir = STR_INIT, tmp = STR_INIT;
	AUTO(room_close) struct room in = { .fd = -1 };
	int r = parent_up(l, abs, &dir);

	if (r < 0)
		return r;
	next_temp(l, &tmp);
	unlinkat(l->tmpfd, tmp.s, 0);
	r = S_ISLNK(st->st_mode)   ? copy_link(l, abs, st, tmp.s)
	    : S_ISREG(st->st_mode) ? copy_data(l, abs, st, tmp.s)
				   : -EOPNOTSUPP;
	if (r == 0)
		r = room_open(&in, l, dir.s, true);
	if (r == 0 && renameat(l->tmpfd, tmp.s, in.fd, path_base(abs)) < 0)
		r = -errno;
	if (r < 0)
		unlinkat(l->tmpfd, tmp.s, 0);
	return r;
}

int
layer_drop_whiteouts(struct layer *l, const char *abs)
{
	AUTO(room_close) struct room in = { .fd = -1 };
	DIR *d = l->upperfd < 0 ? NULL : list_at(l->upperfd, rel(abs));
	struct dirent *e;
	struct stat st;
	int r;

	if (!d)
		return 0;
	r = room_open(&in, l, abs, true);
	while (r == 0 && (e = readdir(d)))
		if (fstatat(in.fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    layer_is_whiteout(&st) && unlinkat(in.fd, e->d_name, 0) < 0)
			r = -errno;
	closedir(d);
	return r;
}

int
layer_drop(struct layer *l, const char *abs)
{
	AUTO(str_fini) struct str dir = STR_INIT;
	AUTO(room_close) struct room in = { .fd = -1 };
	struct stat st;
	bool is_dir;
	int r;

	if (l->upperfd < 0 || fstatat(l->upperfd, rel(abs), &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	is_dir = S_ISDIR(st.st_mode);
	r = is_dir ? layer_drop_whiteouts(l, abs) : 0;
	str_set(&dir, abs);
	path_to_parent(&dir);
	if (r == 0)
		r = room_open(&in, l, dir.s, false);
	if (r == 0 && unlinkat(in.fd, path_base(abs), is_dir ? AT_REMOVEDIR : 0) < 0)
		r = -errno;
	return r;
}

int
layer_whiteout(struct layer *l, const char *abs)
{
	AUTO(str_fini) struct str dir = STR_INIT;
	AUTO(room_close) struct room in = { .fd = -1 };
	int r = parent_up(l, abs, &dir);

	if (r == 0)
		r = room_open(&in, l, dir.s, false);
	if (r == 0 && mknodat(in.fd, path_base(abs), S_IFCHR, makedev(0, 0)) < 0 &&
	    errno != EEXIST)
		r = -errno;
	return r;
}

int
layer_make_opaque(struct layer *l, const char *abs)
{
	AUTO(str_fini) struct str name = STR_INIT;

	layer_name(l, true, abs, &name);
	return lsetxattr(name.s, OPAQUE, "y", 1, 0) < 0 ? -errno : 0;
}
