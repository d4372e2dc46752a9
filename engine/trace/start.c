#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "trace/trace.h"

/* One message of the child before its exec: which step failed, and why. */
struct report {
	enum { REPORT_FILTER, REPORT_EXEC } step;
	int error;
};

static volatile pid_t forward_to;

static void
on_signal(int sig, siginfo_t *info, void *context)
{
	int saved = errno;

	/* What the terminal sends has reached the program as well. */
	if (info->si_code <= 0 && info->si_pid != forward_to)
		kill(forward_to, sig);
	errno = saved;
}

void
trace_forward_signals(pid_t first)
{
	static const int sigs[] = { SIGHUP,  SIGINT,  SIGQUIT, SIGTERM,
				    SIGUSR1, SIGUSR2, SIGCONT, SIGWINCH };
	struct sigaction sa = { .sa_sigaction = on_signal,
				.sa_flags = SA_SIGINFO | SA_RESTART };

	forward_to = first;
	sigfillset(&sa.sa_mask);
	for (size_t i = 0; i < ARRAY_SIZE(sigs); i++)
		sigaction(sigs[i], &sa, NULL);
	signal(SIGPIPE, SIG_IGN); /* from our own messages */
	signal(SIGTSTP, SIG_IGN);
	signal(SIGTTIN, SIG_IGN);
	signal(SIGTTOU, SIG_IGN);
}

/* Descriptors of ours stay out of the way of the program's own numbers. */
static int
pipe_high(int fds[2])
{
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	for (int i = 0; i < 2; i++) {
		int high = fcntl(fds[i], F_DUPFD_CLOEXEC, 200);

		if (high < 0)
			continue;
		close(fds[i]);
		fds[i] = high;
	}
	return 0;
}

_Noreturn static void
child(struct trace *t, const struct seccomp_prog *prog, int go, int report,
      const char *path, char *const *argv, char *const *envp)
{
	struct report msg = { REPORT_FILTER, 0 };
	char c;

	if (read(go, &c, 1) != 1)
		_exit(EXIT_FAILURE);
	if (t->seccomp) {
		msg.error = -seccomp_install(prog);
		if (write(report, &msg, sizeof(msg)) != sizeof(msg) ||
		    read(go, &c, 1) != 1)
			_exit(EXIT_FAILURE);
	}
	execve(path, argv, envp);
	msg = (struct report){ REPORT_EXEC, errno };
	if (write(report, &msg, sizeof(msg)) != sizeof(msg))
		_exit(EXIT_FAILURE);
	_exit(127);
}

/* First line of a file as a number; -1 if it is not there. */
static long
number_in(const char *name)
{
	FILE *f = fopen(name, "re");
	long n = -1;

	if (!f)
		return -1;
	if (fscanf(f, "%ld", &n) != 1)
		n = -1;
	fclose(f);
	return n;
}

static long
status_field(const char *field)
{
	FILE *f = fopen("/proc/self/status", "re");
	char line[256];
	long n = 0;

	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, field, strlen(field)) == 0)
			n = strtol(line + strlen(field), NULL, 10);
	if (f)
		fclose(f);
	return n;
}

/* ptrace is forbidden here: say which setting does it. */
static int
explain_refusal(int error, struct err *e)
{
	long scope = number_in("/proc/sys/kernel/yama/ptrace_scope");
	long tracer = status_field("TracerPid:");

	if (tracer > 0)
		return err_set(
			e, 0,
			"ptrace is not possible: we are traced ourselves, by process "
			"%ld (run cde outside of strace, gdb and the like)",
			tracer);
	if (scope >= 2)
		return err_set(e, 0,
			       "ptrace is forbidden by kernel.yama.ptrace_scope = %ld "
			       "(/proc/sys/kernel/yama/ptrace_scope); 1 or 0 is needed",
			       scope);
	if (status_field("Seccomp:") == 2)
		return err_set(
			e, error,
			"ptrace is forbidden, probably by the seccomp filter that "
			"this process runs under (a container or sandbox; with docker, "
			"--cap-add=SYS_PTRACE allows it)");
	return err_set(e, error,
		       "ptrace is forbidden here (a security module may do that)");
}

static int
seize(struct trace *t, pid_t pid, bool options_for_seccomp)
{
	long o = PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC;

	if (!t->opts.no_follow)
		o |= PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE;
	if (options_for_seccomp)
		o |= PTRACE_O_TRACESECCOMP;
	return ptrace(PTRACE_SEIZE, pid, 0, o) < 0 ? -errno : 0;
}

/* The child runs under ptrace now; let it go on to its exec (PTRACE.md 10). */
static int
release_child(struct trace *t, pid_t pid, int go, int report)
{
	struct report msg;

	if (write(go, "g", 1) != 1)
		return -errno;
	if (t->seccomp) {
		if (read(report, &msg, sizeof(msg)) != sizeof(msg))
			return -EPIPE;
		if (msg.error)
			t->seccomp = false;
		if (!t->seccomp && ptrace(PTRACE_INTERRUPT, pid, 0, 0) < 0)
			return -errno;
		if (write(go, "g", 1) != 1)
			return -errno;
	}
	return 0;
}

int
trace_start(struct trace *t, const char *path, char *const *argv, char *const *envp,
	    struct err *e)
{
	struct seccomp_prog prog = { 0 };
	int go[2], report[2], r;
	pid_t pid;

	if (pipe_high(go) < 0 || pipe_high(report) < 0)
		return err_set(e, errno, "pipe");
	t->seccomp = !t->opts.no_seccomp && !t->opts.no_follow;
	if (t->seccomp)
		seccomp_build(&t->opts, &prog);
	pid = fork();
	if (pid < 0)
		return err_set(e, errno, "fork");
	if (pid == 0)
		child(t, &prog, go[0], report[1], path, argv, envp);
	seccomp_fini(&prog);
	close(go[0]);
	close(report[1]);
	t->first = pid;
	t->report = report[0];
	r = seize(t, pid, t->seccomp);
	if (r == 0 && !t->seccomp && ptrace(PTRACE_INTERRUPT, pid, 0, 0) < 0)
		r = -errno;
	if (r < 0) {
		explain_refusal(-r, e);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		close(go[1]);
		return -1;
	}
	t->ops->on_new(t->ctx, trace_add(t, pid), NULL, BIRTH_FIRST);
	trace_forward_signals(pid);
	r = release_child(t, pid, go[1], report[0]);
	close(go[1]);
	return r < 0 ? err_set(e, -r, "start of the program") : 0;
}

int
trace_exec_errno(const struct trace *t)
{
	return t->exec_errno;
}

void
trace_exit_like(int status)
{
	if (WIFSIGNALED(status)) {
		struct rlimit none = { 0, 0 };
		sigset_t set;
		int sig = WTERMSIG(status);

		setrlimit(RLIMIT_CORE, &none); /* the core would be ours */
		signal(sig, SIG_DFL);
		sigemptyset(&set);
		sigaddset(&set, sig);
		sigprocmask(SIG_UNBLOCK, &set, NULL);
		kill(getpid(), sig);
		_exit(128 + sig);
	}
	exit(WEXITSTATUS(status));
}
