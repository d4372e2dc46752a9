/*
 * Runs a command on "another machine": in a root directory of its own, entered with
 * pivot_root (who is in a chroot gets no user namespace), with mounts, processes, network,
 * IPC and host name of its own, as an ordinary user with a clean environment.
 *
 *	enter --root DIR SCRATCH [OPTION]… -- CMD ARG…
 *	enter --here [OPTION]… -- CMD ARG…	on this machine; the options marked *
 *
 *	--root DIR SCRATCH	what is written goes to the directory SCRATCH; "-": to DIR
 *	--bind SRC DST FLAGS	FLAGS: rw, or of ro and noexec, with commas
 *	--overlay SRC SCRATCH DST FLAGS	the same, and SRC stays as it is
 *	--user NAME UID HOME	* made there, if it has an /etc/passwd
 *	--dir DIR		* where CMD starts
 *	--env NAME=VALUE	* all that it gets
 *	--deny WHAT		* ptrace; userns, with EPERM as containers do;
 *				  userns-limit, with ENOSPC as max_user_namespaces does
 *	--report FD		* "STATUS WALL-ns USER-us SYSTEM-us" is written there
 *	--net			the network of this machine, else a loopback of its own
 *	--no-fuse		without /dev/fuse
 *
 * Needs root.  The status is CMD's, 128+N after a signal; 99: this program failed.
 * It ends with CMD, and all that CMD left behind with it.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "deny.h"
#include "enter.h"

_Noreturn static void
become(const struct enter *x)
{
	if (x->deny & DENY_USERNS_LIMIT && deny_by_limit() < 0)
		die("max_user_namespaces", "");
	if (deny_by_filter(x->deny) < 0)
		die("seccomp", "");
	if (setgroups(0, NULL) < 0 || setresgid(x->uid, x->uid, x->uid) < 0 ||
	    setresuid(x->uid, x->uid, x->uid) < 0)
		die("become", x->user ? x->user : "root");
	/* Looked into by /proc, as any process of that user. */
	prctl(PR_SET_DUMPABLE, 1);
	if (chdir(x->dir) < 0)
		die("chdir", x->dir);
	environ = (char **)x->env;
	execvp(x->argv[0], x->argv);
	fprintf(stderr, "enter: %s: %s\n", x->argv[0], strerror(errno));
	_exit(127);
}

static long long
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static long long
micros(struct timeval t)
{
	return t.tv_sec * 1000000LL + t.tv_usec;
}

/* Starts the command, and is its init. */
static int
run(const struct enter *x)
{
	struct rusage use;
	long long began = now();
	pid_t child = fork(), ended;
	int status = 0;

	if (child < 0)
		die("fork", x->argv[0]);
	if (child == 0)
		become(x);
	do
		ended = wait4(-1, &status, 0, &use);
	while (ended != child && (ended > 0 || errno == EINTR));
	status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	if (x->report >= 0)
		dprintf(x->report, "%d %lld %lld %lld\n", status, now() - began,
			micros(use.ru_utime), micros(use.ru_stime));
	return status;
}

static int
run_elsewhere(const struct enter *x)
{
	const char *root = root_build(x);
	pid_t child = fork();
	int status;

	if (child < 0)
		die("fork", "init");
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		root_enter(root);
		_exit(run(x));
	}
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			die("wait", "init");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

static void
parse(struct enter *x, char **arg)
{
	struct place *p = x->place;

	for (; arg[0] && strcmp(arg[0], "--"); arg++) {
		if (p == x->place + MOST || x->envs == MOST)
			die("too many", arg[0]);
		if (!strcmp(arg[0], "--root") && arg[1] && arg[2])
			x->root = *++arg, x->scratch = *++arg;
		else if (!strcmp(arg[0], "--here"))
			x->here = true;
		else if (!strcmp(arg[0], "--bind") && arg[1] && arg[2] && arg[3])
			*p++ = (struct place){ arg[1], NULL, arg[2], arg[3] }, arg += 3;
		else if (!strcmp(arg[0], "--overlay") && arg[1] && arg[2] && arg[3] &&
			 arg[4])
			*p++ = (struct place){ arg[1], arg[2], arg[3], arg[4] }, arg += 4;
		else if (!strcmp(arg[0], "--user") && arg[1] && arg[2] && arg[3])
			x->user = arg[1], x->uid = atoi(arg[2]), x->home = arg[3],
			arg += 3;
		else if (!strcmp(arg[0], "--dir") && arg[1])
			x->dir = *++arg;
		else if (!strcmp(arg[0], "--env") && arg[1])
			x->env[x->envs++] = *++arg;
		else if (!strcmp(arg[0], "--deny") && arg[1])
			x->deny |= deny_named(*++arg);
		else if (!strcmp(arg[0], "--report") && arg[1])
			x->report = atoi(*++arg);
		else if (!strcmp(arg[0], "--net"))
			x->net = true;
		else if (!strcmp(arg[0], "--no-fuse"))
			x->no_fuse = true;
		else
			die("option", arg[0]);
	}
	x->places = p - x->place;
	x->argv = arg[0] ? arg + 1 : arg;
}

int
main(int argc, char **argv)
{
	struct enter x = { .dir = "/", .report = -1 };

	errno = EINVAL;
	parse(&x, argv + 1);
	if (!x.argv[0] || (!x.here && !x.root))
		die("no", "command or root");
	if (x.report >= 0)
		fcntl(x.report, F_SETFD, FD_CLOEXEC);
	return x.here ? run(&x) : run_elsewhere(&x);
}
