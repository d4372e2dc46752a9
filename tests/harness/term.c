/*
 * term: runs scripts against a real program on a pseudo-terminal, and looks at the
 * screen that libvterm makes of its output.
 *
 *	term [-s SHOTS] [-k] SCRIPT…
 *
 * Every command that the program reads is waited for: it says so in its output
 * (CDE_TUI_SYNC, tui/term.h), so no script ever sleeps.  Fixtures are in $TUI_FIXTURES,
 * programs in $CDE_BIN.  A script runs in an empty directory of its own ($WORK); -k keeps
 * it.  -s writes the shots there; without it they are only compared by run.sh.
 *
 *	size W H              before run; default 80 24
 *	env NAME=VALUE        before run;  unset NAME
 *	pkg NAME              a copy of the fixture is $PKG (its directory: cde-package)
 *	sh COMMAND            must end with status 0
 *	run WORD…             starts it and waits for its first screen
 *	spawn WORD…           starts a program that knows nothing of CDE_TUI_SYNC, and may
 *	                      send what it likes: that of run is looked at (term_raw.h)
 *	never "esc\033[31m"   these bytes, a name's, shall not come from now on
 *	press KEY…            Up, F1, S-Tab, C-l, Space … or a character; waits after each
 *	type TEXT             the rest of the line, character by character
 *	paste TEXT            the same, but waits only for the last one
 *	cost N                the last key made it send not more than N bytes
 *	send "\033[<0;5;5M"   bytes that make one event
 *	feed "\032"           bytes for a program that has the terminal; not waited for
 *	resize W H
 *	signal NAME           TERM, HUP, TSTP, CONT, INT
 *	row N ~ "TEXT"        that row (1 is the first, -1 the last) has the text
 *	screen ~ "TEXT"       some row has it;  !~ for: has not;  = @NAME for: as saved
 *	list = @NAME          the rows between the first two and the last two, as saved
 *	totals = @NAME        files, size and what is staged of the title, as saved
 *	cursor-row ~ "TEXT"   the row that is lit
 *	title ~, message ~    first and last row
 *	row-state "TEXT" = "D"   state letter of the first row with that text
 *	attr "TEXT" bold|dim|reverse|underline|colour|plain
 *	save NAME             the screen, for screen = @NAME and title = @NAME
 *	monkey SEED EVENTS    random keys, sizes and signals, all read, for $TUI_MONKEY
 *	                      seconds at least; then 80x24
 *	edits SEED EVENTS     random keys that move, mark, drop, pin and revert
 *	press-until "TEXT" KEY   presses it until the last row has the text
 *	wait "TEXT"           until a row has it
 *	until-pause           until a program that had the terminal has ended
 *	exit N                it ends, with that status, and the terminal is as before
 *	dies N                the same without its having restored the terminal
 *	killed                kill -9
 *	shot NAME
 *
 * Words may be quoted; $PKG, $WORK are replaced.
 */
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

#include "term_look.h"
#include "term_monkey.h"
#include "term_run.h"

static const char *shots;

static void
add_variable(char **out, const char **s)
{
	static const char *const names[] = { "PKG", "WORK", "CDE_BIN" };

	for (size_t i = 0; i < 3; i++)
		if (strncmp(*s + 1, names[i], strlen(names[i])) == 0) {
			const char *value = getenv(names[i]);

			*s += strlen(names[i]) + 1;
			*out = stpcpy(*out, value ? value : "");
			return;
		}
	*(*out)++ = *(*s)++;
}

/* --- commands --------------------------------------------------------------------- */

static void
shell(struct run *r, const char *command)
{
	int status = system(command);

	if (status != 0)
		run_fail(r, "status %d: %s",
			 WIFEXITED(status) ? WEXITSTATUS(status) : 128, command);
}

static void
make_package(struct run *r, const char *name)
{
	char *command = NULL;

	if (asprintf(&command, "cp -a \"$TUI_FIXTURES/%s\" cde-package", name) < 0)
		abort();
	shell(r, command);
	free(command);
}

static void
press_until(struct run *r, const char *text, const char *key)
{
	for (int i = 0; !look_row_has(r, r->h - 1, text) && !r->failed && !r->gone; i++) {
		if (i == 10000) {
			run_fail(r, "%s: \"%s\" never came", key, text);
			return;
		}
		run_press(r, key);
		run_sync_to(r);
	}
}

static void
wait_text(struct run *r, const char *text)
{
	for (long until = run_now_ms() + LIMIT_MS; look_find_row(r, text) < 0;)
		if (!run_read_some(r, until)) {
			run_fail(r, "\"%s\" did not come", text);
			return;
		}
}

static size_t
unescape(char *s)
{
	char *out = s, *from = s;

	while (*from) {
		if (*from == '\\' && from[1] >= '0' && from[1] <= '7') {
			*out++ = (char)strtol(from + 1, &from, 8);
		} else {
			*out++ = *from++;
		}
	}
	*out = '\0';
	return (size_t)(out - s);
}

static void
take_shot(struct run *r, const char *name)
{
	char *text;

	if (!shots)
		return;
	text = run_screen_text(r);
	if (shot_write(shots, name, r->screen, r->w, r->h, text) < 0)
		run_fail(r, "shot %s: %s", name, strerror(errno));
	free(text);
}

/* Words that say how it begins; true: known. */
static bool
command_before(struct run *r, char **w, const char *rest)
{
	if (strcmp(w[0], "size") == 0) {
		r->w = atoi(w[1]);
		r->h = atoi(w[2]);
	} else if (strcmp(w[0], "env") == 0) {
		char *value = strchr(w[1], '=');

		if (value)
			*value++ = '\0';
		setenv(w[1], value ? value : "", 1);
	} else if (strcmp(w[0], "unset") == 0) {
		unsetenv(w[1]);
	} else if (strcmp(w[0], "pkg") == 0) {
		make_package(r, w[1]);
	} else if (strcmp(w[0], "sh") == 0) {
		shell(r, rest);
	} else if (strcmp(w[0], "run") == 0 || strcmp(w[0], "spawn") == 0) {
		run_finish(r);
		r->raw.on = w[0][0] == 'r';
		run_start(r, w + 1);
		if (w[0][0] == 'r')
			run_first_screen(r);
	} else {
		return false;
	}
	return true;
}

static bool
command_send(struct run *r, char **w, const char *rest)
{
	if (strcmp(w[0], "press") == 0) {
		for (int i = 1; w[i] && !r->failed; i++) {
			r->bytes = 0;
			run_press(r, w[i]);
			run_sync_to(r);
		}
	} else if (strcmp(w[0], "type") == 0 || strcmp(w[0], "paste") == 0) {
		char text[4096], *out = text;

		while (*rest && out < text + sizeof(text) - 2048) {
			if (*rest == '$')
				add_variable(&out, &rest);
			else
				*out++ = *rest++;
		}
		*out = '\0';
		run_type(r, text, w[0][0] == 't');
	} else if (strcmp(w[0], "send") == 0) {
		size_t n = unescape(w[1]);

		run_send_event(r, w[1], n);
		run_sync_to(r);
	} else if (strcmp(w[0], "never") == 0) {
		raw_never(&r->raw, w[1], unescape(w[1]));
	} else if (strcmp(w[0], "feed") == 0) {
		run_feed(r, w[1], unescape(w[1]));
	} else if (strcmp(w[0], "resize") == 0) {
		run_resize(r, atoi(w[1]), atoi(w[2]));
	} else if (strcmp(w[0], "signal") == 0) {
		run_signal(r, w[1]);
	} else if (strcmp(w[0], "monkey") == 0) {
		monkey_play(r, (unsigned)atoi(w[1]), atoi(w[2]));
	} else if (strcmp(w[0], "edits") == 0) {
		monkey_edit(r, (unsigned)atoi(w[1]), atoi(w[2]));
	} else if (strcmp(w[0], "press-until") == 0) {
		press_until(r, w[1], w[2]);
	} else if (strcmp(w[0], "keys") ==
		   0) { /* without waiting: the last before exit */
		for (int i = 1; w[i]; i++)
			run_press(r, w[i]);
	} else {
		return false;
	}
	return true;
}

static bool
command_more(struct run *r, char **w)
{
	if (strcmp(w[0], "save") == 0 && r->saves < SAVED) {
		r->saved[r->saves++] = (struct saved){ strdup(w[1]), run_screen_text(r) };
	} else if (strcmp(w[0], "wait") == 0) {
		wait_text(r, w[1]);
	} else if (strcmp(w[0], "until-pause") == 0) {
		long until = run_now_ms() + LIMIT_MS;

		while (!r->paused && run_read_some(r, until))
			;
		if (!r->paused)
			run_fail(r, "the program did not end");
		r->paused = false;
		if (r->idle == (unsigned long)-1)
			r->idle = r->sent = 0; /* spawned: its first screen comes now */
		r->sent++;		       /* the resize that comes after a program */
	} else if (strcmp(w[0], "cost") == 0) {
		if (r->bytes > (unsigned long)atol(w[1]))
			run_fail(r, "the last key cost %lu bytes", r->bytes);
	} else if (strcmp(w[0], "exit") == 0) {
		run_expect_exit(r, atoi(w[1]));
	} else if (strcmp(w[0], "dies") == 0) {
		run_expect_death(r, atoi(w[1]));
	} else if (strcmp(w[0], "killed") == 0) {
		run_finish(r);
	} else if (strcmp(w[0], "shot") == 0) {
		take_shot(r, w[1]);
	} else {
		return false;
	}
	return true;
}

/* --- scripts ---------------------------------------------------------------------- */

/* Into words, in `buf`; NULL ends them. */
static void
split(const char *s, char *buf, char **w)
{
	int n = 0;

	while (*s && n < WORDS - 1) {
		bool quoted = false;

		while (*s == ' ')
			s++;
		if (!*s)
			break;
		w[n++] = buf;
		while (*s && (quoted || *s != ' ')) {
			if (*s == '"' && (quoted || s[1])) {
				quoted = !quoted;
				s++;
			} else if (*s == '$') {
				add_variable(&buf, &s);
			} else {
				*buf++ = *s++;
			}
		}
		*buf++ = '\0';
	}
	for (int i = n; i < WORDS; i++)
		w[i] = NULL;
}

static void
run_line(struct run *r, char *line)
{
	char buf[8192], *w[WORDS], *rest = strchr(line, ' ');
	static char none[] = "";

	if (!*line || *line == '#')
		return;
	split(line, buf, w);
	for (int i = 0; i < 4; i++)
		if (!w[i] && i > 0 && strcmp(w[0], "run") && strcmp(w[0], "press") &&
		    strcmp(w[0], "keys"))
			w[i] = none;
	rest = rest ? rest + 1 : none;
	if (!command_before(r, w, rest) && !command_send(r, w, rest) &&
	    !look_command(r, w) && !command_more(r, w))
		run_fail(r, "unknown: %s", w[0]);
}

static bool
run_script(const char *script)
{
	struct run r = { .script = script, .w = 80, .h = 24, .fd = -1 };
	FILE *f = fopen(script, "r");
	char line[4096];

	if (!f) {
		perror(script);
		return false;
	}
	while (!r.failed && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		r.line++;
		run_line(&r, line);
	}
	fclose(f);
	run_finish(&r);
	for (size_t i = 0; i < r.saves; i++) {
		free(r.saved[i].name);
		free(r.saved[i].text);
	}
	return !r.failed;
}

int
main(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "s:")) != -1) {
		if (c != 's')
			return 2;
		shots = optarg;
	}
	if (optind + 1 != argc) {
		fprintf(stderr,
			"usage: term [-s SHOTS] SCRIPT   in an empty directory\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	return run_script(argv[optind]) ? 0 : 1;
}
