/* A remote that is a directory here: a mount by sshfs, NFS, or anything. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "path/lex.h"
#include "stream/meter.h"
#include "stream/remote_priv.h"

enum { PIECE = 1 << 20, THREADS = 16, LINKS_FEW = 8 };

/* Who needs longer to say that it failed has waited for a server in vain. */
static const int64_t slow = 1000000000;

/* No link of the remote is followed: names here are resolved already. */
static int
open_in(const struct remote *r, const char *abs, int flags)
{
	const char *rel = path_rest(abs, "/");

	return fs_open_beneath(r->rootfd, *rel ? rel : ".",
			       flags | O_NOFOLLOW | O_CLOEXEC, 0);
}

static int
open_root(struct remote *r)
{
	int fd = open(r->server.s, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	fd_drop(&r->rootfd);
	r->rootfd = fd;
	return 0;
}

static bool
is_dots(const char *name)
{
	return !strcmp(name, ".") || !strcmp(name, "..");
}

/* 0; 1: nothing is in it, as in the place of a mount; -errno. */
static int
look_at_root(const struct remote *r)
{
	int fd = open_in(r, "/", O_RDONLY | O_DIRECTORY), result;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *ent;

	if (!d) {
		result = fd < 0 ? fd : -errno;
		fd_drop(&fd);
		return result;
	}
	while (errno = 0, (ent = readdir(d)) && is_dots(ent->d_name))
		;
	result = ent ? 0 : errno ? -errno : 1;
	closedir(d);
	return result;
}

/*
 * Of a root that is not there any more, each single answer would be a lie.  It is looked
 * for by its name then: what has been mounted since is another one.  1: it is.
 */
static int
find_root(struct remote *r, struct err *e)
{
	int found = look_at_root(r), again;

	if (found == 0 || found == -EACCES)
		return 0;
	again = open_root(r);
	if (again == 0)
		again = look_at_root(r);
	if (again == 0)
		return 1;
	return again < 0 ? err_set(e, -again, "its directory")
			 : err_set(e, 0, "its directory is empty (not mounted?)");
}

/* One question to the other side, and how it ended. */
struct ask {
	int64_t began;
	int error;
};

static void
ask_begin(struct ask *a)
{
	a->began = meter_now();
}

static int
ask_fail(struct ask *a, int error)
{
	return a->error = error;
}

static bool
ask_was_slow(const struct ask *a)
{
	return meter_now() - a->began > slow;
}

/*
 * An error that is not the name's own may be the server's, and each further question
 * would wait as long for it.  0: it is the name's; 1: ask again; -1.
 */
static int
blame(struct remote *r, const struct ask *a, struct err *e)
{
	switch (-a->error) {
	case 0:
	case EACCES:
	case EPERM:
	case ELOOP:
	case ENAMETOOLONG:
		return 0;
	case ENOENT:
	case ENOTDIR:
		break;
	default:
		if (ask_was_slow(a))
			return err_set(e, -a->error, "no answer");
	}
	return find_root(r, e);
}

/* On a slow mount each readlink takes a round trip; several can be under way. */
struct links {
	int fd;
	atomic_size_t next;
	VEC(struct map_slot) v; /* borrowed name, entry */
};

static void *
read_links(void *arg)
{
	struct links *l = arg;

	for (size_t i; (i = atomic_fetch_add(&l->next, 1)) < l->v.n;) {
		struct names_entry *x = l->v.v[i].p;
		AUTO(str_fini) struct str text = STR_INIT;
		struct ask a = { 0 };

		ask_begin(&a);
		if (fs_readlink(l->fd, l->v.v[i].key, &text) == 0)
			x->text = str_take(&text);
		else if (ask_was_slow(&a))
			atomic_store(&l->next, l->v.n); /* nor will the others */
	}
	return NULL;
}

static void
note_unknown(struct names_entry *x, int error)
{
	x->type = NAMES_UNKNOWN;
	x->size = (uint64_t)-error;
}

static void
fill_links(int fd, struct names *n)
{
	struct links l = { .fd = fd };
	pthread_t thread[THREADS];
	size_t count = 0;

	for (struct map_slot *x = NULL; (x = map_next(&n->map, x));)
		if (((struct names_entry *)x->p)->type == NAMES_LINK)
			vec_push(&l.v, *x);
	while (l.v.n > LINKS_FEW && count < THREADS &&
	       pthread_create(&thread[count], NULL, read_links, &l) == 0)
		count++;
	read_links(&l);
	while (count)
		pthread_join(thread[--count], NULL);
	for (size_t i = 0; i < l.v.n; i++) {
		struct names_entry *x = l.v.v[i].p;

		if (!x->text)
			note_unknown(x, -EIO);
	}
	vec_fini(&l.v);
}

/* A name that is there and cannot be looked at costs the others nothing, unless it took
 * the time that a server needs which does not answer. */
static int
list_name(int fd, const char *name, struct names *n, struct ask *a)
{
	struct names_entry *x;
	struct stat st;
	int error;

	ask_begin(a);
	error = fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
	if (error == -ENOENT)
		return 0;
	x = names_add(n, name, strlen(name));
	if (error == 0) {
		names_from_stat(x, &st);
		return 0;
	}
	note_unknown(x, error);
	ask_fail(a, error);
	return ask_was_slow(a) ? error : 0;
}

static int
list_one(const struct remote *r, struct remote_list *l, struct ask *a)
{
	struct dirent *ent;
	int fd, error = 0;
	DIR *d;

	ask_begin(a);
	fd = open_in(r, l->dir, O_RDONLY | O_DIRECTORY);
	d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		ask_fail(a, fd < 0 ? fd : -errno);
		fd_drop(&fd);
		return a->error;
	}
	while (!error && (errno = 0, (ent = readdir(d)))) {
		if (!is_dots(ent->d_name))
			error = list_name(fd, ent->d_name, &l->names, a);
		if (!error)
			ask_begin(a);
	}
	if (!error && errno)
		error = ask_fail(a, -errno);
	if (!error)
		fill_links(fd, &l->names);
	closedir(d);
	return error;
}

static int
list_dir(struct remote *r, struct remote_list *l, struct err *e)
{
	int again = 1;

	for (int i = 0; i < 2 && again > 0; i++) {
		struct ask a = { 0 };

		names_fini(&l->names);
		l->error = list_one(r, l, &a);
		if (!a.error && l->dir[1] == 0 && !l->names.map.n)
			ask_fail(&a, -ENOENT);
		again = blame(r, &a, e);
	}
	return again < 0 ? -1 : 0;
}

int
dir_list(struct remote *r, struct remote_list *v, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++)
		if (list_dir(r, &v[i], e) < 0)
			return -1;
	return 0;
}

static int
copy_content(int src, const struct remote_fetch *f, const struct remote_sink *sink,
	     uint64_t *size, struct ask *a)
{
	AUTO(mem_free) char *buf = mem_alloc(PIECE);
	ssize_t n;
	int r;

	*size = 0;
	while (ask_begin(a), (n = read(src, buf, PIECE)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ask_fail(a, -errno);
		r = fd_write_all(f->fd, buf, (size_t)n);
		if (r < 0)
			return r;
		*size += (uint64_t)n;
		sink->bytes(sink->ctx, (size_t)n);
	}
	return 0;
}

static int
state_of(int src, struct stat *st, struct ask *a)
{
	ask_begin(a);
	return fstat(src, st) < 0 ? ask_fail(a, -errno) : 0;
}

static int
fetch_from(int src, struct remote_fetch *f, const struct remote_sink *sink, struct ask *a)
{
	struct stat before, after;
	uint64_t size;
	int error = state_of(src, &before, a);

	if (error == 0 && !S_ISREG(before.st_mode))
		error = -ESTALE;
	if (error == 0 && !f->sized && f->most && (uint64_t)before.st_size > f->most)
		error = -EFBIG;
	if (error == 0)
		error = sink->begin(sink->ctx, f);
	if (error == 0)
		error = copy_content(src, f, sink, &size, a);
	if (error == 0)
		error = state_of(src, &after, a);
	if (error)
		return error;
	names_from_stat(&f->got, &after);
	return size != f->got.size || before.st_size != after.st_size ||
			       before.st_mtim.tv_sec != after.st_mtim.tv_sec ||
			       before.st_mtim.tv_nsec != after.st_mtim.tv_nsec
		       ? -ESTALE
		       : 0;
}

/* 0: see f->error; -1: the server does not answer. */
static int
fetch_one(struct remote *r, struct remote_fetch *f, const struct remote_sink *sink,
	  struct err *e)
{
	AUTO(fd_drop) int src = -1;
	struct ask a = { 0 };
	int again;

	ask_begin(&a);
	src = open_in(r, f->path, O_RDONLY | O_NONBLOCK);
	f->error = src < 0 ? ask_fail(&a, src) : fetch_from(src, f, sink, &a);
	again = blame(r, &a, e);
	if (again > 0)
		f->error = -ESTALE; /* its directory is to be listed anew */
	return again < 0 ? -1 : 0;
}

int
dir_fetch(struct remote *r, struct remote_fetch *v, size_t n,
	  const struct remote_sink *sink, struct err *e)
{
	int gone = 0;

	for (size_t i = 0; i < n; i++) {
		if (gone)
			v[i].error = -EIO;
		else
			gone = fetch_one(r, &v[i], sink, e);
		sink->end(sink->ctx, &v[i]);
	}
	return gone;
}
