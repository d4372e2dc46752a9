/*
 * The objects of a package, one directory after the other, into an archive.  Each is
 * reached by the descriptor of its directory; no link is followed.
 */
#include "inspect/pack_walk.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/map.h"
#include "inspect/db.h"
#include "inspect/edit_priv.h"
#include "inspect/pack_priv.h"
#include "inspect/text.h"
#include "tree/copy.h"

enum { CHUNK = 1 << 18 };

struct walk_pack {
	struct package *p;
	struct archive *a;
	struct pack *how;
	struct err *e;
	bool zip;
	const char *temp;
	struct map seen; /* device and inode → name in the archive */
	struct str name; /* in the archive, of the object at hand */
	sqlite3_stmt *row;
	struct timespec stamp; /* of what has no time of its own */
	unsigned depth;
	char *buf, *zero;
};

static void
free_entry(struct archive_entry **x)
{
	archive_entry_free(*x);
}

static int
failed(struct walk_pack *w)
{
	int code = archive_errno(w->a);

	if (code == ENOSPC || code == EDQUOT || code == EIO || code == EFBIG)
		return err_set(w->e, code, "the archive cannot be written");
	return err_set(w->e, 0, "%s: %s", w->name.s, archive_error_string(w->a));
}

/* What is beside cde-root and does not go along. */
static bool
stays(const char *name)
{
	return strcmp(name, PKG_TMP) == 0 || strcmp(name, PKG_DROPPED) == 0 ||
	       strcmp(name, PKG_PENDING) == 0 || str_has_prefix(name, PKG_MANIFEST "-") ||
	       str_has_prefix(name, PKG_MANIFEST ".old") || str_has_suffix(name, ".tmp");
}

/* Its path in the package; NULL: it is not in cde-root. */
static const char *
inner(const struct walk_pack *w)
{
	static const char root[] = PACK_TOP "/" PKG_ROOT "/";

	if (w->how->root)
		return w->name.s[1] ? w->name.s + 1 : NULL;
	return str_has_prefix(w->name.s, root) ? w->name.s + sizeof(root) - 2 : NULL;
}

/* Owner and state of what is at hand; false: not known. */
static bool
find_row(struct walk_pack *w, int64_t *uid, int64_t *gid, int64_t *state)
{
	const char *path = inner(w);
	bool found;

	if (!path || !w->row)
		return false;
	sqlite3_reset(w->row);
	db_bind_name(w->row, 1, path, strlen(path));
	found = sqlite3_step(w->row) == SQLITE_ROW;
	if (found) {
		*uid = sqlite3_column_int64(w->row, 0);
		*gid = sqlite3_column_int64(w->row, 1);
		*state = sqlite3_column_int64(w->row, 2);
	}
	sqlite3_reset(w->row);
	return found;
}

static void
set_owner(struct walk_pack *w, struct archive_entry *x)
{
	int64_t uid = 0, gid = 0, state;

	if (!w->how->owners || !find_row(w, &uid, &gid, &state) || uid < 0 ||
	    uid > UINT32_MAX || gid < 0 || gid > UINT32_MAX)
		uid = gid = 0;
	archive_entry_set_uid(x, uid);
	archive_entry_set_gid(x, gid);
}

static void
set_time(struct walk_pack *w, struct archive_entry *x, struct timespec at)
{
	if (w->how->newest >= 0 && at.tv_sec >= w->how->newest)
		at = (struct timespec){ .tv_sec = w->how->newest };
	archive_entry_set_mtime(x, at.tv_sec, at.tv_nsec);
}

static struct archive_entry *
new_entry(struct walk_pack *w, const struct stat *st)
{
	struct archive_entry *x = archive_entry_new();

	if (!x)
		mem_die();
	archive_entry_copy_pathname(x, w->name.s);
	archive_entry_set_mode(x, st->st_mode);
	archive_entry_set_size(x, S_ISREG(st->st_mode) ? st->st_size : 0);
	set_time(w, x, st->st_mtim);
	set_owner(w, x);
	return x;
}

/* The user's, sorted: file systems list them in any order. */
static void
set_xattrs(struct walk_pack *w, struct archive_entry *x, int fd)
{
	ssize_t len = w->zip ? 0 : flistxattr(fd, NULL, 0);
	AUTO(mem_free) char *list = mem_alloc(len > 0 ? (size_t)len + 1 : 1);
	VEC(char *) name = { 0 };

	len = len > 0 ? flistxattr(fd, list, (size_t)len) : 0;
	for (ssize_t at = 0; at < len; at += (ssize_t)strlen(list + at) + 1)
		if (str_has_prefix(list + at, "user."))
			vec_push(&name, list + at);
	if (name.n)
		qsort(name.v, name.n, sizeof(*name.v), str_order);
	for (size_t i = name.n; i-- > 0;) { /* libarchive writes them in reverse */
		ssize_t n = fgetxattr(fd, name.v[i], w->buf, CHUNK);

		if (n >= 0)
			archive_entry_xattr_add_entry(x, name.v[i], w->buf, (size_t)n);
	}
	vec_fini(&name);
}

static void
set_holes(struct archive_entry *x, int fd, off_t size)
{
	off_t at = lseek(fd, 0, SEEK_HOLE);

	if (at < 0 || at >= size)
		return;
	at = lseek(fd, 0, SEEK_DATA);
	if (at < 0 || at >= size) { /* nothing but a hole */
		archive_entry_sparse_add_entry(x, 0, 0);
		return;
	}
	while (at >= 0 && at < size) {
		off_t end = lseek(fd, at, SEEK_HOLE);

		if (end < 0 || end > size)
			end = size;
		archive_entry_sparse_add_entry(x, at, end - at);
		at = lseek(fd, end, SEEK_DATA);
	}
}

static int
put_header(struct walk_pack *w, struct archive_entry *x)
{
	/* A warning is about a name that is not UTF-8: it goes in as it is. */
	if (archive_write_header(w->a, x) < ARCHIVE_WARN)
		return failed(w);
	w->how->files++;
	if (w->how->progress &&
	    !w->how->progress(w->how->ctx, w->how->files, w->how->bytes))
		return 1;
	return 0;
}

static int
put_chunk(struct walk_pack *w, const char *data, size_t n)
{
	while (n > 0) {
		la_ssize_t done = archive_write_data(w->a, data, n);

		if (done <= 0)
			return failed(w);
		data += done;
		n -= (size_t)done;
		w->how->bytes += (uint64_t)done;
	}
	if (w->how->progress &&
	    !w->how->progress(w->how->ctx, w->how->files, w->how->bytes))
		return 1;
	return 0;
}

/* Holes are not read: where the next data is, or the end. */
static off_t
next_data(int fd, off_t at, off_t size)
{
	off_t data = lseek(fd, at, SEEK_DATA);

	if (data < 0)
		return errno == ENXIO ? size : at;
	return data < size ? data : size;
}

static int
put_data(struct walk_pack *w, int fd, off_t size)
{
	int r = 0;

	for (off_t at = 0; at < size && r == 0;) {
		off_t data = next_data(fd, at, size);
		size_t want = (size_t)(size - at < CHUNK ? size - at : CHUNK);
		ssize_t n;

		if (data > at) {
			n = data - at < CHUNK ? data - at : CHUNK;
			r = put_chunk(w, w->zero, (size_t)n);
			at += n;
			continue;
		}
		do
			n = pread(fd, w->buf, want, at);
		while (n < 0 && errno == EINTR);
		if (n <= 0)
			return err_set(w->e, n < 0 ? errno : 0, "%s%s", w->name.s,
				       n < 0 ? "" : ": became shorter while it was read");
		r = put_chunk(w, w->buf, (size_t)n);
		at += n;
	}
	return r;
}

/* 1: it is the same file as one that is in the archive. */
static bool
linked(struct walk_pack *w, struct archive_entry *x, const struct stat *st)
{
	const uint64_t key[2] = { st->st_dev, st->st_ino };
	struct map_slot *m;

	if (st->st_nlink < 2 || w->zip)
		return false;
	m = map_put(&w->seen, (const char *)key, sizeof(key));
	if (!m->p) {
		m->p = mem_strdup(w->name.s);
		return false;
	}
	archive_entry_set_hardlink(x, m->p);
	archive_entry_unset_size(x);
	return true;
}

/* A placeholder has the mode of the original, which its owner may not be able to read. */
static int
put_unreadable(struct walk_pack *w, struct archive_entry *x, const struct stat *st)
{
	int64_t uid, gid, state;
	const size_t n = strlen(TREE_PLACEHOLDER_TEXT);
	int r;

	if (st->st_size != (off_t)n || !find_row(w, &uid, &gid, &state) ||
	    state != FILE_PLACEHOLDER)
		return err_set(w->e, EACCES, "%s", w->name.s);
	r = put_header(w, x);
	return r ? r : put_chunk(w, TREE_PLACEHOLDER_TEXT, n);
}

static int
put_open_file(struct walk_pack *w, int fd, const struct stat *st)
{
	AUTO(free_entry) struct archive_entry *x = new_entry(w, st);
	int r;

	if (linked(w, x, st))
		return put_header(w, x);
	set_xattrs(w, x, fd);
	if (!w->zip)
		set_holes(x, fd, st->st_size);
	r = put_header(w, x);
	return r ? r : put_data(w, fd, st->st_size);
}

static int
put_file(struct walk_pack *w, int dir, const char *name, const struct stat *was)
{
	AUTO(fd_drop)
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0 && errno == EACCES) {
		AUTO(free_entry) struct archive_entry *x = new_entry(w, was);

		return put_unreadable(w, x, was);
	}
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(w->e, errno, "%s", w->name.s);
	if (!S_ISREG(st.st_mode))
		return err_set(w->e, ESTALE, "%s", w->name.s);
	return put_open_file(w, fd, &st);
}

static int
put_manifest(struct walk_pack *w, const struct stat *was)
{
	AUTO(fd_drop) int fd = -1;
	struct stat st;

	if (!w->p->db || !S_ISREG(was->st_mode))
		return 0;
	fd = pack_manifest(w->p, w->temp, w->e);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		return err_set(w->e, errno, "%s", w->name.s);
	st.st_mode = S_IFREG | (was->st_mode & 0777);
	st.st_mtim = w->stamp;
	st.st_nlink = 1;
	return put_open_file(w, fd, &st);
}

static int
put_link(struct walk_pack *w, int dir, const char *name, const struct stat *st)
{
	AUTO(free_entry) struct archive_entry *x = new_entry(w, st);
	AUTO(str_fini) struct str text = STR_INIT;
	int r = fs_readlink(dir, name, &text);

	if (r < 0)
		return err_set(w->e, -r, "%s", w->name.s);
	archive_entry_copy_symlink(x, text.s);
	archive_entry_set_mode(x, S_IFLNK | 0777);
	return put_header(w, x);
}

/* Only names that were listed, or are the host's: nothing to be read. */
static bool
stands_in(struct walk_pack *w, int dir, const char *name, const struct stat *st)
{
	int64_t uid, gid, state;

	if (tree_is_placeholder(dir, name, st))
		return true;
	return faccessat(dir, name, R_OK, AT_EACCESS | AT_SYMLINK_NOFOLLOW) < 0 &&
	       find_row(w, &uid, &gid, &state) && state != FILE_CAPTURED;
}

static int put_object(struct walk_pack *w, int dir, const char *name);

static int
list(int fd, DIR **d, char ***names, size_t *n)
{
	VEC(char *) all = { 0 };
	struct dirent *ent;

	*d = fdopendir(fd);
	if (!*d)
		return -errno;
	while ((errno = 0, ent = readdir(*d)))
		if (strcmp(ent->d_name, ".") != 0 && strcmp(ent->d_name, "..") != 0)
			vec_push(&all, mem_strdup(ent->d_name));
	*names = all.v;
	*n = all.n;
	if (all.n)
		qsort(all.v, all.n, sizeof(*all.v), str_order);
	return -errno;
}

/* All in a directory; fd becomes d's. */
static int
put_names(struct walk_pack *w, int fd)
{
	size_t n = 0, len = w->name.len;
	char **names = NULL;
	DIR *d = NULL;
	int r = list(fd, &d, &names, &n);

	if (r < 0)
		r = err_set(w->e, -r, "%s", w->name.s);
	if (!d)
		close(fd);
	for (size_t i = 0; i < n; i++) {
		if (r == 0 && (w->how->root || w->depth > 1 || !stays(names[i]))) {
			str_addc(&w->name, '/');
			str_add(&w->name, names[i]);
			r = put_object(w, fd, names[i]);
			str_trunc(&w->name, len);
		}
		free(names[i]);
	}
	free(names);
	if (d)
		closedir(d);
	return r;
}

static int
put_dir(struct walk_pack *w, int dir, const char *name, const struct stat *was)
{
	AUTO(free_entry) struct archive_entry *x = NULL;
	struct stat st = *was;
	int fd, r;

	if (w->depth >= PACK_DEPTH)
		return err_set(w->e, 0, "directories are nested deeper than %d: %.200s…",
			       PACK_DEPTH, w->name.s);
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_set(w->e, errno, "%s", w->name.s);
	if (!w->depth) { /* journals and the like change its time */
		st.st_mtim = w->stamp;
		st.st_mode = S_IFDIR | 0755;
	}
	x = new_entry(w, &st);
	set_xattrs(w, x, fd);
	r = put_header(w, x);
	if (r) {
		close(fd);
		return r;
	}
	w->depth++;
	r = put_names(w, fd);
	w->depth--;
	return r;
}

static int
put_object(struct walk_pack *w, int dir, const char *name)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_set(w->e, errno, "%s", w->name.s);
	if (w->zip && !text_is_utf8(w->name.s, w->name.len))
		return err_set(w->e, 0, "%s: a zip cannot hold a name that is not UTF-8",
			       w->name.s);
	if (!w->how->root && w->depth == 1 && strcmp(name, PKG_MANIFEST) == 0)
		return put_manifest(w, &st);
	if (S_ISDIR(st.st_mode))
		return put_dir(w, dir, name, &st);
	if (S_ISREG(st.st_mode) && !(w->how->root && stands_in(w, dir, name, &st)))
		return put_file(w, dir, name, &st);
	if (S_ISLNK(st.st_mode))
		return put_link(w, dir, name, &st);
	if (S_ISFIFO(st.st_mode) && !w->zip) {
		AUTO(free_entry) struct archive_entry *x = new_entry(w, &st);

		return put_header(w, x);
	}
	w->how->left_out++;
	return 0;
}

int
pack_walk(struct package *p, struct archive *a, bool zip, const char *temp,
	  struct pack *how, struct err *e)
{
	struct walk_pack w = { .p = p,
			       .a = a,
			       .how = how,
			       .e = e,
			       .zip = zip,
			       .temp = temp,
			       .name = STR_INIT };
	struct stat st;
	int r;

	if (fstatat(p->layout.dirfd, PKG_UNAME, &st, AT_SYMLINK_NOFOLLOW) == 0)
		w.stamp = st.st_mtim;
	if (p->db &&
	    db_prepare(p, &w.row, "SELECT uid, gid, state FROM file WHERE path=?", e) < 0)
		return -1;
	w.buf = mem_alloc(CHUNK);
	w.zero = mem_alloc(CHUNK);
	str_set(&w.name, how->root ? "." : PACK_TOP);
	r = put_object(&w, how->root ? p->layout.rootfd : p->layout.dirfd, ".");
	db_finalize(&w.row);
	free(w.buf);
	free(w.zero);
	for (struct map_slot *m = NULL; (m = map_next(&w.seen, m));)
		free(m->p);
	map_fini(&w.seen);
	str_fini(&w.name);
	return r;
}
