#ifndef CDE_PATH_LEX_H
#define CDE_PATH_LEX_H

#include <stdbool.h>

#include "base/str.h"

/*
 * Names as text.  No I/O, links are not known here: ".." is only ever removed
 * where the caller knows that no link is involved.
 */

/* abs equals dir or lies below it; component boundary: "/etc/passwd-" is not
 * under "/etc/passwd".  Everything absolute is under "/". */
bool path_under(const char *abs, const char *dir);

/* What follows dir in abs, without leading slash; abs must be under dir. */
const char *path_rest(const char *abs, const char *dir);

const char *path_base(const char *name); /* behind the last slash; may be "" */

/* Append "/name" to dir (no double slash); name's own leading slashes go. */
void path_append(struct str *dir, const char *name);

/* Cut the last component: "/a/b" -> "/a", "/a" -> "/". */
void path_to_parent(struct str *abs);

/* Lexically: remove "//", "/./", "x/.."; absolute stays absolute and cannot
 * climb above "/"; no trailing slash; "" becomes ".". */
void path_clean(struct str *name);

#endif
