#ifndef CDE_CAPTURE_ENV_H
#define CDE_CAPTURE_ENV_H

#include "path/rule.h"
#include "tree/layout.h"

/* Store the environment without the variables that the rules ignore. */
int env_save(struct layout *l, const struct rules *r, char *const *envp, struct err *e);

#endif
