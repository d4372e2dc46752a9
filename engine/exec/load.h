#ifndef CDE_EXEC_LOAD_H
#define CDE_EXEC_LOAD_H

#include "exec/env.h"
#include "path/rule.h"
#include "tree/layout.h"

/*
 * What a program starts with: its package, which is found, kept from being changed, and
 * read (rules, environment).  It lives as long as cde-exec.
 */
struct load {
	struct str dir;		/* of the package, as given or found */
	VEC(struct rule) extra; /* -i, -p: only verdict, match and text */
	struct layout layout;
	int lock; /* shared, of the package */
	struct rules rules;
	struct env env;
};

#define LOAD_INIT \
	{ \
		.dir = STR_INIT, .layout = LAYOUT_INIT \
	}

/* One more rule: the host has this path. */
void load_ignore(struct load *l, enum rule_match match, const char *path);

/* Unless it is given: the package that cwd is in, or that cde-exec lies in. */
int load_find(struct load *l, const char *cwd, struct err *e);

/* here: some variables come from this machine, unless cwd is in the package. */
int load_open(struct load *l, const char *cwd, bool here, struct err *e);

#endif
