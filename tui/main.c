/* cde-tui: look through a package and change it; see cde-tui(1). */
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "app.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/opt.h"
#include "capture.h"
#include "config.h"
#include "inspect/text.h"
#include "path/lex.h"

static const char usage_line[] = "usage: cde-tui [OPTIONS] [PACKAGE]\n"
				 "       cde-tui [OPTIONS] --capture COMMAND [ARG...]";

/* It may have names in it. */
static void
say_error(const char *text)
{
	AUTO(str_fini) struct str s = STR_INIT;

	text_tame(&s, text, strlen(text));
	log_error("%s", s.s);
}

struct tui {
	struct app_options app;
	enum term_colour colour;
	bool ascii, mouse, help, version, keys, capture;
};

static int
set_read_only(void *ctx, const char *value, struct err *e)
{
	((struct tui *)ctx)->app.read_only = true;
	return 0;
}

static int
set_colour(void *ctx, const char *value, struct err *e)
{
	return config_colour(value, &((struct tui *)ctx)->colour)
		       ? 0
		       : err_set(e, 0, "--color: auto, always or never, not '%s'", value);
}

static int
set_mouse(void *ctx, const char *value, struct err *e)
{
	((struct tui *)ctx)->mouse = true;
	return 0;
}

static int
set_ascii(void *ctx, const char *value, struct err *e)
{
	((struct tui *)ctx)->ascii = true;
	return 0;
}

static int
set_screen(void *ctx, const char *value, struct err *e)
{
	for (int x = ACTION_screen_files; x <= ACTION_screen_changes; x++)
		if (strcmp(value, key_table[x].action + strlen("screen_")) == 0) {
			((struct tui *)ctx)->app.screen =
				(enum screen)(x - ACTION_screen_files);
			return 0;
		}
	return err_set(e, 0,
		       "--screen: files, origins, types, missing, processes or "
		       "changes, not '%s'",
		       value);
}

static int
set_filter(void *ctx, const char *value, struct err *e)
{
	((struct tui *)ctx)->app.filter = value;
	return 0;
}

static int
set_sort(void *ctx, const char *value, struct err *e)
{
	for (int i = 0; i < TREE_SORT_COUNT; i++)
		if (strcmp(value, tree_sorts[i].word) == 0) {
			((struct tui *)ctx)->app.sort = value;
			return 0;
		}
	return err_set(e, 0,
		       "--sort: name, size, unique, type, origin, access, count, "
		       "path or recent, not '%s'",
		       value);
}

static int
set_capture(void *ctx, const char *value, struct err *e)
{
	((struct tui *)ctx)->capture = true;
	return 0;
}

static int
set_keys(void *ctx, const char *value, struct err *e)
{
	((struct tui *)ctx)->keys = true;
	return 0;
}

static int
set_help(void *ctx, const char *value, struct err *e)
{
	((struct tui *)ctx)->help = true;
	return 0;
}

static int
set_version(void *ctx, const char *value, struct err *e)
{
	((struct tui *)ctx)->version = true;
	return 0;
}

static const struct opt options[] = {
	{ 'r', "read-only", NULL, "look only; nothing can be changed", set_read_only },
	{ 0, "capture", NULL,
	  "run COMMAND under cde, then show its package; Ctrl-Z shows it meanwhile",
	  set_capture },
	{ 0, "screen", "NAME",
	  "begin with files, origins, types, missing, processes or changes", set_screen },
	{ 0, "filter", "EXPR", "show only what matches", set_filter },
	{ 0, "sort", "KEY",
	  "name, size, unique, type, origin, access, count, path or recent", set_sort },
	{ 0, "color", "WHEN", "auto, always or never (NO_COLOR works, too)", set_colour },
	{ 0, "ascii", NULL, "no character beyond ASCII", set_ascii },
	{ 0, "mouse", NULL, "wheel and clicks; the terminal's own selection is off then",
	  set_mouse },
	{ 0, "keys", NULL, "print the table of keys and stop", set_keys },
	{ 'V', "version", NULL, "print the version", set_version },
	{ 'h', "help", NULL, "print this help", set_help },
	{ 0 },
};

static int
print_help(void)
{
	printf("%s\nLook through a package of cde and change it. PACKAGE: its directory "
	       "(default:\n./cde-package).\n\n",
	       usage_line);
	opt_help(options, stdout);
	return fflush(stdout) == 0 ? 0 : 1;
}

static int
print_keys(void)
{
	AUTO(str_fini) struct str s = STR_INIT;

	keys_dump(&s);
	return fputs(s.s, stdout) >= 0 && fflush(stdout) == 0 ? 0 : 1;
}

/* --- programs that get the terminal ----------------------------------------------- */

static const char pause_text[] = "\r\n[cde-tui: any key]";

static int
run_pager(struct app *a, struct term *t, struct err *e)
{
	const char *pager = getenv("PAGER");
	const char *const argv[] = {
		"sh", "-c", pager && *pager ? pager : "less -R- 2>/dev/null || more", NULL
	};
	struct term_child child = { .argv = argv };
	AUTO(fd_drop) int fd = package_file(&a->package, a->want_path.s, true, NULL, e);

	if (fd < 0)
		return -1;
	child.in = fd;
	return term_run(t, &child, e);
}

/* A shell of the package: the user's, or what there is; NULL: none. */
static const char *
shell_inside(struct app *a)
{
	const char *user = getenv("SHELL");
	const char *const shells[] = { user && *user == '/' ? user : "/bin/bash",
				       "/bin/bash",
				       "/usr/bin/bash",
				       "/bin/sh",
				       "/usr/bin/sh",
				       "/bin/dash",
				       "/usr/bin/dash" };

	for (size_t i = 0; i < ARRAY_SIZE(shells); i++) {
		AUTO(err_fini) struct err none = ERR_INIT;
		AUTO(fd_drop)
		int fd = package_file(&a->package, shells[i], true, NULL, &none);

		if (fd >= 0)
			return shells[i];
	}
	return NULL;
}

/* Where the last run was, in the package; else its root. */
static void
inside_of(struct app *a, struct str *out)
{
	const char *cwd = a->run.n ? a->run.v[a->run.n - 1].cwd : NULL;
	struct stat st;

	str_set(out, a->package.layout.root.s);
	if (cwd && package_lstat(&a->package, cwd, &st) == 0 && S_ISDIR(st.st_mode))
		str_add(out, cwd);
}

/* A shell that sees what programs of the package see.  It may have none, and those of this
 * machine are not redirected: then one that looks at the files as they lie there. */
static int
run_shell(struct app *a, struct term *t, struct err *e)
{
	AUTO(str_fini) struct str exec = STR_INIT, dir = STR_INIT;
	const char *user = getenv("SHELL"), *inside = shell_inside(a);
	const char *argv[] = { user && *user ? user : "/bin/sh", NULL, NULL, NULL, NULL };
	struct term_child child = { .argv = argv, .in = -1 };

	str_set(&dir, a->package.layout.root.s);
	child.before =
		"[cde-tui: the package has no shell; this one of the machine is in "
		"its root directory; exit leads back]\r\n";
	if (inside) {
		str_addf(&exec, "%s/" PKG_EXEC, a->package.layout.dir.s);
		argv[0] = exec.s;
		argv[1] = "--package";
		argv[2] = a->package.layout.dir.s;
		argv[3] = inside;
		inside_of(a, &dir);
		child.before = "[cde-tui: a shell that sees the package only; exit leads "
			       "back]\r\n";
	}
	child.dir = dir.s;
	return term_run(t, &child, e);
}

/* The last captured command, from the package, with what it misses on record. */
static int
run_try(struct app *a, struct term *t, struct err *e)
{
	AUTO(str_fini) struct str exec = STR_INIT;
	const char *argv[] = { NULL, "--rerun", "--diagnose", NULL };
	struct term_child child = { .argv = argv, .in = -1, .pause = pause_text };

	str_addf(&exec, "%s/" PKG_EXEC, a->package.layout.dir.s);
	argv[0] = exec.s;
	child.dir = a->package.layout.dir.s;
	return term_run(t, &child, e);
}

struct show {
	struct app *a;
	struct term *t;
};

/* Of something long. */
static bool
show_progress(void *ctx)
{
	struct show *s = ctx;

	term_show(s->t, &s->a->canvas, true);
	return !term_interrupted(s->t);
}

static void
say_status(struct app *a, const struct capture *c)
{
	if (c->status)
		app_say(a, STYLE_WARN, "%s ended with status %d", c->command, c->status);
}

/* Back to the command that runs beside, until it ends or somebody wants to look again. */
static void
run_command(struct app *a, struct term *t, struct capture *c)
{
	term_leave(t);
	if (!capture_relay(c)) {
		app_beside_ended(a);
		a->quit = c->interrupt || !capture_pause(c);
		say_status(a, c);
		t->events++;
	}
	term_back(t);
}

static void
run_wanted(struct app *a, struct term *t, struct capture *c)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	enum want want = a->want;
	int status;

	a->want = WANT_NOTHING;
	costs_stop(&a->costs);
	if (want == WANT_COMMAND) {
		run_command(a, t, c);
		return;
	}
	if (want == WANT_WRITE) {
		app_draw(a); /* without the box that asked */
		app_write(a);
		return;
	}
	status = want == WANT_PAGER   ? run_pager(a, t, &e)
		 : want == WANT_SHELL ? run_shell(a, t, &e)
				      : run_try(a, t, &e);
	if (e.text.len)
		app_fail(a, &e);
	else
		app_done(a, want, status);
}

/* --- the loop --------------------------------------------------------------------- */

static void
after_event(struct app *a, struct term *t, struct capture *c)
{
	while (a->want) /* a write may be followed by a try */
		run_wanted(a, t, c);
	if (a->beep)
		term_beep(t);
	a->beep = false;
	if (a->redraw)
		term_redraw(t);
	a->redraw = false;
	if (a->mouse != t->mouse)
		term_mouse(t, a->mouse);
}

/* The command that runs beside prints something, or ends. */
static void
hold_command(struct app *a, struct capture *c)
{
	capture_hold(c);
	if (c->pid)
		return;
	app_beside_ended(a);
	say_status(a, c);
}

static void
loop(struct app *a, struct term *t, struct capture *c)
{
	struct show show = { .a = a, .t = t };
	struct event ev;

	app_on_progress(a, show_progress, &show);
	app_resize(a, t->w, t->h);
	while (!a->quit) {
		struct term_wait w;

		if (!term_pending(t)) {
			app_draw(a);
			term_show(t, &a->canvas, app_is_busy(a) || app_wait_fd(a) >= 0);
		}
		w = (struct term_wait){ .busy = app_is_busy(a),
					.fd = { app_wait_fd(a), capture_fd(c) },
					.ms = app_wait_ms(a) };
		term_next(t, &w, &ev);
		if (ev.kind == EVENT_RESIZE)
			app_resize(a, t->w, t->h);
		if (ev.kind == EVENT_READY && ev.x == 1)
			hold_command(a, c);
		else
			app_event(a, &ev);
		after_event(a, t, c);
	}
}

/* What the command line says is not overruled. */
static void
recall(const struct tui *x, struct app *a)
{
	struct config_view v;

	config_recall(&v);
	if (v.sort[0] && !x->app.sort)
		app_view(a, v.sort, v.down, v.flat, v.column);
}

static void
remember(const struct app *a)
{
	struct config_view v = { .down = a->tree.down, .flat = a->tree.flat };

	snprintf(v.column, sizeof(v.column), "%s", app_column_word(a->column));
	snprintf(v.sort, sizeof(v.sort), "%s", tree_sorts[a->tree.sort].word);
	config_remember(&v);
}

/* The status to end with: of a signal, of the command, or 1 when there was no screen. */
static int
run(const struct tui *x, struct config *config, struct capture *c)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	struct term term = { 0 };
	struct app app;
	int status = 1;

	if (app_open(&app, &x->app, &e) < 0) {
		say_error(e.text.s);
		app_close(&app);
		return 1;
	}
	if (config->remember)
		recall(x, &app);
	app.hidden_columns = config->hidden_columns;
	app.keys = config->keys;
	config->keys = (struct keys){ 0 };
	app.beside = c->pid != 0;
	if (app.beside)
		app_say(&app, STYLE_DIM, "it goes on meanwhile: q brings you back to it");
	say_status(&app, c);
	if (config->warnings.len)
		app_say(&app, STYLE_WARN, "%.*s", (int)strcspn(config->warnings.s, "\n"),
			config->warnings.s);
	if (term_open(&term, x->colour, x->mouse, &e) < 0) {
		say_error(e.text.s);
	} else {
		/* As of term_run: a size, and the key of the pause. */
		term.events = !x->capture ? 0 : app.beside ? 1 : 2;
		loop(&app, &term, c);
		status = app.status;
		term_close(&term);
		if (config->remember)
			remember(&app);
	}
	app_close(&app);
	return status;
}

/* It has the terminal until it ends or somebody wants to look; false: it is over. */
static bool
first_relay(struct capture *c)
{
	static const char nothing[] = "[cde-tui: there is no package yet]\r\n";

	while (capture_relay(c)) {
		if (capture_has_package(c))
			return true;
		fd_write_all(1, nothing, strlen(nothing));
	}
	return capture_has_package(c) && !c->interrupt && capture_pause(c);
}

static int
run_capture(struct tui *x, struct config *config, char **argv, int argc)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	struct capture c;
	int status = 0;

	if (capture_start(&c, argv, argc, &e) < 0) {
		say_error(e.text.s);
		return EXIT_OURS;
	}
	x->app.dir = CAPTURE_PACKAGE;
	while (first_relay(&c)) {
		status = run(x, config, &c);
		if (!c.pid || status != 1)
			break;
		status = 0; /* no screen: back to the command */
	}
	capture_close(&c, status > 128 ? status - 128 : SIGHUP);
	return status ? status : c.status;
}

static bool
is_utf8(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

/* What a million files took for a moment goes back to the system: large blocks are
 * mapped one by one whatever was freed before, and threads have no heaps of their own. */
static void
init_memory(void)
{
	mallopt(M_MMAP_THRESHOLD, 256 << 10);
	mallopt(M_TRIM_THRESHOLD, 1 << 20);
	mallopt(M_ARENA_MAX, 1);
}

int
main(int argc, char **argv)
{
	AUTO(config_fini) struct config config;
	AUTO(err_fini) struct err e = ERR_INIT;
	struct tui x = { 0 };
	int first;

	init_memory();
	setlocale(LC_ALL, "");
	log_init("cde-tui", false);
	config_read(&config, NULL);
	x.colour = config.colour;
	x.mouse = config.mouse;
	x.ascii = config.ascii;
	first = opt_parse(options, argc, argv, &x, &e);
	if (first < 0 || (!x.capture && argc - first > 1) ||
	    (x.capture && first == argc)) {
		say_error(first < 0 ? e.text.s : usage_line);
		return 2;
	}
	if (x.help)
		return print_help();
	if (x.version)
		return printf("cde-tui %s\n", VERSION) > 0 && fflush(stdout) == 0 ? 0 : 1;
	if (x.keys)
		return print_keys();
	if (term_check(&e) < 0) {
		say_error(e.text.s);
		return 2;
	}
	x.app.ascii = x.ascii || !is_utf8();
	x.app.mouse = x.mouse;
	if (x.capture)
		return run_capture(&x, &config, argv + first, argc - first);
	if (first < argc)
		x.app.dir = argv[first];
	return run(&x, &config, &(struct capture){ .master = -1 });
}
