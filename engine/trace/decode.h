#ifndef CDE_TRACE_DECODE_H
#define CDE_TRACE_DECODE_H

#include "trace/proc.h"

/*
 * From a stopped call to the names in it.  Reads the tracee's memory, changes
 * nothing.
 */
struct path_event {
	const struct sys_operand *operand;
	enum effect effect; /* refined by the call's flags */
	int dirfd;	    /* AT_FDCWD (-100) or a descriptor number */
	bool fd_itself;	    /* no name: the descriptor (or the cwd) itself is meant */
	unsigned walk;	    /* WALK_* that this call asks for */
	unsigned oflags;    /* open flags, where it is an open */
	taddr addr;	    /* where the text is in the tracee */
	struct str name;    /* as the program gave it; empty for fd_itself */
};

#define DECODE_INIT \
	{ \
		.ev = { { .name = STR_INIT }, { .name = STR_INIT } } \
	}

struct decode { /* keep one and reuse it: no allocation per stop */
	struct path_event ev[2];
	int n;
};

/*
 * Events of p's current call, 0..2 into d.  Returns d->n, -ESRCH, or -EPERM: p's memory
 * may not be read (prctl(2), PR_SET_DUMPABLE), whatever it asks for.  An operand
 * with a bad pointer, a NULL that the call allows, an abstract or non-AF_UNIX
 * address gives no event: the kernel will answer for itself.  -ENAMETOOLONG
 * names of 4096 bytes or more give none either.
 */
int decode_paths(const struct proc *p, struct decode *d);

/*
 * socketcall(2) of i386 keeps the arguments of another call in memory.  *inner
 * becomes p as if that call had been made directly; its row is NULL when it is of
 * no interest.  false: no such call, or a bad pointer.  decode_paths looks inside
 * by itself; this is for those who want to change the arguments.
 */
bool decode_socketcall(const struct proc *p, struct proc *inner);

void decode_fini(struct decode *d);

/* For tests and the echo tracer: "openat(-100, \"x\") read follow". */
void path_event_text(const struct proc *p, const struct path_event *ev, struct str *out);

#endif
