#ifndef CDE_INSPECT_TODO_H
#define CDE_INSPECT_TODO_H

#include "inspect/db.h"

/* Inside of inspect: files to be looked at one after the other, as a list made before
 * the first of their rows is changed. */
struct todo {
	int64_t id;
	char *path;
	char *more; /* third column, or NULL */
};

typedef VEC(struct todo) todo_list;

/* sql: SELECT id, path[, text] …; names that cannot be are left out. */
int todo_read(todo_list *l, struct package *p, const char *sql, struct err *e);
void todo_fini(todo_list *l);

#endif
