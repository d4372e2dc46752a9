#ifndef CDE_PKG_ORIGIN_H
#define CDE_PKG_ORIGIN_H

#include <stdbool.h>

#include "base/err.h"

/*
 * Which distribution package owns a file: read in bulk from the databases of
 * the machine where the capture runs.  Merged-/usr is looked up in both
 * spellings; diversions and alternatives are followed.
 */
struct origin;

struct origin_owner {
	const char *package; /* "libc6:amd64" or "libc6", borrowed */
	const char *version; /* borrowed; may be "" */
};

struct origin *origin_open(const char *root, struct err *e); /* "/" */
void origin_close(struct origin *o);

/* Declares interest; origin_load then reads the databases once. */
void origin_want(struct origin *o, const char *path);
int origin_load(struct origin *o, struct err *e);
bool origin_find(const struct origin *o, const char *path, struct origin_owner *out);

#endif
