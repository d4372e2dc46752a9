#ifndef CDE_EXEC_STORE_H
#define CDE_EXEC_STORE_H

#include "base/err.h"
#include "tree/elf.h"

/*
 * Copies of programs whose PT_INTERP names the package's loader, kept outside
 * of the package between runs (it may be read-only) in a directory of the user
 * that no one else can write: $XDG_CACHE_HOME/cde-exec, ~/.cache/cde-exec,
 * /var/tmp, /tmp or /dev/shm, the first where programs may be started.
 *
 *	KEY/prog	the copy; KEY from device, inode, size, times and loader
 *	KEY/as/NAME	link to it: comm is the last component of what was exec'ed
 */

/* Directory into *dir.  -1 when there is none. */
int store_open(struct str *dir, struct err *e);

/* Name under which `prog` (open, real name `real`) starts with `loader` and has
 * the comm `name`.  0 or -errno. */
int store_program(const struct str *dir, int prog, const struct elf_head *h,
		  const char *loader, const char *name, struct str *out);

/* The same for a program that needs no copy, only another comm. */
int store_alias(const struct str *dir, const char *real, const char *name,
		struct str *out);

#endif
