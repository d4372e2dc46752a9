/* The terminal side of term: reading, waiting, keys, starting and ending. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <utmp.h>

#include "term_run.h"

/* --- the screen ------------------------------------------------------------------- */

void
run_row_text(struct run *r, int y, char *out, size_t size)
{
	size_t n = 0, keep = 0;

	for (int x = 0; x < r->w && n + 32 < size; x++) {
		VTermScreenCell c;

		vterm_screen_get_cell(r->screen, (VTermPos){ y, x }, &c);
		if (c.chars[0] == (uint32_t)-1)
			continue;
		n += shot_utf8(&c, out + n);
		if (c.chars[0] && c.chars[0] != ' ')
			keep = n;
	}
	out[keep] = '\0';
}

char *
run_screen_text(struct run *r)
{
	size_t size = (size_t)r->h * 2048 + 1, n = 0;
	char *all = malloc(size);

	for (int y = 0; y < r->h; y++) {
		run_row_text(r, y, all + n, 2047);
		n += strlen(all + n);
		all[n++] = '\n';
	}
	all[n] = '\0';
	return all;
}

void
run_fail(struct run *r, const char *fmt, ...)
{
	va_list ap;
	char *s;

	if (r->failed)
		return;
	r->failed = true;
	fprintf(stderr, "%s:%u: ", r->script, r->line);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\n  keys:%s\n", r->keys);
	if (!r->vt)
		return;
	s = run_screen_text(r);
	for (char *at = s, *end; *at; at = end + 1) {
		end = strchr(at, '\n');
		fprintf(stderr, "  |%.*s\n", (int)(end - at), at);
	}
	free(s);
}

/* --- reading ---------------------------------------------------------------------- */

static void
end_osc(struct run *r)
{
	r->osc[r->osc_n] = '\0';
	if (sscanf(r->osc, "\033]7999;idle=%lu", &r->idle) != 1 &&
	    strcmp(r->osc, "\033]7999;pause") == 0)
		r->paused = true;
	r->osc_n = 0;
}

/* libvterm 0.1 knows no dim (SGR 2): it is told italic (3), which nobody here uses. */
static void
to_vterm(struct run *r, char c)
{
	char wrong[80];

	r->bytes++;
	if (r->raw.on && raw_byte(&r->raw, c, wrong, sizeof(wrong)))
		run_fail(r, "%s", wrong);
	if (r->sgr_n == 0   ? c == '\033'
	    : r->sgr_n == 1 ? c == '['
			    : c == ';' || isdigit((unsigned char)c)) {
		r->sgr[r->sgr_n++] = c;
		if (r->sgr_n < sizeof(r->sgr))
			return;
		c = 0;
	}
	for (size_t i = 2; c == 'm' && i < r->sgr_n; i++)
		if (r->sgr[i] == '2' && !isdigit((unsigned char)r->sgr[i - 1]) &&
		    (i + 1 == r->sgr_n || r->sgr[i + 1] == ';'))
			r->sgr[i] = '3';
	vterm_input_write(r->vt, r->sgr, r->sgr_n);
	r->sgr_n = 0;
	if (c == '\033')
		r->sgr[r->sgr_n++] = c;
	else if (c)
		vterm_input_write(r->vt, &c, 1);
}

/* Cuts "ESC ] 7999 ; … BEL" out, gives the rest to libvterm. */
static void
feed(struct run *r, const char *s, size_t n)
{
	static const char mark[] = "\033]7999;";

	for (size_t i = 0; i < n; i++) {
		if (r->osc_n >= strlen(mark)) {
			if (s[i] == '\a')
				end_osc(r);
			else if (r->osc_n + 1 < sizeof(r->osc))
				r->osc[r->osc_n++] = s[i];
			continue;
		}
		if (s[i] == mark[r->osc_n]) {
			r->osc[r->osc_n++] = s[i];
			continue;
		}
		if (r->osc_n)
			for (size_t k = 0; k < r->osc_n; k++)
				to_vterm(r, mark[k]);
		r->osc_n = 0;
		if (s[i] == mark[0])
			r->osc[r->osc_n++] = s[i];
		else
			to_vterm(r, s[i]);
	}
}

long
run_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Reads some; false when nothing came before `until`, or there is nobody any more. */
bool
run_read_some(struct run *r, long until)
{
	char buf[65536];
	struct pollfd p = { r->fd, POLLIN, 0 };
	long left = until - run_now_ms();
	ssize_t n;

	if (r->gone || poll(&p, 1, left > 0 ? (int)left : 0) <= 0)
		return false;
	n = read(r->fd, buf, sizeof(buf));
	if (n <= 0) {
		r->gone = true;
		return false;
	}
	feed(r, buf, (size_t)n);
	return true;
}

void
run_sync_to(struct run *r)
{
	long until = run_now_ms() + LIMIT_MS;

	while (r->idle < r->sent)
		if (!run_read_some(r, until)) {
			if (r->gone)
				return;
			run_fail(r, "it read %lu of %lu events", r->idle, r->sent);
			return;
		}
}

static void
write_all(struct run *r, const char *s, size_t n)
{
	while (n) {
		ssize_t k = write(r->fd, s, n);

		if (k <= 0)
			return;
		s += k;
		n -= (size_t)k;
	}
}

void
run_feed(struct run *r, const char *s, size_t n)
{
	write_all(r, s, n);
}

void
run_send_event(struct run *r, const char *s, size_t n)
{
	r->sent++;
	write_all(r, s, n);
}

/* --- keys ------------------------------------------------------------------------- */

/* What xterm and its kin send in application mode; all terminals of the tests agree on
 * these but for a few, which terminfo names. */
static const struct {
	const char *name, *cap, *bytes;
} keys[] = {
	{ "Up", "kcuu1", "\033OA" },	{ "Down", "kcud1", "\033OB" },
	{ "Right", "kcuf1", "\033OC" }, { "Left", "kcub1", "\033OD" },
	{ "Home", "khome", "\033OH" },	{ "End", "kend", "\033OF" },
	{ "PgUp", "kpp", "\033[5~" },	{ "PgDn", "knp", "\033[6~" },
	{ "Del", "kdch1", "\033[3~" },	{ "S-Tab", "kcbt", "\033[Z" },
	{ "F1", "kf1", "\033OP" },	{ "BS", "kbs", "\177" },
	{ "Enter", NULL, "\r" },	{ "Esc", NULL, "\033" },
	{ "Tab", NULL, "\t" },		{ "Space", NULL, " " },
};

void
run_press(struct run *r, const char *word)
{
	char ctrl;

	snprintf(r->keys + strlen(r->keys), sizeof(r->keys) - strlen(r->keys), " %s",
		 word);
	if (strlen(r->keys) > sizeof(r->keys) - 40)
		memmove(r->keys, r->keys + 60, strlen(r->keys + 60) + 1);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(keys[i].name, word) == 0) {
			const char *s = keys[i].cap ? shot_capability(keys[i].cap) : NULL;

			s = s ? s : keys[i].bytes;
			run_send_event(r, s, strlen(s));
			return;
		}
	if (word[0] == 'C' && word[1] == '-' && word[2]) {
		ctrl = (char)(word[2] & 31);
		run_send_event(r, &ctrl, 1);
		return;
	}
	run_send_event(r, word, strlen(word));
}

void
run_type(struct run *r, const char *text, bool wait)
{
	while (*text && !r->failed) {
		size_t n = 1;

		while ((text[n] & 0xc0) == 0x80)
			n++;
		run_send_event(r, text, n);
		if (wait)
			run_sync_to(r);
		text += n;
	}
	run_sync_to(r);
}

/* --- starting and ending ---------------------------------------------------------- */

static void
answer(const char *s, size_t n, void *ctx)
{
	write_all(ctx, s, n);
}

static int
on_prop(VTermProp prop, VTermValue *value, void *ctx)
{
	if (prop == VTERM_PROP_ALTSCREEN)
		((struct run *)ctx)->alt = value->boolean;
	return 1;
}

void
run_start(struct run *r, char **argv)
{
	static const VTermScreenCallbacks callbacks = { .settermprop = on_prop };
	struct winsize size = { (unsigned short)r->h, (unsigned short)r->w, 0, 0 };
	int slave;

	r->vt = vterm_new(r->h, r->w);
	vterm_set_utf8(r->vt, 1);
	vterm_output_set_callback(r->vt, answer, r);
	r->screen = vterm_obtain_screen(r->vt);
	vterm_screen_set_callbacks(r->screen, &callbacks, r);
	vterm_screen_enable_altscreen(r->screen, 1);
	vterm_screen_reset(r->screen, 1);
	r->sent = r->idle = 0;
	r->gone = r->paused = false;
	r->raw.state = RAW_TEXT;
	r->raw.left = 0;
	r->idle = (unsigned long)-1;
	if (openpty(&r->fd, &slave, NULL, NULL, &size) < 0) {
		perror("openpty");
		exit(2);
	}
	fcntl(r->fd, F_SETFD, FD_CLOEXEC);
	tcgetattr(slave, &r->before);
	r->pid = fork();
	if (r->pid == 0) {
		login_tty(slave);
		setenv("CDE_TUI_SYNC", "1", 1);
		execvp(argv[0], argv);
		fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
		_exit(127);
	}
	close(slave);
}

void
run_first_screen(struct run *r)
{
	for (long until = run_now_ms() + LIMIT_MS; r->idle == (unsigned long)-1;)
		if (!run_read_some(r, until)) {
			if (!r->gone)
				run_fail(r, "no screen");
			break;
		}
}

static int
reap(struct run *r)
{
	long until = run_now_ms() + LIMIT_MS;
	int status = 0;

	while (run_read_some(r, until))
		;
	if (!r->gone) {
		run_fail(r, "it did not end");
		kill(r->pid, SIGKILL);
	}
	waitpid(r->pid, &status, 0);
	r->pid = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void
run_finish(struct run *r)
{
	if (r->pid) {
		kill(r->pid, SIGKILL);
		waitpid(r->pid, NULL, 0);
		r->pid = 0;
	}
	if (r->vt) {
		vterm_free(r->vt);
		close(r->fd);
		r->vt = NULL;
	}
}

/* As it was before the program came: a shell can be used. */
static bool
is_restored(struct run *r)
{
	struct termios now;

	return tcgetattr(r->fd, &now) < 0 ||
	       (now.c_lflag == r->before.c_lflag && now.c_iflag == r->before.c_iflag &&
		now.c_oflag == r->before.c_oflag);
}

void
run_expect_exit(struct run *r, int want)
{
	int got = reap(r);

	if (got != want)
		run_fail(r, "exit status %d, not %d", got, want);
	if (r->alt)
		run_fail(r, "the alternate screen was not left");
	if (!is_restored(r))
		run_fail(r, "the modes of the terminal are not as before");
	run_finish(r);
}

void
run_expect_death(struct run *r, int want)
{
	int got = reap(r);

	if (got != want)
		run_fail(r, "exit status %d, not %d", got, want);
	run_finish(r);
}

void
run_signal(struct run *r, const char *name)
{
	static const struct {
		const char *name;
		int number;
	} table[] = {
		{ "TERM", SIGTERM }, { "HUP", SIGHUP },	    { "TSTP", SIGTSTP },
		{ "CONT", SIGCONT }, { "INT", SIGINT },	    { "KILL", SIGKILL },
		{ "STOP", SIGSTOP }, { "WINCH", SIGWINCH },
	};
	siginfo_t info;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcmp(table[i].name, name) == 0) {
			kill(r->pid, table[i].number);
			if (table[i].number == SIGTSTP || table[i].number == SIGSTOP) {
				while (run_read_some(r, run_now_ms() + 50))
					;
				waitid(P_PID, (id_t)r->pid, &info, WSTOPPED | WNOWAIT);
			}
			if (table[i].number == SIGCONT) {
				r->sent++;
				run_sync_to(r);
			}
			return;
		}
	run_fail(r, "no such signal: %s", name);
}

void
run_resize(struct run *r, int w, int h)
{
	struct winsize size = { (unsigned short)h, (unsigned short)w, 0, 0 };

	if (r->w == w && r->h == h)
		return; /* no signal would come */
	r->w = w;
	r->h = h;
	vterm_set_size(r->vt, h, w);
	if (r->idle != (unsigned long)-1) /* spawned: nobody counts yet */
		r->sent++;
	ioctl(r->fd, TIOCSWINSZ, &size);
	run_sync_to(r);
}
