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
#include "trace/listener.h"
#include "trace/notice.h"
#include "trace/notify.h"
#include "trace/trace.h"

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

void
trace_abandon(struct trace *t)
{
	kill(t->first, SIGKILL);
	waitpid(t->first, NULL, 0);
	trace_let_go(t);
	fd_drop(&t->report);
	t->launched = false;
}

/* The child runs under ptrace now, and installs its filter (PTRACE.md 10).  0, -EPIPE,
 * or why the filter is not what was wanted. */
static int
await_filter(struct trace *t, int *listener)
{
	struct trace_report msg;

	trace_go(t);
	if (!t->seccomp)
		return 0;
	if (read(t->report, &msg, sizeof(msg)) != sizeof(msg))
		return -EPIPE;
	*listener = msg.listener;
	return -msg.error;
}

/* Let it go on to its exec. */
static int
release_child(struct trace *t, int filter)
{
	if (filter == -EPIPE)
		return filter;
	if (filter < 0)
		t->seccomp = false;
	else if (!t->seccomp)
		return 0; /* it has gone on */
	if (!t->seccomp && ptrace(PTRACE_INTERRUPT, t->first, 0, 0) < 0)
		return -errno;
	trace_go(t);
	return 0;
}

static const char no_follow[] = "-f (children run on their own) needs ptrace";

/* The kernel does not give it. */
static void
set_why(struct trace *t, int error)
{
	if (error == EBUSY)
		str_set(&t->why, "another supervisor listens to our calls already");
	else
		str_addf(&t->why, "seccomp notification cannot be had: %s",
			 strerror(error));
}

static int
fail_notify(const struct trace *t, struct err *e)
{
	return err_set(e, 0, "engine notify: %s", t->why.s);
}

/* A child that is seized.  Its filter: see await_filter. */
static int
start_child(struct trace *t, int *filter, struct err *e)
{
	int r, listener = -1;
	pid_t pid = trace_launch(t);

	if (pid < 0)
		return err_set(e, -pid, "start of the program");
	r = seize(t, pid, t->seccomp);
	if (r == 0 && !t->seccomp && ptrace(PTRACE_INTERRUPT, pid, 0, 0) < 0)
		r = -errno;
	if (r < 0) {
		explain_refusal(-r, e);
		trace_abandon(t);
		return -1;
	}
	*filter = await_filter(t, &listener);
	if (*filter == 0 && t->opts.answer)
		*filter = notice_attach(t, listener);
	return 0;
}

static int
start_traced(struct trace *t, struct err *e)
{
	int r, filter;

	t->seccomp = !t->opts.no_seccomp && !t->opts.no_follow && !seccomp_has_listener();
	if (t->opts.answer && !t->seccomp) {
		if (t->opts.no_follow)
			str_set(&t->why, no_follow);
		else
			set_why(t, EBUSY); /* seccomp_has_listener */
		t->opts.answer = false;
		if (t->opts.only)
			return fail_notify(t, e);
	}
	if (start_child(t, &filter, e) < 0)
		return -1;
	if (filter < 0 && filter != -EPIPE && t->opts.answer) {
		set_why(t, -filter);
		trace_abandon(t);
		t->opts.answer = false;
		if (t->opts.only)
			return fail_notify(t, e);
		if (start_child(t, &filter, e) < 0)
			return -1;
	}
	t->ops->on_new(t->ctx, trace_add(t, t->first), NULL, BIRTH_FIRST);
	trace_forward_signals(t->first);
	r = release_child(t, filter);
	trace_let_go(t);
	return r < 0 ? err_set(e, -r, "start of the program") : 0;
}

static bool
wants_notification(const struct trace *t)
{
	return t->opts.notify && !t->opts.no_follow;
}

void
trace_prepare(struct trace *t, const char *path, char *const *argv, char *const *envp)
{
	t->program = (struct trace_program){ path, argv, envp };
	t->launched = wants_notification(t) && trace_launch(t) > 0;
}

/* The child's, or -errno. */
static int
take_listener(struct trace *t)
{
	struct trace_report msg;

	if (read(t->report, &msg, sizeof(msg)) != sizeof(msg))
		return -EPIPE;
	return msg.error ? -msg.error : listener_fetch(t->first, msg.listener);
}

/* 0, or -1 with t->why: then ptrace has to do. */
static int
start_notified(struct trace *t)
{
	int r = t->launched ? t->first : trace_launch(t);

	t->launched = false;
	if (r > 0) {
		r = take_listener(t);
		if (r >= 0) {
			trace_go(t); /* its execve waits until notify_run */
			r = notify_attach(t, t->first, r);
		}
		if (r < 0)
			trace_abandon(t);
	}
	if (r < 0) {
		set_why(t, -r);
		return -1;
	}
	trace_forward_signals(t->first);
	trace_let_go(t);
	return 0;
}

int
trace_start(struct trace *t, const char *path, char *const *argv, char *const *envp,
	    struct err *e)
{
	t->program = (struct trace_program){ path, argv, envp };
	if (t->opts.notify && t->opts.no_follow)
		str_set(&t->why, no_follow);
	else if (wants_notification(t) && start_notified(t) == 0)
		return 0;
	if (t->opts.notify && t->opts.only)
		return fail_notify(t, e);
	t->opts.notify = false;
	return start_traced(t, e);
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
