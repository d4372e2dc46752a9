#ifndef CDE_TRACE_LOOP_H
#define CDE_TRACE_LOOP_H

#include "base/err.h"
#include "trace/proc.h"
#include "trace/unnamed.h"

/*
 * The tracer.  It owns waiting and resuming; handlers only look and answer.
 *
 *	trace_new → trace_start (the program, stopped before its first exec)
 *	          → trace_run (until the last tracee is gone) → trace_free
 *
 * Tracees die with the tracer (PTRACE_O_EXITKILL).  -ESRCH from anything that
 * touches a tracee means "it died just now": answer RESUME_RUN, the loop drops it.
 */
enum resume {
	RESUME_RUN,  /* on to the next call that matters */
	RESUME_EXIT, /* stop again at the end of this call (on_exit) */
};

enum birth { BIRTH_FIRST, BIRTH_FORK, BIRTH_VFORK, BIRTH_CLONE };

/* What becomes of a call that came by notification. */
enum notice {
	NOTICE_RUN,  /* it goes on as it stands */
	NOTICE_WAIT, /* … and may wait for something, until a signal interrupts it */
	NOTICE_DONE, /* it is done, with p->sys.ret */
	NOTICE_OPEN, /* … with the descriptor *fd, which is given to it, and closed here */
	NOTICE_STOP, /* it begins again with an entry stop: on_enter */
};

struct trace_ops {
	/* A new tracee, before its first instruction.  parent is NULL for the first. */
	void (*on_new)(void *ctx, struct proc *p, struct proc *parent, enum birth how);
	/* Entry of a call of the table (p->sys, p->row), or of an unknown number
	 * (p->row NULL). */
	enum resume (*on_enter)(void *ctx, struct proc *p);
	/* Its end, with p->sys.ret; only after RESUME_EXIT.  Patched arguments are
	 * put back by the loop after this returns. */
	void (*on_exit)(void *ctx, struct proc *p);
	/* A successful exec; p->sys.sp is the new stack.  Its on_exit follows if it was
	 * asked for.  Threads that it ended get on_gone. */
	void (*on_exec)(void *ctx, struct proc *p);
	/* It is gone; last use of p.  status as from waitpid. */
	void (*on_gone)(void *ctx, struct proc *p, int status);
	/* Before any call but the first execve is heard of, and, where two can work at
	 * once, while that is done; may be NULL. */
	void (*on_start)(void *ctx);
	/* Now and then, by a thread that has nothing else to do, while the others run; may
	 * be NULL.  Only of an engine without exit stops. */
	void (*on_rest)(void *ctx);
	/* opts.answer: a call that looks at names, or opens one for reading only. */
	enum notice (*on_notice)(void *ctx, struct proc *p, int *fd);
};

struct trace_opts {
	bool notify;	 /* seccomp user notification, if it can be had; else ptrace */
	bool no_seccomp; /* PTRACE_SYSCALL at every call */
	bool no_follow;	 /* -f: children run on their own (implies no_seccomp) */
	bool execution;	 /* filter for cde-exec: result calls stop, unknown -> ENOSYS */
	bool no_network; /* -n */
	bool answer; /* execution: on_notice for calls that can be answered, if the kernel
			can (5.19); else on_enter for them, too */
	bool only;   /* with notify or answer: an error where that cannot be had */
	bool hold_changes; /* execution: stop at calls that change what a descriptor is */
	bool allow_io_uring;
	struct unnamed unnamed; /* calls that need not be seen */
};

struct trace;

struct trace *trace_new(const struct trace_opts *o, const struct trace_ops *ops,
			void *ctx);
void trace_free(struct trace *t); /* NULL: nothing */

/* May be called before trace_start, with the same arguments: a child is made, and
 * prepares itself while this process does something else.  Both: the strings stay as they
 * are until trace_run has come back or trace_free was called. */
void trace_prepare(struct trace *t, const char *path, char *const *argv,
		   char *const *envp);

/* Start execve(path, argv, envp) in cwd.  -1 with a reason when ptrace is
 * forbidden here (names the setting), or opts.only.  exec_errno: set when execve itself fails. */
int trace_start(struct trace *t, const char *path, char *const *argv, char *const *envp,
		struct err *e);

/* Status (as from waitpid) of the first program, after all tracees are gone. */
int trace_run(struct trace *t, int *status, struct err *e);

/* errno of the first program's execve when it never started, else 0. */
int trace_exec_errno(const struct trace *t);

bool trace_uses_seccomp(const struct trace *t);
const char *trace_engine_name(const struct trace *t); /* "ptrace+seccomp", "ptrace",
							 "notify" */
/* Why it is not the better one that was asked for; "" when it is. */
const char *trace_why(const struct trace *t);

/* opts.answer: why NOTICE_OPEN cannot be had here, as the first one has shown, or 0.  Until
 * then such calls became NOTICE_STOP; the sink may spare itself the opening. */
int trace_files_refused(const struct trace *t);

/*
 * The one ability in which engines differ.  Without exit stops there is no on_exit:
 * what a call did must be found out by looking, at the thread's next call at the
 * latest.  on_enter then comes from several threads at once, for different tracees;
 * the other handlers come one at a time, also while on_enter runs for others.
 */
bool trace_has_exits(const struct trace *t);

struct proc *trace_find(struct trace *t, pid_t tid);

/* Exit the way the program did: same status, or death by the same signal. */
_Noreturn void trace_exit_like(int status);

/* At an entry stop: written when the tracee is resumed. */
void proc_set_arg(struct proc *p, int n, uint64_t value); /* undone at the exit stop,
								   which must be asked for */
void proc_skip(struct proc *p, int64_t result); /* do not run the call; no exit stop */

/* At an exit stop. */
void proc_set_result(struct proc *p, int64_t value);

/* In on_exec: move the stack pointer.  0 or -errno. */
int proc_set_sp(struct proc *p, uint64_t sp);

#endif
