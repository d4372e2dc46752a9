#ifndef CDE_TRACE_TRACE_H
#define CDE_TRACE_TRACE_H

#include "base/map.h"
#include "trace/loop.h"
#include "trace/seccomp.h"

/* Inside of the tracer, shared by loop.c and start.c only. */
struct trace {
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

/* SIGTERM and the like, sent to us by kill(2), go on to the first program. */
void trace_forward_signals(pid_t first);

struct proc *trace_add(struct trace *t, pid_t tid);

#endif
