#include "trace/notice.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "trace/listener.h"
#include "trace/regs.h"

enum {
	RESTART_NOINTR = 513, /* the kernel's ERESTARTNOINTR */
	LOOK_MS = 1000,	      /* some deaths send no signal */
};

struct notices {
	int listener, signals;
	struct seccomp_notif *ask;
	struct seccomp_notif_resp *answer;
	size_t ask_size, answer_size;
	int refused; /* errno of NOTIF_ADDFD, which is not for us; or 0 */
};

int
notice_attach(struct trace *t, int fd)
{
	int listener = listener_fetch(t->first, fd);
	struct notices *n;

	if (listener < 0)
		return listener;
	n = mem_alloc(sizeof(*n));
	n->listener = listener;
	n->signals = -1;
	listener_sizes(&n->ask_size, &n->answer_size);
	n->ask = mem_alloc(n->ask_size);
	n->answer = mem_alloc(n->answer_size);
	t->notice = n;
	listener_wake_here(listener);
	return 0;
}

void
notice_free(struct notices *n)
{
	if (!n)
		return;
	fd_drop(&n->listener);
	fd_drop(&n->signals);
	free(n->ask);
	free(n->answer);
	free(n);
}

int
trace_files_refused(const struct trace *t)
{
	return t->notice ? t->notice->refused : 0;
}

static void
let_wait(struct proc *p, const struct seccomp_data *d)
{
	p->waits = true;
	p->waiting[0] = (uint64_t)d->nr;
	memcpy(p->waiting + 1, d->args, sizeof(d->args));
}

/* That one, and not the next, of which nobody was told before the signal came. */
static bool
is_waiting(const struct proc *p, const struct sysregs *call)
{
	return p->waits && call->nr == p->waiting[0] &&
	       memcmp(call->arg, p->waiting + 1, sizeof(call->arg)) == 0;
}

void
notice_interrupted(struct trace *t, struct proc *p)
{
	struct sysregs call;

	if (regs_interrupted(p, &call) == 0 && !is_waiting(p, &call) &&
	    seccomp_decide(&t->opts, &call) == SECCOMP_NOTICE)
		regs_begin_again(p);
}

static void
send_answer(struct notices *n, uint32_t flags, int64_t result)
{
	memset(n->answer, 0, n->answer_size);
	n->answer->id = n->ask->id;
	n->answer->flags = flags;
	if (result < 0)
		n->answer->error = (int)result;
	else
		n->answer->val = result;
	/* ENOENT: it was killed */
	ioctl(n->listener, SECCOMP_IOCTL_NOTIF_SEND, n->answer);
}

static void
stop_instead(struct notices *n, struct proc *p)
{
	p->again = AGAIN_WANTED;
	ptrace(PTRACE_INTERRUPT, p->tid, 0, 0);
	send_answer(n, 0, -RESTART_NOINTR);
}

/* Not the program's affair, but that of a filter around us (PTRACE.md 69), or of a
 * security module that lets no file go from us to it: its own call may do better. */
static void
on_refusal(struct notices *n, struct proc *p, int error)
{
	if (!n->refused) {
		n->refused = error;
		log_debug("NOTIF_ADDFD is refused (%s): files are opened by stops",
			  strerror(error));
	}
	stop_instead(n, p);
}

/* Its number in the program is the answer. */
static void
send_descriptor(struct notices *n, struct proc *p, int fd)
{
	int arg = p->row->operand[0].flagarg;
	struct seccomp_notif_addfd add = {
		.id = n->ask->id,
		.flags = SECCOMP_ADDFD_FLAG_SEND,
		.srcfd = (uint32_t)fd,
		.newfd_flags = (uint32_t)p->sys.arg[arg] & O_CLOEXEC,
	};

	if (ioctl(n->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add) < 0) {
		if (errno == EMFILE) /* the program's own limit */
			send_answer(n, 0, -EMFILE);
		else if (errno != ENOENT && errno != EINPROGRESS) /* killed; has it */
			on_refusal(n, p, errno);
	}
	close(fd);
}

static void
take_one(struct trace *t)
{
	struct notices *n = t->notice;
	enum notice what;
	struct proc *p;
	int fd = -1;

	memset(n->ask, 0, n->ask_size);
	if (ioctl(n->listener, SECCOMP_IOCTL_NOTIF_RECV, n->ask) < 0)
		return; /* a signal or death took the call back */
	p = trace_find(t, (pid_t)n->ask->pid);
	if (!p) { /* untraced (CLONE_UNTRACED): as with stops */
		send_answer(n, 0, -ENOSYS);
		return;
	}
	if (p->again == AGAIN_PASS) {
		p->again = AGAIN_NONE;
		let_wait(p, &n->ask->data);
		send_answer(n, SECCOMP_USER_NOTIF_FLAG_CONTINUE, 0);
		return;
	}
	listener_call(p, &n->ask->data);
	p->patched = p->dirty = 0;
	what = t->ops->on_notice(t->ctx, p, &fd);
	p->waits = false;
	if (what == NOTICE_WAIT)
		let_wait(p, &n->ask->data);
	switch (what) {
	case NOTICE_RUN:
	case NOTICE_WAIT:
		send_answer(n, SECCOMP_USER_NOTIF_FLAG_CONTINUE, 0);
		break;
	case NOTICE_DONE:
		send_answer(n, 0, p->sys.ret);
		break;
	case NOTICE_OPEN:
		send_descriptor(n, p, fd);
		break;
	case NOTICE_STOP:
		stop_instead(n, p);
		break;
	}
	p->patched = p->dirty = 0;
}

/* What waitpid has to tell.  0: no more at the moment; 1: there are no tracees; -errno. */
static int
take_stops(struct trace *t)
{
	struct signalfd_siginfo ignored;

	while (read(t->notice->signals, &ignored, sizeof(ignored)) > 0)
		;
	for (;;) {
		int st;
		pid_t tid = waitpid(-1, &st, __WALL | WNOHANG);

		if (tid > 0)
			trace_dispatch(t, tid, st);
		else if (tid == 0)
			break;
		else if (errno != EINTR)
			return errno == ECHILD ? 1 : -errno;
	}
	trace_stop_too(t);
	return 0;
}

static int
serve(struct trace *t, struct err *e)
{
	struct notices *n = t->notice;
	int r = take_stops(t);

	while (r == 0) {
		struct pollfd p[2] = { { n->listener, POLLIN, 0 },
				       { n->signals, POLLIN, 0 } };
		int got = poll(p, ARRAY_SIZE(p), LOOK_MS);

		if (got < 0 && errno != EINTR)
			return err_set(e, errno, "poll");
		if (got > 0 && p[0].revents & POLLIN)
			take_one(t);
		else if (got > 0 && p[0].revents & (POLLHUP | POLLERR))
			fd_drop(&n->listener);
		if (got == 0 || p[1].revents & POLLIN)
			r = take_stops(t);
	}
	return r < 0 ? err_set(e, -r, "waitpid") : 0;
}

int
notice_run(struct trace *t, struct err *e)
{
	struct sigaction old_action, sa = { .sa_handler = SIG_DFL };
	sigset_t chld, old;
	int r;

	/* ignored, or without word of stops, it would not come */
	sigaction(SIGCHLD, &sa, &old_action);
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, &old);
	t->notice->signals = signalfd(-1, &chld, SFD_CLOEXEC | SFD_NONBLOCK);
	r = t->notice->signals < 0 ? err_set(e, errno, "signalfd") : serve(t, e);
	sigprocmask(SIG_SETMASK, &old, NULL);
	sigaction(SIGCHLD, &old_action, NULL);
	return r;
}
