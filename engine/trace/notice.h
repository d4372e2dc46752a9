#ifndef CDE_TRACE_NOTICE_H
#define CDE_TRACE_NOTICE_H

#include "trace/trace.h"

/*
 * Execution by stops and notifications together (opts.answer): calls that only look at
 * a name, or open it for reading, come by seccomp notification, and the sink does them
 * for the program.  That is one round trip and no change of its arguments, where stops
 * are two.  All else stops as ever; one thread waits for both.
 *
 * The tracer does them with its own rights and in its own mount namespace.  Calls of a thread
 * that may have others (foreign.h) begin again, with stops.  So do calls
 * that the sink does not want to do itself (NOTICE_STOP): the tracee is told
 * ERESTARTNOINTR while PTRACE_INTERRUPT is pending, and the kernel runs the call once
 * more, from its entry (PTRACE.md 61).
 */
struct notices;

/* The listener is descriptor `fd` of the child t->first.  0 or -errno. */
int notice_attach(struct trace *t, int fd);

/* Until the last tracee is gone. */
int notice_run(struct trace *t, struct err *e);
void notice_free(struct notices *n);

/*
 * At the stop of a signal.  If it has interrupted a notification that was not read yet,
 * the call begins again also where the handler has no SA_RESTART: calls that look at
 * names never say EINTR.
 */
void notice_interrupted(struct trace *t, struct proc *p);

#endif
