#ifndef CDE_EXEC_SCRATCH_H
#define CDE_EXEC_SCRATCH_H

#include "base/vec.h"
#include "trace/proc.h"

/*
 * Memory in the tracee for rewritten names, without any mapping of ours: at
 * each exec the block at the new stack pointer (argc, argv, envp, auxv) is
 * moved down, and the gap above it is never touched by the program.  The gap
 * belongs to a family: the process, its threads, and all that was forked from
 * it, until they exec.  (Where address spaces are separate, sharing one list of
 * used ranges is merely careful.)
 */
struct scratch_use {
	pid_t tid;
	taddr at;
	size_t len;
};

struct scratch {
	unsigned refs;
	taddr from, to;
	VEC(struct scratch_use) use; /* ascending */
};

struct scratch *scratch_new(taddr from, taddr to);
struct scratch *scratch_ref(struct scratch *s);
void scratch_unref(struct scratch *s);

/* Address of len bytes, 8-aligned, 0 when there is no room. */
taddr scratch_alloc(struct scratch *s, pid_t tid, size_t len);

/* Give back all that tid holds: at the end of its call. */
void scratch_release(struct scratch *s, pid_t tid);

/* alloc and write.  0: no room, or the tracee is gone. */
taddr scratch_put(struct scratch *s, pid_t tid, const void *data, size_t len);

/*
 * In on_exec: make the gap, write `execfn` into it and let AT_EXECFN point
 * there (NULL: leave that).  NULL if it cannot be done.
 */
struct scratch *scratch_at_exec(struct proc *p, const char *execfn);

#endif
