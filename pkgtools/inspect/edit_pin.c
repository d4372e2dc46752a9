/*
 * Pins as lines of cde.options.  Only lines whose value is the path itself are touched:
 * the first of them is replaced where it stands, or new ones are added at the end; all
 * else, comments and order, stays byte for byte.
 *
 * Version 2 says a file by "exact", a directory by "prefix".  The prefixes of version 1
 * are plain strings, so that a directory takes "exact" and a prefix that ends in a slash.
 *
 * "absent" is a note beside the rules of the path, which stay; another side takes it away.
 */
#include <stdio.h>
#include <string.h>

#include "inspect/edit_priv.h"
#include "path/lex.h"

static const struct {
	const char *side, *key;
	enum verdict verdict;
} sides[] = {
	{ "host", "ignore", VERDICT_HOST },
	{ "sandbox", "redirect", VERDICT_PACKAGE },
	{ "hidden", "hide", VERDICT_HIDDEN },
};

/* `before` of a pin that was added behind a last line without newline. */
static const char open_end[] = "end";

/* The line at `at` without blanks around it; `next` is where the following begins. */
static void
cut_line(const struct str *text, size_t at, struct str *line, size_t *next)
{
	const char *from = text->s + at, *nl = memchr(from, '\n', text->len - at);
	const char *stop = nl ? nl : text->s + text->len;

	*next = (size_t)(nl ? nl + 1 - text->s : stop - text->s);
	while (stop > from && (stop[-1] == ' ' || stop[-1] == '\t' || stop[-1] == '\r'))
		stop--;
	while (from < stop && (*from == ' ' || *from == '\t'))
		from++;
	str_setn(line, from, (size_t)(stop - from));
}

/* Of a line of notes, "absent_exact=/a"; else NULL. */
static const char *
note_of(const char *line)
{
	if (!str_has_prefix(line, RULE_NOTE))
		return NULL;
	line += strlen(RULE_NOTE);
	return line + strspn(line, " \t");
}

/* Is the line the note for `path` itself? */
static bool
is_note_for(int version, const char *line, const char *path)
{
	AUTO(str_fini) struct str value = STR_INIT;
	const char *note = note_of(line);

	if (!note || !str_has_prefix(note, RULE_ABSENT "="))
		return false;
	str_set(&value, note + strlen(RULE_ABSENT "="));
	if (version >= 2 && value.s[0] == '/')
		path_clean(&value);
	return strcmp(value.s, path) == 0;
}

/* Is the line a rule for `path` itself? */
static bool
is_rule_for(int version, const char *line, const char *path)
{
	AUTO(str_fini) struct str value = STR_INIT;
	const char *eq = strchr(line, '='), *under = eq ? strchr(line, '_') : NULL;
	bool prefix = under && str_has_prefix(under, "_prefix=");

	if (!under || (!prefix && !str_has_prefix(under, "_exact=")))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(sides); i++) {
		size_t n = strlen(sides[i].key);

		if ((size_t)(under - line) != n || strncmp(line, sides[i].key, n) != 0)
			continue;
		str_set(&value, eq + 1);
		if (version >= 2 && value.s[0] == '/')
			path_clean(&value);
		else if (prefix && value.len > 1 && str_has_suffix(value.s, "/"))
			str_trunc(&value, value.len - 1);
		return strcmp(value.s, path) == 0;
	}
	return false;
}

/* Takes the rules and the note for `path` out.  *first: line number of the first one, 0:
 * there is none; *at: where it stood; *old: the lines as they were. */
static void
take_out(struct str *text, int version, const char *path, struct str *old, size_t *at,
	 unsigned *first)
{
	AUTO(str_fini) struct str rest = STR_INIT, line = STR_INIT;
	unsigned number = 1;

	*first = 0;
	for (size_t i = 0, next; i < text->len; i = next, number++) {
		cut_line(text, i, &line, &next);
		if (number == 1 || (!is_rule_for(version, line.s, path) &&
				    !is_note_for(version, line.s, path))) {
			str_addn(&rest, text->s + i, next - i);
			continue;
		}
		if (!*first) {
			*first = number;
			*at = rest.len;
		}
		str_addn(old, text->s + i, next - i);
	}
	str_swap(text, &rest);
}

static void
put_in(struct str *text, size_t at, const char *lines)
{
	AUTO(str_fini) struct str all = STR_INIT;

	str_addn(&all, text->s, at);
	if (all.len && all.s[all.len - 1] != '\n')
		str_addc(&all, '\n');
	str_add(&all, lines);
	if (at < text->len && !str_has_suffix(lines, "\n"))
		str_addc(&all, '\n');
	str_addn(&all, text->s + at, text->len - at);
	str_swap(text, &all);
}

static void
rule_lines(struct str *out, int version, const char *path, const char *side, bool is_dir)
{
	for (size_t i = 0; i < ARRAY_SIZE(sides); i++) {
		const char *key = sides[i].key;

		if (strcmp(sides[i].side, side) != 0)
			continue;
		if (version >= 2) {
			str_addf(out, "%s_%s=%s\n", key, is_dir ? "prefix" : "exact",
				 path);
			return;
		}
		str_addf(out, "%s_exact=%s\n", key, path);
		if (is_dir)
			str_addf(out, "%s_prefix=%s%s\n", key, path, path[1] ? "/" : "");
	}
}

/* The rules stay as they were, behind them comes the note. */
static void
note_lines(struct str *out, int version, const char *path, const struct str *old)
{
	AUTO(str_fini) struct str line = STR_INIT;

	for (size_t i = 0, next; i < old->len; i = next) {
		cut_line(old, i, &line, &next);
		if (is_note_for(version, line.s, path))
			continue;
		str_addn(out, old->s + i, next - i);
		if (out->s[out->len - 1] != '\n')
			str_addc(out, '\n');
	}
	str_addf(out, RULE_NOTE RULE_ABSENT "=%s\n", path);
}

void
edit_pin_set(struct str *text, int version, const char *path, const char *side,
	     bool is_dir, struct str *before)
{
	AUTO(str_fini) struct str old = STR_INIT, lines = STR_INIT;
	size_t at = 0;
	unsigned first;

	if (!text->len)
		str_add(text, "# cde.options v2\n");
	take_out(text, version, path, &old, &at, &first);
	if (strcmp(side, EDIT_ABSENT) == 0)
		note_lines(&lines, version, path, &old);
	else
		rule_lines(&lines, version, path, side, is_dir);
	str_clear(before);
	if (first)
		str_addf(before, "%u:%s", first, old.s);
	else if (text->s[text->len - 1] != '\n')
		str_add(before, open_end);
	if (lines.len)
		put_in(text, first ? at : text->len, lines.s);
}

void
edit_pin_restore(struct str *text, int version, const char *path, const char *before)
{
	AUTO(str_fini) struct str now = STR_INIT;
	size_t at = 0;
	unsigned first, line = 0;
	int skip = 0;

	take_out(text, version, path, &now, &at, &first);
	if (strcmp(before, open_end) == 0 && text->len && text->s[text->len - 1] == '\n')
		str_trunc(text, text->len - 1);
	if (sscanf(before, "%u:%n", &line, &skip) < 1 || !skip)
		return;
	if (!first) { /* to the line where it stood, in what may be another text now */
		for (at = 0; line > 1 && at < text->len; line--) {
			const char *nl = memchr(text->s + at, '\n', text->len - at);

			at = nl ? (size_t)(nl + 1 - text->s) : text->len;
		}
	}
	put_in(text, at, before + skip);
}

int
edit_pin_check(const char *text, size_t len, const char *path, const char *side,
	       bool is_dir, struct err *e)
{
	AUTO(rules_fini) struct rules rules;
	AUTO(str_fini) struct str name = STR_INIT, why = STR_INIT;
	struct decision d;

	rules_init(&rules, 2);
	if (rules_parse(&rules, PKG_OPTIONS, text, len, e) < 0)
		return -1;
	if (strcmp(side, EDIT_ABSENT) == 0)
		return rules_expect_absent(&rules, path, strlen(path))
			       ? 0
			       : err_set(e, 0, "%s: cde.options cannot hold this name",
					 path);
	str_set(&name, path);
	for (int i = 0; i < (is_dir ? 2 : 1); i++) {
		d = rules_decide(&rules, name.s, name.len);
		for (size_t k = 0; k < ARRAY_SIZE(sides); k++) {
			if (strcmp(sides[k].side, side) != 0 ||
			    d.verdict == sides[k].verdict)
				continue;
			if (d.rule)
				rule_describe(d.rule, &why);
			return err_set(e, 0, "%s: pinning it to '%s' has no effect: %s",
				       path, side, d.rule ? why.s : "no rule");
		}
		path_append(&name, "\x01"); /* a name that no rule can mean */
	}
	return 0;
}

bool
edit_pin_is_dir(struct edits *x, const char *path)
{
	struct stat st;

	if (package_lstat(x->p, path, &st) == 0 || lstat(path, &st) == 0)
		return S_ISDIR(st.st_mode);
	return false;
}
