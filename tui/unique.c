#include "unique.h"

#include <stdlib.h>
#include <string.h>

#include "inspect/db.h"

/* Of a checksum nothing is said by files that have none. */
static const char query[] =
	"WITH f AS (SELECT path, coalesce(sha256, dev || ':' || ino || ':' || mtime_ns"
	" || ':' || size) AS content FROM file WHERE kind = 'f' AND state = 0 AND size > "
	"0)"
	" SELECT content, path FROM f WHERE content IN"
	" (SELECT content FROM f GROUP BY content HAVING count(*) > 1)"
	" ORDER BY content, path";

void
unique_fini(struct unique *u)
{
	vec_fini(&u->copy);
	free(u->less);
	*u = (struct unique){ 0 };
}

int
unique_read(struct unique *u, struct package *p, const struct model *m, struct err *e)
{
	AUTO(db_finalize) sqlite3_stmt *s = NULL;
	AUTO(str_fini) struct str last = STR_INIT, now = STR_INIT;
	uint32_t content = 0;
	int r = 0;

	unique_fini(u);
	u->read = true;
	if (!p->db)
		return 0;
	if (db_prepare(p, &s, query, e) < 0)
		return -1;
	while ((r = db_step(p, s, e)) > 0) {
		size_t len;
		const char *path = db_name(s, 1, &len);
		uint32_t n = path ? model_find(m, path, len) : UINT32_MAX;

		db_text(s, 0, &now);
		content += strcmp(now.s, last.s) != 0;
		str_swap(&now, &last);
		if (n != UINT32_MAX)
			vec_push(&u->copy, ((struct unique_copy){ n, content }));
	}
	return r;
}

void
unique_count(struct unique *u, const struct tree *t)
{
	const struct model *m = t->m;
	uint32_t counted =
		0; /* content that a name before counts for; they begin with 1 */

	free(u->less);
	u->less = NULL;
	u->files = 0;
	if (!u->copy.n)
		return;
	u->nodes = m->n;
	u->less = mem_resize(NULL, m->n, sizeof(*u->less));
	memset(u->less, 0, m->n * sizeof(*u->less));
	for (size_t i = 0; i < u->copy.n; i++) {
		uint32_t n = u->copy.v[i].node;

		if (n >= m->n || !tree_counts(t, n))
			continue;
		if (u->copy.v[i].content != counted) {
			counted = u->copy.v[i].content;
			continue;
		}
		u->files++;
		for (uint32_t up = n;; up = m->node[up].parent) {
			u->less[up] += m->node[n].size;
			if (up == 0)
				break;
		}
	}
}
