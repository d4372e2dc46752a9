/*
 * completion: what shells, the manual page and its test need to know of the verbs, out of
 * their table.
 *
 *   words   lines "verb VERB ARGS BRIEF" and "option VERB LETTER OPTION ARG"
 *   man     the synopsis
 *   names PREFIX [DIR]   paths of a package that begin so, for the scripts
 */
#include <string.h>
#include <sys/stat.h>

#include "cmd/cmd.h"
#include "inspect/prefix.h"
#include "inspect/text.h"

static void
words(FILE *to)
{
	for (size_t i = 0; cmd_table[i]; i++) {
		const struct cmd *cmd = cmd_table[i];
		AUTO(mem_free) struct opt *opts = cmd_options(cmd);

		fprintf(to, "verb %s\t%s\t%s\n", cmd->name, cmd->args, cmd->brief);
		for (const struct opt *o = opts; o->name; o++)
			fprintf(to, "option %s\t%c\t%s\t%s\n", cmd->name,
				o->letter ? o->letter : '-', o->name,
				o->arg ? o->arg : "-");
	}
}

/* ---- what shells shall offer ---- */

enum value { VALUE_NONE, VALUE_FILE, VALUE_DIR, VALUE_NUMBER, VALUE_WORDS };

/* The words that the help of an option begins with: "table, tsv, json or 0 (…". */
static enum value
value_of(const struct opt *o, struct str *words)
{
	const char *at = o->help;

	str_clear(words);
	if (!o->arg)
		return VALUE_NONE;
	if (strcmp(o->arg, "FILE") == 0)
		return VALUE_FILE;
	if (strcmp(o->arg, "DIR") == 0)
		return VALUE_DIR;
	if (strcmp(o->arg, "N") == 0 || strcmp(o->arg, "LIST") == 0)
		return VALUE_NUMBER;
	for (;;) {
		size_t n = strcspn(at, ", ");

		str_addf(words, "%s%.*s", words->len ? " " : "", (int)n, at);
		at += n;
		if (str_has_prefix(at, ", "))
			at += 2;
		else if (str_has_prefix(at, " or "))
			at += 4;
		else
			return VALUE_WORDS;
	}
}

/* Does it take names of the package?  (`add` takes those of this machine.) */
static bool
takes_names(const struct cmd *cmd)
{
	return (strstr(cmd->args, "PATH") || strstr(cmd->args, "EXPR")) &&
	       !strstr(cmd->args, "HOSTPATH");
}

static bool
takes_files(const struct cmd *cmd)
{
	return strstr(cmd->args, "HOSTPATH") || strstr(cmd->args, "DIR") ||
	       strstr(cmd->args, "FILE");
}

/* Words to choose from among its arguments: "host|sandbox|both|hidden|inherit". */
static void
choices_of(const struct cmd *cmd, struct str *words)
{
	const char *bar = strchr(cmd->args, '|'), *from = bar;

	str_clear(words);
	while (from && from > cmd->args && from[-1] >= 'a' && from[-1] <= 'z')
		from--;
	if (from == bar)
		return;
	str_setn(words, from, strcspn(from, " ]"));
	for (size_t i = 0; i < words->len; i++)
		if (words->s[i] == '|')
			words->s[i] = ' ';
}

static void
print_name(void *ctx, const char *name)
{
	AUTO(str_fini) struct str shown = STR_INIT;

	text_escape(&shown, name, strlen(name));
	if (strcmp(shown.s, name) == 0) /* others cannot be typed */
		fprintf(ctx, "%s\n", name);
}

/* An archive would be unpacked for each key. */
static int
names(struct call *c, struct err *e)
{
	const char *prefix = c->argc > 1 && *c->argv[1] ? c->argv[1] : "/";
	const char *dir = c->argc > 2 ? c->argv[2] : NULL;
	struct stat st;

	if (dir && stat(dir, &st) == 0 && S_ISREG(st.st_mode))
		return 0;
	if (package_open(&c->package, dir, 0, e) < 0)
		return -1;
	return prefix_each(&c->package, prefix, print_name, stdout, e);
}

/* ---- bash ---- */

static void
print_names(FILE *to, const struct opt *o, const char *between)
{
	if (o->letter)
		fprintf(to, "-%c%s", o->letter, between);
	fprintf(to, "--%s", o->name);
}

static void
bash_verb(FILE *to, const struct cmd *cmd)
{
	AUTO(mem_free) struct opt *opts = cmd_options(cmd);
	AUTO(str_fini) struct str words = STR_INIT;
	bool any = false;

	fprintf(to, "\t%s)\n\t\toptions='", cmd->name);
	for (const struct opt *o = opts; o->name; o++) {
		print_names(to, o, " ");
		fputs(o[1].name ? " " : "'\n", to);
	}
	choices_of(cmd, &words);
	fprintf(to, "\t\targs='%s' names=%s\n", words.s, takes_names(cmd) ? "1" : "");
	for (const struct opt *o = opts; o->name; o++) {
		enum value v = value_of(o, &words);

		if (v == VALUE_NONE)
			continue;
		fputs(any ? "\t\t" : "\t\tcase $prev in\n\t\t", to);
		any = true;
		print_names(to, o, "|");
		if (v == VALUE_WORDS)
			fprintf(to, ") values='%s' ;;\n", words.s);
		else if (v == VALUE_DIR)
			fputs(") values=/ ;;\n", to);
		else
			fputs(") return ;;\n", to);
	}
	fputs(any ? "\t\tesac\n\t\t;;\n" : "\t\t;;\n", to);
}

static const char bash_end[] =
	"\tesac\n"
	"\tif [ \"$values\" = / ]; then\n"
	"\t\tcompopt -o filenames 2>/dev/null\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -d -- \"$cur\")\n"
	"\t\treturn\n"
	"\telif [ -n \"$values\" ]; then\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -W \"$values\" -- \"$cur\")\n"
	"\t\treturn\n"
	"\tfi\n"
	"\tcase $cur in\n"
	"\t-*) mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$cur\") ;;\n"
	"\t/*)\n"
	"\t\t[ -n \"$names\" ] || return\n"
	"\t\tmapfile -t COMPREPLY < <(\"${COMP_WORDS[0]}\" completion names -- "
	"\"${cur//\\\\/}\" \\\n"
	"\t\t\t${package:+\"$package\"} 2>/dev/null)\n"
	"\t\t[ \"${#COMPREPLY[@]}\" != 1 ] || [ \"${COMPREPLY[0]%/}\" = "
	"\"${COMPREPLY[0]}\" ] ||\n"
	"\t\t\tcompopt -o nospace 2>/dev/null\n"
	"\t\tfor i in \"${!COMPREPLY[@]}\"; do\n"
	"\t\t\tprintf -v 'COMPREPLY[i]' %q \"${COMPREPLY[i]}\"\n"
	"\t\tdone\n"
	"\t\t;;\n"
	"\t*) [ -z \"$args\" ] || mapfile -t COMPREPLY < <(compgen -W \"$args\" -- "
	"\"$cur\") ;;\n"
	"\tesac\n}\ncomplete -o default -F _cde_pkg cde-pkg\n";

static void
bash(FILE *to)
{
	fputs("# bash completion of cde-pkg; made by: cde-pkg completion bash\n"
	      "_cde_pkg()\n{\n"
	      "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
	      "\tlocal options= args= names= values= package= i\n"
	      "\tif [ \"$cur\" = = ]; then\n\t\tcur=\n"
	      "\telif [ \"$prev\" = = ]; then\n\t\tprev=${COMP_WORDS[COMP_CWORD-2]}\n"
	      "\tfi\n"
	      "\tfor ((i = 2; i < COMP_CWORD; i++)); do\n"
	      "\t\tcase ${COMP_WORDS[i]} in\n"
	      "\t\t-p|--package)\n"
	      "\t\t\tpackage=${COMP_WORDS[i+1]}\n"
	      "\t\t\t[ \"$package\" != = ] || package=${COMP_WORDS[i+2]}\n"
	      "\t\t\tpackage=${package/#~\\//~/}\n"
	      "\t\t\t;;\n"
	      "\t\tesac\n"
	      "\tdone\n"
	      "\tif [ \"$COMP_CWORD\" = 1 ]; then\n"
	      "\t\tmapfile -t COMPREPLY < <(compgen -W '",
	      to);
	for (size_t i = 0; cmd_table[i]; i++)
		fprintf(to, "%s ", cmd_table[i]->name);
	fputs("--help --version' -- \"$cur\")\n\t\treturn\n\tfi\n"
	      "\tcase ${COMP_WORDS[1]} in\n",
	      to);
	for (size_t i = 0; cmd_table[i]; i++)
		bash_verb(to, cmd_table[i]);
	fputs(bash_end, to);
}

/* ---- zsh ---- */

static const char zsh_names[] =
	"_cde_pkg_names()\n{\n"
	"\tlocal -a names package\n"
	"\tlocal i\n"
	"\tfor ((i = 2; i < CURRENT; i++)); do\n"
	"\t\tcase $words[i] in\n"
	"\t\t-p|--package) package=(${(Q)~words[i+1]}) ;;\n"
	"\t\t--package=*) package=(${(Q)~${words[i]#*=}}) ;;\n"
	"\t\tesac\n"
	"\tdone\n"
	"\tnames=(${(f)\"$($cde completion names -- ${(Q)PREFIX} $package "
	"2>/dev/null)\"})\n"
	"\tcompadd -S '' -- ${(M)names:#*/}\n"
	"\tcompadd -- ${names:#*/}\n"
	"}\n";

static void
zsh_option(FILE *to, const struct opt *o)
{
	AUTO(str_fini) struct str help = STR_INIT, words = STR_INIT, value = STR_INIT;
	enum value v = value_of(o, &words);

	for (const char *s = o->help; *s; s++) {
		if (strchr(":[]\\", *s))
			str_addc(&help, '\\');
		str_add(&help, *s == '\'' ? "'\\'" : "");
		str_addc(&help, *s);
	}
	if (v != VALUE_NONE)
		str_addf(&value, ":%s:", o->arg);
	if (v == VALUE_WORDS)
		str_addf(&value, "(%s)", words.s);
	else if (v == VALUE_FILE || v == VALUE_DIR)
		str_addf(&value, "_files%s", v == VALUE_DIR ? " -/" : "");
	else if (v == VALUE_NUMBER)
		str_addc(&value, ' ');
	if (o->letter)
		fprintf(to, " \\\n\t\t\t'(--%s)-%c%s[%s]%s'", o->name, o->letter,
			o->arg ? "+" : "", help.s, value.s);
	fputs(" \\\n\t\t\t'", to);
	if (o->letter)
		fprintf(to, "(-%c)", o->letter);
	fprintf(to, "--%s%s[%s]%s'", o->name, o->arg ? "=" : "", help.s, value.s);
}

static void
zsh_verb(FILE *to, const struct cmd *cmd)
{
	AUTO(mem_free) struct opt *opts = cmd_options(cmd);
	AUTO(str_fini) struct str words = STR_INIT;

	fprintf(to, "\t%s)\n\t\t_arguments -s", cmd->name);
	for (const struct opt *o = opts; o->name; o++)
		zsh_option(to, o);
	choices_of(cmd, &words);
	if (*cmd->args) {
		fputs(" \\\n\t\t\t'*:argument:{", to);
		if (takes_names(cmd))
			fputs("_cde_pkg_names; ", to);
		if (words.len)
			fprintf(to, "compadd %s; ", words.s);
		if (takes_files(cmd))
			fputs("_files; ", to);
		fputs("}'", to);
	}
	fputs("\n\t\t;;\n", to);
}

static void
zsh(FILE *to)
{
	fputs("#compdef cde-pkg\n# made by: cde-pkg completion zsh\n", to);
	fputs(zsh_names, to);
	fputs("_cde_pkg()\n{\n\tlocal -a verbs\n\tlocal cde=$words[1]\n\tverbs=(\n", to);
	for (size_t i = 0; cmd_table[i]; i++)
		fprintf(to, "\t\t'%s:%s'\n", cmd_table[i]->name,
			cmd_table[i]->brief); /* has neither quote nor colon */
	fputs("\t)\n\tif (( CURRENT == 2 )); then\n"
	      "\t\t_describe verb verbs\n"
	      "\t\tcompadd -- --help --version\n"
	      "\t\treturn\n\tfi\n"
	      "\tshift words\n\t(( CURRENT-- ))\n"
	      "\tcase $words[1] in\n",
	      to);
	for (size_t i = 0; cmd_table[i]; i++)
		zsh_verb(to, cmd_table[i]);
	fputs("\tesac\n}\n"
	      "if [ \"$funcstack[1]\" = _cde-pkg ]; then\n\t_cde_pkg \"$@\"\n"
	      "else\n\tcompdef _cde_pkg cde-pkg\nfi\n",
	      to);
}

/* ---- fish ---- */

static const char fish_names[] =
	"function __cde_pkg_names\n"
	"\tset -l at (string unescape -- (commandline -ct))\n"
	"\tstring match -q -- '/*' $at; or return\n"
	"\tset -l words (commandline -opc)\n"
	"\tset -l package\n"
	"\tfor i in (seq 2 (count $words))\n"
	"\t\tswitch $words[$i]\n"
	"\t\tcase -p --package\n"
	"\t\t\tset package (string replace -r -- '^~/' \"$HOME/\" "
	"$words[(math $i + 1)])\n"
	"\t\tcase '--package=*'\n"
	"\t\t\tset package (string replace -- --package= '' $words[$i])\n"
	"\t\tend\n"
	"\tend\n"
	"\t$words[1] completion names -- $at $package 2>/dev/null\n"
	"end\n";

static void
fish_option(FILE *to, const struct cmd *cmd, const struct opt *o)
{
	AUTO(str_fini) struct str words = STR_INIT;
	enum value v = value_of(o, &words);

	fprintf(to, "complete -c cde-pkg -n '__fish_seen_subcommand_from %s'", cmd->name);
	if (o->letter)
		fprintf(to, " -s %c", o->letter);
	fprintf(to, " -l %s", o->name);
	if (v == VALUE_WORDS)
		fprintf(to, " -x -a '%s'", words.s);
	else if (v == VALUE_DIR)
		fputs(" -x -a '(__fish_complete_directories (commandline -ct))'", to);
	else if (v == VALUE_FILE)
		fputs(" -r -F", to);
	else if (v == VALUE_NUMBER)
		fputs(" -x", to);
	fputs(" -d '", to);
	for (const char *s = o->help; *s; s++)
		fprintf(to, "%s%c", strchr("'\\", *s) ? "\\" : "", *s);
	fputs("'\n", to);
}

static void
fish_verb(FILE *to, const struct cmd *cmd)
{
	AUTO(mem_free) struct opt *opts = cmd_options(cmd);
	AUTO(str_fini) struct str words = STR_INIT;

	fprintf(to, "complete -c cde-pkg -n __fish_use_subcommand -f -a %s -d '%s'\n",
		cmd->name, cmd->brief);
	for (const struct opt *o = opts; o->name; o++)
		fish_option(to, cmd, o);
	choices_of(cmd, &words);
	if (takes_names(cmd))
		str_addf(&words, "%s(__cde_pkg_names)", words.len ? " " : "");
	if (words.len || !takes_files(cmd))
		fprintf(to,
			"complete -c cde-pkg -n '__fish_seen_subcommand_from %s' %s -a "
			"'%s'\n",
			cmd->name, takes_files(cmd) ? "" : "-f", words.s);
}

static void
fish(FILE *to)
{
	fputs("# fish completion of cde-pkg; made by: cde-pkg completion fish\n", to);
	fputs(fish_names, to);
	for (size_t i = 0; cmd_table[i]; i++)
		fish_verb(to, cmd_table[i]);
}

/* The synopsis of the manual page, as cde-pkg(1) has to have it. */
static void
man(FILE *to)
{
	for (size_t i = 0; cmd_table[i]; i++) {
		const struct cmd *cmd = cmd_table[i];

		fprintf(to, "cde-pkg %s [OPTIONS]%s%s\n", cmd->name,
			*cmd->args ? " " : "", cmd->args);
	}
}

static int
run(struct call *c, struct err *e)
{
	static const struct {
		const char *name;
		void (*print)(FILE *to);
	} table[] = {
		{ "bash", bash },   { "zsh", zsh }, { "fish", fish },
		{ "words", words }, { "man", man },
	};

	if (strcmp(c->argv[0], "names") == 0)
		return names(c, e);
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (c->argc == 1 && strcmp(c->argv[0], table[i].name) == 0) {
			table[i].print(stdout);
			return 0;
		}
	c->error_status = EXIT_USAGE;
	return err_set(e, 0, "no completion for '%s' (bash, zsh, fish)", c->argv[0]);
}

const struct cmd cmd_completion = {
	.name = "completion",
	.args = "bash|zsh|fish",
	.brief = "print the completion for bash, zsh or fish",
	.group = CMD_CARE,
	.flags = CMD_NO_OPEN,
	.min = 1,
	.max = 3,
	.run = run,
};
