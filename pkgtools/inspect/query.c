#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/db.h"
#include "inspect/ftype.h"
#include "inspect/query_priv.h"
#include "inspect/text.h"
#include "path/lex.h"

void
query_fini(struct query *q)
{
	for (size_t i = 0; i < q->n; i++) {
		if (q->term[i].re) {
			regfree(q->term[i].re);
			free(q->term[i].re);
		}
		free(q->term[i].text);
		vec_fini(&q->term[i].rows);
	}
	free(q->term);
	*q = (struct query){ .root = -1 };
}

bool
query_follows_edits(const struct query *q)
{
	for (size_t i = 0; i < q->n; i++)
		if (q->term[i].kind == TERM_STATE || q->term[i].kind == TERM_FLAG)
			return true;
	return false;
}

bool
query_is_empty(const struct query *q)
{
	return q->n == 0;
}

void
query_explain(struct str *out, const char *text, size_t column, const char *error)
{
	AUTO(str_fini) struct str before = STR_INIT;
	size_t width = 0;
	uint32_t c;

	text_escape(&before, text, column);
	for (size_t i = 0, n; i < before.len; i += n, width++)
		n = text_decode(before.s + i, before.len - i, &c) ?: 1;
	str_addf(out, "%s\n  ", error);
	text_escape(out, text, strlen(text));
	str_addf(out, "\n  %*s^", (int)width, "");
}

int
query_path(struct query *q, const char *path, struct err *e)
{
	*q = (struct query){ .root = -1 };
	if (!db_is_path(path, strlen(path)))
		return err_set(e, 0, "%s: not an absolute path", path);
	q->root = query_term_add(q, TERM_UNDER);
	q->term[q->root].text = mem_strdup(path);
	q->term[q->root].len = strlen(path);
	return 0;
}

static bool
match_text(const struct query_term *t, const char *s)
{
	return t->glob ? fnmatch(t->text, s, 0) == 0 : strcmp(t->text, s) == 0;
}

/* "libc6:amd64", "pip:numpy": whole, or without the part that is not the name. */
static bool
match_origin(const struct query_term *t, const struct entry *x)
{
	AUTO(str_fini) struct str part = STR_INIT;
	const char *colon;

	if (!x->package[0])
		return match_text(t, origin_class_name(x->origin));
	if (match_text(t, x->package))
		return true;
	colon = strchr(x->package, ':');
	if (!colon)
		return false;
	if (x->origin == ORIGIN_LANGUAGE)
		return match_text(t, colon + 1);
	str_setn(&part, x->package, (size_t)(colon - x->package));
	return match_text(t, part.s);
}

static bool
match_type(const struct query_term *t, const struct entry *x)
{
	const char *type = x->type[0] ? x->type : ftype_of_kind(x->kind);

	return match_text(t, type) ||
	       (!t->glob && strncmp(type, t->text, t->len) == 0 && type[t->len] == '-');
}

static bool
match_size(const struct query_term *t, uint64_t size)
{
	switch (t->op) {
	case '<':
		return size < t->number;
	case '>':
		return size > t->number;
	case 'l':
		return size <= t->number;
	case 'g':
		return size >= t->number;
	default:
		return size == t->number;
	}
}

static int
by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static bool
match_row(const struct query_term *t, uint32_t row)
{
	return row && t->rows.n &&
	       bsearch(&row, t->rows.v, t->rows.n, sizeof(row), by_number);
}

static bool
match(const struct query *q, int n, const struct entry *x)
{
	const struct query_term *t = &q->term[n];

	switch (t->kind) {
	case TERM_AND:
		return match(q, t->left, x) && match(q, t->right, x);
	case TERM_OR:
		return match(q, t->left, x) || match(q, t->right, x);
	case TERM_NOT:
		return !match(q, t->left, x);
	case TERM_WORD:
		return memmem(x->path, x->len, t->text, t->len);
	case TERM_NAME:
		return match_text(t, x->name);
	case TERM_PATH:
		return match_text(t, x->path);
	case TERM_RE:
		return regexec(t->re, x->path, 0, NULL, 0) == 0;
	case TERM_TYPE:
		return match_type(t, x);
	case TERM_KIND:
		return strchr(t->text, x->kind);
	case TERM_ORIGIN:
		return match_origin(t, x);
	case TERM_CLASS:
		return x->origin == t->number && x->kind != 'd';
	case TERM_SIZE:
		return match_size(t, x->size);
	case TERM_ACC:
		return (x->access & t->number) || (t->op == 'n' && x->access == 0);
	case TERM_STATE:
		return strchr(t->text, entry_letter(x));
	case TERM_PROC:
		return match_row(t, x->row);
	case TERM_FLAG:
		return x->flags & t->number;
	case TERM_UNDER:
		return path_under(x->path, t->text);
	}
	return false;
}

bool
query_match(const struct query *q, const struct entry *x)
{
	return q->n == 0 || match(q, q->root, x);
}

/* Words of "a and b and c" make a chain that leans left: no deep recursion there, but
 * thousands of them would; the parser limits their number. */

struct selection {
	const struct query *q;
	query_ids *out;
};

static enum model_step
select_node(void *ctx, uint32_t n, const struct entry *x)
{
	struct selection *s = ctx;

	if (query_match(s->q, x))
		vec_push(s->out, n);
	return MODEL_ON;
}

void
query_select(const struct query *q, const struct model *m, query_ids *out)
{
	struct selection s = { q, out };

	model_each(m, 0, select_node, &s);
}

/* Its name: the last component of the program, or of the first word of its command. */
static bool
is_process(const struct query_term *t, const char *exe, const char *argv)
{
	AUTO(str_fini) struct str word = STR_INIT;

	if (exe && (match_text(t, path_base(exe)) || match_text(t, exe)))
		return true;
	if (!argv)
		return false;
	str_setn(&word, argv, strcspn(argv, " "));
	return match_text(t, path_base(word.s));
}

static int
bind_process(struct package *p, int64_t process, struct query_term *t, struct err *e)
{
	AUTO(db_finalize) sqlite3_stmt *s = NULL;
	int got;

	if (db_prepare(p, &s, "SELECT file FROM access WHERE process=?", e) < 0)
		return -1;
	sqlite3_bind_int64(s, 1, process);
	while ((got = db_step(p, s, e)) > 0) {
		int64_t row = sqlite3_column_int64(s, 0);

		if (row > 0 && row <= UINT32_MAX)
			vec_push(&t->rows, (uint32_t)row);
	}
	return got;
}

/* The key of `access` is (file, process): one pass over it for all processes. */
static int
bind_term(struct package *p, struct query_term *t, struct err *e)
{
	AUTO(db_finalize) sqlite3_stmt *s = NULL;
	AUTO(map_fini) struct map wanted = { 0 };
	int got;

	if (db_prepare(p, &s, "SELECT id, exe, argv FROM process", e) < 0)
		return -1;
	while ((got = db_step(p, s, e)) > 0) {
		int64_t id = sqlite3_column_int64(s, 0);
		const char *exe = db_name(s, 1, NULL);

		if (is_process(t, exe, db_name(s, 2, NULL)))
			map_put(&wanted, (char *)&id, sizeof(id));
	}
	if (got < 0 || wanted.n == 0)
		return got;
	if (wanted.n == 1) {
		const struct map_slot *one = map_next(&wanted, NULL);
		int64_t id;

		memcpy(&id, one->key, sizeof(id));
		return bind_process(p, id, t, e);
	}
	db_finalize(&s);
	if (db_prepare(p, &s, "SELECT file, process FROM access", e) < 0)
		return -1;
	while ((got = db_step(p, s, e)) > 0) {
		int64_t row = sqlite3_column_int64(s, 0), id = sqlite3_column_int64(s, 1);

		if (row > 0 && row <= UINT32_MAX &&
		    map_get(&wanted, (char *)&id, sizeof(id)))
			vec_push(&t->rows, (uint32_t)row);
	}
	return got;
}

int
query_bind(struct query *q, struct package *p, struct err *e)
{
	for (size_t i = 0; p->db && i < q->n; i++) {
		struct query_term *t = &q->term[i];

		if (t->kind != TERM_PROC)
			continue;
		t->rows.n = 0;
		if (bind_term(p, t, e) < 0)
			return -1;
		if (t->rows.n)
			qsort(t->rows.v, t->rows.n, sizeof(*t->rows.v), by_number);
	}
	return 0;
}
