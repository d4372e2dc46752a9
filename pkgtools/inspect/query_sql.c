/*
 * What SQLite can tell of a filter before a row is fetched.  Conditions on the path are
 * answered from its index, which is a tenth of the time that a row costs.
 */
#include <string.h>

#include "inspect/query_priv.h"
#include "inspect/text.h"

/* The longest part of a glob that stands in each name it matches; behind a bracket we do
 * not look. */
static void
literal_of(const char *glob, struct str *out)
{
	AUTO(str_fini) struct str run = STR_INIT;

	for (const char *s = glob;; s++) {
		if (*s && !strchr("*?[\\", *s)) {
			str_addc(&run, *s);
			continue;
		}
		if (*s == '\\' && s[1]) {
			str_addc(&run, *++s);
			continue;
		}
		if (run.len > out->len)
			str_set(out, run.s);
		str_clear(&run);
		if (*s != '*' && *s != '?')
			return;
	}
}

/* Names that are not UTF-8 are blobs, for which instr() compares characters, too: that
 * is the same as bytes when the text begins with a whole one. */
static bool
path_contains(const char *text, size_t len, struct str *out)
{
	if (len == 0 || !text_is_utf8(text, len))
		return false;
	str_add(out, "instr(path,CAST(x'");
	for (size_t i = 0; i < len; i++)
		str_addf(out, "%02x", (unsigned char)text[i]);
	str_add(out, "' AS TEXT))");
	return true;
}

static bool
glob_sql(const struct query_term *t, struct str *out)
{
	AUTO(str_fini) struct str literal = STR_INIT;

	if (t->glob)
		literal_of(t->text, &literal);
	else
		str_set(&literal, t->text);
	return path_contains(literal.s, literal.len, out);
}

static bool
size_sql(const struct query_term *t, struct str *out)
{
	static const char *const op[] = {
		['<'] = "<", ['>'] = ">", ['='] = "=", ['l'] = "<=", ['g'] = ">=",
	};

	if (t->number > INT64_MAX)
		return false;
	str_addf(out, "max(size,0)%s%llu", op[(unsigned char)t->op], /* < 0 shows as 0 */
		 (unsigned long long)t->number);
	return true;
}

static bool
class_sql(const struct query_term *t, struct str *out)
{
	if (t->number == ORIGIN_UNOWNED || t->number == ORIGIN_OUTPUT)
		return false;
	str_addf(out, "origin_class='%s'", origin_class_name(t->number));
	return true;
}

/* Numbers, hexadecimal bytes and our own constants only: no text of the user gets into
 * SQL.  false: nothing can be said. */
static bool
leaf_sql(const struct query_term *t, struct str *out)
{
	switch (t->kind) {
	case TERM_WORD:
	case TERM_UNDER:
		return path_contains(t->text, t->len, out);
	case TERM_NAME:
	case TERM_PATH:
		return glob_sql(t, out);
	case TERM_CLASS:
		return class_sql(t, out);
	case TERM_SIZE:
		return size_sql(t, out);
	case TERM_NOT: /* of something that lets too many through it would take too many */
	case TERM_RE:
	case TERM_TYPE:
	case TERM_KIND:
	case TERM_ORIGIN:
	case TERM_ACC:
	case TERM_STATE:
	case TERM_PROC:
	case TERM_FLAG:
	case TERM_AND:
	case TERM_OR:
		break;
	}
	return false;
}

static void
term_sql(const struct query *q, int n, struct str *out)
{
	const struct query_term *t = &q->term[n];

	if (t->kind == TERM_AND || t->kind == TERM_OR) {
		str_addc(out, '(');
		term_sql(q, t->left, out);
		str_add(out, t->kind == TERM_AND ? " AND " : " OR ");
		term_sql(q, t->right, out);
		str_addc(out, ')');
	} else if (!leaf_sql(t, out)) {
		str_addc(out, '1');
	}
}

bool
query_is_bare(const struct query *q)
{
	static const bool bare[] = {
		[TERM_AND] = true,   [TERM_OR] = true,	 [TERM_NOT] = true,
		[TERM_WORD] = true,  [TERM_NAME] = true, [TERM_PATH] = true,
		[TERM_RE] = true,    [TERM_KIND] = true, [TERM_SIZE] = true,
		[TERM_UNDER] = true,
	};

	for (size_t i = 0; i < q->n; i++)
		if (!bare[q->term[i].kind])
			return false;
	return true;
}

/* The part of a glob before its first wildcard. */
static void
begin_of(const struct query_term *t, struct str *out)
{
	const char *s = t->text;

	if (t->kind != TERM_PATH && t->kind != TERM_UNDER)
		return;
	if (t->kind == TERM_UNDER || !t->glob) {
		str_set(out, s);
		return;
	}
	for (; *s && !strchr("*?[", *s); s++) {
		if (*s == '\\' && !s[1])
			return;
		s += *s == '\\';
		str_addc(out, *s);
	}
}

static void
term_prefix(const struct query *q, int n, struct str *out)
{
	const struct query_term *t = &q->term[n];
	AUTO(str_fini) struct str left = STR_INIT, right = STR_INIT;
	size_t same = 0;

	if (t->kind != TERM_AND && t->kind != TERM_OR) {
		begin_of(t, out);
		return;
	}
	term_prefix(q, t->left, &left);
	term_prefix(q, t->right, &right);
	if (t->kind == TERM_AND) { /* both are true; the longer one says more */
		str_add(out, left.len >= right.len ? left.s : right.s);
		return;
	}
	while (same < left.len && left.s[same] == right.s[same])
		same++;
	str_addn(out, left.s, same);
}

void
query_prefix(const struct query *q, struct str *out)
{
	if (q->n)
		term_prefix(q, q->root, out);
}

void
query_sql(const struct query *q, struct str *out)
{
	if (q->n == 0)
		str_addc(out, '1');
	else
		term_sql(q, q->root, out);
}
