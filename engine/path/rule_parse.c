#include <stdlib.h>
#include <string.h>

#include "path/rule.h"
#include "path/rule_priv.h"

/*
 * The text of cde.options: lines KEY=VALUE, blocks behind ignore_process, and notes: lines
 * "#:KEY=VALUE", of which any key may be unknown.
 */

struct parser {
	struct rules *r;
	const char *name;
	unsigned line;
	unsigned block; /* line of the open brace; 0: not in a block */
	bool may_open;	/* the last entry was ignore_process */
	struct err why; /* the reason, without place */
};

static int parse_rule(struct parser *p, const char *value, int verdict, int match);
static int parse_env(struct parser *p, const char *value, int verdict, int match);
static int parse_process(struct parser *p, const char *value, int verdict, int match);
static int parse_process_prefix(struct parser *p, const char *value, int verdict,
				int match);

static const struct key {
	const char *name;
	int (*set)(struct parser *p, const char *value, int verdict, int match);
	int verdict, match;
	int since; /* version of the file */
	bool in_block;
} keys[] = {
	{ "ignore_exact", parse_rule, VERDICT_HOST, MATCH_EXACT, 1, false },
	{ "ignore_prefix", parse_rule, VERDICT_HOST, MATCH_PREFIX, 1, false },
	{ "ignore_substr", parse_rule, VERDICT_HOST, MATCH_SUBSTR, 1, false },
	{ "redirect_exact", parse_rule, VERDICT_PACKAGE, MATCH_EXACT, 1, false },
	{ "redirect_prefix", parse_rule, VERDICT_PACKAGE, MATCH_PREFIX, 1, false },
	{ "redirect_substr", parse_rule, VERDICT_PACKAGE, MATCH_SUBSTR, 1, false },
	{ "hide_exact", parse_rule, VERDICT_HIDDEN, MATCH_EXACT, 2, false },
	{ "hide_prefix", parse_rule, VERDICT_HIDDEN, MATCH_PREFIX, 2, false },
	{ "ignore_environment_var", parse_env, 0, 0, 1, false },
	{ "ignore_process", parse_process, 0, 0, 1, false },
	{ "process_ignore_prefix", parse_process_prefix, 0, 0, 1, true },
};

static int
parse_rule(struct parser *p, const char *value, int verdict, int match)
{
	struct rule x = {
		.verdict = (enum verdict)verdict,
		.match = (enum rule_match)match,
		.line = p->line,
	};

	return rules_enter(p->r, x, value, &p->why);
}

static int
parse_env(struct parser *p, const char *value, int verdict, int match)
{
	if (*value == '\0')
		return err_set(&p->why, 0, "a value is missing");
	if (strchr(value, '='))
		return err_set(&p->why, 0, "'%s' is not the name of a variable", value);
	vec_push(&p->r->env, mem_strdup(value));
	return 0;
}

static int
parse_process(struct parser *p, const char *value, int verdict, int match)
{
	struct rule_process x = { .line = p->line };

	x.exe = rule_value(p->r->version, MATCH_EXACT, value, &p->why);
	if (!x.exe)
		return -1;
	vec_push(&p->r->process, x);
	p->may_open = true;
	return 0;
}

static int
parse_process_prefix(struct parser *p, const char *value, int verdict, int match)
{
	struct rule_process *x = &p->r->process.v[p->r->process.n - 1];
	char *prefix = rule_value(p->r->version, MATCH_PREFIX, value, &p->why);

	if (!prefix)
		return -1;
	vec_push(&x->prefix, prefix);
	return 0;
}

static int
parse_entry(struct parser *p, char *line)
{
	char *eq = strchr(line, '=');
	const struct key *k = keys;

	if (!eq)
		return err_set(&p->why, 0, "'%s' is not KEY=VALUE", line);
	*eq = '\0';
	while (k < keys + ARRAY_SIZE(keys) && strcmp(k->name, line) != 0)
		k++;
	if (strcmp(line, RULE_ABSENT) == 0)
		return err_set(&p->why, 0, "'%s' is a note: '" RULE_NOTE "%s='", line,
			       line);
	if (k == keys + ARRAY_SIZE(keys))
		return err_set(&p->why, 0, "unknown key '%s'", line);
	if (k->since > p->r->version)
		return err_set(&p->why, 0,
			       "unknown key '%s' (it needs '# cde.options v%d')", line,
			       k->since);
	if (k->in_block && !p->block)
		return err_set(&p->why, 0, "'%s' outside of { }", line);
	if (!k->in_block && p->block)
		return err_set(&p->why, 0, "'%s' inside of { }", line);
	p->may_open = false;
	return k->set(p, eq + 1, k->verdict, k->match);
}

static int
parse_note(struct parser *p, const char *note)
{
	static const char key[] = RULE_ABSENT "=";
	AUTO(mem_free) char *path = NULL;

	note += strspn(note, " \t");
	if (!str_has_prefix(note, key))
		return 0;
	path = rule_value(p->r->version, MATCH_EXACT, note + strlen(key), &p->why);
	if (!path)
		return -1;
	map_put(&p->r->absent, path, strlen(path));
	return 0;
}

/* One line without newline and without blanks at its ends. */
static int
parse_line(struct parser *p, char *line)
{
	if (str_has_prefix(line, RULE_NOTE))
		return parse_note(p, line + strlen(RULE_NOTE));
	if (*line == '\0' || *line == '#')
		return 0;
	if (strcmp(line, "{") == 0) {
		if (!p->may_open)
			return err_set(&p->why, 0,
				       "'{' without ignore_process before it");
		p->may_open = false;
		p->block = p->line;
		return 0;
	}
	if (strcmp(line, "}") == 0) {
		if (!p->block)
			return err_set(&p->why, 0, "'}' without '{'");
		p->block = 0;
		return 0;
	}
	return parse_entry(p, line);
}

/* The first line decides about the version. */
static int
parse_head(struct parser *p, const char *line)
{
	static const char head[] = "# cde.options v";
	char *end;
	long version;

	if (!str_has_prefix(line, head))
		return err_set(&p->why, 0,
			       "the first line is not '# cde.options v1' or "
			       "'# cde.options v2'");
	version = strtol(line + sizeof(head) - 1, &end, 10);
	if (version != 1 && version != 2)
		return err_set(&p->why, 0,
			       "unknown version '%s' (this program knows 1 and 2)",
			       line + sizeof(head) - 2);
	p->r->version = (int)version;
	return 0;
}

/* Rules of the command line that were entered before the version was known. */
static int
adapt_rules(struct parser *p)
{
	for (size_t i = 0; i < p->r->rule.n; i++) {
		struct rule *x = &p->r->rule.v[i];
		char *text;

		if (x->verdict == VERDICT_HIDDEN && p->r->version == 1)
			return err_set(&p->why, 0, "hide rules need '# cde.options v2'");
		text = rule_value(p->r->version, x->match, x->text, &p->why);
		if (!text)
			return -1;
		free(x->text);
		x->text = text;
		x->len = strlen(text);
	}
	return 0;
}

static int
parse_text(struct parser *p, const char *text, size_t len)
{
	AUTO(str_fini) struct str line = STR_INIT;
	const char *end = text + len;

	do {
		const char *nl = len ? memchr(text, '\n', (size_t)(end - text)) : NULL;
		const char *stop = nl ? nl : end;
		int r;

		p->line++;
		while (stop > text && strchr(" \t\r", stop[-1]) && stop[-1])
			stop--;
		while (text < stop && (*text == ' ' || *text == '\t'))
			text++;
		str_setn(&line, text, (size_t)(stop - text));
		if (strlen(line.s) != line.len)
			return err_set(&p->why, 0, "a NUL byte in the line");
		r = p->line == 1 ? parse_head(p, line.s) : parse_line(p, line.s);
		if (r == 0 && p->line == 1)
			r = adapt_rules(p);
		if (r < 0)
			return -1;
		text = nl ? nl + 1 : end;
	} while (text < end);
	if (!p->block)
		return 0;
	p->line = p->block;
	return err_set(&p->why, 0, "'{' has no '}'");
}

int
rules_parse(struct rules *r, const char *name, const char *text, size_t len,
	    struct err *e)
{
	struct parser p = { .r = r, .name = name, .why = ERR_INIT };
	int result = parse_text(&p, text, len);

	if (result < 0) {
		AUTO(str_fini) struct str why = STR_INIT;

		str_add_escaped(&why, p.why.text.s);
		err_set(e, 0, "%s:%u: %s", name, p.line, why.s);
	}
	err_fini(&p.why);
	rules_reindex(r);
	return result;
}
