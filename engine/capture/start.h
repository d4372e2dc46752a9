#ifndef CDE_CAPTURE_START_H
#define CDE_CAPTURE_START_H

#include "capture/record.h"

/*
 * What happens before the program starts: finding it, the rules, cde-exec, and
 * the names that a package has whatever the program does.
 */

/*
 * The program that execvp(3) would start: 0 with *out set, EXIT_NOT_FOUND, or
 * EXIT_NOT_EXECUTABLE.  path: the value of PATH, or NULL.
 */
int start_find_command(const char *name, const char *path, struct str *out);

/*
 * The text of cde.options for this capture: ./cde.options, else the package's
 * (in `dir`), else the defaults; with `extra` lines that it lacks at the end.
 * *name says which file it was, for messages.
 */
int start_options(const char *dir, char *const *extra, size_t nextra, struct str *text,
		  struct str *name, struct err *e);

/* Append `line` unless text has it.  True if it was added. */
bool start_add_line(struct str *text, const char *line);

/* The line that a cwd below an ignored prefix needs; empty when it needs none. */
void start_cwd_rule(const struct rules *r, const char *cwd, struct str *line);

/* cde-exec beside this program, in ../libexec, or along PATH. */
int start_find_exec(const char *path, struct str *out, struct err *e);

/* The cwd, links in / and along PATH, and the program itself. */
void start_record(struct record *r, const char *cwd, const char *path,
		  const char *program);

#endif
