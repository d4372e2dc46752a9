/*
 * cde: options, then the order of things.  Whatever can be refused is refused
 * before the package directory is made; the program's first exec comes after
 * everything that may fail.
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/opt.h"
#include "capture/capture.h"
#include "capture/env.h"
#include "capture/start.h"
#include "capture/summary.h"
#include "path/lex.h"
#include "tree/listed.h"
#include "tree/mountpoint.h"
#include "tree/passed.h"
#include "tree/script.h"

extern char **environ;

struct cde {
	const char *dir;
	bool copied_log, quiet, with_outputs, why;
	const char *engine; /* as asked for, or NULL */
	struct trace_opts trace;
	VEC(char *) rule; /* lines from -i and -p */
	VEC(char *) flag; /* for the wrapper */

	char **argv;
	struct str program; /* file to start */
	struct str cwd;
	struct str options;
	struct str exec; /* cde-exec to install */
	struct rules rules;
	struct layout layout;
	int lock; /* of the package, shared */
	struct manifest *manifest;
	bool begun; /* there is a run to be finished */
	struct record record;
	struct capture capture;
	struct trace
		*traced; /* kept until all is written: its end takes time of its own */
};

static int
set_dir(void *ctx, const char *value, struct err *e)
{
	if (!*value)
		return err_set(e, 0, "-o needs the name of a directory");
	((struct cde *)ctx)->dir = value;
	return 0;
}

static int
add_rule(struct cde *c, const char *key, const char *value, struct err *e)
{
	AUTO(str_fini) struct str line = STR_INIT, path = STR_INIT;

	if (!*value || strchr(value, '\n'))
		return err_set(e, 0, "not a path for a rule: '%s'", value);
	if (value[0] != '/')
		str_set(&path, c->cwd.s);
	path_append(&path, value);
	path_clean(&path);
	str_addf(&line, "%s=%s", key, path.s);
	vec_push(&c->rule, str_take(&line));
	return 0;
}

static int
set_ignore(void *ctx, const char *value, struct err *e)
{
	return add_rule(ctx, "ignore_exact", value, e);
}

static int
set_ignore_prefix(void *ctx, const char *value, struct err *e)
{
	return add_rule(ctx, "ignore_prefix", value, e);
}

static int
set_engine(void *ctx, const char *value, struct err *e)
{
	struct cde *c = ctx;

	c->engine = value;
	c->trace.notify = c->trace.only = strcmp(value, "notify") == 0;
	c->trace.no_seccomp = strcmp(value, "ptrace-noseccomp") == 0;
	if (!c->trace.notify && !c->trace.no_seccomp && strcmp(value, "ptrace") != 0)
		return err_set(e, 0,
			       "unknown engine '%s' (there are: notify, ptrace, "
			       "ptrace-noseccomp)",
			       value);
	return 0;
}

#define FLAG(name, action) \
	static int name(void *ctx, const char *value, struct err *e) \
	{ \
		struct cde *c = ctx; \
\
		action; \
		return 0; \
	}

FLAG(set_copied_log, c->copied_log = true)
FLAG(set_no_follow, c->trace.no_follow = true)
FLAG(set_no_network, vec_push(&c->flag, mem_strdup("-n")))
FLAG(set_host_loader, vec_push(&c->flag, mem_strdup("-l")))
FLAG(set_stream, vec_push(&c->flag, mem_strdup("-s")))
FLAG(set_verbose, log_set_verbose(c != NULL))
FLAG(set_quiet, c->quiet = true)
FLAG(set_outputs, c->with_outputs = true)
FLAG(set_why, c->why = true)
FLAG(set_io_uring, c->trace.allow_io_uring = true)

static int show_version(void *ctx, const char *value, struct err *e);
static int show_help(void *ctx, const char *value, struct err *e);

static const struct opt options[] = {
	{ 'o', "output", "DIR", "the package directory (cde-package)", set_dir },
	{ 'i', "ignore", "PATH", "leave PATH to the host; kept in cde.options",
	  set_ignore },
	{ 'p', "ignore-prefix", "PATH", "leave PATH and all below it to the host",
	  set_ignore_prefix },
	{ 0, "with-outputs", NULL, "package the files that the run makes, too",
	  set_outputs },
	{ 'f', "no-follow", NULL, "let child processes run on their own, not captured",
	  set_no_follow },
	{ 'c', "copied-log", NULL, "list copied files in ./cde-copied-files.log",
	  set_copied_log },
	{ 'n', "no-network", NULL, "wrapper: no network when it runs from the package",
	  set_no_network },
	{ 'l', "host-loader", NULL, "wrapper: start programs by the host's loader",
	  set_host_loader },
	{ 's', "stream", NULL, "wrapper: fetch missing files from cde-remote-root",
	  set_stream },
	{ 0, "engine", "NAME", "notify, ptrace or ptrace-noseccomp", set_engine },
	{ 0, "why", NULL, "say on stderr which engine is used, and why", set_why },
	{ 0, "io-uring", NULL, "allow io_uring, whose file accesses cannot be seen",
	  set_io_uring },
	{ 'q', "quiet", NULL, "no closing line, no remarks", set_quiet },
	{ 'v', "verbose", NULL, "say on stderr what is done", set_verbose },
	{ 'V', "version", NULL, "print the version", show_version },
	{ 'h', "help", NULL, "print this help", show_help },
	{ 0, NULL, NULL, NULL, NULL },
};

static int
show_version(void *ctx, const char *value, struct err *e)
{
	printf("cde %s\n", VERSION);
	exit(fflush(stdout) ? EXIT_OURS : 0);
}

static int
show_help(void *ctx, const char *value, struct err *e)
{
	printf("usage: cde [OPTIONS] COMMAND [ARGUMENT...]\n"
	       "Run COMMAND and package every file that it uses into ./cde-package;\n"
	       "cde-package/COMMAND.cde then runs it anywhere.\n\n");
	opt_help(options, stdout);
	exit(fflush(stdout) ? EXIT_OURS : 0);
}

/* Files of ours must not take the place of a closed stdin, stdout or stderr. */
static void
fill_standard_fds(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

static void
ignore_quietly(int sig)
{
}

/* Many small pieces that live until the end, from several threads: one heap that grows
 * in large steps.  What every run needs of it comes at once, not by a fault for each
 * page; Linux 5.14, and else it is as it was. */
static void
tune_heap(void)
{
	enum { ALWAYS = 120 << 10, PAGE = 4096 };
	char *p;

	mallopt(M_ARENA_MAX, 1);
	mallopt(M_TOP_PAD, 1 << 20);
	p = malloc(ALWAYS);
	if (p)
		madvise(p + PAGE - (uintptr_t)p % PAGE, ALWAYS - PAGE,
			MADV_POPULATE_WRITE);
	free(p);
	manifest_start_small();
}

/* A full pipe or a file size limit is an errno for us.  Handlers, since "ignored"
 * would be inherited by the program. */
static void
catch_own_signals(void)
{
	static const int sigs[] = { SIGPIPE, SIGXFSZ };
	struct sigaction old,
		sa = { .sa_handler = ignore_quietly, .sa_flags = SA_RESTART };

	for (size_t i = 0; i < ARRAY_SIZE(sigs); i++)
		if (sigaction(sigs[i], NULL, &old) == 0 && old.sa_handler == SIG_DFL)
			sigaction(sigs[i], &sa, NULL);
}

static int
get_cwd(struct str *out, struct err *e)
{
	AUTO(mem_free) char *cwd = getcwd(NULL, 0);

	if (!cwd || cwd[0] != '/')
		return err_set(e, cwd ? ENOENT : errno, "current directory");
	str_set(out, cwd);
	return 0;
}

static int
load_rules(struct cde *c, bool *cwd_rule, struct err *e)
{
	AUTO(str_fini) struct str name = STR_INIT, line = STR_INIT;

	if (start_options(c->dir, c->rule.v, c->rule.n, &c->options, &name, e) < 0)
		return -1;
	rules_init(&c->rules, 2);
	if (rules_parse(&c->rules, name.s, c->options.s, c->options.len, e) < 0)
		return -1;
	start_cwd_rule(&c->rules, c->cwd.s, &line);
	*cwd_rule = line.len && start_add_line(&c->options, line.s);
	if (!*cwd_rule)
		return 0;
	rules_fini(&c->rules);
	rules_init(&c->rules, 2);
	return rules_parse(&c->rules, name.s, c->options.s, c->options.len, e);
}

/* A command with a slash is meant from here; the wrapper starts from anywhere. */
static int
save_wrapper(struct cde *c, struct err *e)
{
	AUTO(str_fini) struct str cmd = STR_INIT;

	if (strchr(c->argv[0], '/') && c->argv[0][0] != '/') {
		str_set(&cmd, c->cwd.s);
		path_append(&cmd, c->argv[0]);
		path_clean(&cmd);
	} else {
		str_set(&cmd, c->argv[0]);
	}
	vec_push(&c->flag, NULL);
	return layout_write_wrapper(&c->layout, cmd.s, c->flag.v, e);
}

/* The package may have got lines by another cde since they were read. */
static int
save_rules(struct cde *c, struct err *e)
{
	bool added;

	rules_fini(&c->rules);
	if (load_rules(c, &added, e) < 0)
		return -1;
	return fs_replace(c->layout.dirfd, PKG_OPTIONS, c->options.s, c->options.len,
			  0644, e);
}

/* Captures into one package at the same time are fine: the lock is shared, each row of the
 * manifest has its run, and each file comes by a rename.  Only the texts are read, changed
 * and written. */
static int
make_package(struct cde *c, struct err *e)
{
	AUTO(fd_drop) int texts = -1;
	struct stat st;

	if (stat(c->dir, &st) == 0 && !S_ISDIR(st.st_mode))
		return err_set(e, 0, "%s exists and is not a directory", c->dir);
	if (layout_create(&c->layout, c->dir, e) < 0 ||
	    layout_hold(&c->layout, &c->lock, e) < 0)
		return -1;
	texts = layout_lock_texts(&c->layout);
	if (save_rules(c, e) < 0 || env_save(&c->layout, &c->rules, environ, e) < 0 ||
	    layout_install_exec(&c->layout, c->exec.s, e) < 0 || save_wrapper(c, e) < 0 ||
	    layout_log_command(&c->layout, c->cwd.s, c->argv, e) < 0)
		return -1;
	return 0;
}

static int
open_copied_log(struct cde *c, struct err *e)
{
	static const char name[] = "cde-copied-files.log";

	if (!c->copied_log)
		return 0;
	c->record.log_fd =
		open(name, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
	return c->record.log_fd < 0 ? err_set(e, errno, "%s", name) : 0;
}

/* Status as from waitpid, or -1. */
static int
run_traced(struct cde *c, struct trace *t, struct err *e)
{
	const struct manifest_command command = {
		.argv = c->argv,
		.cwd = c->cwd.s,
		.engine = trace_engine_name(t),
		.home = getenv("HOME"),
	};
	AUTO(err_fini) struct err later = ERR_INIT;
	int status = 0;

	if (!c->begun) /* once, also of what is started again as a script */
		manifest_run(c->manifest, &command);
	c->begun = true;
	/* others see the run: soon by capture_ops.on_rest, or now */
	manifest_be_patient(c->manifest, !trace_has_exits(t));
	if (trace_has_exits(t))
		manifest_flush(c->manifest, &later);
	return trace_run(t, &status, e) < 0 ? -1 : status;
}

static void
read_unnamed(struct cde *c)
{
	AUTO(str_fini) struct str name = STR_INIT;

	str_set(&name, c->dir);
	path_append(&name, PKG_UNNAMED);
	unnamed_read(&c->trace.unnamed, AT_FDCWD, name.s);
}

/* Those of earlier runs stay. */
static void
save_passed(struct cde *c)
{
	AUTO(passed_fini) struct passed x = { 0 };

	passed_read(&x, &c->layout);
	misses_passed(&c->capture.misses, &c->record.view, &x);
	passed_write(&x, &c->layout);
}

static void
finish(struct cde *c, int status, const struct timespec *begin)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	const char *home = getenv("HOME");
	struct timespec end;
	bool known;

	clock_gettime(CLOCK_MONOTONIC, &end);
	if (c->record.filled)
		listed_forget(&c->layout); /* of another cde, that has ended meanwhile */
	record_finish(&c->record, c->with_outputs);
	known = !c->record.filled && listed_is_new(&c->layout);
	mountpoints_make(&c->layout, &c->rules, home, known);
	if (!known)
		listed_write(&c->layout);
	save_passed(c);
	unnamed_write(&c->trace.unnamed, &c->capture.unnamed, c->layout.dirfd,
		      PKG_UNNAMED);
	capture_save(&c->capture);
	manifest_run_end(c->manifest, status,
			 (end.tv_sec - begin->tv_sec) +
				 (end.tv_nsec - begin->tv_nsec) / 1e9);
	if (c->record.copied || c->record.filled)
		summary_origins(c->manifest, home ? home : "", c->cwd.s);
	if (manifest_flush(c->manifest, &e) < 0)
		log_error("%s", e.text.s);
	summary_problems(&c->capture);
}

static void
say_engine(const struct cde *c, const struct trace *t)
{
	const char *name = trace_engine_name(t);

	if (trace_why(t)[0])
		log_error("engine: %s (not notify: %s)", name, trace_why(t));
	else if (c->engine)
		log_error("engine: %s (asked for)", name);
	else
		log_error("engine: %s (one round trip for each call of the table)", name);
	if (trace_has_exits(t) && !trace_uses_seccomp(t) && !c->trace.no_seccomp)
		log_error("every call stops, since no seccomp filter for a tracer can be "
			  "used here, or because of -f");
}

/* One start; *exec_errno is set when the program could not be executed. */
static int
start_once(struct cde *c, char *const *argv, int *exec_errno, struct err *e)
{
	struct trace *t = c->traced;
	int status = -1;

	if (trace_start(t, c->program.s, argv, environ, e) == 0) {
		c->capture.trace = t;
		c->capture.cwd = c->cwd.s;
		c->capture.program = c->program.s;
		if (c->why)
			say_engine(c, t);
		status = run_traced(c, t, e);
	}
	*exec_errno = trace_exec_errno(t);
	return status;
}

static bool
is_text(const char *program)
{
	AUTO(fd_drop) int fd = open(program, O_RDONLY | O_CLOEXEC);

	return fd >= 0 && script_is_text(fd);
}

/* execvp(3): what the kernel does not know is a script for sh. */
static int
start_as_script(struct cde *c, int *exec_errno, struct err *e)
{
	VEC(char *) argv = { 0 };
	AUTO(str_fini) struct str script = STR_INIT;
	int status;

	trace_free(c->traced);
	c->traced = trace_new(&c->trace, &capture_ops, &c->capture);
	str_swap(&script, &c->program);
	str_set(&c->program, "/bin/sh");
	vec_push(&argv, c->argv[0]);
	vec_push(&argv, script.s);
	for (char **a = c->argv + 1; *a; a++)
		vec_push(&argv, *a);
	vec_push(&argv, NULL);
	status = start_once(c, argv.v, exec_errno, e);
	vec_fini(&argv);
	return status;
}

static _Noreturn void
fail_exec(const struct cde *c, int error)
{
	log_die(error == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE, "%s: %s",
		c->argv[0], strerror(error));
}

static void
say_closing(struct cde *c)
{
	AUTO(str_fini) struct str line = STR_INIT;

	if (c->quiet || !isatty(STDERR_FILENO))
		return;
	summary_closing(c->manifest, c->dir, c->argv[0], &line);
	log_error("%s", line.s);
}

/* It is made once, too. */
static int
open_manifest(struct cde *c, struct err *e)
{
	AUTO(fd_drop) int texts = -1;

	texts = layout_lock_texts(&c->layout);
	c->manifest = manifest_open(&c->layout, e);
	return c->manifest ? 0 : -1;
}

static int
capture_command(struct cde *c, struct err *e)
{
	struct timespec begin;
	int status, exec_errno = 0;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	if (open_manifest(c, e) < 0)
		return -1;
	record_init(&c->record, &c->layout, c->manifest, &c->rules);
	capture_init(&c->capture, &c->record);
	if (open_copied_log(c, e) < 0)
		return -1;
	status = start_once(c, c->argv, &exec_errno, e);
	if (exec_errno == ENOEXEC && is_text(c->program.s))
		status = start_as_script(c, &exec_errno, e);
	if (c->begun)
		finish(c, exec_errno ? EXIT_NOT_EXECUTABLE << 8 : status, &begin);
	if (exec_errno)
		fail_exec(c, exec_errno);
	if (status >= 0)
		say_closing(c);
	capture_fini(&c->capture);
	record_fini(&c->record);
	return status;
}

static void
find_command(struct cde *c)
{
	int r = start_find_command(c->argv[0], getenv("PATH"), &c->program);

	if (r == EXIT_NOT_FOUND)
		log_die(r, "%s: command not found", c->argv[0]);
	if (r)
		log_die(r, "%s: cannot be executed", c->argv[0]);
}

static int
cde(struct cde *c, int argc, char **argv, struct err *e)
{
	bool cwd_rule = false;
	int first, status;

	if (get_cwd(&c->cwd, e) < 0)
		return -1;
	first = opt_parse(options, argc, argv, c, e);
	if (first < 0)
		return -1;
	if (first == argc)
		return err_set(e, 0, "no command (see cde --help)");
	c->argv = argv + first;
	find_command(c);
	read_unnamed(c);
	/* it needs some time to prepare itself */
	c->traced = trace_new(&c->trace, &capture_ops, &c->capture);
	trace_prepare(c->traced, c->program.s, c->argv, environ);
	if (load_rules(c, &cwd_rule, e) < 0 ||
	    start_find_exec(getenv("PATH"), &c->exec, e) < 0 || make_package(c, e) < 0)
		return -1;
	if (cwd_rule && !c->quiet && isatty(STDERR_FILENO))
		log_error("the current directory is below an ignored one: "
			  "added redirect_prefix=%s to %s/" PKG_OPTIONS,
			  c->cwd.s, c->dir);
	status = capture_command(c, e);
	if (c->manifest &&
	    manifest_close(c->manifest, status < 0 ? &(struct err)ERR_INIT : e) < 0 &&
	    status >= 0)
		log_error("%s", e->text.s);
	layout_fini(&c->layout);
	fd_drop(&c->lock);
	return status;
}

int
main(int argc, char **argv)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	struct cde c = {
		.dir = "cde-package",
		.program = STR_INIT,
		.cwd = STR_INIT,
		.options = STR_INIT,
		.exec = STR_INIT,
		.trace = { .notify = true },
		.layout = LAYOUT_INIT,
		.lock = -1,
	};
	int status;

	log_init("cde", false);
	tune_heap();
	fill_standard_fds();
	catch_own_signals();
	status = cde(&c, argc, argv, &e);
	trace_free(c.traced);
	if (status < 0)
		log_die(EXIT_OURS, "%s", e.text.s);
	for (size_t i = 0; i < c.rule.n; i++)
		free(c.rule.v[i]);
	for (size_t i = 0; i < c.flag.n; i++)
		free(c.flag.v[i]);
	vec_fini(&c.rule);
	vec_fini(&c.flag);
	rules_fini(&c.rules);
	str_fini(&c.program);
	str_fini(&c.cwd);
	str_fini(&c.options);
	str_fini(&c.exec);
	trace_exit_like(status);
}
