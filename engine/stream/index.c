/* .stream/dirs: listings as they were made in cde-root. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "path/lex.h"
#include "stream/stream_priv.h"

static void
file_of(const char *dir, bool part, struct str *out)
{
	size_t n = strlen(dir);

	str_clear(out);
	str_addf(out, "%016llx-%zu%s", (unsigned long long)map_hash(dir, n), n,
		 part ? ".part" : "");
}

bool
index_has(struct stream *s, const char *dir)
{
	AUTO(str_fini) struct str file = STR_INIT;

	file_of(dir, false, &file);
	return faccessat(s->dirs, file.s, F_OK, 0) == 0;
}

/* A directory that may not be listed there: known until the next check. */
void
index_close(struct stream *s, const char *dir)
{
	AUTO(str_fini) struct str file = STR_INIT;
	int fd;

	file_of(dir, false, &file);
	str_add(&file, INDEX_CLOSED);
	fd = openat(s->dirs, file.s, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	fd_drop(&fd);
}

bool
index_is_closed(struct stream *s, const char *dir)
{
	AUTO(str_fini) struct str file = STR_INIT;

	file_of(dir, false, &file);
	str_add(&file, INDEX_CLOSED);
	return faccessat(s->dirs, file.s, F_OK, 0) == 0;
}

int
index_begin(struct stream *s, const char *dir)
{
	AUTO(str_fini) struct str file = STR_INIT;
	int fd;

	file_of(dir, true, &file);
	if (faccessat(s->dirs, file.s, F_OK, 0) == 0)
		return 1;
	fd = openat(s->dirs, file.s, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

void
index_drop(struct stream *s, const char *dir)
{
	AUTO(str_fini) struct str file = STR_INIT;

	file_of(dir, false, &file);
	unlinkat(s->dirs, file.s, 0);
}

/* Not synced: after a power cut it may be short, which the reader sees. */
int
index_read(struct stream *s, const char *dir, struct names *n)
{
	AUTO(str_fini) struct str file = STR_INIT, text = STR_INIT;
	AUTO(err_fini) struct err e = ERR_INIT;

	file_of(dir, false, &file);
	if (fs_slurp(s->dirs, file.s, &text, &e) < 0)
		return -e.code;
	if (names_read(n, dir, &text))
		return 0;
	names_fini(n);
	if (index_begin(s, dir) >= 0)
		index_drop(s, dir);
	return -EIO;
}

static int
write_file(int dirfd, const char *name, const struct str *text, mode_t mode)
{
	AUTO(fd_drop)
	int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	return fd < 0 ? -errno : fd_write_all(fd, text->s, text->len);
}

int
index_write(struct stream *s, const char *dir, const struct names *n)
{
	AUTO(str_fini) struct str file = STR_INIT, part = STR_INIT, tmp = STR_INIT;
	AUTO(str_fini) struct str text = STR_INIT;
	int r;

	file_of(dir, false, &file);
	file_of(dir, true, &part);
	str_addf(&tmp, "%s.%d.tmp", file.s, (int)getpid());
	names_write(n, dir, &text);
	r = write_file(s->dirs, tmp.s, &text, 0644 | (s->share & 0022));
	if (r == 0 && renameat(s->dirs, tmp.s, s->dirs, file.s) < 0)
		r = -errno;
	if (r < 0)
		unlinkat(s->dirs, tmp.s, 0);
	else
		unlinkat(s->dirs, part.s, 0);
	return r;
}
