/*
 * Objects of a write on disk.  Everything is reached by descriptors, and renamed as what
 * it is: no link of the package is followed, not even .dropped itself.  Renames can be
 * done again after a crash: each looks whether it has been done.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/fs.h"
#include "inspect/edit_priv.h"
#include "inspect/lock.h"
#include "tree/copy.h"
#include "tree/listed.h"
#include "tree/mountpoint.h"
#include "tree/place.h"

void
edit_fail_point(void)
{
	static long count, when = -1;

	if (when < 0) {
		const char *text = getenv("CDE_FAIL");

		when = text && str_has_prefix(text, "write:") ? atol(text + 6) : 0;
	}
	if (when > 0 && ++count == when)
		kill(getpid(), SIGKILL);
}

void
edit_store_fini(struct edit_store *s)
{
	fd_drop(&s->fd);
	layout_fini(&s->l);
}

int
edit_store_open(struct edit_store *s, struct package *p, bool make, struct err *e)
{
	struct stat here, root;

	*s = (struct edit_store)EDIT_STORE_INIT;
	if (make && mkdirat(p->layout.dirfd, PKG_DROPPED, 0700) < 0 && errno != EEXIST)
		return err_set(e, errno, "%s/%s", p->layout.dir.s, PKG_DROPPED);
	s->fd = openat(p->layout.dirfd, PKG_DROPPED,
		       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (s->fd < 0 && errno == ENOENT)
		return 1;
	if (s->fd < 0)
		return err_set(e, errno, "%s/%s", p->layout.dir.s, PKG_DROPPED);
	str_set(&s->l.dir, p->layout.dir.s);
	str_addf(&s->l.root, "%s/%s", p->layout.dir.s, PKG_DROPPED);
	s->l.dirfd = fcntl(p->layout.dirfd, F_DUPFD_CLOEXEC, 3);
	s->l.rootfd = fcntl(s->fd, F_DUPFD_CLOEXEC, 3);
	if (s->l.dirfd < 0 || s->l.rootfd < 0 || fstat(s->fd, &here) < 0 ||
	    fstat(p->layout.rootfd, &root) < 0)
		return err_set(e, errno, "%s", s->l.root.s);
	if (here.st_dev != root.st_dev)
		return err_set(e, EXDEV, "%s and %s/%s", s->l.root.s, p->layout.dir.s,
			       PKG_ROOT);
	return 0;
}

int
edit_store_sync(struct edit_store *s, struct err *e)
{
	return syncfs(s->fd) < 0 ? err_set(e, errno, "sync %s", s->l.root.s) : 0;
}

static void
edit_store_name(int64_t edit, enum edit_side side, struct str *out)
{
	str_clear(out);
	str_addf(out, "%" PRId64 ".%s", edit, side == SIDE_OLD ? "old" : "new");
}

/* Removes a tree; depth by descriptors, never through a link. */
static int
remove_tree(int dir, const char *name, struct edit_gc *out, bool dry)
{
	AUTO(fd_drop) int fd = -1;
	struct dirent *ent;
	struct stat st;
	DIR *d;
	int r = 0;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISDIR(st.st_mode)) {
		out->files++;
		out->bytes += S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
		return dry || unlinkat(dir, name, 0) == 0 ? 0 : -errno;
	}
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	d = fd < 0 ? NULL : fdopendir(fd);
	if (!d)
		return -errno;
	while (r == 0 && (ent = readdir(d)))
		if (strcmp(ent->d_name, ".") != 0 && strcmp(ent->d_name, "..") != 0)
			r = remove_tree(fd, ent->d_name, out, dry);
	fd = -1;
	closedir(d);
	if (r == 0 && !dry && unlinkat(dir, name, AT_REMOVEDIR) < 0)
		r = -errno;
	return r;
}

void
edit_store_remove(struct edit_store *s, int64_t edit, enum edit_side side)
{
	AUTO(str_fini) struct str name = STR_INIT;
	struct edit_gc none = { 0 };

	edit_store_name(edit, side, &name);
	remove_tree(s->fd, name.s, &none, false);
}

static int
copy_file(struct edit_store *s, const char *host, const char *name, struct stat *st,
	  struct err *e)
{
	AUTO(fd_drop)
	int fd = open(host, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat plain;

	if (fd < 0 || fstat(fd, st) < 0)
		return err_set(e, errno, "%s", host);
	if (!S_ISREG(st->st_mode))
		return err_set(e, ESTALE, "%s", host);
	plain = *st;
	plain.st_mode &= ~(mode_t)(S_ISUID | S_ISGID);
	return tree_copy_file(&s->l, fd, &plain, name, e);
}

int
edit_store_copy(struct edit_store *s, int64_t edit, const char *host, struct stat *st,
		struct str *link, struct err *e)
{
	AUTO(str_fini) struct str name = STR_INIT;
	struct edit_gc none = { 0 };
	int r;

	edit_store_name(edit, SIDE_NEW, &name);
	str_clear(link);
	if (lstat(host, st) < 0)
		return err_set(e, errno, "%s", host);
	r = remove_tree(s->fd, name.s, &none, false); /* of a write that failed */
	if (r < 0)
		return err_set(e, -r, "%s/%s", s->l.root.s, name.s);
	if (S_ISREG(st->st_mode))
		return copy_file(s, host, name.s, st, e);
	if (S_ISDIR(st->st_mode))
		return tree_dir(&s->l, name.s, st->st_mode & 0777, e);
	if (S_ISFIFO(st->st_mode))
		return tree_fifo(&s->l, name.s, st->st_mode & 0777, e);
	if (!S_ISLNK(st->st_mode))
		return err_set(e, ENOTSUP, "%s: a socket or device", host);
	r = fs_readlink(AT_FDCWD, host, link);
	if (r < 0)
		return err_set(e, -r, "%s", host);
	r = tree_link(&s->l, name.s, link->s, e);
	tree_touch(&s->l, name.s, st);
	return r;
}

/* ---- renames ---- */

static bool
exists(int dir, const char *name, struct stat *st)
{
	return fstatat(dir, name, st, AT_SYMLINK_NOFOLLOW) == 0;
}

static int
move_out(struct package *p, struct edit_store *s, const char *path, const char *name)
{
	AUTO(place_fini) struct place at = PLACE_INIT;
	struct stat st;
	int r = place_find(&at, &p->layout, path + 1, false);

	if (r == -ENOENT || exists(s->fd, name, &st))
		return 0;
	if (r < 0)
		return r == -ENOTDIR || r == -ELOOP ? 0 : r;
	return renameat(at.dir, at.name, s->fd, name) < 0 && errno != ENOENT ? -errno : 0;
}

static int move_in(int from, const char *name, int to, const char *as);

/* The directory is there (again): what is in it goes in one by one. */
static int
merge(int from, const char *name, int to, const char *as)
{
	AUTO(fd_drop)
	int src = openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	AUTO(fd_drop)
	int dst = openat(to, as, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = src < 0 || dst < 0 ? NULL : fdopendir(src);
	struct dirent *ent;
	int r = 0;

	if (!d)
		return -errno;
	while (r == 0 && (ent = readdir(d)))
		if (strcmp(ent->d_name, ".") != 0 && strcmp(ent->d_name, "..") != 0)
			r = move_in(src, ent->d_name, dst, ent->d_name);
	src = -1;
	closedir(d);
	unlinkat(from, name, AT_REMOVEDIR); /* what did not go in stays */
	return r;
}

/* What came there meanwhile stays, but a placeholder does not. */
static int
move_in(int from, const char *name, int to, const char *as)
{
	struct stat src, dst;

	if (!exists(from, name, &src))
		return errno == ENOENT ? 0 : -errno;
	if (exists(to, as, &dst)) {
		if (S_ISDIR(src.st_mode) && S_ISDIR(dst.st_mode))
			return merge(from, name, to, as);
		if (!tree_is_placeholder(to, as, &dst) || S_ISDIR(src.st_mode))
			return 0;
	}
	return renameat(from, name, to, as) < 0 ? -errno : 0;
}

static int
move_into_root(struct package *p, struct edit_store *s, const char *path,
	       const char *name)
{
	AUTO(place_fini) struct place at = PLACE_INIT;
	struct stat st;
	int r;

	if (!exists(s->fd, name, &st))
		return 0;
	r = place_find(&at, &p->layout, path + 1, true);
	return r < 0 ? r : move_in(s->fd, name, at.dir, at.name);
}

/* Columns: what, edit, side, path. */
static int
do_move(struct package *p, struct edit_store *s, sqlite3_stmt *row, struct err *e)
{
	AUTO(str_fini) struct str name = STR_INIT;
	const char *what = db_name(row, 0, NULL);
	int64_t side = sqlite3_column_int64(row, 2);
	size_t len = 0;
	const char *path = db_name(row, 3, &len);
	int r;

	if (!what || side < 0 || side >= SIDES)
		return 0;
	if (strcmp(what, "options") == 0) {
		r = renameat(s->fd, EDIT_STORE_OPTIONS, p->layout.dirfd, PKG_OPTIONS);
		return r < 0 && errno != ENOENT
			       ? err_set(e, errno, "%s/%s", p->layout.dir.s, PKG_OPTIONS)
			       : 0;
	}
	if (!path || !db_is_path(path, len) || len == 1)
		return 0;
	edit_store_name(sqlite3_column_int64(row, 1), (enum edit_side)side, &name);
	r = strcmp(what, "out") == 0 ? move_out(p, s, path, name.s)
				     : move_into_root(p, s, path, name.s);
	return r < 0 ? err_set(e, -r, "%s%s", p->layout.root.s, path) : 0;
}

bool
edit_moves_pending(struct package *p)
{
	return p->version >= 2 && db_number(p, "SELECT 1 FROM move LIMIT 1", 0);
}

static const char *
home_of_last_run(struct package *p, struct str *out)
{
	AUTO(err_fini) struct err none = ERR_INIT;
	AUTO(db_finalize) sqlite3_stmt *s = NULL;

	if (db_prepare(p, &s, "SELECT home FROM run ORDER BY id DESC LIMIT 1", &none) <
		    0 ||
	    db_step(p, s, &none) <= 0)
		return NULL;
	db_text(s, 0, out);
	return out->len ? out->s : NULL;
}

/* *rules: cde.options is another one now. */
static int
do_moves(struct package *p, struct edit_store *s, bool *rules, struct err *e)
{
	AUTO(db_finalize) sqlite3_stmt *row = NULL;
	int got;

	if (db_prepare(p, &row, "SELECT what, edit, side, path FROM move ORDER BY id",
		       e) < 0)
		return -1;
	while ((got = db_step(p, row, e)) > 0) {
		if (do_move(p, s, row, e) < 0)
			return -1;
		*rules |= strcmp(db_name(row, 0, NULL) ?: "", "options") == 0;
		edit_fail_point();
	}
	return got;
}

int
edit_moves_do(struct package *p, struct err *e)
{
	AUTO(edit_store_fini) struct edit_store s = EDIT_STORE_INIT;
	AUTO(str_fini) struct str home = STR_INIT;
	bool rules = false;
	int r = edit_store_open(&s, p, true, e);

	listed_forget(&p->layout);
	if (r == 0)
		r = do_moves(p, &s, &rules, e);
	if (r == 0)
		r = edit_store_sync(&s, e);
	edit_fail_point();
	if (r == 0)
		r = edit_reload_rules(p, e);
	if (r == 0 && rules)
		mountpoints_make(&p->layout, &p->rules, home_of_last_run(p, &home),
				 false);
	if (r == 0)
		listed_write(&p->layout);
	if (r == 0)
		r = db_exec(p, "DELETE FROM move", e);
	if (r < 0)
		return err_wrap(e, "the edits are written, but not all files are in "
				   "place yet (the next use of the package goes on "
				   "with it)");
	edit_fail_point();
	edit_moves_over(p);
	edit_fail_point();
	return 0;
}

int
edit_moves_announce(struct package *p, struct err *e)
{
	AUTO(fd_drop)
	int fd = openat(p->layout.dirfd, PKG_PENDING,
			O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0644);

	return fd < 0 || fsync(fd) < 0
		       ? err_set(e, errno, "%s/%s", p->layout.dir.s, PKG_PENDING)
		       : 0;
}

void
edit_moves_over(struct package *p)
{
	unlinkat(p->layout.dirfd, PKG_PENDING, 0);
}

int
edit_moves_recover(struct package *p, struct err *e)
{
	AUTO(err_fini) struct err none = ERR_INIT;
	bool mine = p->lock < 0;
	bool pending = p->db && edit_moves_pending(p);
	int r = 0;

	if (!pending && layout_check_whole(&p->layout, &none) == 0)
		return 0;
	p->unfinished = pending || !p->db;
	if (!p->db || sqlite3_db_readonly(p->db, "main") || package_lock(p, &none) < 0)
		return 0;
	edit_query_only(p, false);
	if (edit_moves_pending(p)) /* nobody else has been faster */
		r = edit_moves_do(p, e);
	else
		edit_moves_over(p);
	edit_query_only(p, true);
	if (r == 0)
		r = edit_reload_rules(p, e); /* they may be others now */
	if (mine)
		fd_drop(&p->lock);
	p->unfinished = r < 0;
	return r;
}

/* ---- gc ---- */

static int
empty_store(struct edits *x, bool dry, struct edit_gc *out, struct err *e)
{
	AUTO(edit_store_fini) struct edit_store s = EDIT_STORE_INIT;
	int r = edit_store_open(&s, x->p, false, e);

	if (r)
		return r < 0 ? -1 : 0;
	r = remove_tree(x->p->layout.dirfd, PKG_DROPPED, out, dry);
	return r < 0 ? err_set(e, -r, "%s", s.l.root.s) : 0;
}

static int
forget(struct edits *x, struct err *e)
{
	if (edits_begin(x, e) < 0)
		return -1;
	if (edits_staged(x)) {
		edits_rollback(x);
		return err_set(e, 0, "edits are staged");
	}
	if (db_exec(x->p,
		    "DELETE FROM kept; DELETE FROM edit; DELETE FROM move;"
		    "DELETE FROM access WHERE file < 0; DELETE FROM fact WHERE file < 0;"
		    "DELETE FROM listing WHERE dir < 0",
		    e) < 0) {
		edits_rollback(x);
		return -1;
	}
	return edits_commit(x, e);
}

int
edits_gc(struct edits *x, bool dry, struct edit_gc *out, struct err *e)
{
	bool mine = x->p->lock < 0;
	int r = 0;

	*out = (struct edit_gc){ .groups = x->group.n };
	if (edits_staged(x))
		return err_set(e, 0, "edits are staged: write or discard them first");
	if (dry || (x->flags & EDITS_DRY))
		return empty_store(x, true, out, e);
	if (package_lock(x->p, e) < 0)
		return -1;
	if (edit_moves_pending(x->p))
		r = err_set(e, EAGAIN, "%s: a write is not complete", x->p->layout.dir.s);
	if (r == 0)
		r = forget(x, e);
	if (r == 0)
		r = empty_store(x, false, out, e);
	if (mine)
		fd_drop(&x->p->lock);
	return edits_load(x, e) < 0 ? -1 : r;
}
