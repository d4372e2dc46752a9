#ifndef CDE_BASE_RAW_H
#define CDE_BASE_RAW_H

#include <signal.h>
#include <sys/syscall.h>
#include <sys/types.h>

/*
 * A system call of x86-64 whose result is its result, or -errno: nothing is written to
 * errno, which a child made with CLONE_VM shares with the thread that made it.
 */
static inline long
raw_call(long nr, long a, long b, long c, long d, long e)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
			 : "rcx", "r11", "memory");
	return ret;
}

/*
 * fork(2) without what the C library and the sanitizers do around it, some of which is to
 * start threads.  The child of a process with threads may make raw calls, and use memory
 * that is its own or changes no more: whatever a lock protects, another thread may have
 * held.  Its number, 0 in the child, or -errno.
 */
static inline pid_t
raw_fork(void)
{
	return (pid_t)raw_call(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

_Noreturn static inline void
raw_exit(int status)
{
	for (;;)
		raw_call(SYS_exit_group, status, 0, 0, 0, 0);
}

#endif
