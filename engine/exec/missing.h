#ifndef CDE_EXEC_MISSING_H
#define CDE_EXEC_MISSING_H

#include "base/err.h"
#include "base/map.h"
#include "path/rule.h"
#include "tree/layout.h"

/*
 * Look-ups that failed because the package does not have the name: distinct,
 * counted, at most MISSING_MOST of them; added to missing.jsonl at the end.  Of the
 * placeholders, the first MISSING_TOLD_MOST are named on stderr at once: some programs
 * look into each of hundreds of files, and need none (fontconfig).
 */
enum { MISSING_MOST = 10000, MISSING_FILE_MOST = 4 << 20, MISSING_TOLD_MOST = 5 };

struct missing {
	const struct rules
		*rules;	  /* what they expect to be absent is not told; or NULL */
	struct map names; /* "call\0path" → struct missing_entry */
	unsigned told;	  /* placeholders on stderr */
};

void missing_add(struct missing *m, const char *call, const char *path, int error,
		 bool placeholder, const char *exe);

/* Appends; a file that has grown too large becomes missing.jsonl.old first.  A
 * package that cannot be written to is not an error. */
int missing_save(struct missing *m, struct layout *pkg, struct err *e);
void missing_fini(struct missing *m);

#endif
