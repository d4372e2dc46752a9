/* Listings of the remote, made as names in cde-root; and what has changed since. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "path/lex.h"
#include "stream/stream_priv.h"
#include "tree/copy.h"

int
list_open(const struct stream *s, const char *abs)
{
	return fs_open_beneath(s->pkg->rootfd, abs[1] ? abs + 1 : ".",
			       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
}

static void
join(struct str *out, const char *dir, const char *name)
{
	str_set(out, dir);
	path_append(out, name);
}

/* Files that stand in a directory before we make anything there are the user's. */
int
list_adopt(struct stream *s, const char *dir, int fd)
{
	AUTO(str_fini) struct str all = STR_INIT, abs = STR_INIT;
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *ent;

	if (!d) {
		fd_drop(&copy);
		return -errno;
	}
	while ((ent = readdir(d))) {
		struct stat st;

		if (fstatat(fd, ent->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		    !S_ISREG(st.st_mode))
			continue;
		join(&abs, dir, ent->d_name);
		if (!fetched_has(&s->fetched, abs.s))
			str_addn(&all, abs.s, abs.len + 1);
	}
	closedir(d);
	return fetched_add(&s->fetched, &all);
}

/* One name; what is there already stays, but for an outline that was left unfinished. */
int
list_make_name(struct stream *s, int fd, const char *dir, const char *name,
	       const struct names_entry *x)
{
	AUTO(str_fini) struct str abs = STR_INIT;
	int r = local_make(fd, name, x, s->share);
	struct stat st;

	if (r != -EEXIST)
		return r;
	join(&abs, dir, name);
	if (x->type != NAMES_FILE || fetched_has(&s->fetched, abs.s) ||
	    fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
		return 0;
	return local_outline(s->pkg, abs.s + 1, x);
}

int64_t
list_time(struct stream *s, const char *dir)
{
	const struct names_entry *x;

	return dir[1] && stream_entry(s, dir, &x) == 0 && x ? x->mtime : 0;
}

void
list_set_time(int fd, int64_t mtime)
{
	const struct timespec times[2] = {
		{ .tv_nsec = UTIME_OMIT },
		names_time(mtime),
	};

	if (mtime)
		futimens(fd, times);
}

static struct sdir *
note_state(struct stream *s, const char *dir, int state)
{
	struct map_slot *slot = map_put(&s->known, dir, strlen(dir));
	struct sdir *d;

	if (!slot->p)
		slot->p = mem_alloc(sizeof(*d));
	d = slot->p;
	names_fini(&d->names);
	d->loaded = false;
	d->state = state;
	return d;
}

bool
list_is_known(struct stream *s, const char *dir)
{
	const struct map_slot *slot = map_get(&s->known, dir, strlen(dir));
	const struct sdir *d = slot ? slot->p : NULL;

	return (d && d->state == SDIR_REMOTE && d->loaded) || index_has(s, dir);
}

bool
list_file(struct stream *s, const char *abs, struct names_entry *out)
{
	AUTO(str_fini) struct str dir = STR_INIT;
	const struct names_entry *x;

	str_set(&dir, abs);
	path_to_parent(&dir);
	if (!list_is_known(s, dir.s) || stream_entry(s, abs, &x) < 0 || !x ||
	    x->type != NAMES_FILE)
		return false;
	*out = *x;
	out->text = NULL;
	return maker_need(s, dir.s, path_base(abs)) == 0;
}

/* A directory that was listed on a guess may be a link, or be made by now. */
static bool
is_wanted(struct stream *s, const char *dir)
{
	AUTO(str_fini) struct str parent = STR_INIT;
	const struct names_entry *x;

	if (index_has(s, dir))
		return false;
	str_set(&parent, dir);
	path_to_parent(&parent);
	return dir[1] == 0 ||
	       (list_is_known(s, parent.s) && stream_entry(s, dir, &x) == 0 && x &&
		x->type == NAMES_DIR);
}

void
list_settle(struct stream *s, struct remote_list *l, const struct names *old)
{
	AUTO(str_fini) struct str abs = STR_INIT;

	for (struct map_slot *slot = NULL; (slot = map_next(&l->names.map, slot));) {
		const struct names_entry *x = slot->p;
		AUTO(err_fini) struct err e = ERR_INIT;

		if (x->type != NAMES_UNKNOWN || x->size == EACCES || x->size == EPERM ||
		    (old && names_get(old, slot->key)))
			continue;
		join(&abs, l->dir, slot->key);
		err_set(&e, (int)x->size, "its attributes");
		stream_complain(s, abs.s, &e);
	}
	names_settle(&l->names, old);
}

/* 0 or -1 with e: it is here, or it is not to be had.  *made: its lock is the maker's. */
static int
take_listing(struct stream *s, struct remote_list *l, bool *made, struct err *e)
{
	AUTO(str_fini) struct str parent = STR_INIT;
	struct sdir *d;
	int r = l->error;

	if (l->dir[1] == 0 && remote_check_list(l, e) < 0)
		return -1;
	if (r == -EACCES || r == -ENOENT || r == -ENOTDIR) {
		note_state(s, l->dir, r == -EACCES ? SDIR_CLOSED : SDIR_LOCAL);
		if (r == -EACCES)
			index_close(s, l->dir);
		return 0;
	}
	str_set(&parent, l->dir);
	path_to_parent(&parent);
	if (r == 0 && l->dir[1])
		r = maker_need(s, parent.s, path_base(l->dir));
	if (r < 0)
		return err_set(e, -r, "%s", l->dir);
	list_settle(s, l, NULL);
	d = note_state(s, l->dir, SDIR_REMOTE);
	d->names = l->names;
	d->loaded = true;
	l->names = (struct names){ 0 };
	r = maker_add(s, l->dir, &d->names);
	*made = r == 0;
	if (r > 0)
		note_state(s, l->dir, SDIR_LOCAL);
	else if (r < 0)
		stream_forget_dir(s, l->dir);
	return r < 0 ? err_set(e, -r, "%s", l->dir) : 0;
}

static int
by_length(const void *a, const void *b)
{
	size_t x = strlen(((const struct remote_list *)a)->dir);
	size_t y = strlen(((const struct remote_list *)b)->dir);

	return x < y ? -1 : x > y;
}

void
list_keep_guess(struct stream *s, struct remote_list *l)
{
	struct map_slot *slot = map_put(&s->guessed, l->dir, strlen(l->dir));

	if (slot->p)
		names_fini(slot->p);
	else
		slot->p = mem_alloc(sizeof(l->names));
	*(struct names *)slot->p = l->names;
	l->names = (struct names){ 0 };
}

const struct names *
list_guess(struct stream *s, const char *dir)
{
	struct map_slot *slot = map_get(&s->guessed, dir, strlen(dir));

	return slot && is_wanted(s, dir) ? slot->p : NULL;
}

void
list_forget_guesses(struct stream *s)
{
	for (struct map_slot *x = NULL; (x = map_next(&s->guessed, x));) {
		names_fini(x->p);
		free(x->p);
	}
	map_clear(&s->guessed);
}

int
list_use_guess(struct stream *s, const char *dir)
{
	struct map_slot *slot = map_get(&s->guessed, dir, strlen(dir));
	struct remote_list l = { .dir = dir };
	AUTO(err_fini) struct err e = ERR_INIT;
	bool made = false;
	int r = 0;

	if (!slot)
		return 0;
	l.names = *(struct names *)slot->p;
	free(slot->p);
	map_del(&s->guessed, dir, strlen(dir));
	lock_take(s->lock, 'd', dir, true);
	if (is_wanted(s, dir))
		r = take_listing(s, &l, &made, &e) < 0 ? -1 : 0;
	if (!made)
		lock_drop(s->lock, 'd', dir);
	names_fini(&l.names);
	return r < 0 ? stream_complain(s, dir, &e) : 1;
}

int
list_dirs(struct stream *s, char *const *dirs, size_t n, struct err *e)
{
	VEC(struct remote_list) v = { 0 };
	int r = 0;

	for (size_t i = 0; i < n; i++)
		if (lock_take(s->lock, 'd', dirs[i], i == 0)) {
			struct remote_list l = { .dir = dirs[i] };

			if (index_has(s, dirs[i]))
				lock_drop(s->lock, 'd', dirs[i]);
			else
				vec_push(&v, l);
		}
	if (v.n) {
		int64_t began = meter_now();

		r = remote_list(s->remote, v.v, v.n, e);
		log_debug("%s: listed %s and %zu more in %d ms", remote_server(s->remote),
			  dirs[0], v.n - 1, (int)((meter_now() - began) / 1000000));
	}
	if (r < 0)
		stream_note_gone(s, e);
	if (r == 0 && v.n) /* parents first: they say what the others are */
		qsort(v.v, v.n, sizeof(v.v[0]), by_length);
	for (size_t i = 0; i < v.n; i++) {
		AUTO(err_fini) struct err ignored = ERR_INIT;
		bool first = strcmp(v.v[i].dir, dirs[0]) == 0, made = false;

		if (r == 0 && is_wanted(s, v.v[i].dir))
			r = take_listing(s, &v.v[i], &made, first ? e : &ignored) < 0 &&
					    first
				    ? -1
				    : 0;
		names_fini(&v.v[i].names);
		if (!made)
			lock_drop(s->lock, 'd', v.v[i].dir);
	}
	vec_fini(&v);
	return r;
}
