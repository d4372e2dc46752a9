#include "base/opt.h"

#include <string.h>

static const struct opt *
opt_by_letter(const struct opt *table, char letter)
{
	for (const struct opt *o = table; letter && o->name; o++)
		if (o->letter == letter)
			return o;
	return NULL;
}

static const struct opt *
opt_by_name(const struct opt *table, const char *name, size_t len)
{
	for (const struct opt *o = table; o->name; o++)
		if (strncmp(o->name, name, len) == 0 && o->name[len] == '\0')
			return o;
	return NULL;
}

/* Both return the number of words that were used, or -1. */
static int
opt_long(const struct opt *table, char **word, void *ctx, struct err *e)
{
	const char *name = *word + 2, *eq = strchr(name, '=');
	size_t len = eq ? (size_t)(eq - name) : strlen(name);
	const struct opt *o = opt_by_name(table, name, len);

	if (!o)
		return err_set(e, 0, "unknown option '--%.*s'", (int)len, name);
	if (!o->arg && eq)
		return err_set(e, 0, "option '--%s' takes no argument", o->name);
	if (!o->arg)
		return o->set(ctx, NULL, e) < 0 ? -1 : 1;
	if (eq)
		return o->set(ctx, eq + 1, e) < 0 ? -1 : 1;
	if (!word[1])
		return err_set(e, 0, "option '--%s' needs an argument: %s", o->name,
			       o->arg);
	return o->set(ctx, word[1], e) < 0 ? -1 : 2;
}

static int
opt_letters(const struct opt *table, char **word, void *ctx, struct err *e)
{
	for (const char *c = *word + 1; *c; c++) {
		const struct opt *o = opt_by_letter(table, *c);

		if (!o)
			return err_set(e, 0, "unknown option '-%c'", *c);
		if (o->arg && c[1])
			return o->set(ctx, c + 1, e) < 0 ? -1 : 1;
		if (o->arg && !word[1])
			return err_set(e, 0, "option '-%c' needs an argument: %s", *c,
				       o->arg);
		if (o->arg)
			return o->set(ctx, word[1], e) < 0 ? -1 : 2;
		if (o->set(ctx, NULL, e) < 0)
			return -1;
	}
	return 1;
}

int
opt_parse(const struct opt *table, int argc, char **argv, void *ctx, struct err *e)
{
	int i = 1;

	while (i < argc && argv[i][0] == '-' && argv[i][1]) {
		bool is_long = argv[i][1] == '-';
		int used;

		if (is_long && argv[i][2] == '\0')
			return i + 1;
		used = (is_long ? opt_long : opt_letters)(table, argv + i, ctx, e);
		if (used < 0)
			return -1;
		i += used;
	}
	return i < argc ? i : argc;
}

void
opt_help(const struct opt *table, FILE *out)
{
	for (const struct opt *o = table; o->name; o++) {
		AUTO(str_fini) struct str left = STR_INIT;

		if (o->letter)
			str_addf(&left, "  -%c, --%s", o->letter, o->name);
		else
			str_addf(&left, "      --%s", o->name);
		if (o->arg)
			str_addf(&left, " %s", o->arg);
		if (left.len > 24)
			fprintf(out, "%s\n%26s%s\n", left.s, "", o->help);
		else
			fprintf(out, "%-26s%s\n", left.s, o->help);
	}
}

void
opt_dump(const struct opt *table, FILE *out)
{
	for (const struct opt *o = table; o->name; o++)
		fprintf(out, "%c %s %s\n", o->letter ? o->letter : '-', o->name,
			o->arg ? o->arg : "-");
}
