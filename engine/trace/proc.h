#ifndef CDE_TRACE_PROC_H
#define CDE_TRACE_PROC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/str.h"
#include "trace/sys.h"

typedef uint64_t taddr; /* an address in a tracee; never a C pointer */

/* The system call at which a tracee is stopped; i386 values are zero-extended. */
struct sysregs {
	enum arch arch;
	uint64_t nr;
	uint64_t arg[6];
	uint64_t ip, sp;
	int64_t ret; /* at an exit stop */
};

enum proc_state { PROC_RUNNING, PROC_STOPPED, PROC_DEAD };

/* A call that has come by notification and must be done by stops (notice.h). */
enum proc_again {
	AGAIN_NONE,
	AGAIN_WANTED, /* it begins once more, with an entry stop */
	AGAIN_PASS,   /* that has been; its notification is let go */
};

enum { REGS_ARGS = 1, REGS_NR = 2, REGS_RESULT = 4 };

struct proc {
	pid_t tid;
	pid_t tgid;
	enum proc_state state;
	bool attached;	/* its first stop and its parent's event are both in */
	bool in_call;	/* an exit stop is due */
	bool want_exit; /* the handler asked for it */
	bool listening; /* in group stop */
	bool will_fail; /* set by the sink in on_enter: it saw that this execve cannot
			   succeed; spares the question whether it did */
	bool foreign;	/* it may not do what we may, or sees other files: notice.h */
	enum proc_again again;
	bool waits; /* the last notification was let go, as a call that may wait: */
	uint64_t waiting[7]; /* its number and arguments */
	struct sysregs sys;
	const struct sys *row; /* of sys.nr, or NULL */
	uint64_t saved[6];     /* arguments as the program gave them */
	uint8_t patched;       /* bit n: argument n is ours, put back at the exit stop */
	uint8_t dirty;	       /* REGS_*: written to the tracee when it is resumed */
	void *user;	       /* the sink's */
};

/*
 * Real (host) directory that relative names of `dirfd` start from: cwd for
 * AT_FDCWD, else what /proc/TID/fd/N says.  0, -EBADF, -ENOTDIR (not a
 * directory path: pipe, socket), -ENOENT (deleted), -ESRCH.
 */
int proc_base(const struct proc *p, int dirfd, struct str *out);

/*
 * The part of a file system view that depends on who asks: "/proc/self",
 * "/proc/thread-self", "/proc/PID/{cwd,root,exe,fd/N}".  Returns an enum
 * fsview_kind with *text set for links, or -1 when abs is nothing special.
 */
int proc_lookup(const struct proc *p, const struct str *abs, struct str *text);

#endif
