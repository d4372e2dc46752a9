#ifndef CDE_EXEC_ENV_H
#define CDE_EXEC_ENV_H

#include <stdbool.h>

#include "path/rule.h"

/*
 * The program's environment: the package's variables, over those of the host
 * that the package does not have.  Names that the rules ignore are the host's.
 * LD_* of the host never reach a program of the package: they name the host's
 * libraries.
 */
struct env {
	VEC(char *) v; /* NULL-terminated */
};

void env_make(struct env *x, const char *stored, size_t len, const struct rules *r,
	      char *const *host);

/*
 * Seamless mode: who works here, where and in which time zone is this machine's to say.
 * HOME too, unless `home`: programs of the package find files of theirs by it.
 */
void env_be_here(struct env *x, char *const *host, bool home);

/*
 * For a program of this machine: the host's variables, changed as the packaged
 * program changed those that it was given, `given`, into `now`.
 */
void env_of_host(struct env *x, const struct env *now, const struct env *given,
		 char *const *host);
const char *env_get(const struct env *x, const char *name);
void env_fini(struct env *x);

#endif
