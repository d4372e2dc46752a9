#ifndef CDE_TRACE_TRACE_H
#define CDE_TRACE_TRACE_H

#include "base/map.h"
#include "trace/loop.h"
#include "trace/seccomp.h"

/* Of a start: the child reads from go[0] and writes to report[1]. */
struct trace_link {
	int go[2], report[2];
	struct bpf prog; /* empty: no filter */
};

/* Inside of the tracer, shared by loop.c and start.c only. */
struct trace {
	struct notify *notify;	/* or NULL: ptrace */
	struct notices *notice; /* opts.answer: where these calls come from; or NULL */
	struct str why;		/* not the better engine */
	struct trace_opts opts;
	const struct trace_ops *ops;
	void *ctx;
	struct map procs;  /* tid → struct proc */
	struct proc *last; /* the one found last */
	bool seccomp;	   /* the filter is in use */
	pid_t first;
	struct trace_link link; /* to it, until it was let go */
	bool launched;		/* by trace_prepare; it waits */
	int first_status;
	bool first_gone;
	int exec_errno;
	int report;    /* pipe: errno of the first exec */
	int stop_self; /* signal that stopped the first program at the terminal */
};

/* One message of the child before its exec: which step failed, and why. */
struct trace_report {
	enum { REPORT_FILTER, REPORT_EXEC } step;
	int error;
	int listener; /* its number in the child */
};

/* Stop with sig, as the first program did, if the shell should see that. */
void trace_stop_like(struct trace *t, int sig);

/* SIGTERM and the like, sent to us by kill(2), go on to the first program. */
void trace_forward_signals(pid_t first);

/* What waitpid has told of a tracee. */
void trace_dispatch(struct trace *t, pid_t tid, int status);

/* Stop as the first program did, if it was. */
void trace_stop_too(struct trace *t);

/* Of a child that was launched and is not wanted. */
void trace_abandon(struct trace *t);

struct proc *trace_add(struct trace *t, pid_t tid);

#endif
