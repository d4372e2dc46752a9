#include "capture.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "base/str.h"
#include "base/vec.h"
#include "inspect/text.h"
#include "path/lex.h"
#include "tree/layout.h"

/* cde beside this program, else the one of PATH. */
static void
find_cde(struct str *out)
{
	AUTO(mem_free) char *self = realpath("/proc/self/exe", NULL);

	if (self) {
		str_set(out, self);
		path_to_parent(out);
		path_append(out, "cde");
		if (access(out->s, X_OK) == 0)
			return;
	}
	str_set(out, "cde");
}

/* Signals that the terminal sends, and those that ask us to end. */
static const int from_terminal[] = { SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU };
static const int to_end[] = { SIGTERM, SIGHUP };

static _Noreturn void
exec_cde(char **argv, int argc, const sigset_t *mask)
{
	AUTO(str_fini) struct str cde = STR_INIT;
	VEC(char *) words = { 0 };

	find_cde(&cde);
	vec_push(&words, cde.s);
	for (int i = 0; i < argc; i++)
		vec_push(&words, argv[i]);
	vec_push(&words, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(from_terminal); i++)
		signal(from_terminal[i], SIG_DFL);
	sigprocmask(SIG_SETMASK, mask, NULL);
	execvp(words.v[0], words.v);
	log_die(EXIT_OURS, "%s: %s", words.v[0], strerror(errno));
}

/* The shell is told what the command was told; back when that says go on. */
static void
stop_like(int sig)
{
	signal(sig, SIG_DFL);
	raise(sig);
	signal(sig, SIG_IGN);
}

/* SIGCHLD and those of to_end are blocked, and taken one by one here. */
static int
wait_for(pid_t pid, const sigset_t *wanted, struct capture *c)
{
	siginfo_t info;
	int status;

	for (;;) {
		pid_t got = waitpid(pid, &status, WUNTRACED | WNOHANG);

		if (got < 0 && errno != EINTR)
			return 0;
		if (got == pid && WIFSTOPPED(status)) {
			stop_like(WSTOPSIG(status) == SIGSTOP ? SIGSTOP : SIGTSTP);
			continue;
		}
		if (got == pid)
			return status;
		if (sigwaitinfo(wanted, &info) < 0 || info.si_signo == SIGCHLD)
			continue;
		c->interrupt = true;
		kill(pid, info.si_signo);
	}
}

/* Changes with each run that is captured. */
static void
manifest_mark(struct stat *st)
{
	if (stat(CAPTURE_PACKAGE "/" PKG_MANIFEST, st) < 0)
		*st = (struct stat){ 0 };
}

static bool
is_same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

int
capture_run(struct capture *c, char **argv, int argc, struct err *e)
{
	struct stat before, after;
	struct termios as_it_was;
	bool has_mode = tcgetattr(0, &as_it_was) == 0;
	sigset_t wanted, mask;
	pid_t pid;
	int status;

	*c = (struct capture){ 0 };
	manifest_mark(&before);
	sigemptyset(&wanted);
	sigaddset(&wanted, SIGCHLD);
	for (size_t i = 0; i < ARRAY_SIZE(to_end); i++)
		sigaddset(&wanted, to_end[i]);
	sigprocmask(SIG_BLOCK, &wanted, &mask);
	for (size_t i = 0; i < ARRAY_SIZE(from_terminal); i++)
		signal(from_terminal[i], SIG_IGN);
	pid = fork();
	if (pid == 0)
		exec_cde(argv, argc, &mask);
	status = pid > 0 ? wait_for(pid, &wanted, c) : 0;
	if (has_mode)
		tcsetattr(0, TCSADRAIN, &as_it_was);
	for (size_t i = 0; i < ARRAY_SIZE(from_terminal); i++)
		signal(from_terminal[i], SIG_DFL);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	if (pid < 0)
		return err_set(e, errno, "fork");
	c->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	manifest_mark(&after);
	c->captured = !is_same(&before, &after);
	return 0;
}

bool
capture_pause(const struct capture *c, const char *command)
{
	static const char sync[] = "\033]7999;pause\a";
	AUTO(str_fini) struct str s = STR_INIT, name = STR_INIT;
	struct termios as_it_was, mode;
	char key = 0;

	text_escape(&name, command, strlen(command));
	str_addf(
		&s,
		"[cde-tui: %s ended with status %d; any key shows its package, q leaves]",
		name.s, c->status);
	if (getenv("CDE_TUI_SYNC"))
		str_add(&s, sync);
	if (tcgetattr(0, &as_it_was) < 0)
		return true;
	mode = as_it_was;
	mode.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
	mode.c_cc[VMIN] = 1;
	mode.c_cc[VTIME] = 0;
	tcsetattr(0, TCSAFLUSH, &mode); /* what was typed for the command is not for us */
	fd_write_all(1, s.s, s.len);
	if (read(0, &key, 1) <= 0)
		key = 'q';
	tcsetattr(0, TCSAFLUSH, &as_it_was);
	fd_write_all(1, "\r\n", 2);
	return key != 'q' && key != 3 && key != 4;
}
