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

/* "1: FLOCK  ADVISORY  WRITE 4711 08:01:1234 0 EOF": who took it, or 0.  It may have left
 * the descriptor to another and be gone. */
static int
find_holder(int fd)
{
	AUTO(err_fini) struct err none = ERR_INIT;
	AUTO(str_fini) struct str text = STR_INIT, name = STR_INIT;
	struct stat st;
	char *save = NULL;

	if (fstat(fd, &st) < 0 || fs_slurp(AT_FDCWD, "/proc/locks", &text, &none) < 0 ||
	    !text.len)
		return 0;
	str_addf(&name, ":%ju ", (uintmax_t)st.st_ino);
	for (char *line = strtok_r(text.s, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		int pid;

		if (strstr(line, " FLOCK ") && strstr(line, name.s) &&
		    sscanf(line, "%*s FLOCK %*s %*s %d", &pid) == 1)
			return pid;
	}
	return 0;
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

struct search {
	struct stat root; /* cde-root */
	struct stat own;  /* our own root directory */
	struct str mark;
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

/* A process in a namespace of the package, which may be the watcher or not: its number,
 * or 0. */
static int
find_program(struct package *p, bool no_watcher)
{
	AUTO(fd_drop) int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO(str_fini) struct str mark = STR_INIT;
	struct search s = { .mark = STR_INIT };
	struct dirent *ent;
	int found = 0;
	DIR *d;

	if (proc < 0 || fstat(p->layout.rootfd, &s.root) < 0 || stat("/", &s.own) < 0 ||
	    !(d = fdopendir(fcntl(proc, F_DUPFD_CLOEXEC, 0))))
		return 0;
	layout_mark(&p->layout, &mark);
	str_addf(&s.mark, " %s ", mark.s);
	while (!found && (ent = readdir(d)))
		if (isdigit((unsigned char)ent->d_name[0]) &&
		    runs_here(&s, proc, ent->d_name) &&
		    !(no_watcher && is_watcher(proc, ent->d_name)))
			found = atoi(ent->d_name);
	closedir(d);
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

/* 0: locked.  -1: *pid uses the package; if 0, somebody who cannot be told; with errno. */
static int
lock_once(struct package *p, int fd, int *pid)
{
	if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		*pid = find_program(p, false); /* its watcher has no lock any more */
		if (!*pid)
			return 0;
		flock(fd, LOCK_UN);
		errno = EBUSY;
	} else if (errno == EWOULDBLOCK) {
		*pid = find_holder(fd);
		errno = EWOULDBLOCK;
	}
	return -1;
}

/* A watcher ends a moment after its last program, and may have the lock of a process that
 * is gone: who has seen that program end is not to be told that it runs. */
static int
lock_when_idle(struct package *p, int fd, int *pid)
{
	const struct timespec t = { .tv_nsec = ASK_MS * 1000000 };
	int r = lock_once(p, fd, pid);

	for (int ms = 0; r < 0 && ms < WAIT_MS; ms += ASK_MS) {
		int why = errno;

		if ((why != EBUSY && why != EWOULDBLOCK) ||
		    (why == EWOULDBLOCK && !is_gone(*pid)) || find_program(p, true)) {
			errno = why;
			return -1;
		}
		nanosleep(&t, NULL);
		r = lock_once(p, fd, pid);
	}
	return r;
}

int
package_lock(struct package *p, struct err *e)
{
	AUTO(str_fini) struct str who = STR_INIT;
	AUTO(fd_drop) int fd = -1;
	int pid = 0;

	if (p->lock >= 0)
		return 0;
	fd = openat(p->layout.dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_set(e, errno, "%s", p->layout.dir.s);
	if (lock_when_idle(p, fd, &pid) < 0) {
		int why = errno;

		if (why != EWOULDBLOCK && why != EBUSY)
			return err_set(e, why, "%s: lock", p->layout.dir.s);
		if (pid)
			name_process(pid, &who);
		return busy(p, &who, why == EBUSY ? "runs from" : "changes or runs", e);
	}
	p->lock = fd_take(&fd);
	return 0;
}
