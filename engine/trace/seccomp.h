#ifndef CDE_TRACE_SECCOMP_H
#define CDE_TRACE_SECCOMP_H

#include "trace/bpf.h"
#include "trace/loop.h"

/*
 * The filter that lets every call without a path pass at full speed: a binary
 * search over the numbers, made from the system call table (seccomp(2)).
 */
void seccomp_build(const struct trace_opts *o, struct bpf *b); /* appends to it */

/* In the child, before exec.  Sets no_new_privs only where it must.  0 or -errno. */
int seccomp_install(const struct bpf *b);

/* The same for a filter with USER_NOTIF: the descriptor of the listener (close-on-exec).  -EBUSY:
 * somebody listens to this process already. */
int seccomp_listen(const struct bpf *b);

/* … where it must not be interrupted once it was read (5.19).  -EINVAL: not here. */
int seccomp_listen_killable(const struct bpf *b);

/* Does a supervisor listen to calls of this process?  Its answer would go before a
 * tracer's (PTRACE.md 53). */
bool seccomp_has_listener(void);

/* The same decision for a call at hand, where the filter is not in use: 1: stop at
 * it; SECCOMP_NOTICE: a notification (only with opts.answer); 0: let it pass; -errno:
 * answer it so. */
enum { SECCOMP_NOTICE = 2 };
int seccomp_decide(const struct trace_opts *o, const struct sysregs *s);

/* What a seccomp(2) or prctl(2) at hand asks for that does not go with notification. */
enum seccomp_wish {
	SECCOMP_WISH_NONE,
	SECCOMP_WISH_LISTENER, /* a second one: the kernel says EBUSY */
	SECCOMP_WISH_TRACER,   /* a filter that hands calls to a tracer: ours goes first,
				  so that it does not hear of calls of the table */
};

enum seccomp_wish seccomp_wish(const struct proc *p);

#endif
