#ifndef CDE_TRACE_TRACE_H
#define CDE_TRACE_TRACE_H

#include "base/map.h"
#include "trace/loop.h"
#include "trace/seccomp.h"

/* Inside of the tracer, shared by loop.c and start.c only. */
struct trace {
	struct notify *notify; /* or NULL: ptrace */
	struct str why;	       /* not the better engine */
	struct trace_opts opts;
	const struct trace_ops *ops;
	void *ctx;
	struct map procs;  /* tid → struct proc */
	struct proc *last; /* the one found last */
	bool seccomp;	   /* the filter is in use */
	pid_t first;
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

struct proc *trace_add(struct trace *t, pid_t tid);

#endif
