#ifndef CDE_PATH_RULE_PRIV_H
#define CDE_PATH_RULE_PRIV_H

#include "path/rule.h"

/* Between rule.c and rule_parse.c only. */

/* Append a rule without indexing it; checks and cleans the text.  0 or -1. */
int rules_enter(struct rules *r, struct rule x, const char *text, struct err *e);
void rules_reindex(struct rules *r);

/* A heap copy of the value as version `version` keeps it, or NULL with e set. */
char *rule_value(int version, enum rule_match m, const char *text, struct err *e);

#endif
