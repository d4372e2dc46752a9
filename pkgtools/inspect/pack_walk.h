#ifndef CDE_INSPECT_PACK_WALK_H
#define CDE_INSPECT_PACK_WALK_H

#include "inspect/pack.h"

/* Inside of pack*.c: everything of the package into the archive, which is open.  temp: a
 * directory for the copy of the manifest.  As pack_write. */
struct archive;
int pack_walk(struct package *p, struct archive *a, bool zip, const char *temp,
	      struct pack *how, struct err *e);

#endif
