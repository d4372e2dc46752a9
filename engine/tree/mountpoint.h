#ifndef CDE_TREE_MOUNTPOINT_H
#define CDE_TREE_MOUNTPOINT_H

#include "path/rule.h"
#include "tree/layout.h"

/*
 * Names in cde-root on which cde-exec mounts what the rules pin to the host: an
 * empty directory, or a placeholder file.  They are made while a package is
 * captured or its rules are changed, because a package that is run may be
 * read-only, and is not ours to write to.  `home` may be NULL.
 *
 * With `known`, all but the home directory's is taken for made: by an earlier call with
 * the same rules, if nothing in the package has changed since.
 *
 * Best effort: without one, cde-exec takes an engine that needs none.  A name
 * below a link, here or in the package, is left out.
 */
void mountpoints_make(struct layout *l, const struct rules *r, const char *home,
		      bool known);

#endif
