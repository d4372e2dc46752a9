/*
 * What has changed on the remote.  Three states meet: what the remote had when the
 * names were made (old), what it has now (new), and what is here.  What is here and no
 * longer as it was made is the user's, and stays.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "path/lex.h"
#include "stream/stream_priv.h"
#include "tree/copy.h"

struct merge {
	struct stream *s;
	int fd; /* the directory here */
	const char *dir;
	struct names *old, *now;
	want_vec again; /* fetched files that have changed */
};

static void
name_of(const struct merge *m, const char *name, struct str *abs)
{
	str_set(abs, m->dir);
	path_append(abs, name);
}

static void
want_again(struct merge *m, const struct str *abs, const struct names_entry *x)
{
	struct want w = { .abs = mem_strdup(abs->s), .entry = *x };

	vec_push(&m->again, w);
}

/* The outline's lock: somebody may be fetching the file.  1: it has been fetched. */
static int
with_outline(struct merge *m, const struct str *abs, const struct names_entry *x)
{
	struct stream *s = m->s;
	int r = 1;

	lock_take(s->lock, 'f', abs->s, true);
	fetched_update(&s->fetched);
	if (!fetched_has(&s->fetched, abs->s))
		r = x ? local_outline(s->pkg, abs->s + 1, x)
		    : unlinkat(m->fd, path_base(abs->s), 0) < 0 ? -errno
								: 0;
	lock_drop(s->lock, 'f', abs->s);
	return r;
}

static int
change_file(struct merge *m, const struct str *abs, const struct names_entry *old,
	    const struct names_entry *now)
{
	struct stat st;
	int r = 1;

	if (fstatat(m->fd, path_base(abs->s), &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !S_ISREG(st.st_mode))
		return 0;
	if (!fetched_has(&m->s->fetched, abs->s))
		r = with_outline(m, abs, now);
	if (r > 0 && names_is_untouched(old, &st)) {
		want_again(m, abs, now);
		r = 0;
	}
	return r < 0 ? r : 0;
}

static bool
has_text(const struct merge *m, const char *name, const struct names_entry *x)
{
	AUTO(str_fini) struct str text = STR_INIT;

	return fs_readlink(m->fd, name, &text) == 0 && strcmp(text.s, x->text) == 0;
}

/* The remote has it no more. */
static int
remove_name(struct merge *m, const struct str *abs, const struct names_entry *old)
{
	const char *name = path_base(abs->s);
	struct stat st;
	int r = 0;

	if (fstatat(m->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	switch (old->type) {
	case NAMES_FILE:
		if (!S_ISREG(st.st_mode))
			break;
		if (!fetched_has(&m->s->fetched, abs->s))
			r = with_outline(m, abs, NULL);
		else
			r = 1;
		if (r > 0 && names_is_untouched(old, &st))
			unlinkat(m->fd, name, 0);
		break;
	case NAMES_LINK:
		if (has_text(m, name, old))
			unlinkat(m->fd, name, 0);
		break;
	case NAMES_DIR: /* its own names went before */
		if (S_ISDIR(st.st_mode))
			unlinkat(m->fd, name, AT_REMOVEDIR);
		break;
	case NAMES_FIFO:
		if (S_ISFIFO(st.st_mode))
			unlinkat(m->fd, name, 0);
		break;
	case NAMES_OTHER:
	case NAMES_UNKNOWN:
		break;
	}
	return r < 0 ? r : 0;
}

static int
new_name(struct merge *m, const struct str *abs, const struct names_entry *now)
{
	const char *name = path_base(abs->s);
	AUTO(str_fini) struct str mine = STR_INIT;
	struct stat st;
	int r;

	if (fstatat(m->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		if (now->type == NAMES_FILE && S_ISREG(st.st_mode))
			str_addn(&mine, abs->s, abs->len + 1);
		return fetched_add(&m->s->fetched, &mine);
	}
	/* a name that was fetched once never becomes an outline again */
	if (now->type == NAMES_FILE && fetched_has(&m->s->fetched, abs->s)) {
		want_again(m, abs, now);
		return 0;
	}
	r = local_make(m->fd, name, now, m->s->share);
	return r == -EEXIST ? 0 : r;
}

static int
change_name(struct merge *m, const struct str *abs, const struct names_entry *old,
	    const struct names_entry *now)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	const char *name = path_base(abs->s);
	int r;

	if (old->type != now->type) {
		r = remove_name(m, abs, old);
		return r < 0 ? r : new_name(m, abs, now);
	}
	switch (now->type) {
	case NAMES_FILE:
		return change_file(m, abs, old, now);
	case NAMES_LINK:
		if (has_text(m, name, old) &&
		    tree_link(m->s->pkg, abs->s + 1, now->text, &e) < 0)
			return -(e.code ? e.code : EIO);
		return 0;
	case NAMES_DIR:
		fchmodat(m->fd, name, (now->mode & 01777) | 0700 | m->s->share, 0);
		return 0;
	case NAMES_FIFO:
	case NAMES_OTHER:
	case NAMES_UNKNOWN:
		break;
	}
	return 0;
}

/* What could not be fetched stays as it is, and is a change again next time. */
static void
fetch_again(struct merge *m, struct err *e)
{
	fetch_batch(m->s, &m->again, true, e);
	for (size_t i = 0; i < m->again.n; i++) {
		const struct want *w = &m->again.v[i];
		const char *name = path_base(w->abs);
		const struct names_entry *old = names_get(m->old, name);

		if (w->error == 0)
			continue;
		if (old && old->type == NAMES_FILE)
			*names_add(m->now, name, strlen(name)) = *old;
		else
			names_drop(m->now, name);
	}
	want_vec_fini(&m->again);
}

static int
merge_names(struct merge *m)
{
	AUTO(str_fini) struct str abs = STR_INIT;
	int r = 0;

	for (struct map_slot *x = NULL; r == 0 && (x = map_next(&m->now->map, x));) {
		const struct names_entry *old = names_get(m->old, x->key);

		name_of(m, x->key, &abs);
		if (!old)
			r = new_name(m, &abs, x->p);
		else if (!names_same(old, x->p))
			r = change_name(m, &abs, old, x->p);
	}
	for (struct map_slot *x = NULL; r == 0 && (x = map_next(&m->old->map, x));)
		if (!names_get(m->now, x->key)) {
			name_of(m, x->key, &abs);
			r = remove_name(m, &abs, x->p);
		}
	return r;
}

static int
merge_dir(struct stream *s, struct remote_list *l, struct names *old, struct err *e)
{
	bool gone = l->error == -ENOENT || l->error == -ENOTDIR;
	AUTO(fd_drop) int fd = list_open(s, l->dir);
	struct merge m = {
		.s = s, .fd = fd, .dir = l->dir, .old = old, .now = &l->names
	};
	int r;

	if (l->error && !gone)
		return 0;
	if (fd < 0) {
		index_drop(s, l->dir);
		return 0;
	}
	list_settle(s, l, old);
	r = merge_names(&m);
	fetch_again(&m, e);
	if (r < 0)
		return err_set(e, -r, "%s", l->dir);
	if (gone)
		index_drop(s, l->dir);
	else
		r = index_write(s, l->dir, &l->names);
	return r < 0 ? err_set(e, -r, "%s", l->dir) : e->text.len ? -1 : 0;
}

/* All at once: the listings of n directories, and the changes that they bring. */
static int
refresh(struct stream *s, struct remote_list *v, size_t n, struct err *e)
{
	int r = n ? remote_list(s->remote, v, n, e) : 0;

	for (size_t i = 0; r == 0 && i < n; i++)
		if (v[i].dir[1] == 0)
			r = remote_check_list(&v[i], e);
	for (size_t i = 0; i < n; i++) {
		struct names old = { 0 };

		if (r == 0) {
			lock_take(s->lock, 'd', v[i].dir, true);
			if (index_read(s, v[i].dir, &old) == 0)
				r = merge_dir(s, &v[i], &old, e);
			lock_drop(s->lock, 'd', v[i].dir);
		}
		names_fini(&old);
		names_fini(&v[i].names);
	}
	return r;
}

/* The deepest first: a directory must be empty to go. */
static int
longest_first(const void *a, const void *b)
{
	size_t x = strlen(((const struct remote_list *)a)->dir);
	size_t y = strlen(((const struct remote_list *)b)->dir);

	return x > y ? -1 : x < y;
}

int
refresh_dirs(struct stream *s, struct err *e)
{
	VEC(struct remote_list) v = { 0 };
	int copy = openat(s->dirs, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;
	DIR *d = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *ent;

	maker_wait_all(s);
	if (!d)
		return err_set(e, errno, "%s/%s/dirs", s->pkg->dir.s, STREAM_DIR);
	while ((ent = readdir(d))) {
		AUTO(str_fini) struct str text = STR_INIT;
		AUTO(err_fini) struct err ignored = ERR_INIT;
		struct remote_list l = { 0 };

		if (str_has_suffix(ent->d_name, INDEX_CLOSED))
			unlinkat(s->dirs, ent->d_name, 0);
		if (strchr(ent->d_name, '.') ||
		    fs_slurp(s->dirs, ent->d_name, &text, &ignored) < 0 ||
		    !names_dir(&text))
			continue;
		l.dir = mem_strdup(names_dir(&text));
		vec_push(&v, l);
	}
	closedir(d);
	if (v.n)
		qsort(v.v, v.n, sizeof(v.v[0]), longest_first);
	r = refresh(s, v.v, v.n, e);
	for (size_t i = 0; i < v.n; i++)
		free((char *)v.v[i].dir);
	vec_fini(&v);
	return r;
}

int
refresh_of(struct stream *s, const char *abs, struct err *e)
{
	AUTO(str_fini) struct str dir = STR_INIT;
	struct remote_list l = { 0 };
	int r;

	str_set(&dir, abs);
	path_to_parent(&dir);
	maker_wait(s, dir.s);
	l.dir = dir.s;
	r = refresh(s, &l, 1, e);
	stream_forget_dir(s, dir.s);
	return r;
}
