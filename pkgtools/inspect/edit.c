/*
 * The log of edits: groups in memory as they are in the table `edit`.  Acts of another
 * program on the same package are seen by PRAGMA data_version, asked inside of the
 * transaction of each act.
 */
#include "inspect/edit.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "inspect/edit_priv.h"

const char *
edit_verb_name(enum edit_verb v)
{
	static const char *const name[] = {
		[EDIT_DROP] = "drop", [EDIT_ADD] = "add",   [EDIT_PIN] = "pin",
		[EDIT_NOTE] = "note", [EDIT_KEEP] = "keep",
	};

	return v < ARRAY_SIZE(name) ? name[v] : "?";
}

bool
edit_side_word(const char *word)
{
	static const char *const words[] = { "host", "sandbox", "hidden", "inherit",
					     EDIT_ABSENT };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

void
edit_push(struct edit_ops *l, enum edit_verb v, const char *path, const char *arg,
	  const char *why)
{
	edit_ops_add(l, &(struct edit_op){
				.verb = v, .path = path, .arg = arg, .why = why });
}

void
edit_group_fini(struct edit_group *g)
{
	edit_ops_fini(&g->op);
	free(g->at);
}

static void
log_fini(struct edits *x)
{
	for (size_t i = 0; i < x->group.n; i++)
		edit_group_fini(&x->group.v[i]);
	vec_fini(&x->group);
}

void
edits_touch(struct edits *x)
{
	edit_view_free(x->view);
	x->view = NULL;
	x->generation++;
}

static size_t
dead_of(const struct edit_ops *o)
{
	size_t n = 0;

	for (size_t v = 0; v < EDIT_VERBS; v++)
		n += o->dead[v];
	return n;
}

/* first: the number of what stands before this group; no keep of a group that has no
 * effect. */
static void
mark_dead(struct edit_ops *o, struct edit_names *keep, uint32_t first)
{
	AUTO(edit_walk_fini) struct edit_walk w = { 0 };

	if (!keep->cap && !dead_of(o))
		return;
	for (size_t i = 0; i < o->n; i++) {
		const struct edit_op *op = edit_ops_at(o, i, &w);

		edit_ops_set_dead(o, &w,
				  op->verb != EDIT_KEEP &&
					  edit_names_above(keep, op->path, w.len) >
						  first + i + 1);
	}
}

/* `keep` takes back what stands before it and is not written. */
void
edits_mark_dead(struct edits *x)
{
	AUTO(edit_names_fini) struct edit_names keep;
	struct edit_names none = { 0 };
	size_t at = 0;

	edit_names_init(&keep, x, EDIT_KEEP);
	for (size_t g = 0; g < x->group.n; g++)
		if (at < keep.group.n && keep.group.v[at] == &x->group.v[g]) {
			mark_dead(&x->group.v[g].op, &keep, keep.first.v[at]);
			at++;
		} else {
			mark_dead(&x->group.v[g].op, &none, 0);
		}
}

/* A manifest may be anybody's: what makes no sense is left out. */
static bool
op_is_valid(const struct edit_op *op)
{
	size_t len = op->path ? strlen(op->path) : 0;

	if (op->id <= 0 || !op->path || !db_is_path(op->path, len))
		return false;
	switch (op->verb) {
	case EDIT_ADD:
		return len > 1 && (!op->arg || db_is_path(op->arg, strlen(op->arg)));
	case EDIT_PIN:
		return op->arg && edit_side_word(op->arg) && !strchr(op->path, '\n');
	case EDIT_NOTE:
		return op->arg;
	case EDIT_DROP:
		return len > 1;
	case EDIT_KEEP:
		return true;
	case EDIT_VERBS:
		break;
	}
	return false;
}

static enum edit_verb
verb_of(const char *word)
{
	enum edit_verb v = 0;

	while (v < EDIT_VERBS && (!word || strcmp(word, edit_verb_name(v)) != 0))
		v++;
	return v;
}

/* Columns: id, grp, verb, path, arg, why, at, done, written. */
static void
take_row(struct edits *x, sqlite3_stmt *s)
{
	struct edit_op op = {
		.id = sqlite3_column_int64(s, 0),
		.verb = verb_of(db_name(s, 2, NULL)),
		.path = db_name(s, 3, NULL),
		.arg = db_name(s, 4, NULL),
		.why = db_name(s, 5, NULL),
	};
	int64_t number = sqlite3_column_int64(s, 1);
	int done = sqlite3_column_int(s, 7);

	if (!op_is_valid(&op)) {
		x->p->refused++;
		return;
	}
	if (!x->group.n || x->group.v[x->group.n - 1].number != number) {
		struct edit_group g = {
			.number = number,
			.at = db_dup(s, 6) ?: mem_strdup(""),
			.done = done == 1,
			.cut = done < 0,
			.written = sqlite3_column_int(s, 8) == 1,
		};

		vec_push(&x->group, g);
	}
	edit_ops_add(&x->group.v[x->group.n - 1].op, &op);
}

int
edits_load(struct edits *x, struct err *e)
{
	AUTO(db_finalize) sqlite3_stmt *s = NULL;
	int got;

	log_fini(x);
	edits_touch(x);
	x->version = db_number(x->p, "PRAGMA data_version", 0);
	if (x->p->version < 2)
		return 0; /* was never edited */
	if (db_prepare(x->p, &s,
		       "SELECT id, grp, verb, path, arg, why, at, done, written FROM edit"
		       " ORDER BY grp, id",
		       e) < 0)
		return -1;
	while ((got = db_step(x->p, s, e)) > 0)
		take_row(x, s);
	edits_mark_dead(x);
	return got;
}

bool
edits_is_dry(const struct edits *x)
{
	return x->flags & EDITS_DRY;
}

int
edits_refresh(struct edits *x, struct err *e)
{
	int64_t now =
		edits_is_dry(x) ? x->version : db_number(x->p, "PRAGMA data_version", 0);

	if (now == x->version)
		return 0;
	x->changed = true;
	return edit_reload_rules(x->p, e) < 0 ? -1 : edits_load(x, e);
}

void
edit_query_only(struct package *p, bool on)
{
	if (p->flags & PACKAGE_WRITE)
		return;
	sqlite3_exec(p->db, on ? "PRAGMA query_only = ON" : "PRAGMA query_only = OFF",
		     NULL, NULL, NULL);
	if (!on) /* package_writable makes it careless */
		sqlite3_exec(p->db, "PRAGMA synchronous = FULL", NULL, NULL, NULL);
}

int
edits_begin(struct edits *x, struct err *e)
{
	edit_query_only(x->p, false);
	if (db_exec(x->p, "BEGIN IMMEDIATE", e) < 0) {
		edit_query_only(x->p, true);
		return -1;
	}
	if (edits_refresh(x, e) == 0)
		return 0;
	edits_rollback(x);
	return -1;
}

int
edits_commit(struct edits *x, struct err *e)
{
	int r = db_exec(x->p, "COMMIT", e);

	if (r < 0)
		sqlite3_exec(x->p->db, "ROLLBACK", NULL, NULL, NULL);
	edit_query_only(x->p, true);
	x->version = db_number(x->p, "PRAGMA data_version", 0);
	return r;
}

void
edits_rollback(struct edits *x)
{
	sqlite3_exec(x->p->db, "ROLLBACK", NULL, NULL, NULL);
	edit_query_only(x->p, true);
}

/* A manifest in memory (package_writable) or on a read-only medium cannot hold a log. */
static int
check_writable(struct edits *x, struct err *e)
{
	const char *file = sqlite3_db_filename(x->p->db, "main");

	if (x->p->unpacked) /* it will be gone */
		return err_set(e, EROFS, "out of an archive (cde-pkg unpack)");
	if (!file || !*file || sqlite3_db_readonly(x->p->db, "main"))
		return err_set(e, EROFS, "%s/%s", x->p->layout.dir.s, PKG_MANIFEST);
	if (x->p->version == MANIFEST_VERSION)
		return 0;
	edit_query_only(x->p, false);
	if (manifest_migrate(x->p->db, e) < 0) {
		edit_query_only(x->p, true);
		return -1;
	}
	edit_query_only(x->p, true);
	x->p->version = MANIFEST_VERSION;
	return 0;
}

int
edits_open(struct edits *x, struct package *p, unsigned flags, struct err *e)
{
	*x = (struct edits){ .p = p, .flags = flags };
	if (!p->db)
		return db_fail(p, "read", e);
	if (!edits_is_dry(x) &&
	    (check_writable(x, e) < 0 || edit_moves_recover(p, e) < 0))
		return -1;
	return edits_load(x, e);
}

void
edits_close(struct edits *x)
{
	log_fini(x);
	edit_view_free(x->view);
	x->view = NULL;
}

size_t
edits_bar(const struct edits *x)
{
	size_t n = x->group.n;

	while (n && !x->group.v[n - 1].done)
		n--;
	return n;
}

size_t
edits_staged(const struct edits *x)
{
	size_t n = 0;

	for (size_t i = 0; i < x->group.n; i++)
		n += x->group.v[i].done != x->group.v[i].written;
	return n;
}

void
edits_back(const struct edits *x, group_list *out)
{
	for (size_t i = x->group.n; i-- > 0;)
		if (x->group.v[i].written && !x->group.v[i].done)
			vec_push(out, &x->group.v[i]);
}

void
edits_forth(const struct edits *x, group_list *out)
{
	for (size_t i = 0; i < x->group.n; i++)
		if (x->group.v[i].done && !x->group.v[i].written)
			vec_push(out, &x->group.v[i]);
}

void
edit_group_title(const struct edit_group *g, struct str *out)
{
	size_t count[EDIT_VERBS], needed = g->op.needed, left = g->op.n;
	AUTO(edit_walk_fini) struct edit_walk w = { 0 };
	bool any = false;

	memcpy(count, g->op.count, sizeof(count));
	for (size_t i = 0; left && i < g->op.n; i++) {
		const struct edit_op *op = edit_ops_at(&g->op, i, &w);
		size_t n = count[op->verb];

		if (!n || (op->why && needed < n))
			continue;
		count[op->verb] = 0;
		left -= n;
		n -= op->verb == EDIT_ADD ? needed : 0;
		str_addf(out, "%s%s ", any ? ", " : "", edit_verb_name(op->verb));
		any = true;
		if (n > 1)
			str_addf(out, "%zu paths", n);
		else
			str_add(out, op->path);
		if (op->verb == EDIT_PIN && n == 1)
			str_addf(out, " %s", op->arg);
		if (op->verb == EDIT_ADD && needed)
			str_addf(out, " (+ %zu needed)", needed);
	}
}
