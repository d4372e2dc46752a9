/* The log as lines of text, and lines as operations. */
#include <errno.h>
#include <string.h>

#include "inspect/edit_priv.h"
#include "inspect/text.h"

/* A name as one word: blanks in it, too, are escaped. */
static void
add_word(struct str *out, const char *name)
{
	AUTO(str_fini) struct str text = STR_INIT;

	text_escape(&text, name, strlen(name));
	for (size_t i = 0; i < text.len; i++)
		if (text.s[i] == ' ')
			str_add(out, "\\x20");
		else
			str_addc(out, text.s[i]);
}

static void
script_op(const struct edit_op *op, struct str *out)
{
	str_addf(out, "%s ", edit_verb_name(op->verb));
	add_word(out, op->path);
	if (op->verb == EDIT_ADD) {
		if (op->arg) {
			str_add(out, " from ");
			add_word(out, op->arg);
		}
		str_add(out, " only");
		if (op->why) {
			str_add(out, " for ");
			add_word(out, op->why);
		}
	} else if (op->arg && *op->arg) {
		str_addc(out, ' ');
		text_escape_visible(out, op->arg, strlen(op->arg));
	}
	str_addc(out, '\n');
}

static void
script_title(const struct edit_group *g, struct str *out)
{
	AUTO(str_fini) struct str title = STR_INIT;

	edit_group_title(g, &title);
	str_addf(out, "group # %lld, ", (long long)g->number);
	text_escape(out, g->at, strlen(g->at));
	str_add(out, ": ");
	text_escape(out, title.s, title.len);
	str_addc(out, '\n');
}

void
edit_group_script(const struct edit_group *g, size_t i, size_t n, struct str *out)
{
	AUTO(edit_walk_fini) struct edit_walk w = { 0 };

	if (i == 0)
		script_title(g, out);
	for (; n-- && i < g->op.n; i++)
		script_op(edit_ops_at(&g->op, i, &w), out);
}

void
edits_script(const struct edits *x, size_t first, size_t last, struct str *out)
{
	for (size_t g = first; g < last && g < x->group.n; g++)
		edit_group_script(&x->group.v[g], 0, SIZE_MAX, out);
}

struct words {
	const char *line, *at;
	size_t *column;
	struct err *e;
};

static int
wrong(struct words *w, const char *text)
{
	if (w->column)
		*w->column = (size_t)(w->at - w->line);
	return err_set(w->e, EINVAL, "%s", text);
}

static const char *
blanks(const char *at)
{
	return at + strspn(at, " \t");
}

/* The next word, unescaped.  1: there is none. */
static int
next_word(struct words *w, struct str *out)
{
	size_t n, bad = 0;

	w->at = blanks(w->at);
	n = strcspn(w->at, " \t");
	str_clear(out);
	if (!n)
		return 1;
	if (text_unescape(out, w->at, n, &bad) < 0) {
		w->at += bad;
		return wrong(w, "a wrong escape");
	}
	if (strlen(out->s) != out->len)
		return wrong(w, "a NUL byte");
	w->at += n;
	return 0;
}

/* Is the next word this one?  Then behind it. */
static bool
take(struct words *w, const char *word)
{
	const char *at = blanks(w->at);
	size_t n = strlen(word);

	if (strncmp(at, word, n) != 0 || (at[n] && at[n] != ' ' && at[n] != '\t'))
		return false;
	w->at = at + n;
	return true;
}

static int
path_word(struct words *w, struct str *out)
{
	int r = next_word(w, out);

	if (r > 0)
		return wrong(w, "a path is missing");
	if (r == 0 && out->s[0] != '/')
		return wrong(w, "a path begins with a slash");
	return r;
}

static int
at_end(struct words *w)
{
	w->at = blanks(w->at);
	return *w->at ? wrong(w, "too many words") : 0;
}

static int
line_add(struct edits *x, struct edit_ops *l, struct words *w)
{
	AUTO(str_fini) struct str path = STR_INIT, host = STR_INIT, why = STR_INIT;
	struct edit_add a = { 0 };

	if (path_word(w, &path) < 0)
		return -1;
	a.path = path.s;
	if (take(w, "from")) {
		if (path_word(w, &host) < 0)
			return -1;
		a.host = host.s;
	}
	if (take(w, "only")) {
		a.how = EDIT_ADD_ONLY;
		if (take(w, "for")) {
			if (path_word(w, &why) < 0)
				return -1;
			a.why = why.s;
		}
	}
	return at_end(w) < 0 ? -1 : edit_add(x, l, &a, w->e);
}

static int
line_drop(struct edits *x, struct edit_ops *l, struct words *w)
{
	AUTO(str_fini) struct str path = STR_INIT;
	struct query q = { .root = -1 };
	size_t column = 0;
	int r;

	w->at = blanks(w->at);
	if (*w->at == '/' || !*w->at) {
		if (path_word(w, &path) < 0 || at_end(w) < 0)
			return -1;
		return edit_drop(x, l, path.s, w->e);
	}
	r = query_parse(&q, w->at, &column, w->e);
	if (r < 0 && w->column)
		*w->column = (size_t)(w->at - w->line) + column;
	if (r == 0)
		r = query_bind(&q, x->p, w->e);
	if (r == 0)
		r = edit_drop_query(x, l, &q, w->e);
	query_fini(&q);
	return r;
}

static int
line_pin(struct edits *x, struct edit_ops *l, struct words *w)
{
	AUTO(str_fini) struct str path = STR_INIT, side = STR_INIT;

	if (path_word(w, &path) < 0)
		return -1;
	if (next_word(w, &side))
		return wrong(w,
			     "host, sandbox, both, hidden, absent or inherit is missing");
	return at_end(w) < 0 ? -1 : edit_pin(x, l, path.s, side.s, w->e);
}

static int
line_note(struct edits *x, struct edit_ops *l, struct words *w)
{
	AUTO(str_fini) struct str path = STR_INIT, text = STR_INIT;
	size_t n, bad = 0;

	if (path_word(w, &path) < 0)
		return -1;
	w->at = blanks(w->at);
	n = strlen(w->at);
	while (n && strchr(" \t", w->at[n - 1]))
		n--;
	if (text_unescape(&text, w->at, n, &bad) < 0) {
		w->at += bad;
		return wrong(w, "a wrong escape");
	}
	if (strlen(text.s) != text.len)
		return wrong(w, "a NUL byte");
	return edit_note(x, l, path.s, text.s, w->e);
}

static int
line_keep(struct edits *x, struct edit_ops *l, struct words *w)
{
	AUTO(str_fini) struct str path = STR_INIT;

	if (path_word(w, &path) < 0 || at_end(w) < 0)
		return -1;
	return edit_keep(x, l, path.s, w->e);
}

int
edit_line(struct edits *x, struct edit_ops *l, const char *line, size_t *column,
	  struct err *e)
{
	static int (*const parser[EDIT_VERBS])(struct edits * x, struct edit_ops * l,
					       struct words * w) = {
		[EDIT_DROP] = line_drop, [EDIT_ADD] = line_add,	  [EDIT_PIN] = line_pin,
		[EDIT_NOTE] = line_note, [EDIT_KEEP] = line_keep,
	};
	struct words w = { line, line, column, e };

	if (column)
		*column = 0;
	w.at = blanks(line);
	if (!*w.at || *w.at == '#')
		return 0;
	for (size_t v = 0; v < EDIT_VERBS; v++)
		if (take(&w, edit_verb_name(v)))
			return parser[v](x, l, &w);
	return wrong(&w, "drop, add, pin, note or keep is expected");
}

/* ---- a whole script ---- */

struct script {
	struct edits *x;    /* where it is staged in the end */
	struct edits *look; /* where each group is tried, so that the next one sees it */
	VEC(struct edit_ops) group;
	struct edit_ops now;
};

static void
script_fini(struct script *s)
{
	for (size_t i = 0; i < s->group.n; i++)
		edit_ops_fini(&s->group.v[i]);
	vec_fini(&s->group);
	edit_ops_fini(&s->now);
}

static void
copy_list(const struct edit_ops *from, struct edit_ops *to)
{
	AUTO(edit_walk_fini) struct edit_walk w = { 0 };

	for (size_t i = 0; i < from->n; i++) {
		const struct edit_op *op = edit_ops_at(from, i, &w);

		edit_push(to, op->verb, op->path, op->arg, op->why);
	}
}

static int
end_group(struct script *s, struct err *e)
{
	struct edit_ops copy = { 0 };

	if (!s->now.n)
		return 0;
	copy_list(&s->now, &copy);
	vec_push(&s->group, copy);
	return edits_stage(s->look, &s->now, e) < 0 ? -1 : 0;
}

static int
script_line(struct script *s, const char *line, size_t *column, struct err *e)
{
	const char *at = blanks(line);

	if (strncmp(at, "group", 5) == 0) {
		at = blanks(at + 5);
		if (!*at || *at == '#')
			return end_group(s, e);
	}
	return edit_line(s->look, &s->now, line, column, e);
}

static int
parse(struct script *s, const char *name, const struct str *text, struct err *e)
{
	AUTO(str_fini) struct str line = STR_INIT;
	unsigned number = 1;

	for (size_t at = 0; at < text->len; number++) {
		const char *nl = memchr(text->s + at, '\n', text->len - at);
		size_t n = nl ? (size_t)(nl - text->s) - at : text->len - at, column = 0;

		str_setn(&line, text->s + at, n);
		at += n + 1;
		if (line.len && line.s[line.len - 1] == '\r')
			str_trunc(&line, line.len - 1);
		if (strlen(line.s) != line.len)
			return err_set(e, 0, "%s:%u: a NUL byte", name, number);
		if (script_line(s, line.s, &column, e) < 0)
			return err_wrap(e, "%s:%u:%zu", name, number, column + 1);
	}
	return end_group(s, e);
}

static int
stage_all(struct script *s, struct err *e)
{
	unsigned n = 0;

	for (; n < s->group.n; n++)
		if (edits_stage(s->x, &s->group.v[n], e) < 0) {
			AUTO(err_fini) struct err none = ERR_INIT;

			edits_undo(s->x, n, &none); /* all or nothing */
			return -1;
		}
	return (int)n;
}

int
edits_run_script(struct edits *x, const char *name, const struct str *text, struct err *e)
{
	struct edits look = { 0 };
	struct script s = { .x = x, .look = &look };
	int r;

	if (x->flags & EDITS_DRY)
		s.look = x;
	else if (edits_open(&look, x->p, EDITS_DRY, e) < 0)
		return -1;
	r = parse(&s, name, text, e);
	if (r == 0)
		r = x->flags & EDITS_DRY ? (int)s.group.n : stage_all(&s, e);
	script_fini(&s);
	edits_close(&look);
	return r;
}
