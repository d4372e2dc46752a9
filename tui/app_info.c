/* What is known about a row, and why it is there: boxes. */
#include "app.h"

#include <inttypes.h>
#include <string.h>

#include "inspect/text.h"
#include "path/lex.h"

/* --- info ------------------------------------------------------------------------- */

const struct detail *
app_detail(struct app *a, uint32_t n)
{
	AUTO(str_fini) struct str path = STR_INIT;
	AUTO(err_fini) struct err e = ERR_INIT;

	if (a->detail_node == n)
		return &a->detail;
	detail_fini(&a->detail);
	a->detail_node = n;
	model_path(&a->model, n, &path);
	if (detail_read(&a->package, path.s, &a->detail, &e) < 0) {
		detail_fini(&a->detail);
		a->detail.size = a->detail.mode = a->detail.modified = -1;
	}
	return &a->detail;
}

static void
add_access(struct str *out, unsigned kinds)
{
	static const char *const word[] = { "stat", "read", "write",
					    "exec", "list", "link" };
	size_t start = out->len;

	for (size_t i = 0; i < ARRAY_SIZE(word); i++)
		if (kinds >> i & 1)
			str_addf(out, "%s%s", out->len > start ? ", " : "", word[i]);
}

void
app_use_words(const struct detail_use *u, struct str *out)
{
	static const char *const word[] = { "stat", "read",   "written",
					    "run",  "listed", "linked" };
	int last = 0;

	for (int k = 0; k < 6; k++)
		if (u->kinds >> k & 1)
			last = k;
	str_addf(out, "%s by %" PRId64 " %s", word[last], u->pid,
		 u->exe && *u->exe ? path_base(u->exe) : "?");
}

static void
info_size(struct box *b, const struct detail *d, const struct node *x)
{
	AUTO(str_fini) struct str s = STR_INIT;

	if (x->kind == 'd')
		return;
	text_size(&s, x->size);
	if (x->size >= 1024)
		str_addf(&s, " (%" PRIu64 " bytes)", x->size);
	box_addf(b, STYLE_HEAD, "size\t%s", s.s);
}

static void
info_origin(struct box *b, const struct detail *d)
{
	AUTO(str_fini) struct str s = STR_INIT;

	if (d->package.len)
		str_addf(&s, "%s %s", d->package.s, d->version.s);
	else
		str_add(&s, origin_class_name(d->origin));
	if (d->modified == 1)
		str_add(&s, ", changed since it was installed");
	else if (d->modified == 0)
		str_add(&s, ", as installed");
	box_add_name(b, "origin", s.s);
}

static void
info_times(struct box *b, const struct detail *d)
{
	AUTO(str_fini) struct str s = STR_INIT;

	if (d->mode >= 0)
		box_addf(b, STYLE_HEAD, "mode\t%04o, owner %" PRId64 ":%" PRId64,
			 (unsigned)(d->mode & 07777), d->uid, d->gid);
	if (d->mtime_ns > 0) {
		text_time(&s, d->mtime_ns / 1000000000);
		box_addf(b, STYLE_HEAD, "changed\t%s", s.s);
	}
}

const char *
app_state_words(const struct entry *x)
{
	static const struct {
		char letter;
		const char *words;
	} table[] = {
		{ 'D', "staged to be dropped" },
		{ 'A', "staged to be added" },
		{ 'H', "the host's is seen (a rule for it)" },
		{ 'h', "the host's is seen (a rule above)" },
		{ 'X', "hidden (a rule for it)" },
		{ 'x', "hidden (a rule above)" },
		{ '!', "asked for and not there" },
		{ '?', "predicted, never seen used" },
		{ '-', "only its name is in the package" },
		{ 'u', "could not be read or stored" },
		{ 's', "socket or device, recorded only" },
		{ '~', "written by the run, not packaged" },
		{ 'M', "not as its distro package brought it" },
		{ ' ', "in the package" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (table[i].letter == entry_letter(x))
			return table[i].words;
	return "";
}

static void
info_uses(struct box *b, const struct detail *d)
{
	AUTO(str_fini) struct str s = STR_INIT;

	for (size_t i = 0; i < d->use.n && i < 50; i++) {
		const struct detail_use *u = &d->use.v[i];

		str_clear(&s);
		add_access(&s, u->kinds);
		str_addf(&s, " by %" PRId64 " ", u->pid);
		text_escape(&s,
			    u->argv  ? u->argv
			    : u->exe ? u->exe
				     : "?",
			    strlen(u->argv  ? u->argv
				   : u->exe ? u->exe
					    : "?"));
		box_addf(b, STYLE_HEAD, "%s\t%s", i ? "" : "used", s.s);
	}
	if (d->use.n > 50)
		box_addf(b, STYLE_DIM, "\tand %zu more", d->use.n - 50);
}

static void
fill_info(struct app *a, uint32_t n)
{
	AUTO(str_fini) struct str path = STR_INIT;
	const struct detail *d = app_detail(a, n);
	const struct node *node = &a->model.node[n];
	struct box *b = &a->box;
	struct entry x;

	model_path(&a->model, n, &path);
	model_entry(&a->model, n, &path, &x);
	box_add_name(b, "path", path.s);
	box_add_name(b, "type", d->type.len ? d->type.s : x.type);
	box_add_name(b, "", d->words.s);
	box_add_name(b, "link to", d->link.s);
	info_size(b, d, node);
	if (node->kind == 'd') {
		struct node_total t = tree_total(&a->tree, n);
		AUTO(str_fini) struct str s = STR_INIT;

		text_size(&s, t.bytes);
		box_addf(b, STYLE_HEAD, "below it\t%u files, %s", t.files, s.s);
	}
	info_origin(b, d);
	box_addf(b, STYLE_HEAD, "state\t%s", app_state_words(&x));
	info_times(b, d);
	box_add_name(b, "sha256", d->sha256.s);
	box_add_name(b, "note", d->note.s);
	for (size_t i = 0; i < d->fact.n && i < 60; i++)
		box_add_name(b,
			     i && strcmp(d->fact.v[i].key, d->fact.v[i - 1].key) == 0
				     ? ""
				     : d->fact.v[i].key,
			     d->fact.v[i].value);
	info_uses(b, d);
}

static void
info_group(struct app *a, const struct groups *g, size_t at)
{
	struct group x = groups_at(g, &a->tree, at);
	AUTO(str_fini) struct str s = STR_INIT, q = STR_INIT;

	box_open(&a->box, BOX_INFO, "Info");
	box_add_name(&a->box, "group", group_label(&x, &a->model));
	if (x.kind == GROUP_PACKAGE)
		box_add_name(&a->box, "version", a->model.origin.v[x.id].version);
	text_size(&s, x.bytes);
	box_addf(&a->box, STYLE_HEAD, "holds\t%u files, %s", x.files, s.s);
	if (x.drops)
		box_addf(&a->box, STYLE_HEAD, "staged\t%u of them to be dropped",
			 x.drops);
	group_query(&x, &a->model, &q);
	box_add_name(&a->box, "filter", q.s);
}

void
app_info(struct app *a)
{
	const struct groups *g = app_groups(a);
	uint32_t n = app_node(a);

	if (n != UINT32_MAX) {
		box_open(&a->box, BOX_INFO, "Info");
		fill_info(a, n);
	} else if (g && app_list(a)->cursor < g->n) {
		info_group(a, g, app_list(a)->cursor);
	}
}

/* --- why -------------------------------------------------------------------------- */

/* From the process that used it up to the command of the run. */
static void
why_chain(struct app *a, const struct detail_use *u)
{
	AUTO(str_fini) struct str s = STR_INIT;
	const char *by = canvas_glyph(&a->canvas, GLYPH_LEFT_OF);
	int64_t id = u->parent;

	add_access(&s, u->kinds);
	str_addf(&s, " by %" PRId64 " ", u->pid);
	text_escape(&s, u->exe ? u->exe : "?", strlen(u->exe ? u->exe : "?"));
	box_addf(&a->box, STYLE_HEAD, "asked for\t%s", s.s);
	for (int depth = 0; id && depth < 32; depth++) {
		struct detail_use up = { 0 };
		AUTO(err_fini) struct err e = ERR_INIT;

		if (detail_process(&a->package, id, &up, &e) != 0)
			break;
		str_clear(&s);
		text_escape(&s, up.argv ? up.argv : "?", strlen(up.argv ? up.argv : "?"));
		box_addf(&a->box, STYLE_HEAD, "\t%s started by %" PRId64 " %s", by,
			 up.pid, s.s);
		id = up.parent == id ? 0 : up.parent;
		detail_use_fini(&up);
	}
}

struct needs {
	struct box *box;
	size_t n;
	struct str last;
};

static const char *
how_word(const char *fact)
{
	static const char *const words[][2] = {
		{ "elf.needed", "DT_NEEDED" },
		{ "elf.interp", "as its loader" },
		{ "script.interp", "#!" },
		{ "python.import", "import" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcmp(fact, words[i][0]) == 0)
			return words[i][1];
	return fact;
}

static void
on_need(void *ctx, const char *by, const char *how)
{
	struct needs *x = ctx;
	AUTO(str_fini) struct str s = STR_INIT;

	if (strcmp(x->last.s, by) == 0) /* by two of its names */
		return;
	str_set(&x->last, by);
	text_escape(&s, by, strlen(by));
	if (x->n++ < 100)
		box_addf(x->box, STYLE_HEAD, "%s\t%s (%s)", x->n == 1 ? "needed by" : "",
			 s.s, how_word(how));
}

static void
why_file(struct app *a, uint32_t n)
{
	AUTO(str_fini) struct str path = STR_INIT;
	AUTO(err_fini) struct err e = ERR_INIT;
	const struct detail *d = app_detail(a, n);
	struct needs needs = { &a->box, 0, STR_INIT };
	size_t runs = 0;

	model_path(&a->model, n, &path);
	box_add_name(&a->box, "path", path.s);
	for (size_t i = 0; i < a->run.n && d->found; i++)
		if (a->run.v[i].id == d->run && runs++ == 0)
			box_add_name(&a->box, "first run", a->run.v[i].argv);
	for (size_t i = 0; i < d->use.n && i < 8; i++)
		why_chain(a, &d->use.v[i]);
	if (d->use.n > 8)
		box_addf(&a->box, STYLE_DIM, "\tand %zu more processes: i lists them",
			 d->use.n - 8);
	if (d->use.n == 0)
		box_add(&a->box, STYLE_HEAD,
			a->model.node[n].kind == 'd'
				? "asked for\tby nobody itself: files below it were"
				: "asked for\tnobody is on record");
	if (detail_needed_by(&a->package, path.s, on_need, &needs, &e) < 0)
		err_clear(&e);
	str_fini(&needs.last);
	if (needs.n > 100)
		box_addf(&a->box, STYLE_DIM, "\tand %zu more", needs.n - 100);
	box_add_name(&a->box, "note", d->note.s);
}

static void
why_finding(struct app *a, const struct finding *f)
{
	struct box *b = &a->box;

	box_add_name(b, "missing", f->path);
	if (f->ignored)
		box_addf(b, STYLE_HEAD,
			 "ignored\tit is expected to be missing: i shows it again");
	if (f->program)
		box_add_name(b, "asked by", f->program);
	box_add_name(b, "call", f->call);
	box_addf(b, STYLE_HEAD, "times\t%" PRId64, f->times);
	box_addf(b, STYLE_HEAD, "at capture\t%s",
		 f->captured ? "it was there, and is gone from the package"
			     : "it was not captured");
	box_addf(b, STYLE_HEAD, "this machine\t%s",
		 f->host ? "has it: a adds it" : "has nothing of that name");
	for (size_t i = 0; i < f->tried.n && i < 100; i++)
		box_add_name(b, i ? "" : "tried", f->tried.v[i]);
}

void
app_why(struct app *a)
{
	uint32_t n = app_node(a);
	size_t at = app_list(a)->cursor;

	if (a->screen == SCREEN_MISSING && at < a->findings.row.n) {
		box_open(&a->box, BOX_WHY, "Why is this missing?");
		why_finding(a, &a->findings.v.v[a->findings.row.v[at]]);
	} else if (n != UINT32_MAX) {
		box_open(&a->box, BOX_WHY, "Why is this here?");
		why_file(a, n);
	} else {
		app_info(a);
	}
}
