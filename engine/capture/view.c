/*
 * Look-ups are cached by generation: a node whose generation is not the view's
 * is asked for again.  Absence is never cached, so a name that appears is seen
 * whoever made it.
 */
#include "capture/view.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"

int
view_parent_fd(const char *abs, size_t len, const char **name)
{
	AUTO(fd_drop) int dir = -1;
	AUTO(mem_free) char *copy = NULL;
	char *from;

	*name = abs;
	if (len < PATH_MAX)
		return AT_FDCWD;
	from = copy = mem_strdup(abs);
	while (len - (size_t)(from - copy) >= PATH_MAX) {
		char *cut = memrchr(from, '/', PATH_MAX - 1);
		int fd;

		if (!cut || cut == from)
			return -ENAMETOOLONG;
		*cut = '\0';
		fd = openat(dir < 0 ? AT_FDCWD : dir, from,
			    O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
		if (fd < 0)
			return -errno;
		fd_drop(&dir);
		dir = fd;
		from = cut + 1;
	}
	*name = abs + (from - copy);
	return fd_take(&dir);
}

int
view_open(const char *abs, size_t len, int flags)
{
	const char *name;
	int fd, dir = view_parent_fd(abs, len, &name);

	if (dir < 0 && dir != AT_FDCWD)
		return dir;
	fd = openat(dir, name, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	fd = fd < 0 ? -errno : fd;
	if (dir != AT_FDCWD)
		close(dir);
	return fd;
}

/* 0 or -errno; *text is set for a link. */
static int
host_look(const struct str *abs, struct stat *st, struct str *text)
{
	const char *name;
	int r = 0, dir = view_parent_fd(abs->s, abs->len, &name);

	if (dir < 0 && dir != AT_FDCWD)
		return dir;
	if (fstatat(dir, name, st, AT_SYMLINK_NOFOLLOW) < 0)
		r = -errno;
	else if (S_ISLNK(st->st_mode))
		r = fs_readlink(dir, name, text);
	if (dir != AT_FDCWD)
		close(dir);
	return r;
}

static int
kind_of(const struct stat *st)
{
	return S_ISDIR(st->st_mode)   ? FSV_DIR
	       : S_ISLNK(st->st_mode) ? FSV_LINK
				      : FSV_FILE;
}

static int
missing_or(int r)
{
	return r == -ENOENT || r == -ENOTDIR ? FSV_MISSING : r;
}

struct node *
view_find(const struct view *v, const char *path, size_t len)
{
	struct map_slot *s = map_get(&v->nodes, path, len);

	return s ? s->p : NULL;
}

struct node *
view_node(struct view *v, const char *path, size_t len)
{
	struct map_slot *s = map_put(&v->nodes, path, len);
	struct node *n = s->p;

	if (n)
		return n;
	n = mem_alloc(sizeof(*n));
	n->path = s->key;
	n->len = len;
	n->index = v->node.n;
	s->p = n;
	vec_push(&v->node, n);
	if (v->born)
		v->born(v->ctx, n);
	return n;
}

static bool
same_object(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size && a->st_ino == b->st_ino &&
	       a->st_mode == b->st_mode && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	       a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

static void
node_fill(struct node *n, uint32_t generation, const struct stat *st, const char *text)
{
	n->kind = kind_of(st);
	n->generation = generation;
	if (n->kind == FSV_LINK && !(n->link && strcmp(n->link, text) == 0)) {
		free(n->link);
		n->link = mem_strdup(text);
	}
	if ((n->flags & NODE_OLD) && !same_object(&n->st, st))
		n->flags &= ~(NODE_OLD | NODE_LISTED);
	if (!(n->flags & NODE_STORED)) /* else: as it was when it was stored */
		n->st = *st;
}

static bool
is_proc(const struct str *abs)
{
	return abs->len >= 6 && memcmp(abs->s, "/proc/", 6) == 0;
}

static int
lookup_proc(struct view *v, const struct str *abs, struct str *text)
{
	struct stat st;
	int r = v->proc ? proc_lookup(v->proc, abs, text) : -1;

	v->last = NULL;
	if (r >= 0)
		return r;
	r = host_look(abs, &st, text);
	return r < 0 ? missing_or(r) : kind_of(&st);
}

static void
touch(struct view *v, struct node *n)
{
	n->generation = 0;
	if (v->touched)
		v->touched(v->ctx, n);
}

static int
lookup(void *ctx, const struct str *abs, bool last, struct str *text)
{
	struct view *v = ctx;
	struct node *n;
	struct stat st;
	int r;

	if (is_proc(abs))
		return lookup_proc(v, abs, text);
	v->last = n = view_find(v, abs->s, abs->len);
	if (n && n->flags & NODE_PENDING)
		touch(v, n);
	if (!n || n->generation != v->generation) {
		r = host_look(abs, &st, text);
		if (r < 0) {
			v->last = NULL;
			return missing_or(r);
		}
		v->last = n = n ? n : view_node(v, abs->s, abs->len);
		node_fill(n, v->generation, &st, text->s);
	} else if (n->kind == FSV_LINK) {
		str_set(text, n->link);
	}
	if (n->kind == FSV_DIR && !last && v->passed)
		v->passed(v->ctx, n);
	return n->kind;
}

struct node *
view_look(struct view *v, const char *path, size_t len)
{
	AUTO(str_fini) struct str abs = STR_INIT, text = STR_INIT;
	struct node *n = view_find(v, path, len);

	if (n && n->generation == v->generation && !(n->flags & NODE_PENDING))
		return n;
	str_setn(&abs, path, len);
	return lookup(v, &abs, true, &text) > FSV_MISSING ? v->last : NULL;
}

void
view_forget_all(struct view *v)
{
	v->generation++;
}

void
view_init(struct view *v)
{
	*v = (struct view){ .generation = 1 };
	v->fs = (struct fsview){ .lookup = lookup, .ctx = v };
}

void
view_fini(struct view *v)
{
	for (size_t i = 0; i < v->node.n; i++) {
		free(v->node.v[i]->link);
		free(v->node.v[i]);
	}
	vec_fini(&v->node);
	map_fini(&v->nodes);
}
