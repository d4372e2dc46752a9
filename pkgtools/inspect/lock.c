#include "inspect/lock.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/fs.h"

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

/* "1: FLOCK  ADVISORY  WRITE 4711 08:01:1234 0 EOF" */
static void
name_holder(int fd, struct str *out)
{
	AUTO(err_fini) struct err none = ERR_INIT;
	AUTO(str_fini) struct str text = STR_INIT, name = STR_INIT;
	struct stat st;
	char *save = NULL;

	if (fstat(fd, &st) < 0 || fs_slurp(AT_FDCWD, "/proc/locks", &text, &none) < 0 ||
	    !text.len)
		return;
	str_addf(&name, ":%ju ", (uintmax_t)st.st_ino);
	for (char *line = strtok_r(text.s, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		int pid;

		if (!strstr(line, " FLOCK ") || !strstr(line, name.s) ||
		    sscanf(line, "%*s FLOCK %*s %*s %d", &pid) != 1)
			continue;
		name_process(pid, out);
		return;
	}
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

/* A program that the namespace engine started: its number, or 0. */
static int
find_program(struct package *p)
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
		    runs_here(&s, proc, ent->d_name))
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

int
package_lock(struct package *p, struct err *e)
{
	AUTO(str_fini) struct str who = STR_INIT;
	AUTO(fd_drop) int fd = -1;
	int pid;

	if (p->lock >= 0)
		return 0;
	fd = openat(p->layout.dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_set(e, errno, "%s", p->layout.dir.s);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK)
			return err_set(e, errno, "%s: lock", p->layout.dir.s);
		name_holder(fd, &who);
		return busy(p, &who, "changes or runs", e);
	}
	pid = find_program(p);
	if (pid) {
		name_process(pid, &who);
		return busy(p, &who, "runs from", e);
	}
	p->lock = fd_take(&fd);
	return 0;
}
