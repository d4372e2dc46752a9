#include "stage.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "inspect/text.h"

/* For looking only: what is staged is shown, nothing is stored. */
static int
open_dry(struct stage *s, struct err *e)
{
	s->read_only = true;
	edits_close(&s->edits);
	s->edits = (struct edits){ 0 };
	if (edits_open(&s->edits, s->p, EDITS_DRY, e) == 0) {
		s->open = true;
		return 0;
	}
	edits_close(&s->edits);
	s->edits = (struct edits){ 0 };
	err_clear(e);
	return 0;
}

int
stage_open(struct stage *s, struct package *p, bool read_only, struct err *e)
{
	*s = (struct stage){ .p = p, .reason = STR_INIT };
	if (!p->db) {
		s->read_only = true;
		str_set(&s->reason, "a package without manifest: cde-pkg scan makes one");
		return 0;
	}
	if (read_only) {
		str_set(&s->reason, "opened read-only");
		return open_dry(s, e);
	}
	if (edits_open(&s->edits, p, 0, e) < 0) {
		str_set(&s->reason, e->text.s);
		err_clear(e);
		return open_dry(s, e);
	}
	s->open = true;
	s->left_over = edits_staged(&s->edits);
	return 0;
}

void
stage_close(struct stage *s)
{
	edits_close(&s->edits);
	str_fini(&s->reason);
	*s = (struct stage){ .reason = STR_INIT };
}

size_t
stage_bar(const struct stage *s)
{
	return s->open ? edits_bar(&s->edits) : 0;
}

size_t
stage_waiting(const struct stage *s)
{
	return s->open ? edits_staged(&s->edits) : 0;
}

int
stage_mark(struct stage *s, struct model *m, struct err *e)
{
	return s->open ? edits_mark(&s->edits, m, e) : 0;
}

int
stage_list(struct stage *s, struct edit_ops *l, struct err *e)
{
	if (l->n == 0)
		return err_set(e, 0, "nothing to do: it is so already");
	return edits_stage(&s->edits, l, e) < 0 ? -1 : 0;
}

uint32_t
stage_node(const struct stage *s, size_t i, const struct model *m)
{
	const struct edit_group *g = &s->edits.group.v[i];
	AUTO(edit_walk_fini) struct edit_walk w = { 0 };

	for (size_t k = 0; k < g->op.n; k++) {
		uint32_t n = model_find(m, edit_ops_at(&g->op, k, &w)->path, w.len);

		if (n != UINT32_MAX)
			return n;
	}
	return UINT32_MAX;
}

static bool
waits(const struct edit_group *g)
{
	return g->done && !g->written;
}

void
stage_time(const struct stage *s, struct str *out)
{
	const char *at = "";
	struct tm tm = { 0 };

	for (size_t i = 0; i < stage_groups(s); i++)
		if (waits(&s->edits.group.v[i]))
			at = s->edits.group.v[i].at;
	if (strptime(at, "%Y-%m-%dT%H:%M:%S", &tm))
		text_time(out, timegm(&tm));
}

void
stage_script(const struct stage *s, struct str *out)
{
	size_t first = stage_groups(s), last = 0;

	for (size_t i = 0; i < stage_groups(s); i++)
		if (waits(&s->edits.group.v[i])) {
			first = first < i ? first : i;
			last = i + 1;
		}
	if (first < last)
		edits_script(&s->edits, first, last, out);
}

/* By a connection of its own, which has the lock meanwhile. */
int
stage_types(struct stage *s, ftype_progress *progress, void *ctx, struct err *e)
{
	struct package own = PACKAGE_INIT;
	int r = package_open(&own, s->p->layout.dir.s, PACKAGE_WRITE, e);

	if (r == 0)
		r = ftype_update(&own, 0, progress, ctx, e);
	package_close(&own);
	return r;
}
