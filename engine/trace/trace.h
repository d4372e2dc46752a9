#ifndef CDE_TRACE_TRACE_H
#define CDE_TRACE_TRACE_H

#include "base/map.h"
#include "trace/loop.h"
#include "trace/seccomp.h"

struct trace_program {
	const char *path;
	char *const *argv, *const *envp;
};

/* Descriptors of a start. */
struct trace_ends {
	int go; /* an eventfd for what the child waits for; not a pipe, whose writer makes
		   the reader run on its own processor (PTRACE.md 63) */
	int alive[2];  /* its end is ours, or trace_let_go */
	int report[2]; /* it writes struct trace_report */
};

struct trace_link {
	struct trace_ends ours;	  /* -1: closed */
	struct trace_ends theirs; /* stays as it was */
	struct bpf prog;	  /* empty: no filter */
	void *stack;		  /* the child's, or NULL */
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
	struct trace_program program; /* what the child is to become */
	struct trace_link link;	      /* to it, until it was let go */
	bool launched;		      /* by trace_prepare; it waits */
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

/*
 * The child that becomes t->program, with its filter: its number, or -errno.  It shares
 * our memory until then (child.c), so t, the program's strings and the link stay as
 * they are; trace_unlink gives back what it had, when it has called execve or is dead.
 */
pid_t trace_launch(struct trace *t);
void trace_go(struct trace *t);
void trace_let_go(struct trace *t); /* it needs us no more */
void trace_unlink(struct trace *t);

/* Of a child that was launched and is not wanted. */
void trace_abandon(struct trace *t);

struct proc *trace_add(struct trace *t, pid_t tid);

#endif
