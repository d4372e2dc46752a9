#include "path/walk.h"

#include <errno.h>
#include <string.h>

#include "path/lex.h"

/*
 * The state of a walk is abs (what was reached: a directory) and the part of
 * rest behind `pos`.  A link's text is put in front of what is left, so nothing
 * recurses.
 */

enum { WALK_LINKS_MAX = 40 };

struct step {
	const struct fsview *view;
	unsigned how;
	walk_hop *hop;
	void *ctx;
	const char *base;
	size_t pos;  /* in walk.rest */
	size_t root; /* length of the name that ".." stops at */
};

void
walk_fini(struct walk *w)
{
	str_fini(&w->abs);
	str_fini(&w->rest);
	str_fini(&w->text);
}

/* To the directory where absolute names start. */
static int
go_root(struct walk *w, const struct step *st)
{
	if (st->how & WALK_BENEATH)
		return -EXDEV;
	str_set(&w->abs, st->how & WALK_IN_ROOT ? st->base : "/");
	return 0;
}

static int
go_up(struct walk *w, const struct step *st)
{
	w->dotdot = true;
	w->kind = FSV_DIR;
	if ((st->how & (WALK_BENEATH | WALK_IN_ROOT)) && w->abs.len == st->root) {
		if (st->how & WALK_BENEATH)
			return -EXDEV;
		w->clamped = true;
		return 0;
	}
	if (w->abs.len == 1)
		w->clamped = true;
	path_to_parent(&w->abs);
	return 0;
}

/* abs is a link that is to be followed; its text is in w->text. */
static int
follow_link(struct walk *w, struct step *st)
{
	int r = 0;

	if (st->how & WALK_NO_LINKS)
		return -ELOOP;
	if (w->hops == WALK_LINKS_MAX)
		return -ELOOP;
	w->hops++;
	if (st->hop)
		st->hop(st->ctx, &w->abs, &w->text);
	if (w->text.len == 0)
		return -ENOENT;
	if (w->text.s[0] == '/') {
		r = go_root(w, st);
		if (r < 0)
			return r;
	} else {
		path_to_parent(&w->abs);
	}
	str_add(&w->text, w->rest.s + st->pos);
	str_swap(&w->text, &w->rest);
	st->pos = 0;
	w->kind = FSV_DIR;
	return 0;
}

static int
pass_magic(const struct step *st, bool last, bool follow)
{
	if (!last)
		return st->how & (WALK_NO_MAGIC | WALK_NO_LINKS) ? -ELOOP : -ENOTDIR;
	if (!follow)
		return 0;
	if (st->how & (WALK_NO_MAGIC | WALK_NO_LINKS))
		return -ELOOP;
	return st->how & (WALK_BENEATH | WALK_IN_ROOT) ? -EXDEV : 0;
}

/*
 * The component that was just appended to abs.  `last`: nothing but slashes
 * follows; `slash`: at least one does.
 */
static int
enter(struct walk *w, struct step *st, bool last, bool slash)
{
	bool follow = !last || slash || (st->how & WALK_FOLLOW);

	str_clear(&w->text);
	w->kind = st->view->lookup(st->view->ctx, &w->abs, last, &w->text);
	if (w->kind < 0) {
		int r = w->kind;

		w->kind = FSV_MISSING;
		return r;
	}
	if (w->kind == FSV_LINK && follow)
		return follow_link(w, st);
	if (w->kind == FSV_MAGIC)
		return pass_magic(st, last, follow);
	if (w->kind == FSV_LINK && st->hop)
		st->hop(st->ctx, &w->abs, &w->text);
	if (w->kind == FSV_MISSING && !last)
		return -ENOENT;
	if (w->kind == FSV_FILE && follow && (!last || slash))
		return -ENOTDIR;
	return 0;
}

/* "." and ".." are done here; any other component is entered. */
static int
walk_component(struct walk *w, struct step *st, const char *name, size_t n)
{
	size_t slashes = strspn(name + n, "/");
	bool last = name[n + slashes] == '\0';

	if (n == 1 && name[0] == '.')
		return 0;
	if (n == 2 && name[0] == '.' && name[1] == '.')
		return go_up(w, st);
	if (w->abs.len != 1)
		str_addc(&w->abs, '/');
	str_addn(&w->abs, name, n);
	if (last && slashes)
		w->slash = true;
	if (last && (st->how & WALK_LEAF) && !(st->how & WALK_FOLLOW)) {
		w->kind = FSV_MISSING;
		return 0;
	}
	return enter(w, st, last, slashes > 0);
}

int
path_walk(const struct fsview *v, const char *base, const char *name, unsigned how,
	  walk_hop *hop, void *ctx, struct walk *w)
{
	struct step st = { v, how, hop, ctx, base, 0, strlen(base) };
	int r = *name ? 0 : -ENOENT;

	w->hops = 0;
	w->dotdot = w->clamped = false;
	w->slash = str_has_suffix(name, "/") || str_has_suffix(name, "/.");
	w->kind = FSV_DIR;
	str_set(&w->abs, base);
	str_set(&w->rest, name);
	if (*name == '/')
		r = go_root(w, &st);
	while (r == 0) {
		const char *next = w->rest.s + st.pos;
		size_t n;

		next += strspn(next, "/");
		n = strcspn(next, "/");
		st.pos = (size_t)(next - w->rest.s) + n;
		if (n == 0)
			return 0;
		r = walk_component(w, &st, next, n);
	}
	path_append(&w->abs, w->rest.s + st.pos);
	path_clean(&w->abs);
	return r;
}
