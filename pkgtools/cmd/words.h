#ifndef CDE_CMD_WORDS_H
#define CDE_CMD_WORDS_H

#include "inspect/detail.h"

/* How things are called in the output of several verbs. */
const char *words_state(enum file_state s);	   /* "captured", … */
void words_kinds(unsigned kinds, struct str *out); /* "read, stat" */

/* "read by 3 python3 train.py (run 1)"; bytes as in the manifest. */
void words_use(const struct detail_use *u, struct str *out);

/* "3 python3 train.py" */
void words_process(const struct detail_use *u, struct str *out);

#endif
