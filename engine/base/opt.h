#ifndef CDE_BASE_OPT_H
#define CDE_BASE_OPT_H

#include <stdio.h>

#include "base/err.h"

/*
 * Command line options as a table: parser, --help, man page check and shell
 * completion come from it.  Parsing stops at the first word that is no option
 * and after "--".  -x VALUE, -xVALUE, --long VALUE and --long=VALUE; flags
 * without argument may be joined (-nl).
 */
struct opt {
	char letter;	  /* 0: none */
	const char *name; /* long name, without dashes; NULL ends the table */
	const char *arg;  /* name of its argument in --help; NULL: a flag */
	const char *help; /* one line */
	int (*set)(void *ctx, const char *value, struct err *e); /* 0 or -1 */
};

/* Index of the first word that is no option, or -1 with e set. */
int opt_parse(const struct opt *table, int argc, char **argv, void *ctx, struct err *e);

/* The options part of --help, aligned at column 26. */
void opt_help(const struct opt *table, FILE *out);

/* Lines "LETTER NAME ARG": what completion scripts and the man page test read. */
void opt_dump(const struct opt *table, FILE *out);

#endif
