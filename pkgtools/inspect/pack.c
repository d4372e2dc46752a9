/* Where an archive is made: its name, its format, and the rename at the end. */
#include "inspect/pack.h"

#include <archive.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/fs.h"
#include "inspect/pack_priv.h"
#include "inspect/pack_walk.h"
#include "path/lex.h"

static const struct {
	const char *end;
	enum pack_format format;
	int (*form)(struct archive *a);
	int (*filter)(struct archive *a);
	const char *options;
} formats[] = {
	{ ".tar.zst", PACK_TAR_ZST, archive_write_set_format_pax,
	  archive_write_add_filter_zstd, NULL },
	{ ".tar.gz", PACK_TAR_GZ, archive_write_set_format_pax,
	  archive_write_add_filter_gzip, "gzip:!timestamp" },
	{ ".tar.xz", PACK_TAR_XZ, archive_write_set_format_pax,
	  archive_write_add_filter_xz, NULL },
	{ ".zip", PACK_ZIP, archive_write_set_format_zip, archive_write_add_filter_none,
	  NULL },
};

enum pack_format
pack_format_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (str_has_suffix(name, formats[i].end))
			return formats[i].format;
	return PACK_NONE;
}

void
pack_locale_begin(struct pack_locale *l, const char *name)
{
	l->mine = newlocale(LC_CTYPE_MASK, name, (locale_t)0);
	l->before = l->mine ? uselocale(l->mine) : (locale_t)0;
}

void
pack_locale_end(struct pack_locale *l)
{
	if (!l->mine)
		return;
	uselocale(l->before);
	freelocale(l->mine);
	l->mine = (locale_t)0;
}

/* Where the archive is made: a directory of ours beside its place. */
struct site {
	struct str dir, temp, made;
	int fd;
};

static void
site_fini(struct site *s)
{
	fd_drop(&s->fd);
	if (s->temp.len)
		fs_remove_tree(AT_FDCWD, s->temp.s);
	str_fini(&s->dir);
	str_fini(&s->temp);
	str_fini(&s->made);
}

static int
site_make(struct site *s, struct package *p, const char *file, const struct pack *how,
	  struct err *e)
{
	AUTO(mem_free) char *real = NULL;
	struct stat st;

	if (lstat(file, &st) == 0 && (!how->replace || !S_ISREG(st.st_mode)))
		return err_set(e, 0, "%s is there already%s", file,
			       S_ISREG(st.st_mode) ? " (--force replaces it)" : "");
	str_setn(&s->dir, file, (size_t)(path_base(file) - file));
	if (!s->dir.len)
		str_set(&s->dir, ".");
	real = realpath(s->dir.s, NULL);
	if (!real)
		return err_set(e, errno, "%s", s->dir.s);
	if (path_under(real, p->layout.dir.s))
		return err_set(e, 0, "%s would lie in the package itself", file);
	str_addf(&s->temp, "%s/.cde-pack-XXXXXX", real);
	if (!mkdtemp(s->temp.s)) {
		str_clear(&s->temp);
		return err_set(e, errno, "%s", real);
	}
	str_addf(&s->made, "%s/archive", s->temp.s);
	s->fd = open(s->made.s, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	return s->fd < 0 ? err_set(e, errno, "%s", s->made.s) : 0;
}

static int
site_finish(struct site *s, const char *file, struct pack *how, struct err *e)
{
	struct stat st;

	if (fsync(s->fd) < 0 && errno != EINVAL)
		return err_set(e, errno, "%s", file);
	if (fstat(s->fd, &st) < 0 || rename(s->made.s, file) < 0)
		return err_set(e, errno, "%s", file);
	how->size = (uint64_t)st.st_size;
	return 0;
}

/* Where the bytes go. */
struct sink {
	int fd;
	enum { SINK_WRITES, SINK_DROPS, SINK_REFUSES } state;
};

static la_ssize_t
on_bytes(struct archive *a, void *ctx, const void *data, size_t n)
{
	const struct sink *s = ctx;
	int r = s->state == SINK_WRITES ? fd_write_all(s->fd, data, n) : -ECANCELED;

	if (r == 0 || s->state == SINK_DROPS)
		return (la_ssize_t)n;
	archive_set_error(a, -r, "Write error");
	return -1;
}

static int
start(struct archive *a, enum pack_format format, struct sink *s, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		if (formats[i].format != format)
			continue;
		if (formats[i].form(a) != ARCHIVE_OK ||
		    formats[i].filter(a) != ARCHIVE_OK ||
		    archive_write_set_options(a, formats[i].options) < ARCHIVE_WARN ||
		    archive_write_set_bytes_in_last_block(a, 1) != ARCHIVE_OK ||
		    archive_write_open(a, s, NULL, on_bytes, NULL) != ARCHIVE_OK)
			return err_set(e, 0, "%s: %s", formats[i].end + 1,
				       archive_error_string(a));
	}
	return 0;
}

/*
 * Nothing more is written: the disk may be full.  libarchive frees what its compressors
 * have when they are closed, and what zip has for an entry when that is whole; but what is
 * missing of an entry of tar would be made up for, and compressed.
 */
static void
give_up(struct archive *a, enum pack_format format, struct sink *s)
{
	s->state = SINK_DROPS;
	if (format == PACK_ZIP)
		archive_write_finish_entry(a);
	s->state = SINK_REFUSES;
	archive_write_fail(a);
	archive_write_close(a);
}

static int
write_all(struct package *p, enum pack_format format, struct site *s, struct pack *how,
	  struct err *e)
{
	AUTO(pack_locale_end) struct pack_locale l;
	struct archive *a = archive_write_new();
	struct sink sink = { s->fd, SINK_WRITES };
	int r;

	if (!a)
		mem_die();
	pack_locale_begin(&l, "C.UTF-8");
	r = start(a, format, &sink, e);
	if (r == 0) {
		r = pack_walk(p, a, format == PACK_ZIP, s->temp.s, how, e);
		if (r != 0)
			give_up(a, format, &sink);
		else if (archive_write_close(a) != ARCHIVE_OK)
			r = err_set(e, archive_errno(a), "the archive cannot be written");
	}
	archive_write_free(a);
	return r;
}

/* Who changes the package meanwhile would make it a mix. */
static int
hold(struct package *p, int *fd, struct err *e)
{
	*fd = openat(p->layout.dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*fd < 0)
		return err_set(e, errno, "%s", p->layout.dir.s);
	if (flock(*fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK)
		return err_set(e, errno, "%s: another program changes it just now",
			       p->layout.dir.s);
	return 0;
}

int
pack_write(struct package *p, const char *file, struct pack *how, struct err *e)
{
	AUTO(site_fini) struct site s = { STR_INIT, STR_INIT, STR_INIT, -1 };
	AUTO(fd_drop) int held = -1;
	enum pack_format format = pack_format_of(file);
	int r;

	how->files = how->bytes = how->size = how->left_out = 0;
	if (format == PACK_NONE)
		return err_set(e, 0, "%s: its name must end with one of " PACK_NAMES,
			       file);
	if (hold(p, &held, e) < 0 || site_make(&s, p, file, how, e) < 0)
		return -1;
	r = write_all(p, format, &s, how, e);
	return r ? r : site_finish(&s, file, how, e);
}
