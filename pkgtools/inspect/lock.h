#ifndef CDE_INSPECT_LOCK_H
#define CDE_INSPECT_LOCK_H

#include "inspect/package.h"

/*
 * The package's lock, until p->lock is closed; nothing to do if it is held already.  Who
 * changes a package excludes others that do, and programs that run from it.
 * EWOULDBLOCK: *e says by whom it is used.
 *
 * cde and cde-exec have the lock of the directory, shared, for as long as they live
 * (layout_hold).  With its namespace engine cde-exec becomes the program, and nothing of
 * ours stays that could hold a lock; but the root directory of these processes is the
 * package's cde-root, or a directory in a tmpfs that has its mark (layout_mark).  So they
 * are looked for in /proc.  Those of other users are seen by root only, unless the package
 * has placeholders: then the watcher holds the lock.
 */
int package_lock(struct package *p, struct err *e);

/* The same without waiting for a moment when nobody can be found who has it: for who asks
 * again and again. */
int package_lock_now(struct package *p, struct err *e);

/* Does anybody who can be seen have the lock of the directory?  Asks /proc, takes nothing. */
bool package_is_held(const struct package *p);

#endif
