#include "capture.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "base/vec.h"
#include "inspect/text.h"
#include "path/lex.h"
#include "tree/layout.h"

enum {
	HELD_MOST = 64 << 20, /* bytes; then the command has to wait */
	TYPED_MOST = 4096,
};

/* Told to tests, as term.h has it. */
static const char sync_mark[] = "\033]7999;pause\a";

/* --- starting --------------------------------------------------------------------- */

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

static void
copy_size(int to)
{
	struct winsize size;

	if (ioctl(1, TIOCGWINSZ, &size) == 0)
		ioctl(to, TIOCSWINSZ, &size);
}

/* What is no terminal (2>log) stays what it is. */
static _Noreturn void
exec_cde(const struct capture *c, int terminal, char **argv, int argc)
{
	AUTO(str_fini) struct str cde = STR_INIT;
	VEC(char *) words = { 0 };

	find_cde(&cde);
	vec_push(&words, cde.s);
	for (int i = 0; i < argc; i++)
		vec_push(&words, argv[i]);
	vec_push(&words, NULL);
	setsid();
	ioctl(terminal, TIOCSCTTY, 0);
	tcsetattr(terminal, TCSANOW, &c->as_it_was);
	for (int i = 0; i < 3; i++)
		if (isatty(i))
			dup2(terminal, i);
	execvp(words.v[0], words.v);
	log_die(EXIT_OURS, "%s: %s", words.v[0], strerror(errno));
}

/* Changes with each run that is captured. */
static void
manifest_mark(struct stat *st)
{
	if (stat(CAPTURE_PACKAGE "/" PKG_MANIFEST, st) < 0)
		*st = (struct stat){ 0 };
}

bool
capture_has_package(const struct capture *c)
{
	struct stat now;

	manifest_mark(&now);
	if (now.st_size == 0) /* its tables are being made */
		return false;
	return now.st_ino != c->manifest.st_ino ||
	       now.st_mtim.tv_sec != c->manifest.st_mtim.tv_sec ||
	       now.st_mtim.tv_nsec != c->manifest.st_mtim.tv_nsec;
}

/* The command's end of the new terminal, or -1. */
static int
open_terminal(struct capture *c, struct err *e)
{
	const char *name = NULL;
	int fd = -1;

	c->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (c->master >= 0 && grantpt(c->master) == 0 && unlockpt(c->master) == 0)
		name = ptsname(c->master);
	if (name)
		fd = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd < 0) {
		err_set(e, errno, "a terminal for the command");
		fd_drop(&c->master);
		return -1;
	}
	copy_size(c->master);
	fcntl(c->master, F_SETFL, O_NONBLOCK);
	return fd;
}

int
capture_start(struct capture *c, char **argv, int argc, struct err *e)
{
	AUTO(fd_drop) int terminal = -1;

	*c = (struct capture){
		.command = argv[0], .held = STR_INIT, .typed = STR_INIT, .master = -1
	};
	manifest_mark(&c->manifest);
	if (tcgetattr(0, &c->as_it_was) < 0)
		return err_set(e, errno, "terminal");
	terminal = open_terminal(c, e);
	if (terminal < 0)
		return -1;
	c->pid = fork();
	if (c->pid == 0)
		exec_cde(c, terminal, argv, argc);
	if (c->pid < 0) {
		c->pid = 0;
		fd_drop(&c->master);
		return err_set(e, errno, "fork");
	}
	return 0;
}

/* --- its end ---------------------------------------------------------------------- */

/* Nobody has its terminal any more: what is left of it is its status. */
static void
reap(struct capture *c)
{
	int status = 0;

	fd_drop(&c->master);
	while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
		;
	c->pid = 0;
	c->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* -1: the end; 0: nothing there now. */
static ssize_t
read_some(struct capture *c, char *buf, size_t n)
{
	ssize_t got = read(c->master, buf, n);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	return got > 0 ? got : -1;
}

int
capture_fd(const struct capture *c)
{
	return c->held.len < HELD_MOST ? c->master : -1;
}

void
capture_hold(struct capture *c)
{
	char buf[16384];
	ssize_t n = c->pid ? read_some(c, buf, sizeof(buf)) : 0;

	if (n > 0)
		str_addn(&c->held, buf, (size_t)n);
	else if (n < 0)
		reap(c);
}

static void
show_held(struct capture *c)
{
	fd_write_all(1, c->held.s, c->held.len);
	str_fini(&c->held);
}

void
capture_close(struct capture *c, int sig)
{
	if (c->pid) {
		kill(c->pid, sig);
		while (c->pid) {
			struct pollfd p = { .fd = c->master, .events = POLLIN };

			poll(&p, 1, -1);
			capture_hold(c);
		}
	}
	fd_drop(&c->master);
	show_held(c);
	str_fini(&c->typed);
}

/* --- the terminal is its ---------------------------------------------------------- */

struct relay {
	struct capture *c;
	bool look, gone; /* gone: our terminal */
	int signals;
};

/* Signals that come meanwhile are read like all else. */
static int
take_signals(sigset_t *mask)
{
	static const int ours[] = { SIGWINCH, SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(ours); i++)
		sigaddset(&set, ours[i]);
	sigprocmask(SIG_BLOCK, &set, mask);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Bytes as they are; what they mean is for the command's terminal to say. */
static void
raw_mode(const struct capture *c)
{
	struct termios raw = c->as_it_was;

	cfmakeraw(&raw);
	tcsetattr(0, TCSADRAIN, &raw);
}

static void
on_signal(struct relay *r)
{
	struct signalfd_siginfo info;
	struct capture *c = r->c;

	if (read(r->signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGWINCH) {
		copy_size(c->master);
	} else if (info.ssi_signo == SIGTSTP) { /* not typed: somebody sent it */
		tcsetattr(0, TCSADRAIN, &c->as_it_was);
		raise(SIGSTOP);
		raw_mode(c);
		copy_size(c->master);
	} else {
		c->interrupt = true;
		kill(c->pid, (int)info.ssi_signo);
	}
}

/* The key that would stop it, if that is one to its terminal now; 0: none is. */
static char
look_key(const struct capture *c)
{
	struct termios its;

	if (tcgetattr(c->master, &its) < 0 || !(its.c_lflag & ISIG) ||
	    its.c_cc[VSUSP] == _POSIX_VDISABLE)
		return 0;
	return (char)its.c_cc[VSUSP];
}

/* One by one: what comes after that key is for whoever has the terminal then. */
static void
on_typed(struct relay *r)
{
	char c, key;
	ssize_t n = read(0, &c, 1);

	if (n <= 0) {
		r->gone = n == 0 || (errno != EINTR && errno != EAGAIN);
		if (r->gone) {
			r->c->interrupt = true;
			kill(r->c->pid, SIGHUP);
		}
		return;
	}
	key = look_key(r->c);
	if (key && c == key)
		r->look = true;
	else
		str_addc(&r->c->typed, c);
}

static void
give_typed(struct capture *c)
{
	ssize_t n = write(c->master, c->typed.s, c->typed.len);

	if (n > 0) {
		memmove(c->typed.s, c->typed.s + n, c->typed.len - (size_t)n + 1);
		c->typed.len -= (size_t)n;
	}
}

/* One thing that happened; false: the command has ended. */
static bool
relay_step(struct relay *r)
{
	struct capture *c = r->c;
	bool room = c->typed.len < TYPED_MOST && !r->gone;
	struct pollfd p[] = {
		{ .fd = r->signals, .events = POLLIN },
		{ .fd = c->master, .events = c->typed.len ? POLLIN | POLLOUT : POLLIN },
		{ .fd = room ? 0 : -1, .events = POLLIN },
	};
	char buf[16384];
	ssize_t n;

	if (poll(p, ARRAY_SIZE(p), -1) < 0)
		return true;
	if (p[0].revents)
		on_signal(r);
	if (p[1].revents & POLLOUT)
		give_typed(c);
	if (p[1].revents & ~POLLOUT) {
		n = read_some(c, buf, sizeof(buf));
		if (n < 0)
			return false;
		fd_write_all(1, buf, (size_t)n);
	}
	if (p[2].revents)
		on_typed(r);
	return true;
}

/* It draws itself anew, if it is one that does: the screen was ours meanwhile. */
static void
come_back(struct capture *c)
{
	pid_t group = tcgetpgrp(c->master);

	copy_size(c->master);
	show_held(c);
	if (group > 1)
		kill(-group, SIGWINCH);
}

bool
capture_relay(struct capture *c)
{
	struct relay r = { .c = c };
	sigset_t mask;

	r.signals = take_signals(&mask);
	raw_mode(c);
	if (c->looked)
		come_back(c);
	c->looked = true;
	while (!r.look && relay_step(&r))
		;
	tcsetattr(0, TCSADRAIN, &c->as_it_was);
	if (!r.look)
		reap(c);
	else if (getenv("CDE_TUI_SYNC"))
		fd_write_all(1, sync_mark, strlen(sync_mark));
	fd_drop(&r.signals);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	return r.look;
}

bool
capture_pause(const struct capture *c)
{
	AUTO(str_fini) struct str s = STR_INIT, name = STR_INIT;
	struct termios mode = c->as_it_was;
	char key = 0;

	text_escape(&name, c->command, strlen(c->command));
	str_addf(
		&s,
		"[cde-tui: %s ended with status %d; any key shows its package, q leaves]",
		name.s, c->status);
	if (getenv("CDE_TUI_SYNC"))
		str_add(&s, sync_mark);
	mode.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
	mode.c_cc[VMIN] = 1;
	mode.c_cc[VTIME] = 0;
	tcsetattr(0, TCSAFLUSH, &mode); /* what was typed for the command is not for us */
	fd_write_all(1, s.s, s.len);
	if (read(0, &key, 1) <= 0)
		key = 'q';
	tcsetattr(0, TCSAFLUSH, &c->as_it_was);
	fd_write_all(1, "\r\n", 2);
	return key != 'q' && key != 3 && key != 4;
}
