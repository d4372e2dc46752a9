#include "stream/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "path/lex.h"
#include "stream/stream_priv.h"

enum { SECOND = 1000000000 };

/* After a failed connection the next try waits: each look-up would else take long. */
static const int64_t patience = 20LL * SECOND;

bool
stream_is_workspace(const struct layout *l)
{
	return faccessat(l->dirfd, STREAM_CONFIG, F_OK, 0) == 0 ||
	       faccessat(l->dirfd, STREAM_DIR, F_OK, 0) == 0;
}

bool
stream_is_remote(const char *word)
{
	return remote_is_name(word);
}

static int
open_state_dir(int at, const char *name, mode_t mode)
{
	if (mkdirat(at, name, mode) == 0)
		fchmodat(at, name, mode, 0);
	return openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int64_t
mtime_of(const struct stat *st)
{
	return (int64_t)st->st_mtim.tv_sec * SECOND + st->st_mtim.tv_nsec;
}

static int
open_state(struct stream *s, struct err *e)
{
	struct stat st;

	if (fstatat(s->pkg->rootfd, ".", &st, 0) == 0)
		s->share = st.st_mode & LOCAL_SHARE;
	s->dir = open_state_dir(s->pkg->dirfd, STREAM_DIR, 0755 | s->share);
	if (s->dir >= 0)
		s->dirs = open_state_dir(s->dir, "dirs", 0755 | s->share);
	if (s->dirs < 0)
		return err_set(e, errno, "%s/%s", s->pkg->dir.s, STREAM_DIR);
	s->lock = openat(s->dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC,
			 0644 | (s->share & 0022));
	if (s->lock < 0)
		return err_set(e, errno, "%s/%s/lock", s->pkg->dir.s, STREAM_DIR);
	if (fetched_open(&s->fetched, s->pkg->dirfd, s->lock, 0644 | (s->share & 0022),
			 e) < 0)
		return err_wrap(e, "%s", s->pkg->dir.s);
	if (fstatat(s->dir, "checked", &st, 0) == 0)
		s->checked = mtime_of(&st);
	return 0;
}

static bool
is_other_remote(const struct stream *s, const char *remote)
{
	AUTO(mem_free) char *real = NULL;

	if (!s->config.remote.len || strcmp(s->config.remote.s, remote) == 0)
		return false;
	real = realpath(remote, NULL);
	return !real || strcmp(s->config.remote.s, real) != 0;
}

/* A mount that is not there: what has been fetched before will do. */
static bool
may_do_without(const struct stream *s)
{
	return s->offline || faccessat(s->pkg->dirfd, STREAM_DIR, F_OK, 0) == 0;
}

static int
open_all(struct stream *s, const char *remote, struct err *e)
{
	const char *ssh = getenv("CDE_SSH");

	if (config_read(&s->config, s->pkg, e) < 0)
		return -1;
	if (remote && is_other_remote(s, remote))
		return err_set(e, 0, "%s is a workspace of %s, not of %s", s->pkg->dir.s,
			       s->config.remote.s, remote);
	s->remote = remote_new(remote ? remote : s->config.remote.s,
			       ssh && *ssh ? ssh : s->config.ssh.s, e);
	if (!s->remote && may_do_without(s)) {
		str_set(&s->gone, e->text.s);
		s->gone_until = INT64_MAX;
		err_clear(e);
		s->remote = remote_new("/", NULL, e); /* never asked */
	}
	if (!s->remote)
		return -1;
	remote_compress(s->remote, s->config.compress);
	return open_state(s, e);
}

struct stream *
stream_open(struct layout *l, const char *remote, bool offline, struct err *e)
{
	struct stream *s = mem_alloc(sizeof(*s));

	*s = (struct stream){ .pkg = l,
			      .config = CONFIG_INIT,
			      .dir = -1,
			      .dirs = -1,
			      .lock = -1,
			      .offline = offline,
			      .fetched = { .fd = -1 },
			      .finish = { .fetched = &s->fetched },
			      .program = STR_INIT,
			      .gone = STR_INIT };
	if (open_all(s, remote, e) == 0) {
		layout_clear_tmp(l);
		return s;
	}
	stream_free(s);
	return NULL;
}

static void
free_dirs(struct stream *s)
{
	maker_wait_all(s);
	for (struct map_slot *x = NULL; (x = map_next(&s->known, x));) {
		names_fini(&((struct sdir *)x->p)->names);
		free(x->p);
	}
	map_clear(&s->known);
	list_forget_guesses(s);
	guess_forget_dirs(s);
}

void
stream_forget_dir(struct stream *s, const char *dir)
{
	struct map_slot *slot = map_get(&s->known, dir, strlen(dir));

	if (!slot)
		return;
	maker_forget(s, dir);
	names_fini(&((struct sdir *)slot->p)->names);
	free(slot->p);
	map_del(&s->known, dir, strlen(dir));
}

void
stream_free(struct stream *s)
{
	if (!s)
		return;
	maker_end(s);
	guess_end(s, true);
	free_dirs(s);
	map_fini(&s->known);
	map_fini(&s->guessed);
	map_fini(&s->touched);
	map_fini(&s->told);
	map_fini(&s->wishes);
	map_fini(&s->waits);
	mentions_fini(&s->mentions);
	fetched_fini(&s->fetched);
	remote_free(s->remote);
	fd_drop(&s->dir);
	fd_drop(&s->dirs);
	fd_drop(&s->lock);
	config_fini(&s->config);
	str_fini(&s->program);
	str_fini(&s->gone);
	free(s);
}

bool
stream_may_ask(struct stream *s, struct err *e)
{
	if (s->offline)
		err_set(e, 0, "--offline was given");
	else if (meter_now() < s->gone_until)
		err_set(e, 0, "%s", s->gone.s);
	else
		return true;
	return false;
}

void
stream_note_gone(struct stream *s, const struct err *e)
{
	str_set(&s->gone, e->text.s);
	s->gone_until = meter_now() + patience;
}

int
stream_complain(struct stream *s, const char *abs, const struct err *e)
{
	AUTO(str_fini) struct str shown = STR_INIT;

	if (map_get(&s->told, abs, strlen(abs)))
		return -EIO;
	map_put(&s->told, abs, strlen(abs));
	str_add_escaped(&shown, abs);
	log_error("%s is not here, and cannot be fetched from %s: %s", shown.s,
		  s->config.remote.len ? s->config.remote.s : remote_server(s->remote),
		  e->text.s);
	return -EIO;
}

void
stream_touch(struct stream *s, const char *abs, char type)
{
	map_put(&s->touched, abs, strlen(abs))->u = (uint64_t)type;
}

/* 1: the remote has that directory; 0: not; -errno. */
static int
is_remote_dir(struct stream *s, const char *dir)
{
	const struct names_entry *x;
	int r;

	if (dir[1] == 0)
		return 1;
	r = stream_entry(s, dir, &x);
	return r < 0 ? r : x && x->type == NAMES_DIR;
}

/* Unknown here, and the remote has it: list it, and what is likely to follow. */
static int
ask_dir(struct stream *s, const char *dir)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	char *one = (char *)dir;
	int r = -1;

	if (stream_may_ask(s, &e)) {
		if (dir[1] == 0)
			ahead_first(s);
		else
			ahead_dirs(s, dir);
		r = list_dirs(s, &one, 1, &e);
	}
	return r < 0 ? stream_complain(s, dir, &e) : 0;
}

static void
note_closed(struct stream *s, const char *dir)
{
	struct sdir *d = mem_alloc(sizeof(*d));

	d->state = SDIR_CLOSED;
	map_put(&s->known, dir, strlen(dir))->p = d;
}

int
stream_know_dir(struct stream *s, const char *dir, struct sdir **d)
{
	struct map_slot *slot = map_get(&s->known, dir, strlen(dir));
	int r = 0;

	if (!slot && !index_has(s, dir)) {
		r = is_remote_dir(s, dir);
		if (r > 0 && index_is_closed(s, dir))
			note_closed(s, dir);
		else if (r > 0) {
			guess_wait_dir(s, dir);
			r = list_use_guess(s, dir);
			if (r == 0)
				r = ask_dir(s, dir);
			if (r >= 0)
				ahead_below(s, dir);
		}
		if (r < 0)
			return r;
		slot = map_get(&s->known, dir, strlen(dir));
	}
	if (!slot) {
		slot = map_put(&s->known, dir, strlen(dir));
		slot->p = mem_alloc(sizeof(struct sdir));
		((struct sdir *)slot->p)->state =
			index_has(s, dir) ? SDIR_REMOTE : SDIR_LOCAL;
	}
	*d = slot->p;
	return 0;
}

/* The names of a known directory; asks again for them where the disk lost them. */
static int
load_names(struct stream *s, const char *dir, struct sdir **d)
{
	struct map_slot *slot;
	int r;

	if ((*d)->loaded || (*d)->state != SDIR_REMOTE)
		return 0;
	r = index_read(s, dir, &(*d)->names);
	(*d)->loaded = r == 0;
	if (r == 0)
		return 0;
	r = ask_dir(s, dir);
	slot = map_get(&s->known, dir, strlen(dir));
	*d = slot->p;
	return r < 0 ? r : (*d)->loaded || (*d)->state != SDIR_REMOTE ? 0 : -EIO;
}

int
stream_entry(struct stream *s, const char *abs, const struct names_entry **x)
{
	AUTO(str_fini) struct str dir = STR_INIT;
	struct sdir *d;
	int r;

	*x = NULL;
	str_set(&dir, abs);
	path_to_parent(&dir);
	r = stream_know_dir(s, dir.s, &d);
	if (r == 0)
		r = load_names(s, dir.s, &d);
	if (r == 0 && d->state == SDIR_REMOTE)
		*x = names_get(&d->names, path_base(abs));
	return r;
}

static int
cannot_make(struct stream *s, const char *abs, int error)
{
	AUTO(err_fini) struct err e = ERR_INIT;

	err_set(&e, -error, "its name cannot be made");
	return stream_complain(s, abs, &e);
}

/* Somebody will list it. */
static int
whole_dir(struct stream *s, const char *dir)
{
	int r = maker_wait(s, dir);

	return r < 0 ? cannot_make(s, dir, r) : 0;
}

int
stream_look(struct stream *s, const char *abs)
{
	AUTO(str_fini) struct str dir = STR_INIT;
	struct sdir *d;
	int r;

	if (abs[1] == 0)
		return 0;
	str_set(&dir, abs);
	path_to_parent(&dir);
	r = stream_know_dir(s, dir.s, &d);
	if (r < 0)
		return r;
	if (d->state == SDIR_CLOSED)
		return -EACCES;
	if (d->state != SDIR_REMOTE)
		return 0;
	stream_touch(s, dir.s, 'd');
	r = maker_need(s, dir.s, path_base(abs));
	return r < 0 ? cannot_make(s, abs, r) : 0;
}

static int
fetch(struct stream *s, const char *abs, const struct names_entry *x)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	const struct names_entry entry = *x; /* x may go while it waits */
	int r;

	if (!stream_may_ask(s, &e)) {
		r = guess_take(s, abs, &entry, &e);
		return r <= 0 ? r : stream_complain(s, abs, &e);
	}
	guess_turn(s);
	guess_file(s, abs, &entry, LINE_NOW);
	ahead_files(s, abs);
	r = guess_take(s, abs, &entry, &e);
	if (r != 0 && r != -1) { /* in the way that says why it cannot be */
		if (r == -ENOSPC)
			guess_drop(s);
		r = fetch_file(s, abs, &e);
		if (r == 0)
			ahead_arrived(s, abs, &entry);
	}
	if (r == 0)
		mention_use(s, abs);
	return r == -1 && e.text.len ? stream_complain(s, abs, &e) : r;
}

int
stream_use(struct stream *s, const char *abs)
{
	const struct names_entry *x;
	struct sdir *d;
	int r;

	if (fetched_has(&s->fetched, abs)) {
		stream_touch(s, abs, 'f');
		return 0;
	}
	if (abs[1] == 0) {
		r = stream_know_dir(s, abs, &d);
		return r < 0 ? r : whole_dir(s, abs);
	}
	r = stream_look(s, abs);
	if (r < 0)
		return r == -EACCES ? 0 : r;
	r = stream_entry(s, abs, &x);
	if (r < 0 || !x)
		return r;
	if (x->type == NAMES_FILE) {
		stream_touch(s, abs, 'f');
		return fetch(s, abs, x);
	}
	if (x->type != NAMES_DIR)
		return 0;
	r = stream_know_dir(s, abs, &d);
	if (r == 0 && d->state == SDIR_REMOTE)
		stream_touch(s, abs, 'd');
	return r < 0 ? r : d->state == SDIR_CLOSED ? -EACCES : whole_dir(s, abs);
}

bool
stream_has_dir(struct stream *s, const char *abs)
{
	const struct names_entry *x;

	return abs[1] && stream_entry(s, abs, &x) == 0 && x && x->type == NAMES_DIR;
}

/* The time of the last check is common to all processes of the workspace. */
static void
note_checked(struct stream *s)
{
	AUTO(fd_drop)
	int fd = openat(s->dir, "checked", O_WRONLY | O_CREAT | O_CLOEXEC,
			0644 | (s->share & 0022));
	struct stat st;

	if (fd >= 0 && futimens(fd, NULL) == 0 && fstat(fd, &st) == 0)
		s->checked = mtime_of(&st);
}

static bool
is_old(struct stream *s)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * SECOND + now.tv_nsec - s->checked >
	       (int64_t)s->config.max_age * SECOND;
}

/* Another process may have done it. */
static bool
was_checked(struct stream *s)
{
	struct stat st;

	if (fstatat(s->dir, "checked", &st, 0) < 0 || mtime_of(&st) <= s->checked)
		return false;
	s->checked = mtime_of(&st);
	return true;
}

static void
check(struct stream *s)
{
	AUTO(err_fini) struct err e = ERR_INIT;

	lock_take(s->lock, 'c', "check", true);
	if (!was_checked(s) || is_old(s)) {
		if (s->checked != 0 && refresh_dirs(s, &e) < 0)
			stream_note_gone(s, &e);
		note_checked(s); /* of a server that is gone, too: not at each start */
	}
	lock_drop(s->lock, 'c', "check");
}

bool
stream_refresh(struct stream *s)
{
	const int64_t step = SECOND / 4;
	int64_t now = meter_now();
	AUTO(err_fini) struct err e = ERR_INIT;

	guess_news(s);
	if (now - s->tick < step)
		return false;
	s->tick = now;
	if (was_checked(s)) {
		free_dirs(s);
		fetched_update(&s->fetched);
		return true;
	}
	if (!is_old(s) || !stream_may_ask(s, &e))
		return false;
	check(s);
	free_dirs(s);
	fetched_update(&s->fetched);
	return true;
}
