/*
 * "Both": the package's own files first, and this machine's for all else.  cde.options
 * says that in several rules: a directory is the host's, and what the package has in it
 * is pinned to the package, name by name; the more specific rule wins.
 */
#include <string.h>
#include <sys/stat.h>

#include "inspect/edit.h"

enum { MOST = 100 }; /* rules of one act; each is checked against those before it */

struct both {
	struct edits *x;
	struct edit_ops *l;
	const struct model *m;
	struct err *e;
	const char *top;
	size_t rules;
};

static int
pin(struct both *b, const char *path, const char *side)
{
	if (b->rules++ >= MOST)
		return err_set(b->e, 0,
			       "%s: the package has more than %d files in it; "
			       "pin single ones",
			       b->top, MOST - 1);
	return edit_pin(b->x, b->l, path, side, b->e);
}

/* Is it, or will it be, in the package?  What got lost has still its row. */
static bool
is_own(const struct both *b, uint32_t n, const char *path)
{
	const struct node *x = &b->m->node[n];
	struct stat st;

	if (x->flags & (ENTRY_DROP | ENTRY_ADD))
		return x->flags & ENTRY_ADD;
	return (x->state & 15) == FILE_CAPTURED && package_lstat(b->x->p, path, &st) == 0;
}

static bool
host_has_dir(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Directories that both have are mixed, too; one that the host lacks is the package's. */
static int
pin_own(struct both *b, uint32_t dir)
{
	AUTO(str_fini) struct str path = STR_INIT;
	int r = 0;

	for (uint32_t c = b->m->node[dir].first; c && r == 0; c = b->m->node[c].next) {
		model_path(b->m, c, &path);
		if (b->m->node[c].kind == 'd' && host_has_dir(path.s))
			r = pin_own(b, c);
		else if (is_own(b, c, path.s))
			r = pin(b, path.s, "sandbox");
	}
	return r;
}

static int
pin_all(struct both *b)
{
	uint32_t n = model_find(b->m, b->top, strlen(b->top));

	if (n != UINT32_MAX && b->m->node[n].kind != 'd')
		return pin(b, b->top, is_own(b, n, b->top) ? "sandbox" : "host");
	if (pin(b, b->top, "host") < 0)
		return -1;
	return n == UINT32_MAX ? 0 : pin_own(b, n);
}

int
edit_both(struct edits *x, struct edit_ops *l, const struct model *m, const char *path,
	  struct err *e)
{
	struct both b = { .x = x, .l = l, .m = m, .e = e, .top = path };
	AUTO(model_fini) struct model own = { 0 };

	if (!m) {
		if (model_load(&own, x->p, 0, e) < 0 || edits_mark(x, &own, e) < 0)
			return -1;
		b.m = &own;
	}
	return pin_all(&b);
}
