/*
 * The child that becomes the program.  It shares our memory until its execve, as the
 * child of vfork does, but does not stop us: to copy our page tables, and then each page
 * that either of us writes to, takes longer than all that it does (PTRACE.md 63).  So it
 * has a stack of its own, and errno, the heap and stdio are not for it.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/raw.h"
#include "trace/trace.h"

enum { STACK = 64 << 10 };

/* Descriptors of ours stay out of the way of the program's own numbers. */
static int
move_high(int fd)
{
	int high = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 200);

	if (high < 0)
		return fd;
	close(fd);
	return high;
}

static int
pipe_high(int fds[2])
{
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	fds[0] = move_high(fds[0]);
	fds[1] = move_high(fds[1]);
	return 0;
}

static void
wait_for_go(const struct trace_ends *l)
{
	struct pollfd p[] = { { l->go, POLLIN, 0 }, { l->alive[0], POLLIN, 0 } };
	uint64_t n;

	while (raw_call(SYS_poll, (long)p, 2, -1, 0, 0) == -EINTR)
		;
	/* poll looks at one after the other: both may have come between the two */
	if (!p[0].revents)
		raw_call(SYS_poll, (long)p, 1, 0, 0, 0);
	if (!p[0].revents || raw_call(SYS_read, l->go, (long)&n, sizeof(n), 0, 0) < 0)
		raw_exit(EXIT_FAILURE);
}

static void
report(const struct trace_ends *l, struct trace_report msg)
{
	if (raw_call(SYS_write, l->report[1], (long)&msg, sizeof(msg), 0, 0) !=
	    sizeof(msg))
		raw_exit(EXIT_FAILURE);
}

static int
child_main(void *arg)
{
	const struct trace *t = arg;
	const struct trace_ends *l = &t->link.theirs;
	const struct trace_program *x = &t->program;
	long r;

	/* so that our end is an end for it */
	raw_call(SYS_close, l->alive[1], 0, 0, 0, 0);
	if (t->opts.notify) /* until the guard is there (PTRACE.md 71) */
		raw_call(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	else /* ptrace comes first, then the filter */
		wait_for_go(l);
	if (t->link.prog.n) {
		r = t->opts.notify   ? seccomp_listen(&t->link.prog)
		    : t->opts.answer ? seccomp_listen_killable(&t->link.prog)
				     : seccomp_install(&t->link.prog);
		report(l, (struct trace_report){ REPORT_FILTER, r < 0 ? (int)-r : 0,
						 (int)r });
		wait_for_go(l);
		/* with our copy of the listener the call could wait for ever */
		if (t->opts.notify && r >= 0)
			raw_call(SYS_close, r, 0, 0, 0, 0);
	}
	r = raw_call(SYS_execve, (long)x->path, (long)x->argv, (long)x->envp, 0, 0);
	report(l, (struct trace_report){ REPORT_EXEC, (int)-r, -1 });
	raw_exit(127);
}

/* The sanitizers keep a state for each thread, which the two would share; and theirs of
 * fork starts a thread, which would stop as a tracee of its own before we are ready. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SHARES_MEMORY 0
#elif defined(__has_feature)
#define SHARES_MEMORY \
	(!__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer))
#else
#define SHARES_MEMORY 1
#endif

static pid_t
make_child(struct trace *t)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK;
	pid_t pid;

	if (!SHARES_MEMORY) {
		pid = raw_fork();
		if (pid == 0)
			child_main(t);
		return pid;
	}
	/* cppcheck-suppress invalidFunctionArg ; -1 is what an anonymous one has */
	t->link.stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, flags, -1, 0);
	if (t->link.stack == MAP_FAILED) {
		t->link.stack = NULL;
		return -errno;
	}
	pid = clone(child_main, (char *)t->link.stack + STACK, CLONE_VM | SIGCHLD, t);
	return pid < 0 ? -errno : pid;
}

void
trace_go(struct trace *t)
{
	eventfd_write(t->link.ours.go, 1);
}

void
trace_let_go(struct trace *t)
{
	fd_drop(&t->link.ours.go);
	fd_drop(&t->link.ours.alive[1]);
}

void
trace_unlink(struct trace *t)
{
	trace_let_go(t);
	bpf_fini(&t->link.prog);
	if (t->link.stack)
		munmap(t->link.stack, STACK);
	t->link.stack = NULL;
}

pid_t
trace_launch(struct trace *t)
{
	struct trace_ends *l = &t->link.ours;
	pid_t pid;
	int r;

	trace_unlink(t);
	r = pipe_high(l->alive);
	if (r < 0)
		return r;
	l->go = move_high(eventfd(0, EFD_CLOEXEC));
	r = l->go < 0 ? -errno : pipe_high(l->report);
	if (r < 0) {
		close(l->alive[0]);
		trace_let_go(t);
		return r;
	}
	if (t->opts.notify || t->seccomp)
		seccomp_build(&t->opts, &t->link.prog);
	t->link.theirs = *l;
	pid = make_child(t);
	close(l->alive[0]);
	close(l->report[1]);
	t->first = pid;
	t->report = l->report[0];
	return pid;
}
