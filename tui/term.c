/*
 * The window size is ours: SIGWINCH is blocked except while ppoll waits, its handler is
 * installed before curses starts, and the KEY_RESIZE that resizeterm queues is swallowed.
 * With curses' own handler, 4 of 10 runs of some hundred resizes got stuck.
 */
#include "term.h"

#include <ncurses.h>
#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/fs.h"
#include "inspect/text.h"

enum { SUSPEND = 'Z' & 31 };

static volatile sig_atomic_t got_winch, got_stop, got_cont, got_int, got_end;

static void
on_signal(int number, siginfo_t *info, void *context)
{
	if (number == SIGWINCH)
		got_winch = 1;
	else if (number == SIGTSTP)
		got_stop = 1;
	else if (number == SIGCONT)
		got_cont = 1;
	else if (number == SIGINT && info->si_code == SI_KERNEL) /* Ctrl-C */
		got_int = 1;
	else
		got_end = number;
}

static const int our_signals[] = { SIGWINCH, SIGTSTP, SIGCONT, SIGINT,
				   SIGTERM,  SIGHUP,  SIGQUIT };

static void
catch_signals(struct term *t)
{
	struct sigaction a = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };
	sigset_t block;

	sigemptyset(&block);
	sigfillset(&a.sa_mask);
	for (size_t i = 0; i < ARRAY_SIZE(our_signals); i++)
		sigaddset(&block, our_signals[i]);
	sigprocmask(SIG_BLOCK, &block, &t->waiting);
	for (size_t i = 0; i < ARRAY_SIZE(our_signals); i++) {
		sigaction(our_signals[i], &a, NULL);
		sigdelset(&t->waiting, our_signals[i]);
	}
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTTOU, SIG_IGN);
}

int
term_check(struct err *e)
{
	const char *name = getenv("TERM");

	if (!isatty(0) || !isatty(1))
		return err_set(e, 0,
			       "standard %s is no terminal; cde-pkg ls, du, missing "
			       "and edit do the same without one",
			       isatty(0) ? "output" : "input");
	if (!name || !*name || strcmp(name, "dumb") == 0)
		return err_set(e, 0,
			       "TERM=%s: a terminal that cannot move its cursor; "
			       "cde-pkg does the same without one",
			       name ? name : "");
	return 0;
}

static void
start_colours(struct term *t, enum term_colour colour)
{
	const char *no = getenv("NO_COLOR");

	t->colour = colour == TERM_COLOUR_ALWAYS ||
		    (colour == TERM_COLOUR_AUTO && !(no && *no));
	if (!t->colour || !has_colors() || start_color() == ERR) {
		t->colour = false;
		return;
	}
	if (use_default_colors() == ERR)
		assume_default_colors(COLOR_WHITE, COLOR_BLACK);
	for (short i = LOOK_RED; i <= LOOK_CYAN; i++)
		init_pair(i, i, -1);
}

/* Many say that they are a VT100 and have keys that it had not. */
static void
know_more_keys(void)
{
	static const struct {
		const char *bytes;
		int key;
	} more[] = {
		{ "\033[5~", KEY_PPAGE }, { "\033[6~", KEY_NPAGE },
		{ "\033[3~", KEY_DC },	  { "\033[1~", KEY_HOME },
		{ "\033[4~", KEY_END },	  { "\033[H", KEY_HOME },
		{ "\033[F", KEY_END },	  { "\033OH", KEY_HOME },
		{ "\033OF", KEY_END },	  { "\033[Z", KEY_BTAB },
		{ "\033[A", KEY_UP },	  { "\033[B", KEY_DOWN },
		{ "\033[C", KEY_RIGHT },  { "\033[D", KEY_LEFT },
		{ "\033OP", KEY_F(1) },
	};

	for (size_t i = 0; i < ARRAY_SIZE(more); i++)
		if (key_defined(more[i].bytes) == 0)
			define_key(more[i].bytes, more[i].key);
}

/* Ctrl-Z and Ctrl-C would take with them what was typed before them and is not read yet. */
static void
keep_typed(void)
{
	struct termios mode;

	if (tcgetattr(0, &mode) < 0)
		return;
	mode.c_lflag |= NOFLSH;
	tcsetattr(0, TCSADRAIN, &mode);
	def_prog_mode();
}

static void
measure(struct term *t)
{
	struct winsize size;

	t->w = COLS;
	t->h = LINES;
	if (ioctl(1, TIOCGWINSZ, &size) == 0 && size.ws_col && size.ws_row) {
		t->w = size.ws_col;
		t->h = size.ws_row;
	}
}

int
term_open(struct term *t, enum term_colour colour, bool mouse, struct err *e)
{
	*t = (struct term){ .sync = getenv("CDE_TUI_SYNC") != NULL };
	if (term_check(e) < 0)
		return -1;
	catch_signals(t);
	t->screen = newterm(NULL, stdout, stdin);
	if (!t->screen)
		return err_set(e, 0,
			       "TERM=%s: this terminal is not known here (terminfo)",
			       getenv("TERM"));
	set_term(t->screen);
	t->open = true;
	start_colours(t, colour);
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	keep_typed();
	set_escdelay(25);
	typeahead(-1);
	know_more_keys();
	measure(t);
	resizeterm(t->h, t->w);
	term_mouse(t, mouse);
	t->clear = true;
	return 0;
}

void
term_close(struct term *t)
{
	if (!t->open)
		return;
	t->open = false;
	if (t->mouse)
		mousemask(0, NULL);
	endwin();
	delscreen(t->screen);
	free(t->shown);
	t->shown = NULL;
}

void
term_mouse(struct term *t, bool on)
{
	t->mouse = on;
	mouseinterval(0);
	mousemask(on ? BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED : 0, NULL);
}

void
term_redraw(struct term *t)
{
	t->clear = true;
}

void
term_beep(struct term *t)
{
	beep();
}

static void
put_cell(const struct term *t, int x, int y, const struct cell *c)
{
	const struct look *look = &canvas_look[c->style];
	attr_t attrs = 0;
	wchar_t text[CCHARW_MAX + 1];
	size_t n = 0;
	cchar_t out;
	uint32_t u;

	for (unsigned i = 0, len; i < c->len && n < CCHARW_MAX; i += len) {
		len = text_decode(c->text + i, c->len - i, &u);
		text[n++] = (wchar_t)u;
	}
	text[n] = 0;
	attrs |= look->attrs & LOOK_BOLD ? A_BOLD : 0;
	attrs |= look->attrs & LOOK_DIM && !c->lit ? A_DIM : 0;
	attrs |= look->attrs & LOOK_UNDERLINE ? A_UNDERLINE : 0;
	if (!(look->attrs & LOOK_REVERSE) != !c->lit)
		attrs |= A_REVERSE;
	if (setcchar(&out, text, attrs,
		     t->colour && look->colour > 0 && !c->lit ? look->colour : 0,
		     NULL) == OK)
		mvadd_wch(y, x, &out);
}

static void
tell_sync(const struct term *t, bool busy)
{
	AUTO(str_fini) struct str s = STR_INIT;

	if (!t->sync || term_pending(t))
		return;
	str_addf(&s, "\033]7999;%s=%lu\a", busy ? "shown" : "idle", t->events);
	fd_write_all(1, s.s, s.len);
}

void
term_show(struct term *t, const struct canvas *c, bool busy)
{
	size_t row = (size_t)c->w * sizeof(*c->cell), all = row * (size_t)c->h;

	if (t->clear || !t->shown) {
		t->shown = mem_resize(t->shown, 1, all);
		memset(t->shown, 0, all);
		clearok(stdscr, TRUE);
		erase();
		t->clear = false;
	}
	for (int y = 0; y < c->h; y++) {
		const struct cell *from = c->cell + (size_t)y * (size_t)c->w;

		if (memcmp(t->shown + (size_t)y * (size_t)c->w, from, row) == 0)
			continue;
		move(y, 0);
		clrtoeol();
		for (int x = 0; x < c->w; x++)
			if (from[x].width)
				put_cell(t, x, y, &from[x]);
	}
	memcpy(t->shown, c->cell, all);
	curs_set(c->caret_x >= 0);
	if (c->caret_x >= 0)
		move(c->caret_y, c->caret_x);
	if (refresh() == ERR)
		t->gone = true;
	tell_sync(t, busy);
}

bool
term_pending(const struct term *t)
{
	struct pollfd p = { .fd = 0, .events = POLLIN };

	return poll(&p, 1, 0) > 0;
}

static uint32_t
translate(wint_t key)
{
	static const struct {
		int theirs;
		uint32_t ours;
	} table[] = {
		{ KEY_UP, KEY_OF_UP },	     { KEY_DOWN, KEY_OF_DOWN },
		{ KEY_LEFT, KEY_OF_LEFT },   { KEY_RIGHT, KEY_OF_RIGHT },
		{ KEY_HOME, KEY_OF_HOME },   { KEY_END, KEY_OF_END },
		{ KEY_PPAGE, KEY_OF_PGUP },  { KEY_NPAGE, KEY_OF_PGDN },
		{ KEY_DC, KEY_OF_DELETE },   { KEY_BACKSPACE, KEY_OF_BACKSPACE },
		{ KEY_BTAB, KEY_OF_STAB },   { KEY_F(1), KEY_OF_F1 },
		{ KEY_ENTER, KEY_OF_ENTER }, { KEY_FIND, KEY_OF_HOME },
		{ KEY_SELECT, KEY_OF_END },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if ((int)key == table[i].theirs)
			return table[i].ours;
	return KEY_OF_UNKNOWN;
}

static bool
read_mouse(struct event *out)
{
	MEVENT m;

	if (getmouse(&m) == ERR)
		return false;
	out->x = m.x;
	out->y = m.y;
	out->kind = m.bstate & BUTTON1_PRESSED ? EVENT_CLICK : EVENT_WHEEL;
	out->key = m.bstate & BUTTON4_PRESSED ? KEY_OF_UP : KEY_OF_DOWN;
	return true;
}

/* False: nothing to read, or only what is not for us. */
static bool
read_key(struct event *out)
{
	wint_t key;
	int r;

	while ((r = get_wch(&key)) != ERR) {
		if (r == KEY_CODE_YES && key == KEY_RESIZE)
			continue;
		if (r == KEY_CODE_YES && key == KEY_MOUSE) {
			if (read_mouse(out))
				return true;
			continue;
		}
		if (r == OK && key == SUSPEND) { /* typed when the terminal was raw */
			got_stop = 1;
			return false;
		}
		out->kind = EVENT_KEY;
		if (r == KEY_CODE_YES)
			out->key = translate(key);
		else
			out->key = key == '\n'		    ? KEY_OF_ENTER
				   : key == 127 || key == 8 ? KEY_OF_BACKSPACE
							    : (uint32_t)key;
		return true;
	}
	return false;
}

/* Leaves the screen to the shell until SIGCONT. */
static void
stop_here(struct term *t)
{
	struct sigaction old, dfl = { .sa_handler = SIG_DFL };
	sigset_t one;

	def_prog_mode();
	endwin();
	sigemptyset(&one);
	sigaddset(&one, SIGTSTP);
	sigaction(SIGTSTP, &dfl, &old);
	raise(SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &one, NULL); /* stops here */
	sigprocmask(SIG_BLOCK, &one, NULL);
	sigaction(SIGTSTP, &old, NULL);
	got_stop = got_cont = 0;
	reset_prog_mode();
	got_winch = 1;
}

static bool
take_signal(struct term *t, struct event *out)
{
	if (got_end) {
		*out = (struct event){ .kind = EVENT_SIGNAL, .key = (uint32_t)got_end };
		got_end = 0;
		return true;
	}
	if (got_stop)
		stop_here(t);
	if (got_cont) { /* stopped by SIGSTOP: the shell has changed the terminal */
		got_cont = 0;
		reset_prog_mode();
		got_winch = 1;
	}
	if (got_winch) {
		got_winch = 0;
		measure(t);
		resizeterm(t->h, t->w);
		t->clear = true;
		out->kind = EVENT_RESIZE;
		return true;
	}
	if (got_int) {
		got_int = 0;
		*out = (struct event){ .kind = EVENT_KEY, .key = 3 };
		return true;
	}
	return false;
}

static bool
any_signal(void)
{
	return got_winch || got_end || got_stop || got_int || got_cont;
}

/* What poll says about what is no key and no signal. */
static bool
take_other(const struct term_wait *w, const struct pollfd *p, int n, struct event *out)
{
	for (int i = 1; i <= TERM_FDS && !p[0].revents; i++)
		if (p[i].revents) {
			*out = (struct event){ .kind = EVENT_READY, .x = i - 1 };
			return true;
		}
	if (n != 0 || any_signal())
		return false;
	out->kind = w->busy ? EVENT_IDLE : EVENT_TICK;
	return true;
}

void
term_next(struct term *t, const struct term_wait *w, struct event *out)
{
	struct pollfd p[1 + TERM_FDS] = { { .fd = 0, .events = POLLIN } };
	struct timespec time = { 0, 0 };
	int n;

	for (int i = 0; i < TERM_FDS; i++)
		p[1 + i] = (struct pollfd){ .fd = w->fd[i], .events = POLLIN };
	if (!w->busy && w->ms > 0)
		time = (struct timespec){ w->ms / 1000, w->ms % 1000 * 1000000L };
	*out = (struct event){ .kind = EVENT_GONE };
	for (;;) {
		if (t->gone)
			return;
		if (read_key(out) || take_signal(t, out)) {
			t->events++;
			return;
		}
		for (int i = 0; i <= TERM_FDS; i++)
			p[i].revents = 0;
		n = ppoll(p, ARRAY_SIZE(p), w->busy || w->ms >= 0 ? &time : NULL,
			  &t->waiting);
		if ((n < 0 && errno != EINTR) ||
		    p[0].revents & (POLLHUP | POLLERR | POLLNVAL))
			return;
		if (take_other(w, p, n, out))
			return;
	}
}

bool
term_interrupted(struct term *t)
{
	struct timespec now = { 0, 0 };
	bool yes;

	ppoll(NULL, 0, &now, &t->waiting);
	yes = got_int || got_end;
	got_int = 0;
	return yes;
}

static _Noreturn void
exec_child(const struct term *t, const struct term_child *child)
{
	struct sigaction dfl = { .sa_handler = SIG_DFL };

	setpgid(0, 0);
	tcsetpgrp(0, getpgrp());
	for (size_t i = 0; i < ARRAY_SIZE(our_signals); i++)
		sigaction(our_signals[i], &dfl, NULL);
	sigaction(SIGPIPE, &dfl, NULL);
	sigaction(SIGTTOU, &dfl, NULL);
	sigprocmask(SIG_SETMASK, &t->waiting, NULL);
	if (child->in >= 0)
		dup2(child->in, 0);
	if (!child->dir || chdir(child->dir) == 0)
		execvp(child->argv[0], (char *const *)child->argv);
	fprintf(stderr, "cde-tui: %s: %s\r\n", child->argv[0], strerror(errno));
	_exit(127);
}

/* Waits; when the child is stopped (Ctrl-Z), so are we, until somebody says go on. */
static int
wait_child(pid_t pid)
{
	int status;

	for (;;) {
		if (waitpid(pid, &status, WUNTRACED) < 0) {
			if (errno == EINTR)
				continue;
			return 0;
		}
		if (!WIFSTOPPED(status))
			return status;
		tcsetpgrp(0, getpgrp());
		raise(SIGSTOP);
		tcsetpgrp(0, pid);
		kill(-pid, SIGCONT);
	}
}

static void
wait_key(struct term *t, const char *text)
{
	struct pollfd p = { .fd = 0, .events = POLLIN };
	char c;

	fd_write_all(1, text, strlen(text));
	tcflush(0, TCIFLUSH);
	if (t->sync)
		fd_write_all(1, "\033]7999;pause\a", 13);
	while (ppoll(&p, 1, NULL, &t->waiting) < 0 && errno == EINTR && !got_end)
		;
	if (!got_end && read(0, &c, 1) > 0)
		t->events++;
	fd_write_all(1, "\r\n", 2); /* where the next one begins */
	tcflush(0, TCIFLUSH);
}

void
term_leave(struct term *t)
{
	tell_sync(t, false);
	def_prog_mode();
	endwin();
	fflush(stdout);
}

void
term_back(struct term *t)
{
	reset_prog_mode();
	got_winch = 1;
	t->clear = true;
}

int
term_run(struct term *t, const struct term_child *child, struct err *e)
{
	pid_t pid;
	int status;

	def_prog_mode();
	endwin();
	fflush(stdout);
	if (child->before)
		fd_write_all(1, child->before, strlen(child->before));
	pid = fork();
	if (pid == 0)
		exec_child(t, child);
	if (pid > 0) {
		setpgid(pid, pid);
		tcsetpgrp(0, pid);
		status = wait_child(pid);
		tcsetpgrp(0, getpgrp());
	} else {
		status = err_set(e, errno, "fork");
	}
	reset_prog_mode();
	if (pid > 0 && child->pause)
		wait_key(t, child->pause);
	term_back(t);
	return status;
}
