#ifndef CDE_EXEC_LOCALE_H
#define CDE_EXEC_LOCALE_H

#include "exec/env.h"
#include "tree/layout.h"

/*
 * Which language does a program speak in seamless mode?  The user's (LANG, LANGUAGE, LC_*
 * of the host in x), where he has chosen one (C and POSIX are none) and programs of the
 * package see its data: in the package, or on this machine where the package has none.
 * Else the captured one.
 */
void locale_of_host(struct env *x, const struct layout *l, const struct rules *r,
		    char *const *host);

#endif
