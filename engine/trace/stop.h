#ifndef CDE_TRACE_STOP_H
#define CDE_TRACE_STOP_H

/*
 * What a wait status means under PTRACE_SEIZE (ptrace(2)).  Pure.
 */
enum stop_kind {
	STOP_GONE,  /* exited or killed */
	STOP_FIRST, /* PTRACE_EVENT_STOP of a new tracee, or after SIGCONT/INTERRUPT */
	STOP_GROUP, /* stopped by SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU */
	STOP_SECCOMP,
	STOP_SYSCALL, /* entry or exit, by PTRACE_SYSCALL */
	STOP_EXEC,
	STOP_BIRTH,  /* FORK, VFORK or CLONE event: the number is stop_event() */
	STOP_EVENT,  /* any other event */
	STOP_SIGNAL, /* a signal is about to be delivered */
	STOP_OTHER,  /* WIFCONTINUED and the like */
};

enum stop_kind stop_classify(int status);
int stop_event(int status); /* PTRACE_EVENT_*, 0 if none */

#endif
