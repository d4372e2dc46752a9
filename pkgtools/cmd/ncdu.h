#ifndef CDE_CMD_NCDU_H
#define CDE_CMD_NCDU_H

#include "cmd/cmd.h"

/* What matches q in the format of `ncdu -f` (version 1.2 of it); an error on a terminal. */
int ncdu_print(struct call *c, const struct query *q, struct err *e);

#endif
