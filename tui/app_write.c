/* W: what would be written, writing it, and waiting until that can be. */
#include "app.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/fs.h"
#include "inspect/lock.h"
#include "inspect/text.h"
#include "path/lex.h"

/* --- the box ---------------------------------------------------------------------- */

static void
effect_line(struct box *b, const char *what, uint64_t n, const char *noun, uint64_t bytes)
{
	AUTO(str_fini) struct str s = STR_INIT;

	if (!n)
		return;
	text_size(&s, bytes);
	box_addf(b, STYLE_KEY, "%s\t%" PRIu64 " %s%s%s%s", what, n, noun,
		 n == 1 ? "" : "s", bytes ? ", " : "", bytes ? s.s : "");
}

static void
add_risks(struct box *b, const struct edit_cost *c)
{
	AUTO(str_fini) struct str s = STR_INIT;
	uint64_t all = 0;
	size_t i = 0;
	int lines = 0;

	edit_cost_risk(c, &s);
	if (!s.len)
		return;
	box_add(b, STYLE_TEXT, "");
	box_addf(b, STYLE_WARN, "Think twice: %s", s.s);
	for (; i < c->risk.n && lines < 5; lines++) {
		const char *path = c->risk.v[i].path, *name = path_base(path);

		str_clear(&s);
		text_escape_visible(&s, name, strlen(name));
		str_addf(&s, ": %s", c->risk.v[i].text);
		while (++i < c->risk.n && strcmp(c->risk.v[i].path, path) == 0)
			str_addf(&s, ", %s", c->risk.v[i].text);
		box_addf(b, STYLE_DIM, "  %s", s.s);
	}
	for (int k = 0; k < RISK_KINDS; k++)
		all += c->risks[k];
	if (all > i)
		box_addf(b, STYLE_DIM,
			 "  and %" PRIu64 " more: screen 6 has the commands", all - i);
}

static void
add_free_space(struct app *a, uint64_t needed)
{
	AUTO(str_fini) struct str s = STR_INIT;
	struct statvfs fs;
	uint64_t has;

	if (!needed || fstatvfs(a->package.layout.rootfd, &fs) < 0)
		return;
	has = (uint64_t)fs.f_bavail * fs.f_frsize;
	text_size(&s, has);
	box_addf(&a->box, has < needed ? STYLE_BAD : STYLE_KEY, "on disk\t%s free%s", s.s,
		 has < needed ? ", which is not enough" : "");
}

/* What the rows say, until each file was looked at. */
static struct edit_cost
rough_cost(const struct app *a)
{
	const struct tree_total *all = &a->tree.all;
	struct edit_cost c = { .dropped = all->dropped,
			       .dropped_bytes = all->dropped_bytes,
			       .added = all->added,
			       .added_bytes = all->added_bytes };

	for (size_t g = 0; g < stage_groups(&a->stage); g++) {
		const struct edit_group *x = &a->stage.edits.group.v[g];

		if (!x->done || x->written)
			continue;
		c.pins += x->op.count[EDIT_PIN] - x->op.dead[EDIT_PIN];
		c.notes += x->op.count[EDIT_NOTE] - x->op.dead[EDIT_NOTE];
	}
	return c;
}

void
app_write_box(struct app *a)
{
	const struct edit_cost *known = costs_staged(&a->costs);
	struct edit_cost c = known ? *known : rough_cost(a);
	struct box *b = &a->box;

	box_open(b, BOX_WRITE, "Write to the package?");
	b->width = 64;
	b->hints = "y write   t write and try   e save script   n back";
	effect_line(b, "drop", c.dropped, "file", c.dropped_bytes);
	effect_line(b, "add", c.added, "file", c.added_bytes);
	effect_line(b, "pin", c.pins, "path", 0);
	effect_line(b, "note", c.notes, "path", 0);
	add_free_space(a, c.added_bytes);
	if (known)
		add_risks(b, &c);
	else
		box_add(b, STYLE_DIM, "risks\tlooking at each of them");
	box_add(b, STYLE_TEXT, "");
	box_add(b, STYLE_DIM,
		"Dropped files stay in .dropped/ until cde-pkg gc; u undoes.");
}

/* --- somebody else has the package ------------------------------------------------ */

/* Nothing is lost by leaving: what is staged stays so. */
static void
busy_box(struct app *a, struct err *e)
{
	static const char by[] = ": in use by ";
	AUTO(str_fini) struct str s = STR_INIT;
	const char *who = strstr(e->text.s, by);

	who = who ? who + strlen(by) : e->text.s;
	text_escape(&s, who, strlen(who));
	box_open(&a->box, BOX_BUSY, "Not written: the package is in use");
	a->box.width = 64;
	a->box.hints = a->waiting ? "Esc leave it staged" : "w wait   n leave it staged";
	box_addf(&a->box, STYLE_HEAD, "by\t%s", s.s);
	if (a->waiting)
		box_addf(&a->box, STYLE_HEAD,
			 "waiting\t%" PRId64 " s; it is written when that ends",
			 (app_now_ms() - a->wait_since) / 1000);
	err_clear(e);
}

static void
leave(struct app *a)
{
	a->waiting = a->want_try = false;
	box_close(&a->box);
	app_say(a, STYLE_WARN, "not written: it is still staged");
}

/* False: for the box, as for any other. */
bool
app_busy_key(struct app *a, uint32_t key)
{
	enum action x = keys_action(&a->keys, key, app_where(a));

	if (key == 'w' && !a->waiting) {
		a->waiting = true;
		a->wait_since = app_now_ms();
		app_busy_tick(a);
	} else if (key == 'n' || x == ACTION_escape || x == ACTION_quit ||
		   x == ACTION_back || x == ACTION_enter) {
		leave(a);
	} else if (x == ACTION_quit_now) {
		leave(a);
		app_do(a, x);
	} else if (key_table[x].group == KEYS_MOVE || x == ACTION_redraw) {
		return false;
	} else {
		a->beep = true;
	}
	return true;
}

void
app_busy_tick(struct app *a)
{
	AUTO(err_fini) struct err e = ERR_INIT;

	if (package_lock_now(&a->package, &e) == 0) {
		a->waiting = false;
		box_close(&a->box);
		a->want = WANT_WRITE;
	} else if (e.code == EWOULDBLOCK) {
		busy_box(a, &e);
	} else {
		leave(a);
		app_fail(a, &e);
	}
}

/* --- writing ---------------------------------------------------------------------- */

struct writing {
	struct app *a;
	struct edit_write w;
	struct err e;
	int r;
};

static bool
write_goes_on(void *ctx, uint64_t files, uint64_t bytes)
{
	return app_long_goes_on(ctx, files, bytes);
}

static void
write_work(void *ctx)
{
	struct writing *x = ctx;

	x->r = edits_write(&x->a->stage.edits, &x->w, &x->e);
	if (x->r < 0 || x->w.conflict.n)
		app_refresh(x->a);
	else
		x->r = app_reload(x->a, &x->e);
}

/* False: there are some, and they are listed. */
static bool
no_conflicts(struct app *a, const struct edit_write *w)
{
	if (w->conflict.n == 0)
		return true;
	box_open(&a->box, BOX_INFO, "Not written: the package is not as it was");
	for (size_t i = 0; i < w->conflict.n && i < 1000; i++) {
		AUTO(str_fini) struct str s = STR_INIT;

		text_escape(&s, w->conflict.v[i].path, strlen(w->conflict.v[i].path));
		box_add(&a->box, STYLE_BOLD, s.s);
		str_clear(&s);
		text_escape(&s, w->conflict.v[i].text, strlen(w->conflict.v[i].text));
		box_addf(&a->box, STYLE_WARN, "  %s", s.s);
	}
	if (w->conflict.n > 1000)
		box_addf(&a->box, STYLE_DIM, "and %zu more", w->conflict.n - 1000);
	return false;
}

void
app_write(struct app *a)
{
	struct writing x = { .a = a,
			     .w = { .progress = write_goes_on, .ctx = a },
			     .e = ERR_INIT };
	const struct app_act act = { "writing", false, write_work, &x };
	bool try_then = a->want_try;

	a->want_try = false;
	costs_forget(&a->costs);
	app_long(a, &act);
	fd_drop(&a->package.lock); /* of app_busy_tick */
	if (x.r < 0 && x.e.code == EWOULDBLOCK) {
		a->want_try = try_then;
		busy_box(a, &x.e);
	} else if (x.r < 0) {
		app_fail(a, &x.e);
	} else if (no_conflicts(a, &x.w)) {
		app_say(a, STYLE_GOOD, "written; u takes it back");
		if (try_then)
			a->want = WANT_TRY;
	}
	edit_write_fini(&x.w);
	err_fini(&x.e);
}
