#ifndef CDE_TRACE_GUARD_H
#define CDE_TRACE_GUARD_H

#include <sys/types.h>

/*
 * Without its supervisor a program that is watched by notification would run on,
 * and each of its calls would fail.  The guard is a process of its own that holds
 * the listener, too: when the supervisor is killed, calls wait, and the guard kills
 * the program with all its children.  It shares a table of their numbers.
 */
struct guard {
	pid_t pid;	      /* 0: none */
	int watch;	      /* a pipe: what it reads */
	int alive;	      /* its other side, whose end tells it that we are gone */
	_Atomic(pid_t) *pids; /* shared with the guard */
	unsigned used;
	unsigned *spare; /* slots that are free again */
	unsigned nspare, cap;
};

#define GUARD_INIT \
	{ \
		.watch = -1, .alive = -1 \
	}

/* 0 or -errno.  Processes may be watched from then on; the guard itself comes with
 * guard_start, before the program runs. */
int guard_open(struct guard *g);
int guard_start(struct guard *g, int listener);

/* A process to kill with us; the slot is for guard_forget. */
unsigned guard_watch(struct guard *g, pid_t pid);
void guard_forget(struct guard *g, unsigned slot);

/* The program is gone, the guard may go: it is told, and waited for. */
void guard_dismiss(struct guard *g);
void guard_end(struct guard *g);

#endif
