#include "exec/changes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "path/lex.h"

#define TEMPORARY  "run-"
#define STATE_HERE "cde" /* in $XDG_STATE_HOME */

int
changes_lock(const char *dir, struct err *e)
{
	AUTO(fd_drop) int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_set(e, errno, "%s", dir);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? err_set(e, 0, "%s is in use", dir)
					    : err_set(e, errno, "lock %s", dir);
	return fd_take(&fd);
}

/* Where things of this user live between runs: the n-th choice. */
static bool
state_home(unsigned n, struct str *out)
{
	static const char *const shared[] = { "/var/tmp", "/tmp", "/dev/shm" };
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	str_clear(out);
	if (n == 0 && state && state[0] == '/')
		str_addf(out, "%s/" STATE_HERE, state);
	else if (n == 1 && home && home[0] == '/')
		str_addf(out, "%s/.local/state/" STATE_HERE, home);
	else if (n > 1 && n - 2 < ARRAY_SIZE(shared))
		str_addf(out, "%s/cde-state-%u", shared[n - 2], geteuid());
	path_clean(out);
	return n - 2 < ARRAY_SIZE(shared) || n < 2;
}

/* A directory of our own that nobody else can write to. */
static bool
is_ours(const char *dir)
{
	struct stat st;

	return lstat(dir, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid() &&
	       !(st.st_mode & 022);
}

static bool
make_ours(const char *dir)
{
	AUTO(fd_drop) int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO(str_fini) struct str above = STR_INIT;

	str_set(&above, dir);
	path_to_parent(&above);
	if (root < 0 || (above.len > 1 && fs_mkdirs(root, above.s + 1) < 0))
		return false;
	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return false;
	return is_ours(dir);
}

/* What runs that were killed have left. */
static void
remove_stale(const char *home)
{
	DIR *d = opendir(home);
	struct dirent *ent;

	while (d && (ent = readdir(d))) {
		AUTO(err_fini) struct err e = ERR_INIT;
		AUTO(str_fini) struct str dir = STR_INIT;

		if (!str_has_prefix(ent->d_name, TEMPORARY))
			continue;
		str_addf(&dir, "%s/%s", home, ent->d_name);
		AUTO(fd_drop) int lock = changes_lock(dir.s, &e);
		if (lock >= 0)
			fs_remove_tree(AT_FDCWD, dir.s);
	}
	if (d)
		closedir(d);
}

static int
start_layers(const struct changes *c, struct world *w)
{
	int r;

	layer_init(&w->layer[SIDE_PACKAGE], w->pkg, c->dir.s);
	layer_init(&w->layer[SIDE_HOST], NULL, c->dir.s);
	r = layer_start(&w->layer[SIDE_PACKAGE]);
	if (r == 0)
		r = layer_start(&w->layer[SIDE_HOST]);
	if (r < 0) {
		layer_fini(&w->layer[SIDE_PACKAGE]);
		layer_fini(&w->layer[SIDE_HOST]);
	}
	return r;
}

/* A new directory in `home`, where the file system can hold it. */
static bool
begin_in(struct changes *c, struct world *w, const char *home)
{
	AUTO(err_fini) struct err e = ERR_INIT;

	if (!make_ours(home))
		return false;
	remove_stale(home);
	/* one that is cleared away before it is locked is made again */
	for (int tries = 0; tries < 10 && c->lock < 0; tries++) {
		str_clear(&c->dir);
		str_addf(&c->dir, "%s/" TEMPORARY "XXXXXX", home);
		if (!mkdtemp(c->dir.s))
			return false;
		c->lock = changes_lock(c->dir.s, &e);
	}
	if (c->lock < 0)
		return false;
	c->temporary = true;
	if (start_layers(c, w) == 0)
		return true;
	changes_end(c);
	return false;
}

static int
begin_temporary(struct changes *c, struct world *w, struct err *e)
{
	AUTO(str_fini) struct str home = STR_INIT;

	for (unsigned n = 0; state_home(n, &home); n++)
		if (home.len > 1 && begin_in(c, w, home.s))
			return 0;
	return err_set(e, 0,
		       "--ephemeral: no directory that can hold changes: tried "
		       "$XDG_STATE_HOME, ~/.local/state, /var/tmp, /tmp and /dev/shm "
		       "(device 0:0 as a mark needs Linux 5.8, user attributes a file "
		       "system that has them)");
}

/* A directory that was named: empty, new, or a change set. */
static int
begin_named(struct changes *c, struct world *w, struct err *e)
{
	AUTO(str_fini) struct str about = STR_INIT, text = STR_INIT;
	AUTO(mem_free) char *real = NULL;
	int r;

	if (mkdir(c->name, 0700) < 0 && errno != EEXIST)
		return err_set(e, errno, "--changes %s", c->name);
	real = realpath(c->name, NULL);
	if (!real)
		return err_set(e, errno, "--changes %s", c->name);
	str_set(&c->dir, real);
	c->lock = changes_lock(real, e);
	if (c->lock < 0)
		return -1;
	str_addf(&about, "%s/" LAYER_ABOUT, real);
	if (access(about.s, F_OK) < 0) {
		if (rmdir(real) < 0)
			return err_set(e, 0,
				       "--changes %s: is neither empty nor a change set",
				       c->name);
		if (mkdir(real, 0700) < 0)
			return err_set(e, errno, "--changes %s", c->name);
		fd_drop(&c->lock);
		c->lock = changes_lock(real, e);
		str_addf(&text, "package %s\n", w->pkg->dir.s);
		if (c->lock < 0 ||
		    fs_replace(c->lock, LAYER_ABOUT, text.s, text.len, 0600, e) < 0)
			return -1;
	}
	r = start_layers(c, w);
	return r < 0 ? err_set(e, r, "--changes %s: cannot hold changes", c->name) : 0;
}

/* The package cannot be written, but what its programs make must be somewhere. */
static void
begin_private(struct changes *c, struct world *w)
{
	AUTO(str_fini) struct str home = STR_INIT;
	const char *dir = w->pkg->dir.s;
	bool read_only;
	struct stat st;

	if (w->stream || faccessat(w->pkg->rootfd, ".", W_OK, AT_EACCESS) == 0 ||
	    (errno != EACCES && errno != EROFS))
		return;
	read_only = errno == EROFS;
	for (unsigned n = 0; n < 2 && home.len <= 1; n++)
		state_home(n, &home);
	if (home.len <= 1)
		return;
	/* An overlay asks for the rights that lower's owner gives. */
	c->mountable = read_only && fstat(w->pkg->rootfd, &st) == 0 &&
		       (geteuid() == 0 || st.st_uid == geteuid());
	/* In a sandbox that costs native speed, and natively it is EACCES or EROFS, too. */
	if (!w->seamless && !c->mountable)
		return;
	str_addf(&c->dir, "%s/%s-%016llx", home.s, path_base(dir),
		 (unsigned long long)map_hash(dir, strlen(dir)));
	layer_init(&w->layer[SIDE_PACKAGE], w->pkg, c->dir.s);
}

int
changes_begin(struct changes *c, struct world *w, struct err *e)
{
	if (c->name)
		return begin_named(c, w, e);
	if (c->wanted)
		return begin_temporary(c, w, e);
	begin_private(c, w);
	return 0;
}

void
changes_end(struct changes *c)
{
	if (c->temporary) {
		int r = fs_remove_tree(AT_FDCWD, c->dir.s);

		if (r < 0)
			log_error("%s cannot be removed: %s", c->dir.s, strerror(-r));
	}
	c->temporary = false;
	fd_drop(&c->lock);
	str_fini(&c->dir);
}
