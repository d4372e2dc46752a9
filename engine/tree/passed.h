#ifndef CDE_TREE_PASSED_H
#define CDE_TREE_PASSED_H

#include "base/map.h"
#include "base/vec.h"
#include "tree/layout.h"

/*
 * Names that searches passed: a captured program looked for NAME in vain, and found the
 * packaged FOUND, of the same base name, in another place.  A search ends at the first
 * place that has the file, so this machine's NAME would win over FOUND.  In seamless mode
 * NAME is the package's, which has none, as long as the package has FOUND.
 *
 * The file .passed: the line PASSED_HEAD, then pairs NAME NUL FOUND NUL, in order of
 * names.  One that is not as it should be is none.
 */
#define PASSED_HEAD "cde passed 1\n"

struct passed {
	struct map name; /* NAME → index in found */
	struct map dir;	 /* the directories of names */
	VEC(char *) found;
};

/* Could it be a name of installed programs, which cde takes?  Below /usr (not
 * /usr/local), /lib*, /bin, /sbin, /opt: what people put elsewhere is theirs. */
bool passed_counts(const char *abs);

void passed_put(struct passed *x, const char *name, const char *found);
/* FOUND for a name, or NULL. */
const char *passed_found(const struct passed *x, const char *name, size_t len);
/* Is there one in the directory? */
bool passed_in(const struct passed *x, const char *dir);
void passed_fini(struct passed *x);

/* Adds what the package's file says. */
void passed_read(struct passed *x, const struct layout *l);

/* Best effort: without the file, by existence alone.  Nothing to say: no file. */
void passed_write(const struct passed *x, const struct layout *l);

#endif
