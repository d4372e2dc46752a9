#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fs.h"
#include "exec/session.h"
#include "path/lex.h"
#include "trace/peek.h"

/* "/proc/PID/…": PID, and what follows; 0 when it is not that. */
static pid_t
proc_pid(const char *abs, const char **rest)
{
	char *end;
	long pid;

	if (!str_has_prefix(abs, "/proc/"))
		return 0;
	pid = strtol(abs + strlen("/proc/"), &end, 10);
	if (pid <= 0 || *end != '/')
		return 0;
	*rest = end + 1;
	if (str_has_prefix(*rest, "task/")) {
		long tid = strtol(*rest + strlen("task/"), &end, 10);

		if (tid <= 0 || *end != '/')
			return 0;
		*rest = end + 1;
	}
	return (pid_t)pid;
}

/* Text of the /proc link `abs` in virtual names; false: not one of those. */
static bool
link_text(struct session *s, const char *abs, struct str *out)
{
	const char *rest, *exe;
	pid_t pid = proc_pid(abs, &rest);

	if (!pid)
		return false;
	if (strcmp(rest, "exe") == 0 && (exe = session_exe(s, pid))) {
		str_set(out, exe);
		return true;
	}
	if (strcmp(rest, "exe") && strcmp(rest, "cwd") && strcmp(rest, "root") &&
	    !str_has_prefix(rest, "fd/") && !str_has_prefix(rest, "map_files/"))
		return false;
	if (fs_readlink(AT_FDCWD, abs, &s->text) < 0)
		return false;
	str_set(out, world_virtual(&s->world, s->text.s));
	return strcmp(out->s, s->text.s) != 0;
}

bool
answer_readlink(struct session *s, struct proc *p, const struct path_event *ev)
{
	int arg = ev->operand->arg;
	taddr buf = p->sys.arg[arg + 1];
	size_t n = (size_t)p->sys.arg[arg + 2];

	if ((int)n <= 0 || s->look.side != SIDE_HOST ||
	    !link_text(s, s->look.walk.abs.s, &s->to))
		return false;
	if (n > s->to.len)
		n = s->to.len;
	proc_skip(p, poke_bytes(p->tid, buf, s->to.s, n) < 0 ? -EFAULT : (int64_t)n);
	return true;
}

void
answer_getcwd(struct session *s, struct proc *p)
{
	const char *cwd;
	size_t n;

	if (proc_base(p, AT_FDCWD, &s->base) < 0)
		return;
	cwd = world_virtual(&s->world, s->base.s);
	if (tracee_of(p)->root.len && path_under(cwd, tracee_of(p)->root.s)) {
		cwd += tracee_of(p)->root.len;
		cwd = *cwd ? cwd : "/";
	}
	if (cwd == s->base.s)
		return; /* the kernel's answer is right */
	n = strlen(cwd) + 1;
	if (n > p->sys.arg[1])
		proc_skip(p, -ERANGE);
	else
		proc_skip(p, poke_bytes(p->tid, p->sys.arg[0], cwd, n) < 0 ? -EFAULT
									   : (int64_t)n);
}

static bool
is_maps(const char *name)
{
	return strcmp(name, "maps") == 0 || strcmp(name, "smaps") == 0 ||
	       strcmp(name, "numa_maps") == 0;
}

/* One line of maps: the name, if there is one, starts at the first slash. */
static void
add_map_line(struct session *s, pid_t pid, const char *line, size_t n, struct str *out)
{
	const char *slash = memchr(line, '/', n), *exe = session_exe(s, pid), *virtual;
	AUTO(str_fini) struct str name = STR_INIT;

	if (!slash) {
		str_addn(out, line, n);
		return;
	}
	str_addn(out, line, (size_t)(slash - line));
	str_setn(&name, slash, n - (size_t)(slash - line));
	virtual = world_virtual(&s->world, name.s);
	if (exe && s->world.store.len && path_under(name.s, s->world.store.s))
		virtual = exe;
	str_add(out, virtual);
}

int
answer_maps(struct session *s, const char *abs)
{
	AUTO(str_fini) struct str in = STR_INIT, out = STR_INIT;
	const char *rest;
	pid_t pid = proc_pid(abs, &rest);

	if (!pid || !is_maps(rest))
		return -1;
	AUTO(fd_drop) int fd = open(abs, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fd_read_all(fd, &in) < 0)
		return -1;
	for (const char *line = in.s; *line;) {
		size_t n = strcspn(line, "\n");

		add_map_line(s, pid, line, n, &out);
		line += n;
		if (*line) {
			str_addc(&out, '\n');
			line++;
		}
	}
	AUTO(fd_drop) int mem = memfd_create("maps", MFD_CLOEXEC);
	if (mem < 0 || fd_write_all(mem, out.s, out.len) < 0)
		return -1;
	return fd_take(&mem);
}
