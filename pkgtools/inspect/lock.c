#include "inspect/lock.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"

enum { WAIT_MS = 1000, ASK_MS = 10 };

static void
name_process(int pid, struct str *out)
{
	AUTO(err_fini) struct err none = ERR_INIT;
	AUTO(str_fini) struct str name = STR_INIT, comm = STR_INIT;

	str_addf(&name, "/proc/%d/comm", pid);
	if (fs_slurp(AT_FDCWD, name.s, &comm, &none) == 0 && comm.len)
		str_trunc(&comm, comm.len - 1);
	str_addf(out, "process %d%s%s", pid, comm.len ? ", " : "", comm.s);
}

/* "1: FLOCK  ADVISORY  WRITE 4711 08:01:1234 0 EOF", also behind "lock:": 4711 of a lock on
 * the inode, or -1. */
static int
taker_of(char *text, ino_t ino)
{
	AUTO(str_fini) struct str name = STR_INIT;
	char *save = NULL;

	str_addf(&name, ":%ju ", (uintmax_t)ino);
	for (char *line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		const char *lock = strstr(line, " FLOCK ");
		int pid;

		if (lock && strstr(lock, name.s) &&
		    sscanf(lock, " FLOCK %*s %*s %d", &pid) == 1)
			return pid;
	}
	return -1;
}

/* Who took the lock, or 0.  It may have left the descriptor to another and be gone; in
 * a PID namespace, it is not listed then. */
static int
find_taker(ino_t ino)
{
	AUTO(err_fini) struct err none = ERR_INIT;
	AUTO(str_fini) struct str text = STR_INIT;
	int pid = fs_slurp(AT_FDCWD, "/proc/locks", &text, &none) == 0 && text.len
			  ? taker_of(text.s, ino)
			  : 0;

	return pid > 0 ? pid : 0;
}

/* Also of a zombie. */
static bool
is_gone(int pid)
{
	AUTO(str_fini) struct str name = STR_INIT, exe = STR_INIT;
	int r;

	str_addf(&name, "/proc/%d/exe", pid);
	r = fs_readlink(AT_FDCWD, name.s, &exe);
	return r == -ENOENT || r == -ESRCH;
}

/* Or one that has ended meanwhile. */
static bool
is_watcher(int proc, const char *pid)
{
	AUTO(err_fini) struct err none = ERR_INIT;
	AUTO(str_fini) struct str name = STR_INIT, comm = STR_INIT;

	str_addf(&name, "%s/comm", pid);
	return fs_slurp(proc, name.s, &comm, &none) < 0 ||
	       strcmp(comm.s, LAYOUT_WATCHER "\n") == 0;
}

struct search {
	struct stat root; /* cde-root */
	struct stat own;  /* our own root directory */
	struct str mark;
	ino_t locked; /* of the package's directory */
};

static bool
is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static bool
runs_here(const struct search *s, int proc, const char *pid)
{
	AUTO(err_fini) struct err none = ERR_INIT;
	AUTO(str_fini) struct str name = STR_INIT, mounts = STR_INIT;
	struct stat st;

	str_addf(&name, "%s/root", pid);
	if (fstatat(proc, name.s, &st, 0) < 0 || is_same(&st, &s->own))
		return false;
	if (is_same(&st, &s->root))
		return true;
	str_clear(&name);
	str_addf(&name, "%s/mountinfo", pid);
	return fs_slurp(proc, name.s, &mounts, &none) == 0 && strstr(mounts.s, s->mark.s);
}

/* Has it the descriptor that is locked?  Of other users' processes we are not told. */
static bool
holds(const struct search *s, int proc, const char *pid)
{
	AUTO(str_fini) struct str name = STR_INIT;
	bool found = false;
	struct dirent *ent;
	int fd;
	DIR *d;

	str_addf(&name, "%s/fdinfo", pid);
	fd = openat(proc, name.s, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	d = fd < 0 ? NULL : fdopendir(fd);
	while (d && !found && (ent = readdir(d))) {
		AUTO(err_fini) struct err none = ERR_INIT;
		AUTO(str_fini) struct str text = STR_INIT;

		found = isdigit((unsigned char)ent->d_name[0]) &&
			fs_slurp(fd, ent->d_name, &text, &none) == 0 && text.len &&
			taker_of(text.s, s->locked) >= 0;
	}
	if (d)
		closedir(d);
	else
		fd_drop(&fd);
	return found;
}

enum wanted {
	ANY_IN_NAMESPACE, /* of the package, its watcher included */
	PROGRAM,	  /* not a watcher */
	HOLDER,		  /* of the lock, not a watcher */
};

static bool
is_wanted(const struct search *s, enum wanted wanted, int proc, const char *pid)
{
	if (wanted == HOLDER)
		return holds(s, proc, pid) && !is_watcher(proc, pid);
	return runs_here(s, proc, pid) &&
	       (wanted == ANY_IN_NAMESPACE || !is_watcher(proc, pid));
}

/* The number of a process, or 0. */
static int
find(struct package *p, enum wanted wanted)
{
	AUTO(str_fini) struct str mark = STR_INIT;
	struct search s = { .mark = STR_INIT };
	DIR *proc = opendir("/proc"); /* CLOEXEC */
	struct stat dir;
	struct dirent *ent;
	int found = 0;

	if (proc && fstat(p->layout.rootfd, &s.root) == 0 &&
	    fstat(p->layout.dirfd, &dir) == 0 && stat("/", &s.own) == 0) {
		s.locked = dir.st_ino;
		layout_mark(&p->layout, &mark);
		str_addf(&s.mark, " %s ", mark.s);
		while (!found && (ent = readdir(proc)))
			if (isdigit((unsigned char)ent->d_name[0]) &&
			    is_wanted(&s, wanted, dirfd(proc), ent->d_name))
				found = atoi(ent->d_name);
	}
	if (proc)
		closedir(proc);
	str_fini(&s.mark);
	return found;
}

static int
busy(const struct package *p, const struct str *who, const char *what, struct err *e)
{
	err_set(e, 0, "%s: in use by %s, which %s it", p->layout.dir.s,
		who->len ? who->s : "another program", what);
	if (e)
		e->code = EWOULDBLOCK;
	return -1;
}

/* 0: locked, and nobody is there; EBUSY: somebody is, but has no lock; EWOULDBLOCK. */
static int
try(struct package *p, int fd)
{
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return errno;
	if (!find(p, ANY_IN_NAMESPACE)) /* its watcher has no lock any more */
		return 0;
	flock(fd, LOCK_UN);
	return EBUSY;
}

/* Who is in the way for longer than a moment, or 0. */
static int
find_user(struct package *p, int why)
{
	struct stat st;
	int pid = why == EWOULDBLOCK && fstat(p->layout.dirfd, &st) == 0
			  ? find_taker(st.st_ino)
			  : 0;

	if (pid && !is_gone(pid))
		return pid;
	pid = find(p, PROGRAM);
	return pid || why == EBUSY ? pid : find(p, HOLDER);
}

bool
package_is_held(const struct package *p)
{
	struct stat st;

	return fstat(p->layout.dirfd, &st) == 0 && find_taker(st.st_ino);
}

/* A watcher ends a moment after its last program, and may have the lock of a process that
 * is gone: who has seen that program end is not to be told that it runs.  *pid uses the
 * package; if 0, somebody who cannot be told. */
static int
lock_when_idle(struct package *p, int fd, int wait_ms, int *pid)
{
	const struct timespec t = { .tv_nsec = ASK_MS * 1000000 };
	int why = try(p, fd);

	for (int ms = 0; why == EBUSY || why == EWOULDBLOCK; ms += ASK_MS) {
		*pid = find_user(p, why);
		if (*pid || ms >= wait_ms)
			break;
		nanosleep(&t, NULL);
		why = try(p, fd);
	}
	return why;
}

static int
lock_for(struct package *p, int wait_ms, struct err *e)
{
	AUTO(str_fini) struct str who = STR_INIT;
	AUTO(fd_drop) int fd = -1;
	int pid = 0, why;

	if (p->lock >= 0)
		return 0;
	fd = openat(p->layout.dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_set(e, errno, "%s", p->layout.dir.s);
	why = lock_when_idle(p, fd, wait_ms, &pid);
	if (why == EBUSY || why == EWOULDBLOCK) {
		if (pid)
			name_process(pid, &who);
		return busy(p, &who, why == EBUSY ? "runs from" : "changes or runs", e);
	}
	if (why)
		return err_set(e, why, "%s: lock", p->layout.dir.s);
	p->lock = fd_take(&fd);
	return 0;
}

int
package_lock(struct package *p, struct err *e)
{
	return lock_for(p, WAIT_MS, e);
}

int
package_lock_now(struct package *p, struct err *e)
{
	return lock_for(p, 0, e);
}
