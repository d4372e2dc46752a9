/*
 * completion: what shells, the manual page and its test need to know of the verbs, out of
 * their table.
 *
 *   words   lines "VERB GROUP FLAGS ARGS" and "VERB LETTER OPTION ARG"
 */
#include <string.h>

#include "cmd/cmd.h"

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

/* The words after which a word follows that is no verb and no argument of it. */
static void
print_options(FILE *to, const struct opt *opts, bool valued)
{
	const char *between = "";

	for (const struct opt *o = opts; o->name; o++) {
		if (valued && !o->arg)
			continue;
		if (o->letter)
			fprintf(to, "%s-%c", between, o->letter);
		if (o->letter)
			between = valued ? "|" : " ";
		fprintf(to, "%s--%s", between, o->name);
		between = valued ? "|" : " ";
	}
}

static bool
has_value(const struct opt *opts)
{
	for (; opts->name; opts++)
		if (opts->arg)
			return true;
	return false;
}

static void
bash(FILE *to)
{
	fputs("# bash completion of cde-pkg; made by: cde-pkg completion bash\n"
	      "_cde_pkg()\n{\n"
	      "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
	      "\tlocal words= package=${COMP_WORDS[0]}\n"
	      "\tif [ \"$COMP_CWORD\" = 1 ]; then\n"
	      "\t\tmapfile -t COMPREPLY < <(compgen -W '",
	      to);
	for (size_t i = 0; cmd_table[i]; i++)
		fprintf(to, "%s ", cmd_table[i]->name);
	fputs("--help --version' -- \"$cur\")\n\t\treturn\n\tfi\n"
	      "\tcase ${COMP_WORDS[1]} in\n",
	      to);
	for (size_t i = 0; cmd_table[i]; i++) {
		AUTO(mem_free) struct opt *opts = cmd_options(cmd_table[i]);

		fprintf(to, "\t%s)\n\t\twords='", cmd_table[i]->name);
		print_options(to, opts, false);
		fputs("'\n", to);
		if (has_value(opts)) {
			fputs("\t\tcase $prev in\n\t\t", to);
			print_options(to, opts, true);
			fputs(") return ;;\n\t\tesac\n", to);
		}
		fputs("\t\t;;\n", to);
	}
	fputs("\tesac\n\tcase $cur in\n"
	      "\t-*) mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\") ;;\n"
	      "\t/*)\n"
	      "\t\tmapfile -t COMPREPLY < <(\"$package\" ls --format 0 --color never "
	      "\"path:$cur*\" 2>/dev/null | tr '\\0' '\\n' | head -n 200)\n"
	      "\t\t;;\n\tesac\n}\ncomplete -o default -F _cde_pkg cde-pkg\n",
	      to);
}

/* Text between single quotes of zsh and fish: none of ours has one itself. */
static void
zsh(FILE *to)
{
	fputs("#compdef cde-pkg\n# made by: cde-pkg completion zsh\n"
	      "_cde_pkg()\n{\n\tlocal -a verbs\n\tverbs=(\n",
	      to);
	for (size_t i = 0; cmd_table[i]; i++)
		fprintf(to, "\t\t'%s:%s'\n", cmd_table[i]->name, cmd_table[i]->brief);
	fputs("\t)\n\tif (( CURRENT == 2 )); then\n\t\t_describe verb "
	      "verbs\n\t\treturn\n\tfi\n"
	      "\tcase $words[2] in\n",
	      to);
	for (size_t i = 0; cmd_table[i]; i++) {
		AUTO(mem_free) struct opt *opts = cmd_options(cmd_table[i]);

		fprintf(to, "\t%s)\n\t\t_arguments -s", cmd_table[i]->name);
		for (const struct opt *o = opts; o->name; o++) {
			AUTO(str_fini) struct str help = STR_INIT;

			for (const char *s = o->help; *s; s++) {
				if (strchr(":[]\\", *s))
					str_addc(&help, '\\');
				str_addc(&help, *s);
			}
			if (o->letter)
				fprintf(to, " \\\n\t\t\t'-%c[%s]%s%s'", o->letter, help.s,
					o->arg ? ":" : "", o->arg ? o->arg : "");
			fprintf(to, " \\\n\t\t\t'--%s[%s]%s%s'", o->name, help.s,
				o->arg ? ":" : "", o->arg ? o->arg : "");
		}
		fputs(" \\\n\t\t\t'*:argument:_files'\n\t\t;;\n", to);
	}
	fputs("\tesac\n}\n_cde_pkg \"$@\"\n", to);
}

static void
fish(FILE *to)
{
	fputs("# fish completion of cde-pkg; made by: cde-pkg completion fish\n", to);
	for (size_t i = 0; cmd_table[i]; i++) {
		const struct cmd *cmd = cmd_table[i];
		AUTO(mem_free) struct opt *opts = cmd_options(cmd);

		fprintf(to,
			"complete -c cde-pkg -n __fish_use_subcommand -f -a %s -d '%s'\n",
			cmd->name, cmd->brief);
		for (const struct opt *o = opts; o->name; o++) {
			fprintf(to,
				"complete -c cde-pkg -n '__fish_seen_subcommand_from %s'",
				cmd->name);
			if (o->letter)
				fprintf(to, " -s %c", o->letter);
			fprintf(to, " -l %s%s -d '%s'\n", o->name, o->arg ? " -r" : "",
				o->help);
		}
	}
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

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (strcmp(c->argv[0], table[i].name) == 0) {
			table[i].print(stdout);
			return 0;
		}
	c->error_status = EXIT_USAGE;
	return err_set(e, 0, "no completion for '%s' (bash, zsh, fish)", c->argv[0]);
}

const struct cmd cmd_completion = {
	.name = "completion",
	.args = "SHELL",
	.brief = "print the completion for bash, zsh or fish",
	.group = CMD_CARE,
	.flags = CMD_NO_OPEN,
	.min = 1,
	.max = 1,
	.run = run,
};
