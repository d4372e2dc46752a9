#ifndef CDE_TRACE_SECCOMP_H
#define CDE_TRACE_SECCOMP_H

#include <linux/filter.h>

#include "trace/loop.h"

/*
 * The filter that lets every call without a path pass at full speed: a binary
 * search over the numbers, made from the system call table (seccomp(2)).
 */
struct seccomp_prog {
	struct sock_filter *code; /* heap */
	unsigned short n;
};

void seccomp_build(const struct trace_opts *o, struct seccomp_prog *out);
void seccomp_fini(struct seccomp_prog *s);

/* In the child, before exec.  Sets no_new_privs only where it must.  0 or -errno. */
int seccomp_install(const struct seccomp_prog *s);

/* The same decision for a call at hand, where the filter is not in use: 1: stop at
 * it; 0: let it pass; -errno: answer it so. */
int seccomp_decide(const struct trace_opts *o, const struct sysregs *s);

#endif
