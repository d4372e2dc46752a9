#ifndef CDE_EXEC_ENV_H
#define CDE_EXEC_ENV_H

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
const char *env_get(const struct env *x, const char *name);
void env_fini(struct env *x);

#endif
