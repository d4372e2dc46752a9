#ifndef CDE_INSPECT_PREFIX_H
#define CDE_INSPECT_PREFIX_H

#include "inspect/package.h"

/*
 * Names of the package that begin with `prefix`, for the completion of a path: each up to
 * its next slash, and with it ("/usr/", "/etc/passwd"), in order, once.  A directory with
 * a million files in it costs one look-up.
 */
typedef void prefix_cb(void *ctx, const char *name);
int prefix_each(struct package *p, const char *prefix, prefix_cb *cb, void *ctx,
		struct err *e);

#endif
