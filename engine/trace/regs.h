#ifndef CDE_TRACE_REGS_H
#define CDE_TRACE_REGS_H

#include "trace/proc.h"

/*
 * Registers of a stopped tracee.  One file per tracer architecture
 * (regs_x86.c); another architecture is another file with these functions and
 * a nr_ARCH.def.  All return 0 or more, or -errno (-ESRCH: it died).
 */
enum regs_stop { REGS_STOP_UNKNOWN, REGS_STOP_ENTRY, REGS_STOP_EXIT };

/* Fill p->sys at a call's stop: everything at entry, only ret at exit.  `expected`:
 * what the caller knows, or REGS_STOP_UNKNOWN; where the kernel cannot tell either
 * (before 5.3), p->in_call decides.  enum regs_stop. */
int regs_fetch(struct proc *p, enum regs_stop expected);

/* After an exec: p->sys.arch, ip, sp. */
int regs_fetch_new(struct proc *p);

/* Write what p->dirty names: arguments (p->sys.arg), number (p->sys.nr), result. */
int regs_flush(struct proc *p);

/* At the stop of a signal: the call that it has interrupted (ERESTARTSYS); -ENOENT if
 * none.  regs_begin_again: … which is run once more after the handler, however that was
 * installed. */
int regs_interrupted(struct proc *p, struct sysregs *call);
int regs_begin_again(struct proc *p);

int regs_set_sp(struct proc *p, uint64_t sp);

/* Does this kernel have the call?  Made by ourselves, with pointers that are all bad.  Only
 * for an architecture of which a program runs here. */
bool regs_kernel_has(enum arch a, int nr);

/* AUDIT_ARCH_* of an architecture in seccomp_data. */
uint32_t regs_audit_arch(enum arch a);

#endif
