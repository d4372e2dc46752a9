#include <signal.h>
#include <stdbool.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "trace/stop.h"

int
stop_event(int status)
{
	return WIFSTOPPED(status) ? status >> 16 : 0;
}

static bool
is_stop_signal(int sig)
{
	return sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU;
}

enum stop_kind
stop_classify(int status)
{
	if (WIFEXITED(status) || WIFSIGNALED(status))
		return STOP_GONE;
	if (!WIFSTOPPED(status))
		return STOP_OTHER;
	switch (stop_event(status)) {
	case 0:
		return WSTOPSIG(status) == (SIGTRAP | 0x80) ? STOP_SYSCALL : STOP_SIGNAL;
	case PTRACE_EVENT_STOP:
		return is_stop_signal(WSTOPSIG(status)) ? STOP_GROUP : STOP_FIRST;
	case PTRACE_EVENT_SECCOMP:
		return STOP_SECCOMP;
	case PTRACE_EVENT_EXEC:
		return STOP_EXEC;
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		return STOP_BIRTH;
	default:
		return STOP_EVENT;
	}
}
