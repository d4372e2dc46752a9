#ifndef CDE_TESTS_TERM_LOOK_H
#define CDE_TESTS_TERM_LOOK_H

#include "term_run.h"

/* What is on the screen: the words of a script that look at it (term.c). */
bool look_row_has(struct run *r, int y, const char *text);

/* The first row that has it, or -1. */
int look_find_row(struct run *r, const char *text);

/* Does what the words say, where they are one of row, screen, list, totals, title, message,
 * cursor-row, row-state, attr; false: they are not. */
bool look_command(struct run *r, char **w);

#endif
