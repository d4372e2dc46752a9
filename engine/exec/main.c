/* cde-exec: run a program from a package.  cde-exec(1) */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/log.h"
#include "base/opt.h"
#include "exec/changes.h"
#include "exec/install.h"
#include "exec/load.h"
#include "exec/ns.h"
#include "exec/session.h"
#include "exec/streaming.h"
#include "path/lex.h"
#include "tree/script.h"

/* Which one was asked for. */
enum choice { CHOOSE_BEST, CHOOSE_NAMESPACE, CHOOSE_NOTIFY, CHOOSE_PTRACE };

struct main {
	struct load load;
	enum choice choice;
	bool rerun, why, host_loader, diagnose, install, uninstall;
	struct install where; /* --install */
	struct changes changes;
	struct trace_opts trace;
	struct streaming streaming;
	struct log_command again; /* --rerun */
	struct str program;	  /* what execve is called with */
	struct str why_not;	  /* why the namespace engine was not taken */
};

static const char usage[] =
	"Usage: cde-exec [OPTIONS] COMMAND [ARGUMENT...]\n"
	"       cde-exec [OPTIONS] --rerun [NUMBER]\n"
	"       cde-exec [OPTIONS] -s [REMOTE] COMMAND [ARGUMENT...]\n"
	"       cde-exec --stream-setup REMOTE DIRECTORY\n"
	"       cde-exec --changes DIRECTORY [--json | --keep | --discard]\n"
	"       cde-exec --install [--all] [DIRECTORY]\n"
	"       cde-exec --uninstall [DIRECTORY]\n"
	"Run COMMAND from a package made by cde, as if it were installed here.\n\n"
	"Inside of cde-root the program sees the package only; anywhere else the "
	"package\n"
	"and this machine together (seamless).  Options:\n";

#define FLAG(name, statement) \
	static int name(void *ctx, const char *value, struct err *e) \
	{ \
		struct main *m = ctx; \
		statement; \
		return 0; \
	}

FLAG(set_package, str_set(&m->load.dir, value))
FLAG(set_rerun, m->rerun = true)
FLAG(set_why, m->why = true)
FLAG(set_diagnose, m->diagnose = true)
FLAG(set_host_loader, m->host_loader = true)
FLAG(set_no_network, m->trace.no_network = true)
FLAG(set_no_follow, m->trace.no_follow = true)
FLAG(set_io_uring, m->trace.allow_io_uring = true)
FLAG(set_stream, m->streaming.wanted = true)
FLAG(set_stream_setup, m->streaming.setup = value)
FLAG(set_offline, m->streaming.offline = true)
FLAG(set_ephemeral, m->changes.wanted = true)
FLAG(set_changes, m->changes.name = value)
FLAG(set_keep, m->changes.keep = true)
FLAG(set_discard, m->changes.discard = true)
FLAG(set_json, m->changes.json = true)
FLAG(set_install, m->install = true)
FLAG(set_uninstall, m->uninstall = true)
FLAG(set_all, m->where.all = true)
FLAG(set_verbose, (void)m; log_set_verbose(true))

FLAG(set_ignore, load_ignore(&m->load, MATCH_EXACT, value))
FLAG(set_ignore_prefix, load_ignore(&m->load, MATCH_PREFIX, value))

static int
set_engine(void *ctx, const char *value, struct err *e)
{
	struct main *m = ctx;

	m->trace.no_seccomp = strcmp(value, "ptrace-noseccomp") == 0;
	if (strcmp(value, "auto") == 0)
		m->choice = CHOOSE_BEST;
	else if (strcmp(value, "namespace") == 0)
		m->choice = CHOOSE_NAMESPACE;
	else if (strcmp(value, "notify") == 0)
		m->choice = CHOOSE_NOTIFY;
	else if (strcmp(value, "ptrace") == 0 || m->trace.no_seccomp)
		m->choice = CHOOSE_PTRACE;
	else
		return err_set(e, 0,
			       "unknown engine '%s' (there are: auto, namespace, notify, "
			       "ptrace, ptrace-noseccomp)",
			       value);
	return 0;
}

static int print_help(void *ctx, const char *value, struct err *e);
static int print_version(void *ctx, const char *value, struct err *e);

static const struct opt options[] = {
	{ 0, "package", "DIR", "run from the package in DIR", set_package },
	{ 0, "rerun", NULL, "repeat captured command NUMBER exactly (default: the last)",
	  set_rerun },
	{ 'n', "no-network", NULL, "cut the network off; AF_UNIX stays", set_no_network },
	{ 'l', "host-loader", NULL, "start programs with this machine's dynamic loader",
	  set_host_loader },
	{ 'f', "no-follow", NULL, "let child processes run without redirection",
	  set_no_follow },
	{ 'i', "ignore", "PATH", "take PATH from this machine", set_ignore },
	{ 'p', "ignore-prefix", "PATH", "take PATH and all below it from this machine",
	  set_ignore_prefix },
	{ 's', "stream", NULL, "fetch the files from a REMOTE, as they are needed",
	  set_stream },
	{ 0, "stream-setup", "REMOTE", "make the directory that follows a place for them",
	  set_stream_setup },
	{ 0, "offline", NULL, "with -s: use only what is here already", set_offline },
	{ 0, "ephemeral", NULL, "throw away all that the program writes", set_ephemeral },
	{ 0, "changes", "DIR",
	  "keep it apart in DIR; without COMMAND: list what is there", set_changes },
	{ 0, "keep", NULL, "with --changes: put it where the program meant it to be",
	  set_keep },
	{ 0, "discard", NULL, "with --changes: remove it", set_discard },
	{ 0, "json", NULL, "with --changes: list as JSON", set_json },
	{ 0, "install", NULL, "make commands of the programs, in ~/.local/bin",
	  set_install },
	{ 0, "all", NULL, "with --install: all programs on the package's PATH", set_all },
	{ 0, "uninstall", NULL, "remove these commands", set_uninstall },
	{ 0, "io-uring", NULL, "allow io_uring, whose opens are not redirected",
	  set_io_uring },
	{ 0, "engine", "NAME", "auto, namespace, notify, ptrace, or ptrace-noseccomp",
	  set_engine },
	{ 0, "why", NULL, "say on stderr which engine is used, and why", set_why },
	{ 0, "diagnose", NULL, "note in missing.jsonl all that was not found",
	  set_diagnose },
	{ 'v', "verbose", NULL, "say more on stderr", set_verbose },
	{ 'V', "version", NULL, "print the version", print_version },
	{ 'h', "help", NULL, "print this help", print_help },
	{ 0 },
};

static int
print_help(void *ctx, const char *value, struct err *e)
{
	fputs(usage, stdout);
	opt_help(options, stdout);
	exit(EXIT_SUCCESS);
}

static int
print_version(void *ctx, const char *value, struct err *e)
{
	puts("cde-exec " VERSION);
	exit(EXIT_SUCCESS);
}

static int
load_package(struct main *m, const char *cwd, struct err *e)
{
	if (load_find(&m->load, cwd, e) < 0 ||
	    streaming_find(&m->streaming, &m->load.dir, e) < 0)
		return -1;
	if (load_open(&m->load, cwd, !m->rerun, e) == 0)
		return 0;
	return m->streaming.wanted && !m->streaming.remote
		       ? err_wrap(e,
				  "-s without a REMOTE (sftp://… or a directory that is "
				  "here)")
		       : -1;
}

/* --rerun: command and cwd from cde.log. */
static int
enter_rerun(struct main *m, const char *number, struct err *e)
{
	AUTO(str_fini) struct str dir = STR_INIT;
	char *end = NULL;
	unsigned long n = number ? strtoul(number, &end, 10) : 0;

	if (number && (!*number || *end || n == 0 || n > 1u << 30))
		return err_set(e, 0, "--rerun: '%s' is not the number of a command",
			       number);
	if (layout_read_command(&m->load.layout, (unsigned)n, &m->again, e) < 0)
		return -1;
	str_set(&dir, m->load.layout.root.s);
	path_append(&dir, m->again.cwd.s);
	if (chdir(dir.s) < 0)
		return err_set(e, errno, "cd %s", dir.s);
	return 0;
}

/* What is at a virtual name?  0: a program; -EACCES: not executable; -ENOENT. */
static int
program_at(struct session *s, const char *base, const char *name)
{
	AUTO(str_fini) struct str real = STR_INIT;
	struct stat st;

	if (look_up(&s->look, base, name, WALK_FOLLOW) < 0 ||
	    s->look.side == SIDE_HIDDEN || s->look.walk.kind == FSV_MISSING)
		return -ENOENT;
	world_real(&s->world, s->look.side, s->look.walk.abs.s, &real);
	if (stat(real.s, &st) < 0)
		return -ENOENT;
	if (!S_ISREG(st.st_mode) || faccessat(AT_FDCWD, real.s, X_OK, AT_EACCESS) < 0)
		return -EACCES;
	return 0;
}

/* Along the package's PATH, as execvp(3) does.  Exit status on failure, else 0. */
static int
find_program(struct main *m, struct session *s, const char *cwd, const char *cmd)
{
	const char *path = env_get(&m->load.env, "PATH");
	int best = -ENOENT;

	if (strchr(cmd, '/')) {
		str_set(&m->program, cmd);
		best = program_at(s, cwd, cmd);
		return best == 0	 ? 0
		       : best == -EACCES ? EXIT_NOT_EXECUTABLE
					 : EXIT_NOT_FOUND;
	}
	if (!path)
		path = "/usr/local/bin:/usr/bin:/bin";
	for (;;) {
		size_t n = strcspn(path, ":");
		int r;

		str_setn(&m->program, path, n);
		if (!n)
			str_set(&m->program, ".");
		path_append(&m->program, cmd);
		r = program_at(s, cwd, m->program.s);
		if (r == 0)
			return 0;
		if (r == -EACCES)
			best = r;
		if (!path[n])
			break;
		path += n + 1;
	}
	return best == -EACCES ? EXIT_NOT_EXECUTABLE : EXIT_NOT_FOUND;
}

static const char *
not_executable(const struct main *m)
{
	struct statvfs fs;

	if (fstatvfs(m->load.layout.dirfd, &fs) == 0 && fs.f_flag & ST_NOEXEC)
		return "not executable: the package is on a file system that is mounted "
		       "noexec; copy it to another";
	return "not executable";
}

static bool
is_text(struct session *s, const char *cwd, const char *program)
{
	AUTO(str_fini) struct str real = STR_INIT;

	if (look_up(&s->look, cwd, program, WALK_FOLLOW) < 0)
		return false;
	world_real(&s->world, s->look.side, s->look.walk.abs.s, &real);
	AUTO(fd_drop) int fd = open(real.s, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && script_is_text(fd);
}

enum { PASSED_SAID = 8 };

/* Files of this machine that searches of the package's programs do not find. */
static void
say_passed(struct world *w)
{
	const struct passed *x = world_passed(w);
	AUTO(str_fini) struct str abs = STR_INIT;
	struct stat st;
	size_t n = 0;

	for (struct map_slot *s = NULL; w->seamless && (s = map_next(&x->name, s));) {
		str_setn(&abs, s->key, s->len);
		if (world_stat(w, SIDE_HOST, abs.s, &st) < 0 ||
		    world_side(w, &abs) != SIDE_PACKAGE ||
		    world_stat(w, SIDE_PACKAGE, abs.s, &st) == 0)
			continue;
		if (n++ < PASSED_SAID)
			log_error("not this machine's %s: the package has %s", abs.s,
				  x->found.v[s->u]);
	}
	if (n > PASSED_SAID)
		log_error("… nor %zu more files of this machine, see " PKG_PASSED
			  " of the package",
			  n - PASSED_SAID);
}

/* *exec_errno: why the program did not start at all, or 0. */
static int
run_once(struct main *m, struct session *s, char *const *argv, int *status,
	 int *exec_errno, struct err *e)
{
	int r;

	unnamed_read(&m->trace.unnamed, m->load.layout.dirfd, PKG_UNNAMED);
	s->trace = trace_new(&m->trace, &session_ops, s);
	r = trace_start(s->trace, m->program.s, argv, m->load.env.v.v, e);
	if (r == 0 && m->why)
		log_error("engine %s, %s mode%s%s", trace_engine_name(s->trace),
			  s->world.seamless ? "seamless" : "sandbox",
			  m->why_not.len	       ? "; not namespace: "
			  : m->choice >= CHOOSE_NOTIFY ? " (asked for)"
						       : "",
			  m->why_not.s);
	if (r == 0 && m->why && m->trace.answer && trace_why(s->trace)[0])
		log_error("not notify: %s", trace_why(s->trace));
	if (r == 0 && m->why)
		say_passed(&s->world);
	if (r == 0)
		r = trace_run(s->trace, status, e);
	if (r == 0 && m->why && trace_files_refused(s->trace))
		log_error("files were opened by stops: SECCOMP_IOCTL_NOTIF_ADDFD is "
			  "refused here: %s",
			  strerror(trace_files_refused(s->trace)));
	*exec_errno = trace_exec_errno(s->trace);
	trace_free(s->trace);
	return r;
}

/* execvp(3): text that the kernel does not know is a script for sh. */
static int
run_as_script(struct main *m, struct session *s, char **argv, int *status,
	      int *exec_errno, struct err *e)
{
	AUTO(str_fini) struct str script = STR_INIT;
	VEC(char *) words = { 0 };
	int r;

	str_swap(&script, &m->program);
	str_set(&m->program, "/bin/sh");
	vec_push(&words, argv[0]);
	vec_push(&words, script.s);
	do
		vec_push(&words, *++argv);
	while (*argv);
	r = run_once(m, s, words.v, status, exec_errno, e);
	vec_fini(&words);
	return r;
}

/* What only a tracer can do, or NULL. */
static const char *
needs_tracer(const struct main *m, const struct session *s, const char *cwd)
{
	return s->world.stream ? "streaming: mounts do not tell what is looked up"
	       : m->changes.wanted || m->changes.name ? "what it changes is held back"
	       : changes_held(&m->changes) && !m->changes.mountable
		       ? "the package cannot be written, so changes go elsewhere"
	       : m->trace.no_follow  ? "-f is asked for"
	       : m->trace.no_network ? "-n is asked for"
	       : m->host_loader	     ? "-l is asked for"
	       : m->diagnose	     ? "--diagnose is asked for"
	       : s->world.seamless
		       ? "seamless mode: mounts cannot merge two trees exactly"
	       : strlen(cwd) > 4000 ? "the name of the working directory is too long"
				    : NULL;
}

/* What would write past the upper trees. */
static int
may_hold(const struct main *m, const struct session *s, struct err *e)
{
	const char *what = s->world.stream	     ? "-s"
			   : m->trace.no_follow	     ? "-f"
			   : m->trace.allow_io_uring ? "--io-uring"
			   : m->load.rules.process.n
				   ? "an ignore_process block in cde.options"
				   : NULL;

	if (!what || (!m->changes.wanted && !m->changes.name))
		return 0;
	return err_set(e, 0,
		       "with %s, changes cannot be held back (--ephemeral, --changes)",
		       what);
}

/* Does not return if it can be done; 0: take another engine; -1: it was asked for. */
static int
run_in_namespace(struct main *m, struct session *s, const char *cwd, char **argv,
		 struct err *e)
{
	struct layer *layer = &s->world.layer[SIDE_PACKAGE];
	const struct ns_command c = {
		&m->load.layout,
		&m->load.rules,
		&m->load.env,
		cwd,
		m->program.s,
		argv,
		m->load.lock,
		m->trace.allow_io_uring,
		m->why,
		&s->world.who,
		m->changes.mountable ? layer : NULL,
	};
	AUTO(err_fini) struct err why = ERR_INIT;
	const char *reason = needs_tracer(m, s, cwd);

	if (!reason && m->changes.mountable && layer_start(layer) < 0)
		reason = "there is no place for what it changes";
	if (!reason && ns_run(&c, &why) < 0)
		reason = why.text.s;
	str_set(&m->why_not, reason);
	return m->choice == CHOOSE_BEST ? 0
					: err_set(e, 0, "engine namespace: %s", reason);
}

static int
run(struct main *m, char **argv, struct err *e)
{
	AUTO(str_fini) struct str cwd = STR_INIT;
	AUTO(session_fini) struct session s;
	int status, exec_errno, r;
	const char *here;

	if (fs_readlink(AT_FDCWD, "/proc/self/cwd", &cwd) < 0)
		return err_set(e, errno, "/proc is needed: readlink /proc/self/cwd");
	session_init(&s, &m->load.layout, &m->load.rules,
		     !m->rerun && !path_under(cwd.s, m->load.layout.root.s));
	s.env = &m->load.env;
	s.host_env = environ;
	s.host_loader = m->host_loader;
	s.no_network = m->trace.no_network;
	if (streaming_open(&m->streaming, &s, e) < 0 || may_hold(m, &s, e) < 0 ||
	    changes_begin(&m->changes, &s.world, e) < 0)
		return -1;
	m->trace.hold_changes = changes_held(&m->changes);
	m->trace.only = m->choice == CHOOSE_NOTIFY;
	who_make(&s.world.who, &s.world.store);
	if (m->why && s.world.who.passwd.len)
		log_error("/etc/passwd here does not know user %u: he is added to a copy",
			  geteuid());
	streaming_begin(&s, argv[0]);
	here = world_virtual(&s.world, cwd.s);
	r = find_program(m, &s, here, argv[0]);
	if (r != 0) {
		changes_end(&m->changes);
		log_die(r, "%s: %s", argv[0],
			r == EXIT_NOT_FOUND
				? "command not found in the package (or on its PATH)"
				: not_executable(m));
	}
	if (m->trace.only && m->trace.hold_changes)
		r = err_set(e, 0, "engine notify: what it changes is held back");
	else if (m->choice < CHOOSE_NOTIFY)
		r = run_in_namespace(m, &s, here, argv, e);
	if (r < 0) {
		changes_end(&m->changes);
		return -1;
	}
	m->trace.execution = true;
	m->trace.answer = m->choice != CHOOSE_PTRACE && !m->trace.hold_changes;
	r = run_once(m, &s, argv, &status, &exec_errno, e);
	if (r == 0 && exec_errno == ENOEXEC && is_text(&s, here, m->program.s))
		r = run_as_script(m, &s, argv, &status, &exec_errno, e);
	changes_end(&m->changes);
	if (r < 0)
		return -1;
	streaming_end(&s);
	if (!m->trace.hold_changes)
		unnamed_write(&m->trace.unnamed, &s.unnamed, m->load.layout.dirfd,
			      PKG_UNNAMED);
	if (missing_save(&s.missing, &m->load.layout, e) < 0)
		log_error("%s", e->text.s);
	if (exec_errno)
		log_die(exec_errno == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE,
			"%s: %s", argv[0], strerror(exec_errno));
	trace_exit_like(status);
}

/* --install, --uninstall: exits. */
static void
change_commands(struct main *m, const char *cwd, char **words, struct err *e)
{
	AUTO(mem_free) char *real = NULL;
	int r;

	if (words[0] && words[1])
		log_die(EXIT_OURS, "one directory at most (see cde-exec --help)");
	m->where.dir = words[0];
	if (m->install) {
		r = load_package(m, cwd, e);
		m->where.package = m->load.layout.dir.s;
		if (r == 0)
			r = install_add(&m->where, &m->load.layout, &m->load.env, e);
	} else {
		r = load_find(&m->load, cwd, e);
		real = realpath(m->load.dir.s, NULL);
		m->where.package = real ? real : m->load.dir.s;
		if (r == 0)
			r = install_remove(&m->where, e);
	}
	if (r < 0)
		log_die(EXIT_OURS, "%s", e->text.s);
	exit(fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_OURS);
}

/* A change set without a command: exits. */
static void
look_at_changes(const struct main *m, struct err *e)
{
	if (changes_act(&m->changes, e) < 0)
		log_die(EXIT_OURS, "%s", e->text.s);
	exit(EXIT_SUCCESS);
}

static void
act(struct main *m, const char *cwd, char **words, struct err *e)
{
	const struct changes *c = &m->changes;
	bool acts = c->keep || c->discard || c->json;

	if (m->install || m->uninstall)
		change_commands(m, cwd, words, e);
	if (c->name && !words[0] && !m->rerun)
		look_at_changes(m, e);
	if (acts)
		log_die(EXIT_OURS,
			"--keep, --discard and --json go with --changes, without "
			"a command");
	if (!words[0] && !m->rerun)
		log_die(EXIT_OURS, "no command given (see cde-exec --help)");
}

int
main(int argc, char **argv)
{
	struct main m = { .load = LOAD_INIT,
			  .again = LOG_COMMAND_INIT,
			  .changes = CHANGES_INIT,
			  .program = STR_INIT,
			  .why_not = STR_INIT };
	AUTO(str_fini) struct str cwd = STR_INIT;
	struct err e = ERR_INIT;
	int first;

	log_init("cde-exec", false);
	rules_init(&m.load.rules, 2);
	first = opt_parse(options, argc, argv, &m, &e);
	if (first < 0)
		log_die(EXIT_OURS, "%s (see cde-exec --help)", e.text.s);
	if (m.streaming.setup)
		streaming_setup(&m.streaming, argv + first);
	if (first < argc && streaming_takes(&m.streaming, argv[first])) {
		int more = opt_parse(options, argc - first, argv + first, &m, &e);

		if (more < 0)
			log_die(EXIT_OURS, "%s (see cde-exec --help)", e.text.s);
		first += more;
	}
	if (fs_readlink(AT_FDCWD, "/proc/self/cwd", &cwd) < 0)
		log_die(EXIT_OURS, "/proc is not mounted here, and it is needed");
	act(&m, cwd.s, argv + first, &e);
	if (load_package(&m, cwd.s, &e) < 0)
		log_die(EXIT_OURS, "%s", e.text.s);
	if (m.rerun && enter_rerun(&m, argv[first], &e) < 0)
		log_die(EXIT_OURS, "%s", e.text.s);
	run(&m, m.rerun ? m.again.argv.v : argv + first, &e);
	changes_end(&m.changes);
	log_die(EXIT_OURS, "%s", e.text.s);
}
