/*
 * cde-pkg: the verb, its options wherever they stand, the package opened once, its error
 * printed once.
 */
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "inspect/pack.h"
#include "inspect/text.h"

static void
print_usage(FILE *to)
{
	static const char *const title[] = {
		[CMD_LOOK] = "Look",	      [CMD_CHANGE] = "Change",
		[CMD_WHOLE] = "Is it whole?", [CMD_SHIP] = "Ship",
		[CMD_CARE] = "Care",
	};

	fprintf(to, "usage: cde-pkg VERB [OPTIONS] [ARGUMENT...]\n"
		    "Look into a package that cde made, and change it.\n");
	for (size_t g = 0; g < ARRAY_SIZE(title); g++) {
		bool any = false;

		for (size_t i = 0; cmd_table[i]; i++) {
			if (cmd_table[i]->group != g)
				continue;
			if (!any)
				fprintf(to, "\n%s:\n", title[g]);
			any = true;
			fprintf(to, "  %-12s%s\n", cmd_table[i]->name,
				cmd_table[i]->brief);
		}
	}
	fprintf(to, "\ncde-pkg VERB --help shows its options; cde-pkg(1) the rest.\n");
}

static void
print_help(const struct cmd *cmd, const struct opt *opts)
{
	printf("usage: cde-pkg %s [OPTIONS]%s%s\n%c%s.\n\n", cmd->name,
	       *cmd->args ? " " : "", cmd->args, cmd->brief[0] - 'a' + 'A',
	       cmd->brief + 1);
	if (cmd->more)
		printf("%s\n\n", cmd->more);
	opt_help(opts, stdout);
}

static _Noreturn void
usage_error(const struct cmd *cmd, const char *text)
{
	log_die(EXIT_USAGE, "%s (cde-pkg %s%s--help)", text, cmd ? cmd->name : "",
		cmd ? " " : "");
}

/* Options may stand behind arguments; all behind "--" are arguments. */
static int
parse(struct call *c, const struct opt *opts, int argc, char **argv, struct err *e)
{
	VEC(char *) word = { 0 };

	for (int at = 0; at < argc - 1;) {
		int n = opt_parse(opts, argc - at, argv + at, c, e);
		bool end;

		if (n < 0) {
			vec_fini(&word);
			return -1;
		}
		end = n > 1 && strcmp(argv[at + n - 1], "--") == 0;
		at += n;
		for (; at < argc; at++) {
			vec_push(&word, argv[at]);
			if (!end)
				break;
		}
	}
	vec_push(&word, NULL);
	c->argv = word.v;
	c->argc = (int)word.n - 1;
	return 0;
}

static bool
has_option(const struct opt *o, const char *name)
{
	while (o->name && strcmp(o->name, name) != 0)
		o++;
	return o->name;
}

/* Where people put the package among the arguments, as they do with cde-tui; or NULL. */
static const char *
package_among(const struct call *c)
{
	if (c->dir || !has_option(c->opts, "package"))
		return NULL;
	for (int i = 0; i < c->argc; i++)
		if (package_is_dir(c->argv[i]) ||
		    (!c->cmd->max && pack_format_of(c->argv[i]) &&
		     access(c->argv[i], F_OK) == 0))
			return c->argv[i];
	return NULL;
}

/* "pk: a package is named by -p: cde-pkg ls -p pk" */
static void
say_how(const char *verb, const char *package, struct str *out)
{
	AUTO(str_fini) struct str word = STR_INIT;

	str_add_escaped(out, package);
	str_add_quoted(&word, package);
	str_addf(out, ": a package is named by -p: cde-pkg %s -p ", verb);
	text_tame(out, word.s, word.len);
}

/* When nothing came of it. */
static void
hint(const struct call *c)
{
	AUTO(str_fini) struct str text = STR_INIT;
	const char *package = package_among(c);

	if (!package)
		return;
	say_how(c->cmd->name, package, &text);
	log_error("%s", text.s);
}

static int
check_count(const struct call *c, struct err *e)
{
	const struct cmd *cmd = c->cmd;
	AUTO(str_fini) struct str how = STR_INIT;
	const char *package = package_among(c);

	if (c->argc < cmd->min)
		return err_set(e, 0, "%s needs: %s", cmd->name, cmd->args);
	if (cmd->max >= 0 && c->argc > cmd->max && package) {
		say_how(cmd->name, package, &how);
		return err_set(e, 0, "%s", how.s);
	}
	if (cmd->max >= 0 && c->argc > cmd->max)
		return err_set(e, 0, "%s: too many arguments: %s", cmd->name,
			       c->argv[cmd->max]);
	return 0;
}

static int
run(struct call *c, struct err *e)
{
	unsigned flags = c->open;
	int status;

	if ((c->cmd->flags & CMD_EDITS) && !c->dry_run)
		flags |= PACKAGE_WRITE;
	if (!(c->cmd->flags & CMD_NO_OPEN) &&
	    package_open(&c->package, c->dir, flags, e) < 0)
		return -1;
	if (c->package.unfinished)
		log_error("%s: a write of edits was interrupted and cannot be finished "
			  "here: what is listed is how it shall be, but not all files "
			  "are in place",
			  c->package.layout.dir.s);
	status = c->cmd->run(c, e);
	if (c->package.refused)
		log_error("%llu entr%s of the manifest make no sense and were left out",
			  (unsigned long long)c->package.refused,
			  c->package.refused == 1 ? "y" : "ies");
	return status;
}

static bool
wants_color(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

static int
flush_stdout(int status)
{
	if (fflush(stdout) == 0 || errno == EPIPE)
		return status;
	log_error("standard output: %s", strerror(errno));
	return EXIT_ERROR;
}

static void
call_fini(struct call *c)
{
	free(c->own);
	free(c->argv);
}

static int
call_verb(const struct cmd *cmd, int argc, char **argv)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	AUTO(mem_free) struct opt *opts = cmd_options(cmd);
	AUTO(str_fini) struct str text = STR_INIT;
	AUTO(call_fini)
	struct call c = {
		.cmd = cmd,
		.opts = opts,
		.package = PACKAGE_INIT,
		.error_status = EXIT_ERROR,
	};
	int status;

	c.own = mem_alloc(cmd->own);
	c.out.color = wants_color();
	c.out.to = stdout;
	if (parse(&c, opts, argc, argv, &e) < 0)
		usage_error(cmd, e.text.s);
	if (c.help) {
		print_help(cmd, opts);
		return flush_stdout(0);
	}
	if (check_count(&c, &e) < 0)
		usage_error(cmd, e.text.s);
	status = run(&c, &e);
	package_close(&c.package);
	status = flush_stdout(status);
	if (cmd_interrupted()) {
		signal(SIGINT, SIG_DFL);
		raise(SIGINT);
	}
	if (status < 0) {
		text_tame(&text, e.text.s, e.text.len);
		log_error("%s", text.s);
	}
	if (status < 0 || (c.out.begun && !c.out.rows))
		hint(&c);
	return status < 0 ? c.error_status : status;
}

int
main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : "";
	const struct cmd *cmd;
	bool help = strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;

	setlocale(LC_ALL, "");
	log_init("cde-pkg", false);
	if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
		printf("cde-pkg %s\n", VERSION);
		return flush_stdout(0);
	}
	if (help || !*word) {
		print_usage(help ? stdout : stderr);
		return help ? flush_stdout(0) : EXIT_USAGE;
	}
	cmd = cmd_find(word);
	if (!cmd && package_is_dir(word)) {
		AUTO(str_fini) struct str how = STR_INIT;

		say_how("VERB", word, &how);
		log_die(EXIT_USAGE, "%s (cde-pkg --help)", how.s);
	}
	if (!cmd)
		log_die(EXIT_USAGE, "no such verb: %s (cde-pkg --help)", word);
	return call_verb(cmd, argc - 1, argv + 1);
}
