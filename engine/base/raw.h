#ifndef CDE_BASE_RAW_H
#define CDE_BASE_RAW_H

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

#endif
