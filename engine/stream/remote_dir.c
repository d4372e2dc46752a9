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
#include "stream/remote_priv.h"

enum { PIECE = 1 << 20, THREADS = 16, LINKS_FEW = 8 };

/* No link of the remote is followed: names here are resolved already. */
static int
open_in(const struct remote *r, const char *abs, int flags)
{
	const char *rel = path_rest(abs, "/");

	return fs_open_beneath(r->rootfd, *rel ? rel : ".",
			       flags | O_NOFOLLOW | O_CLOEXEC, 0);
}

/* Of a root that is not there any more, each single answer would be a lie. */
static int
check_root(const struct remote *r, struct err *e)
{
	struct stat st;

	if (fstatat(r->rootfd, ".", &st, 0) < 0 || st.st_nlink == 0)
		return err_set(e, errno, "%s", r->server.s);
	return 0;
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
		AUTO(str_fini) struct str text = STR_INIT;

		fs_readlink(l->fd, l->v.v[i].key, &text);
		((struct names_entry *)l->v.v[i].p)->text = str_take(&text);
	}
	return NULL;
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
	vec_fini(&l.v);
}

static void
list_one(const struct remote *r, struct remote_list *l)
{
	int fd = open_in(r, l->dir, O_RDONLY | O_DIRECTORY);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *ent;

	if (!d) {
		l->error = fd < 0 ? fd : -errno;
		fd_drop(&fd);
		return;
	}
	while (errno = 0, (ent = readdir(d))) {
		struct names_entry *x;
		struct stat st;

		if (!strcmp(ent->d_name, ".") || !strcmp(ent->d_name, "..") ||
		    fstatat(fd, ent->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		x = names_add(&l->names, ent->d_name, strlen(ent->d_name));
		names_from_stat(x, &st);
	}
	if (errno)
		l->error = -errno;
	fill_links(fd, &l->names);
	closedir(d);
}

int
dir_list(struct remote *r, struct remote_list *v, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		if (check_root(r, e) < 0)
			return -1;
		list_one(r, &v[i]);
	}
	return 0;
}

static int
copy_content(int src, const struct remote_fetch *f, const struct remote_sink *sink,
	     uint64_t *size)
{
	AUTO(mem_free) char *buf = mem_alloc(PIECE);
	ssize_t n;
	int r;

	*size = 0;
	while ((n = read(src, buf, PIECE)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		r = fd_write_all(f->fd, buf, (size_t)n);
		if (r < 0)
			return r;
		*size += (uint64_t)n;
		sink->bytes(sink->ctx, (size_t)n);
	}
	return 0;
}

static int
fetch_one(const struct remote *r, struct remote_fetch *f, const struct remote_sink *sink)
{
	AUTO(fd_drop) int src = open_in(r, f->path, O_RDONLY | O_NONBLOCK);
	struct stat before, after;
	uint64_t size;
	int error;

	if (src < 0)
		return src;
	if (fstat(src, &before) < 0)
		return -errno;
	if (!S_ISREG(before.st_mode))
		return -ESTALE;
	error = sink->begin(sink->ctx, f);
	if (error == 0)
		error = copy_content(src, f, sink, &size);
	if (error)
		return error;
	if (fstat(src, &after) < 0)
		return -errno;
	names_from_stat(&f->got, &after);
	return size != f->got.size || before.st_size != after.st_size ||
			       before.st_mtim.tv_sec != after.st_mtim.tv_sec ||
			       before.st_mtim.tv_nsec != after.st_mtim.tv_nsec
		       ? -ESTALE
		       : 0;
}

int
dir_fetch(struct remote *r, struct remote_fetch *v, size_t n,
	  const struct remote_sink *sink, struct err *e)
{
	int gone = 0;

	for (size_t i = 0; i < n; i++) {
		if (!gone)
			gone = check_root(r, e);
		v[i].error = gone ? -EIO : fetch_one(r, &v[i], sink);
		sink->end(sink->ctx, &v[i]);
	}
	return gone;
}
