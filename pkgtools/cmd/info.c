/* info: everything that is known about a path. */
#include <inttypes.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/words.h"
#include "inspect/detail.h"

static const struct out_column column[] = {
	{ "path", OUT_NAME, 0 },     { "kind", OUT_TEXT, 0 },
	{ "state", OUT_TEXT, 0 },    { "size", OUT_SIZE, 0 },
	{ "mode", OUT_TEXT, 0 },     { "uid", OUT_NUMBER, 0 },
	{ "gid", OUT_NUMBER, 0 },    { "mtime", OUT_TIME, 0 },
	{ "link", OUT_NAME, 0 },     { "class", OUT_TEXT, 0 },
	{ "package", OUT_NAME, 0 },  { "version", OUT_NAME, 0 },
	{ "modified", OUT_BOOL, 0 }, { "type", OUT_TEXT, 0 },
	{ "mime", OUT_NAME, 0 },     { "description", OUT_NAME, 0 },
	{ "sha256", OUT_TEXT, 0 },   { "rule", OUT_NAME, 0 },
	{ "note", OUT_NAME, 0 },     { "facts", OUT_LIST, 0 },
	{ "used", OUT_LIST, 0 },
};

static struct out_cell
number_or_none(int64_t n)
{
	return (struct out_cell){ .n = n, .none = n < 0 };
}

static struct out_cell
name_or_none(const struct str *s)
{
	return (struct out_cell){ .s = s->len ? s->s : NULL, .len = s->len };
}

typedef VEC(char *) names;

static void
names_fini(names *x)
{
	for (size_t i = 0; i < x->n; i++)
		free(x->v[i]);
	vec_fini(x);
}

static struct out_cell
list_cell(const names *x)
{
	return (struct out_cell){ .list = (const char *const *)x->v, .n = (int64_t)x->n };
}

static void
print(struct call *c, const char *path, const struct detail *d)
{
	AUTO(str_fini) struct str mode = STR_INIT, rule = STR_INIT;
	AUTO(names_fini) names facts = { 0 }, uses = { 0 };
	struct decision why = rules_decide(&c->package.rules, path, strlen(path));
	char kind[2] = { d->kind, '\0' };

	str_addf(&mode, "%04o", (unsigned)(d->mode & 07777));
	if (why.rule)
		rule_describe(why.rule, &rule);
	for (size_t i = 0; i < d->fact.n; i++) {
		AUTO(str_fini) struct str text = STR_INIT;

		str_addf(&text, "%s %s", d->fact.v[i].key, d->fact.v[i].value);
		vec_push(&facts, str_take(&text));
	}
	for (size_t i = 0; i < d->use.n; i++) {
		AUTO(str_fini) struct str text = STR_INIT;

		words_use(&d->use.v[i], &text);
		vec_push(&uses, str_take(&text));
	}
	const struct out_cell cell[] = {
		out_text(path),
		out_text(kind),
		out_text(d->found ? words_state(d->state) : "not in the manifest"),
		number_or_none(d->size),
		out_text(d->mode < 0 ? NULL : mode.s),
		number_or_none(d->uid),
		number_or_none(d->gid),
		{ .n = d->mtime_ns / 1000000000, .none = d->mtime_ns < 0 },
		name_or_none(&d->link),
		out_text(d->kind == 'd' ? NULL : origin_class_name(d->origin)),
		name_or_none(&d->package),
		name_or_none(&d->version),
		number_or_none(d->modified),
		name_or_none(&d->type),
		name_or_none(&d->mime),
		name_or_none(&d->words),
		name_or_none(&d->sha256),
		name_or_none(&rule),
		name_or_none(&d->note),
		list_cell(&facts),
		list_cell(&uses),
	};

	out_row(&c->out, cell);
}

static int
run(struct call *c, struct err *e)
{
	c->out.vertical = true;
	if (cmd_types_of_few(c, e) < 0)
		return -1;
	out_begin(&c->out, "info", column, ARRAY_SIZE(column));
	for (int i = 0; i < c->argc; i++) {
		AUTO(str_fini) struct str path = STR_INIT;
		struct detail d;

		package_locate(&c->package, c->argv[i], &path);
		if (detail_read(&c->package, path.s, &d, e) < 0)
			return -1;
		print(c, path.s, &d);
		detail_fini(&d);
	}
	return out_end(&c->out, e);
}

const struct cmd cmd_info = {
	.name = "info",
	.args = "PATH...",
	.brief = "show all that is known about a path",
	.group = CMD_LOOK,
	.flags = CMD_LISTS,
	.min = 1,
	.max = -1,
	.run = run,
};
