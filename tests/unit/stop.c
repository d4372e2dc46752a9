#include "trace/stop.h"

#include <signal.h>
#include <sys/ptrace.h>

#include "suites.h"

/* As the kernel makes them: wait(2), ptrace(2). */
#define EXITED(code)	  ((code) << 8)
#define KILLED(sig)	  (sig)
#define DUMPED(sig)	  ((sig) | 0x80)
#define STOPPED(sig)	  ((sig) << 8 | 0x7f)
#define EVENT(event, sig) ((event) << 16 | STOPPED(sig))
#define CONTINUED	  0xffff
#define SYSGOOD		  (SIGTRAP | 0x80)

static const struct row {
	int status;
	enum stop_kind kind;
	int event;
} rows[] = {
	{ EXITED(0), STOP_GONE, 0 },
	{ EXITED(1), STOP_GONE, 0 },
	{ EXITED(5), STOP_GONE, 0 }, /* the code is no signal number */
	{ EXITED(19), STOP_GONE, 0 },
	{ EXITED(127), STOP_GONE, 0 },
	{ EXITED(128), STOP_GONE, 0 },
	{ EXITED(255), STOP_GONE, 0 },
	{ KILLED(SIGHUP), STOP_GONE, 0 },
	{ KILLED(SIGINT), STOP_GONE, 0 },
	{ KILLED(SIGKILL), STOP_GONE, 0 },
	{ KILLED(SIGTERM), STOP_GONE, 0 },
	{ KILLED(SIGTRAP), STOP_GONE, 0 },
	{ KILLED(64), STOP_GONE, 0 },
	{ DUMPED(SIGSEGV), STOP_GONE, 0 },
	{ DUMPED(SIGABRT), STOP_GONE, 0 },
	{ DUMPED(SIGSYS), STOP_GONE, 0 },
	{ CONTINUED, STOP_OTHER, 0 },
	{ STOPPED(SYSGOOD), STOP_SYSCALL, 0 },
	{ 0x857f, STOP_SYSCALL, 0 },
	{ STOPPED(SIGTRAP), STOP_SIGNAL, 0 }, /* a breakpoint of the program */
	{ STOPPED(SIGINT), STOP_SIGNAL, 0 },
	{ STOPPED(SIGCHLD), STOP_SIGNAL, 0 },
	{ STOPPED(SIGSEGV), STOP_SIGNAL, 0 },
	{ STOPPED(SIGCONT), STOP_SIGNAL, 0 },
	{ STOPPED(SIGWINCH), STOP_SIGNAL, 0 },
	{ STOPPED(34), STOP_SIGNAL, 0 },
	{ STOPPED(64), STOP_SIGNAL, 0 },
	/* about to be delivered, not yet stopped by it */
	{ STOPPED(SIGSTOP), STOP_SIGNAL, 0 },
	{ STOPPED(SIGTSTP), STOP_SIGNAL, 0 },
	{ STOPPED(SIGTTIN), STOP_SIGNAL, 0 },
	{ STOPPED(SIGTTOU), STOP_SIGNAL, 0 },
	{ EVENT(PTRACE_EVENT_STOP, SIGSTOP), STOP_GROUP, PTRACE_EVENT_STOP },
	{ EVENT(PTRACE_EVENT_STOP, SIGTSTP), STOP_GROUP, PTRACE_EVENT_STOP },
	{ EVENT(PTRACE_EVENT_STOP, SIGTTIN), STOP_GROUP, PTRACE_EVENT_STOP },
	{ EVENT(PTRACE_EVENT_STOP, SIGTTOU), STOP_GROUP, PTRACE_EVENT_STOP },
	{ EVENT(PTRACE_EVENT_STOP, SIGTRAP), STOP_FIRST, PTRACE_EVENT_STOP },
	{ 0x80137f, STOP_GROUP, PTRACE_EVENT_STOP },
	{ 0x80057f, STOP_FIRST, PTRACE_EVENT_STOP },
	{ EVENT(PTRACE_EVENT_FORK, SIGTRAP), STOP_BIRTH, PTRACE_EVENT_FORK },
	{ EVENT(PTRACE_EVENT_VFORK, SIGTRAP), STOP_BIRTH, PTRACE_EVENT_VFORK },
	{ EVENT(PTRACE_EVENT_CLONE, SIGTRAP), STOP_BIRTH, PTRACE_EVENT_CLONE },
	{ 0x3057f, STOP_BIRTH, PTRACE_EVENT_CLONE },
	{ EVENT(PTRACE_EVENT_EXEC, SIGTRAP), STOP_EXEC, PTRACE_EVENT_EXEC },
	{ EVENT(PTRACE_EVENT_SECCOMP, SIGTRAP), STOP_SECCOMP, PTRACE_EVENT_SECCOMP },
	{ 0x7057f, STOP_SECCOMP, PTRACE_EVENT_SECCOMP },
	{ EVENT(PTRACE_EVENT_VFORK_DONE, SIGTRAP), STOP_EVENT, PTRACE_EVENT_VFORK_DONE },
	{ EVENT(PTRACE_EVENT_EXIT, SIGTRAP), STOP_EVENT, PTRACE_EVENT_EXIT },
	{ EVENT(9, SIGTRAP), STOP_EVENT, 9 }, /* not known yet */
};

START_TEST(statuses)
{
	const struct row *x = &rows[_i];

	ck_assert_msg(stop_classify(x->status) == x->kind, "%#x: %d", x->status,
		      (int)stop_classify(x->status));
	ck_assert_int_eq(stop_event(x->status), x->event);
}
END_TEST

Suite *
suite_stop(void)
{
	Suite *s = suite_create("stop");
	TCase *t = tcase_create("classify");

	tcase_add_loop_test(t, statuses, 0, sizeof(rows) / sizeof(rows[0]));
	suite_add_tcase(s, t);
	return s;
}
