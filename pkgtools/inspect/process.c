#include "inspect/process.h"

#include <stdlib.h>

#include "inspect/db.h"

void
process_fini(process_list *x)
{
	for (size_t i = 0; i < x->n; i++) {
		free(x->v[i].exe);
		free(x->v[i].argv);
	}
	vec_fini(x);
}

static int
by_id(const void *a, const void *b)
{
	const struct process *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

/* One pass over `access`, whose key begins with the file. */
static int
count_files(struct package *p, process_list *x, struct err *e)
{
	AUTO(db_finalize) sqlite3_stmt *s = NULL;
	int got;

	if (db_prepare(p, &s, "SELECT process FROM access", e) < 0)
		return -1;
	while ((got = db_step(p, s, e)) > 0) {
		struct process key = { .id = sqlite3_column_int64(s, 0) }, *at;

		at = bsearch(&key, x->v, x->n, sizeof(key), by_id);
		if (at)
			at->files++;
	}
	return got;
}

int
process_read(struct package *p, process_list *out, struct err *e)
{
	AUTO(db_finalize) sqlite3_stmt *s = NULL;
	int got;

	if (!p->db)
		return 0;
	if (db_prepare(p, &s,
		       "SELECT id, run, parent, pid, exe, argv FROM process ORDER BY id",
		       e) < 0)
		return -1;
	while ((got = db_step(p, s, e)) > 0) {
		struct process x = { .id = sqlite3_column_int64(s, 0),
				     .run = sqlite3_column_int64(s, 1),
				     .parent = sqlite3_column_int64(s, 2),
				     .pid = sqlite3_column_int64(s, 3),
				     .exe = db_dup(s, 4),
				     .argv = db_dup(s, 5) };

		vec_push(out, x);
	}
	return got < 0 || out->n == 0 ? got : count_files(p, out, e);
}
