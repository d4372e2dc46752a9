#include "inspect/todo.h"

int
todo_read(todo_list *l, struct package *p, const char *sql, struct err *e)
{
	AUTO(db_finalize) sqlite3_stmt *s = NULL;
	int got;

	if (db_prepare(p, &s, sql, e) < 0)
		return -1;
	while ((got = db_step(p, s, e)) > 0) {
		struct todo t = { .id = sqlite3_column_int64(s, 0) };
		size_t len;
		const char *path = db_name(s, 1, &len);

		if (!path || !db_is_path(path, len))
			continue;
		t.path = mem_strdup(path);
		if (sqlite3_column_count(s) > 2)
			t.more = db_dup(s, 2);
		vec_push(l, t);
	}
	return got;
}

void
todo_fini(todo_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->v[i].path);
		free(l->v[i].more);
	}
	vec_fini(l);
}
