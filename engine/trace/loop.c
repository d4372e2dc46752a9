#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "trace/foreign.h"
#include "trace/notice.h"
#include "trace/notify.h"
#include "trace/regs.h"
#include "trace/stop.h"
#include "trace/trace.h"

struct trace *
trace_new(const struct trace_opts *o, const struct trace_ops *ops, void *ctx)
{
	struct trace *t = mem_alloc(sizeof(*t));

	t->opts = *o;
	t->ops = ops;
	t->ctx = ctx;
	t->report = -1;
	t->link.ours.go = t->link.ours.alive[1] = -1;
	str_init(&t->why);
	return t;
}

void
trace_free(struct trace *t)
{
	if (!t)
		return;
	if (t->launched)
		trace_abandon(t);
	trace_unlink(t);
	for (struct map_slot *s = NULL; (s = map_next(&t->procs, s));)
		free(s->p);
	map_fini(&t->procs);
	notify_free(t->notify);
	notice_free(t->notice);
	fd_drop(&t->report);
	str_fini(&t->why);
	free(t);
}

bool
trace_uses_seccomp(const struct trace *t)
{
	return t->seccomp;
}

const char *
trace_engine_name(const struct trace *t)
{
	return t->notify || t->notice ? "notify"
	       : t->seccomp	      ? "ptrace+seccomp"
				      : "ptrace";
}

const char *
trace_why(const struct trace *t)
{
	return t->why.s;
}

bool
trace_has_exits(const struct trace *t)
{
	return !t->notify;
}

struct proc *
trace_find(struct trace *t, pid_t tid)
{
	struct map_slot *s;

	if (t->last && t->last->tid == tid)
		return t->last;
	s = map_get(&t->procs, (const char *)&tid, sizeof(tid));
	if (s)
		t->last = s->p;
	return s ? s->p : NULL;
}

struct proc *
trace_add(struct trace *t, pid_t tid)
{
	struct proc *p = mem_alloc(sizeof(*p));

	p->tid = p->tgid = tid;
	map_put(&t->procs, (const char *)&tid, sizeof(tid))->p = p;
	return p;
}

/* Take p out of the table.  `announced`: the sink has seen its on_new. */
static void
drop(struct trace *t, struct proc *p, int status, bool announced)
{
	map_del(&t->procs, (const char *)&p->tid, sizeof(p->tid));
	if (t->last == p)
		t->last = NULL;
	if (announced)
		t->ops->on_gone(t->ctx, p, status);
	free(p);
}

void
proc_set_arg(struct proc *p, int n, uint64_t value)
{
	p->sys.arg[n] = value;
	p->patched |= (uint8_t)(1 << n);
	p->dirty |= REGS_ARGS;
}

void
proc_skip(struct proc *p, int64_t result)
{
	/* nothing puts patched arguments back after this */
	memcpy(p->sys.arg, p->saved, sizeof(p->saved));
	p->patched = 0;
	p->dirty &= (uint8_t)~REGS_ARGS;
	p->sys.nr = (uint64_t)-1;
	p->sys.ret = result;
	p->dirty |= REGS_NR | REGS_RESULT;
}

void
proc_set_result(struct proc *p, int64_t value)
{
	p->sys.ret = value;
	p->dirty |= REGS_RESULT;
}

int
proc_set_sp(struct proc *p, uint64_t sp)
{
	return regs_set_sp(p, sp);
}

/* The one place that resumes.  ESRCH: it died; its wait status is on the way. */
static void
resume(struct trace *t, struct proc *p, int sig)
{
	bool stop_again = !t->seccomp || p->want_exit || p->again;

	if (p->dirty)
		regs_flush(p);
	p->state = PROC_RUNNING;
	ptrace(stop_again ? PTRACE_SYSCALL : PTRACE_CONT, p->tid, 0, (long)sig);
}

/* The entry stop of a call that begins again comes ahead of the filter. */
static bool
is_early(const struct trace *t, const struct proc *p)
{
	return p->again == AGAIN_WANTED &&
	       seccomp_decide(&t->opts, &p->sys) == SECCOMP_NOTICE;
}

static void
on_entry(struct trace *t, struct proc *p, bool by_filter)
{
	p->in_call = true;
	p->want_exit = false;
	p->patched = 0;
	memcpy(p->saved, p->sys.arg, sizeof(p->saved));
	p->row = sys_by_number(p->sys.arch, p->sys.nr);
	if (t->notice && foreign_can(p->sys.arch, p->sys.nr)) {
		p->foreign |= foreign_by(&p->sys);
		return;
	}
	if (t->seccomp && !by_filter) {
		if (!is_early(t, p))
			return;
		p->again = AGAIN_PASS;
	}
	if (!t->seccomp) {
		int r = seccomp_decide(&t->opts, &p->sys);

		if (r < 0)
			proc_skip(p, r);
		if (r <= 0)
			return;
	}
	p->want_exit = t->ops->on_enter(t->ctx, p) == RESUME_EXIT;
}

static void
on_end(struct trace *t, struct proc *p)
{
	bool wanted = p->want_exit;

	if (p->again == AGAIN_PASS)
		p->again = AGAIN_NONE;
	p->in_call = p->want_exit = false;
	if (wanted)
		t->ops->on_exit(t->ctx, p);
	if (p->patched) {
		memcpy(p->sys.arg, p->saved, sizeof(p->saved));
		p->dirty |= REGS_ARGS;
	}
	if (p->dirty)
		regs_flush(p);
	p->patched = 0;
}

static void
on_call_stop(struct trace *t, struct proc *p, enum regs_stop expected)
{
	int r = regs_fetch(p, expected);

	if (r == REGS_STOP_ENTRY)
		on_entry(t, p, expected == REGS_STOP_ENTRY);
	else if (r == REGS_STOP_EXIT)
		on_end(t, p);
	resume(t, p, 0);
}

/*
 * A new tracee is known from two sides: its own first stop and its parent's
 * event, in either order.  It runs only after both (PTRACE.md 5).
 */
static void
on_birth(struct trace *t, struct proc *parent, int event)
{
	enum birth how = event == PTRACE_EVENT_FORK    ? BIRTH_FORK
			 : event == PTRACE_EVENT_VFORK ? BIRTH_VFORK
						       : BIRTH_CLONE;
	unsigned long tid;
	struct proc *p;
	char name[64];

	if (ptrace(PTRACE_GETEVENTMSG, parent->tid, 0, &tid) == 0) {
		p = trace_find(t, (pid_t)tid);
		if (!p)
			p = trace_add(t, (pid_t)tid);
		snprintf(name, sizeof(name), "/proc/%d/task/%d", parent->tgid, p->tid);
		if (how == BIRTH_CLONE && access(name, F_OK) == 0)
			p->tgid = parent->tgid;
		p->attached = true;
		p->foreign = parent->foreign ||
			     (t->notice && p->tid == p->tgid && foreign_is_born(p->tid));
		t->ops->on_new(t->ctx, p, parent, how);
		if (p->state == PROC_DEAD)
			drop(t, p, 0, true);
		else if (p->state == PROC_STOPPED)
			resume(t, p, 0);
	}
	resume(t, parent, 0);
}

/* An exec by a thread that is not the leader: it takes the leader's number, and
 * the leader goes without a word (PTRACE.md 7). */
static struct proc *
take_leader(struct trace *t, struct proc *leader, pid_t former)
{
	struct proc *p = trace_find(t, former);
	pid_t tid = leader->tid;

	if (!p || p == leader)
		return leader;
	drop(t, leader, 0, true);
	map_del(&t->procs, (const char *)&former, sizeof(former));
	p->tid = p->tgid = tid;
	map_put(&t->procs, (const char *)&tid, sizeof(tid))->p = p;
	t->last = p;
	return p;
}

static void
on_exec(struct trace *t, struct proc *p)
{
	unsigned long former;

	if (ptrace(PTRACE_GETEVENTMSG, p->tid, 0, &former) == 0)
		p = take_leader(t, p, (pid_t)former);
	p->again = AGAIN_NONE;
	p->patched = p->dirty = 0; /* those registers are gone (PTRACE.md 34) */
	if (regs_fetch_new(p) == 0)
		t->ops->on_exec(t->ctx, p);
	resume(t, p, 0);
}

/* The shell waits for us, not for the program: we stop as it did (PTRACE.md 2). */
static bool
is_shells(int sig)
{
	return sig != SIGSTOP || (isatty(0) && tcgetpgrp(0) == getpgrp());
}

static void
on_group_stop(struct trace *t, struct proc *p, int sig)
{
	p->listening = true;
	ptrace(PTRACE_LISTEN, p->tid, 0, 0);
	if (p->tid == t->first && is_shells(sig))
		t->stop_self = sig;
}

static void
on_gone(struct trace *t, struct proc *p, int status)
{
	if (p->tid == t->first) {
		t->first_status = status;
		t->first_gone = true;
	}
	drop(t, p, status, p->attached || p->tid == t->first);
}

void
trace_dispatch(struct trace *t, pid_t tid, int status)
{
	enum stop_kind kind = stop_classify(status);
	struct proc *p = trace_find(t, tid);

	if (!p) {
		p = trace_add(t, tid);
		p->state = kind == STOP_GONE ? PROC_DEAD : PROC_STOPPED;
		return;
	}
	if (kind == STOP_GONE && !p->attached && p->tid != t->first) {
		p->state = PROC_DEAD;
		return;
	}
	p->state = PROC_STOPPED;
	switch (kind) {
	case STOP_GONE:
		on_gone(t, p, status);
		break;
	case STOP_SECCOMP:
		on_call_stop(t, p, REGS_STOP_ENTRY);
		break;
	case STOP_SYSCALL:
		/* with the filter only the exit stop is asked for (PTRACE.md 3) */
		on_call_stop(t, p,
			     t->seccomp && !p->again ? REGS_STOP_EXIT
						     : REGS_STOP_UNKNOWN);
		break;
	case STOP_BIRTH:
		on_birth(t, p, stop_event(status));
		break;
	case STOP_EXEC:
		on_exec(t, p);
		break;
	case STOP_GROUP:
		on_group_stop(t, p, WSTOPSIG(status));
		break;
	case STOP_SIGNAL:
		if (t->notice)
			notice_interrupted(t, p);
		resume(t, p, WSTOPSIG(status));
		break;
	case STOP_FIRST:
	case STOP_EVENT:
	case STOP_OTHER:
		p->listening = false;
		if (p->attached || p->tid == t->first)
			resume(t, p, 0);
		break;
	}
}

/* Stop as the program did, so that the shell is told the same. */
static void
stop_like(int sig)
{
	signal(sig, SIG_DFL);
	kill(getpid(), sig);
	signal(sig, SIG_IGN);
}

void
trace_stop_like(struct trace *t, int sig)
{
	if (is_shells(sig))
		stop_like(sig);
}

void
trace_stop_too(struct trace *t)
{
	int sig = t->stop_self;

	t->stop_self = 0;
	if (sig)
		stop_like(sig);
}

/* The errno that the first exec left in the report pipe, if it failed. */
static void
read_report(struct trace *t)
{
	struct trace_report msg;

	if (read(t->report, &msg, sizeof(msg)) == sizeof(msg))
		t->exec_errno = msg.error;
}

static int
run_notified(struct trace *t, int *status, struct err *e)
{
	if (notify_run(t->notify, status, e) < 0)
		return -1;
	read_report(t);
	return 0;
}

/* By stops alone: until the last tracee is gone. */
static int
run_traced(struct trace *t, struct err *e)
{
	for (;;) {
		int st;
		pid_t tid = waitpid(-1, &st, __WALL | (t->stop_self ? WNOHANG : 0));

		if (tid > 0) {
			trace_dispatch(t, tid, st);
		} else if (tid == 0) {
			trace_stop_too(t);
		} else if (errno == ECHILD) {
			return 0;
		} else if (errno != EINTR) {
			return err_set(e, errno, "waitpid");
		}
	}
}

int
trace_run(struct trace *t, int *status, struct err *e)
{
	if (t->notify)
		return run_notified(t, status, e);
	if (t->ops->on_start)
		t->ops->on_start(t->ctx);
	if ((t->notice ? notice_run(t, e) : run_traced(t, e)) < 0)
		return -1;
	if (!t->first_gone)
		return err_set(e, 0, "the program was lost");
	read_report(t);
	*status = t->first_status;
	return 0;
}
