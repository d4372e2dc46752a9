#include "stream/fetched.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"

/* A byte of the lock file for each text. */
static struct flock
range_of(char kind, const char *text, short type)
{
	AUTO(str_fini) struct str key = STR_INIT;

	str_addf(&key, "%c%s", kind, text);
	return (struct flock){ .l_type = type,
			       .l_whence = SEEK_SET,
			       .l_start = (off_t)(map_hash(key.s, key.len) >> 2),
			       .l_len = 1 };
}

bool
lock_take(int lock, char kind, const char *text, bool wait)
{
	struct flock x = range_of(kind, text, F_WRLCK);
	int r;

	do
		r = fcntl(lock, wait ? F_OFD_SETLKW : F_OFD_SETLK, &x);
	while (r < 0 && errno == EINTR);
	/* a file system without locks: alone is better than not at all */
	return r == 0 || (errno != EAGAIN && errno != EACCES);
}

void
lock_drop(int lock, char kind, const char *text)
{
	struct flock x = range_of(kind, text, F_UNLCK);

	fcntl(lock, F_OFD_SETLK, &x);
}

static void
add_line(struct fetched *f, const char *line, size_t n)
{
	AUTO(str_fini) struct str name = STR_INIT;

	for (size_t i = 0; i < n; i++) {
		if (line[i] == '\\' && i + 1 < n) {
			i++;
			str_addc(&name, line[i] == 'n' ? '\n' : line[i]);
		} else {
			str_addc(&name, line[i]);
		}
	}
	if (name.len && name.s[0] == '/')
		map_put(&f->names, name.s, name.len)->u = 1;
}

static void
update(struct fetched *f)
{
	AUTO(str_fini) struct str text = STR_INIT;
	size_t at = 0;

	if (lseek(f->fd, (off_t)f->read, SEEK_SET) < 0 || fd_read_all(f->fd, &text) < 0)
		return;
	/* a line without end is no line: its writer was stopped in the middle */
	for (char *end; (end = memchr(text.s + at, '\n', text.len - at));) {
		size_t n = (size_t)(end - text.s) - at;

		add_line(f, text.s + at, n);
		at += n + 1;
	}
	f->read += at;
}

void
fetched_update(struct fetched *f)
{
	pthread_mutex_lock(&f->mutex);
	update(f);
	pthread_mutex_unlock(&f->mutex);
}

int
fetched_open(struct fetched *f, int dirfd, int lock, mode_t mode, struct err *e)
{
	*f = (struct fetched){ .lock = lock };
	pthread_mutex_init(&f->mutex, NULL);
	f->fd = openat(dirfd, FETCHED_FILE,
		       O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, mode);
	if (f->fd < 0)
		return err_set(e, errno, "open %s", FETCHED_FILE);
	fetched_update(f);
	return 0;
}

void
fetched_fini(struct fetched *f)
{
	map_fini(&f->names);
	fd_drop(&f->fd);
}

bool
fetched_has(struct fetched *f, const char *abs)
{
	bool has;

	pthread_mutex_lock(&f->mutex);
	has = map_get(&f->names, abs, strlen(abs)) != NULL;
	pthread_mutex_unlock(&f->mutex);
	return has;
}

void
fetched_note(struct fetched *f, const char *abs)
{
	pthread_mutex_lock(&f->mutex);
	map_put(&f->names, abs, strlen(abs))->u = 1;
	pthread_mutex_unlock(&f->mutex);
}

/* Where the last whole line ends, after cutting off one that is not whole. */
static int
cut_torn_line(struct fetched *f, off_t *end)
{
	struct stat st;
	char c = 0;

	update(f);
	*end = (off_t)f->read;
	if (fstat(f->fd, &st) < 0)
		return -errno;
	if (st.st_size == *end)
		return 0;
	if (pread(f->fd, &c, 1, st.st_size - 1) == 1 && c != '\n' &&
	    ftruncate(f->fd, *end) < 0)
		return -errno;
	return 0;
}

int
fetched_add(struct fetched *f, const struct str *names)
{
	AUTO(str_fini) struct str text = STR_INIT;
	off_t end;
	int r;

	for (const char *p = names->s; p < names->s + names->len; p += strlen(p) + 1) {
		for (const char *c = p; *c; c++) {
			if (*c == '\\' || *c == '\n')
				str_addc(&text, '\\');
			str_addc(&text, *c);
			if (*c == '\n')
				text.s[text.len - 1] = 'n';
		}
		str_addc(&text, '\n');
	}
	if (!text.len)
		return 0;
	pthread_mutex_lock(&f->mutex);
	lock_take(f->lock, 'l', "list", true);
	r = cut_torn_line(f, &end);
	if (r == 0)
		r = fd_write_all(f->fd, text.s, text.len);
	if (r < 0 && ftruncate(f->fd, end) < 0)
		r = -errno;
	lock_drop(f->lock, 'l', "list");
	for (const char *p = names->s; r == 0 && p < names->s + names->len;
	     p += strlen(p) + 1)
		map_put(&f->names, p, strlen(p))->u = 1;
	pthread_mutex_unlock(&f->mutex);
	return r;
}
