/*
 * An archive's entries, one by one, below a directory that did not exist before.  Names
 * are checked as text first; then each object is made by the descriptor of its parent,
 * which is opened without following any link (tree/place.h), and only where nothing is.
 */
#include "inspect/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/map.h"
#include "inspect/pack_priv.h"
#include "inspect/unpack_priv.h"
#include "path/lex.h"
#include "tree/place.h"

enum { NAME_LENGTH = 4000 };

static const uint64_t reserve = 64 << 20; /* bytes that stay free */

static int
refuse(struct unpacker *u, const char *name, const char *why)
{
	return err_set(u->e, 0, "%.500s: %s", name, why);
}

static int
damaged(struct unpacker *u)
{
	const char *text = archive_error_string(u->a);

	return err_set(u->e, 0, "a damaged archive: %s", text ? text : "unknown");
}

static int
count_entry(struct unpacker *u)
{
	if (++u->how->entries > u->entries_max)
		return err_set(u->e, 0,
			       "more than %llu entries: this may be an archive made to "
			       "fill a disk (--max-entries allows more)",
			       (unsigned long long)u->entries_max);
	return 0;
}

static int
too_large(struct unpacker *u)
{
	return err_set(u->e, 0, "it unpacks to more than %llu bytes, %s",
		       (unsigned long long)u->bytes_max,
		       u->how->bytes_max ? "the limit that was given"
					 : "which is what is free there");
}

/* A name of the archive, clean and relative; "" is the top. */
static int
clean(struct unpacker *u, const char *raw, struct str *out)
{
	unsigned depth = 0;

	str_clear(out);
	if (!raw || !*raw)
		return refuse(u, "an entry", "its name cannot be read");
	if (*raw == '/')
		return refuse(u, raw, "an absolute name");
	if (strlen(raw) > NAME_LENGTH)
		return refuse(u, raw, "too long a name");
	while (*raw) {
		size_t n = strcspn(raw, "/");

		if (n == 2 && memcmp(raw, "..", 2) == 0)
			return refuse(u, out->len ? out->s : "..",
				      "a name with \"..\" in it");
		if (n && !(n == 1 && *raw == '.')) {
			if (out->len)
				str_addc(out, '/');
			str_addn(out, raw, n);
			depth++;
		}
		raw += n + (raw[n] == '/');
	}
	if (depth > PACK_DEPTH)
		return refuse(u, out->s, "directories are nested too deep");
	return 0;
}

/* Parents that had no entry of their own: each counts as one. */
static int
note_parents(struct unpacker *u, const char *name)
{
	const char *last = strrchr(name, '/');

	if (!last || map_get(&u->dirs, name, (size_t)(last - name)))
		return 0;
	for (const char *at = strchr(name, '/'); at; at = strchr(at + 1, '/')) {
		struct map_slot *m = map_put(&u->dirs, name, (size_t)(at - name));

		if (m->u)
			continue;
		m->u = UNPACK_IMPLIED;
		if (count_entry(u) < 0)
			return -1;
	}
	return 0;
}

/* Where an object goes; its parents are there then. */
static int
find_place(struct unpacker *u, const char *name, struct place *at)
{
	int r;

	if (note_parents(u, name) < 0)
		return -1;
	r = place_find(at, &u->to, name, true);
	if (r == -ENOTDIR || r == -ELOOP)
		return refuse(u, name, "lies below something that is no directory");
	return r < 0 ? err_set(u->e, -r, "%.500s", name) : 0;
}

static int
made(struct unpacker *u, const char *name, int r)
{
	if (r >= 0)
		return 0;
	if (errno == EEXIST)
		return refuse(u, name, "there are two of this name");
	return err_set(u->e, errno, "%.500s", name);
}

static mode_t
mode_of(struct unpacker *u, struct archive_entry *x)
{
	mode_t mode = archive_entry_perm(x) & 07777;

	u->how->stripped += (mode & (S_ISUID | S_ISGID)) != 0;
	return mode & ~(mode_t)(S_ISUID | S_ISGID);
}

static void
times_of(struct archive_entry *x, struct timespec times[2])
{
	times[0] = (struct timespec){ .tv_nsec = UTIME_OMIT };
	times[1] = times[0];
	if (archive_entry_mtime_is_set(x) && archive_entry_mtime_nsec(x) >= 0 &&
	    archive_entry_mtime_nsec(x) < 1000000000)
		times[1] = (struct timespec){ archive_entry_mtime(x),
					      archive_entry_mtime_nsec(x) };
}

static void
restore_xattrs(int fd, struct archive_entry *x)
{
	const char *name;
	const void *value;
	size_t n;

	archive_entry_xattr_reset(x);
	while (archive_entry_xattr_next(x, &name, &value, &n) == ARCHIVE_OK)
		if (name && str_has_prefix(name, "user."))
			fsetxattr(fd, name, value, n, 0);
}

static int
make_dir(struct unpacker *u, const char *name, struct archive_entry *x)
{
	AUTO(place_fini) struct place at = PLACE_INIT;
	struct unpack_dir d;
	struct map_slot *m;

	if (!*name)
		return 0;
	if (find_place(u, name, &at) < 0)
		return -1;
	m = map_put(&u->dirs, name, strlen(name));
	if (m->u == UNPACK_NAMED)
		return refuse(u, name, "there are two of this name");
	if (!m->u && made(u, name, mkdirat(at.dir, at.name, 0700)) < 0)
		return -1;
	if (archive_entry_xattr_count(x)) {
		AUTO(fd_drop)
		int fd = openat(at.dir, at.name,
				O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		if (fd >= 0)
			restore_xattrs(fd, x);
	}
	m->u = UNPACK_NAMED;
	d.mode = mode_of(u, x) | 0700;
	times_of(x, d.times);
	d.name = mem_strdup(name);
	vec_push(&u->dir, d);
	return 0;
}

static int
write_block(struct unpacker *u, int fd, const char *data, size_t n, off_t at)
{
	if (n > u->bytes_max - u->how->bytes)
		return too_large(u);
	u->how->bytes += n;
	while (n > 0) {
		ssize_t done = pwrite(fd, data, n, at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return err_set(u->e, errno, "write");
		data += done;
		at += done;
		n -= (size_t)done;
	}
	return 0;
}

static int
write_data(struct unpacker *u, int fd, off_t *end)
{
	const void *data;
	la_int64_t at;
	size_t n;
	int r;

	while ((r = archive_read_data_block(u->a, &data, &n, &at)) == ARCHIVE_OK) {
		if (at < 0 || n > INT64_MAX || at > INT64_MAX - (la_int64_t)n)
			return err_set(u->e, 0, "an impossible size");
		if (write_block(u, fd, data, n, at) < 0)
			return -1;
		if (n && at + (la_int64_t)n > *end)
			*end = at + (la_int64_t)n;
		if (u->how->progress &&
		    !u->how->progress(u->how->ctx, u->how->entries, u->how->bytes))
			return 1;
	}
	return r == ARCHIVE_EOF ? 0 : damaged(u);
}

static int
make_file(struct unpacker *u, const char *name, struct archive_entry *x)
{
	AUTO(place_fini) struct place at = PLACE_INIT;
	AUTO(fd_drop) int fd = -1;
	int64_t size = archive_entry_size_is_set(x) ? archive_entry_size(x) : -1;
	struct timespec times[2];
	off_t end = 0;
	int r;

	if (size > 0 && !archive_entry_sparse_count(x) &&
	    (uint64_t)size > u->bytes_max - u->how->bytes)
		return too_large(u) < 0 ? err_wrap(u->e, "%.500s", name) : -1;
	if (find_place(u, name, &at) < 0)
		return -1;
	fd = openat(at.dir, at.name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		    0600);
	if (made(u, name, fd) < 0)
		return -1;
	r = write_data(u, fd, &end);
	if (r)
		return r < 0 ? err_wrap(u->e, "%.500s", name) : r;
	if (size < end)
		size = end;
	times_of(x, times);
	restore_xattrs(fd, x);
	if (ftruncate(fd, size) < 0 || fchmod(fd, mode_of(u, x)) < 0 ||
	    futimens(fd, times) < 0)
		return err_set(u->e, errno, "%.500s", name);
	return 0;
}

static int
make_hardlink(struct unpacker *u, const char *name, const char *raw)
{
	AUTO(place_fini) struct place from = PLACE_INIT, at = PLACE_INIT;
	AUTO(str_fini) struct str target = STR_INIT;
	struct stat st;

	if (clean(u, raw, &target) < 0 || find_place(u, name, &at) < 0)
		return -1;
	if (!target.len || place_find(&from, &u->to, target.s, false) < 0 ||
	    fstatat(from.dir, from.name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !S_ISREG(st.st_mode))
		return refuse(u, name, "a hard link to what is no file before it");
	return made(u, name, linkat(from.dir, from.name, at.dir, at.name, 0));
}

static int
make_link(struct unpacker *u, const char *name, struct archive_entry *x)
{
	AUTO(place_fini) struct place at = PLACE_INIT;
	const char *text = archive_entry_symlink(x);
	struct timespec times[2];

	if (!text || !*text)
		return refuse(u, name, "a link whose text cannot be read");
	if (find_place(u, name, &at) < 0 ||
	    made(u, name, symlinkat(text, at.dir, at.name)) < 0)
		return -1;
	times_of(x, times);
	utimensat(at.dir, at.name, times, AT_SYMLINK_NOFOLLOW);
	return 0;
}

static int
make_fifo(struct unpacker *u, const char *name, struct archive_entry *x)
{
	AUTO(place_fini) struct place at = PLACE_INIT;
	struct timespec times[2];

	if (find_place(u, name, &at) < 0 ||
	    made(u, name, mkfifoat(at.dir, at.name, 0600)) < 0)
		return -1;
	times_of(x, times);
	fchmodat(at.dir, at.name, mode_of(u, x), AT_SYMLINK_NOFOLLOW);
	utimensat(at.dir, at.name, times, AT_SYMLINK_NOFOLLOW);
	return 0;
}

static int
make_entry(struct unpacker *u, const char *name, struct archive_entry *x)
{
	const char *other = archive_entry_hardlink(x);
	mode_t kind = archive_entry_filetype(x);

	if (!*name && kind != AE_IFDIR)
		return refuse(u, ".", "the top is no directory");
	if (other)
		return make_hardlink(u, name, other);
	switch (kind) {
	case AE_IFDIR:
		return make_dir(u, name, x);
	case AE_IFREG:
		return make_file(u, name, x);
	case AE_IFLNK:
		return make_link(u, name, x);
	case AE_IFIFO:
		return make_fifo(u, name, x);
	default:
		return refuse(u, name, "a device or socket, which no package has");
	}
}

/* Times change while a directory is filled, so these come last, inner ones first. */
static int
restore_dirs(struct unpacker *u)
{
	for (size_t i = u->dir.n; i-- > 0;) {
		const struct unpack_dir *d = &u->dir.v[i];
		AUTO(place_fini) struct place at = PLACE_INIT;
		AUTO(fd_drop) int fd = -1;
		int r = place_find(&at, &u->to, d->name, false);

		if (r < 0)
			return err_set(u->e, -r, "%.500s", d->name);
		fd = openat(at.dir, at.name,
			    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0 || fchmod(fd, d->mode) < 0 || futimens(fd, d->times) < 0)
			return err_set(u->e, errno, "%.500s", d->name);
	}
	return 0;
}

static int
each_entry(struct unpacker *u)
{
	AUTO(str_fini) struct str name = STR_INIT;
	struct archive_entry *x;
	int r;

	/* A warning is a name that is not UTF-8, whose bytes are there all the same. */
	while ((r = archive_read_next_header(u->a, &x)) == ARCHIVE_OK ||
	       r == ARCHIVE_WARN) {
		if (count_entry(u) < 0 || clean(u, archive_entry_pathname(x), &name) < 0)
			return -1;
		r = make_entry(u, name.s, x);
		if (r)
			return r;
		if (u->how->progress &&
		    !u->how->progress(u->how->ctx, u->how->entries, u->how->bytes))
			return 1;
	}
	return r == ARCHIVE_EOF ? restore_dirs(u) : damaged(u);
}

static int
open_archive(struct unpacker *u, int fd, bool *zip)
{
	char head[2] = "";
	ssize_t n = pread(fd, head, 2, 0);

	*zip = n == 2 && memcmp(head, "PK", 2) == 0;
	archive_read_support_filter_gzip(u->a);
	archive_read_support_filter_xz(u->a);
	archive_read_support_filter_zstd(u->a);
	archive_read_support_format_tar(u->a);
	archive_read_support_format_zip(u->a);
	if (archive_read_open_fd(u->a, fd, 1 << 17) == ARCHIVE_OK)
		return 0;
	return damaged(u);
}

static void
set_limits(struct unpacker *u, int dirfd)
{
	struct statvfs fs;

	u->entries_max = u->how->entries_max ? u->how->entries_max : UNPACK_ENTRIES;
	u->bytes_max = u->how->bytes_max;
	if (u->bytes_max || fstatvfs(dirfd, &fs) < 0) {
		u->bytes_max = u->bytes_max ? u->bytes_max : INT64_MAX;
		return;
	}
	u->bytes_max = (uint64_t)fs.f_bavail * fs.f_frsize;
	u->bytes_max = u->bytes_max > reserve ? u->bytes_max - reserve : 0;
}

static void
unpacker_fini(struct unpacker *u)
{
	for (size_t i = 0; i < u->dir.n; i++)
		free(u->dir.v[i].name);
	vec_fini(&u->dir);
	map_fini(&u->dirs);
	archive_read_free(u->a);
}

/*
 * In the locale "C" libarchive hands out the bytes of a tar's names as they are; in any
 * other it would compose characters.  A zip's it then cannot read at all.
 */
int
unpack_below(const char *file, int dirfd, struct unpack *how, struct err *e)
{
	AUTO(fd_drop) int fd = open(file, O_RDONLY | O_CLOEXEC);
	struct unpacker u = { .how = how, .e = e, .to = LAYOUT_INIT };
	struct pack_locale l;
	bool zip = false;
	int r = 0;

	how->entries = how->bytes = how->stripped = 0;
	if (fd < 0)
		return err_set(e, errno, "%s", file);
	u.to.rootfd = u.to.dirfd = dirfd;
	u.a = archive_read_new();
	if (!u.a)
		mem_die();
	set_limits(&u, dirfd);
	r = open_archive(&u, fd, &zip);
	pack_locale_begin(&l, zip ? "C.UTF-8" : "C");
	if (r == 0)
		r = each_entry(&u);
	pack_locale_end(&l);
	unpacker_fini(&u);
	return r < 0 ? err_wrap(e, "%s", file) : r;
}
