#ifndef CDE_TREE_LISTED_H
#define CDE_TREE_LISTED_H

#include "path/rule.h"
#include "tree/layout.h"

/*
 * Which files of cde-root are placeholders (copy.h)?  The list in .placeholders spares
 * cde-exec a look at every file when it starts.
 *
 * It may be old.  So it has all directories with the time of their last change: a
 * directory with another time, or one that the list lacks, is looked at as if there were
 * no list, and what a list calls a placeholder is one only if its content says so.  What
 * it cannot know is a file that was overwritten in place by the text of a placeholder.
 * A list that is not as it should be is no list.
 *
 * The file: the line LISTED_HEAD, then records that end with a NUL:
 *	d1700000000.000000000 /usr/lib	a directory of cde-root, and its mtime
 *	fNAME				a placeholder in the directory before
 *	m				too many, or too much to look at; nothing else
 *	e				the end
 */
#define LISTED_HEAD "cde placeholders 1\n"

struct listed {
	VEC(char *) name; /* "/usr/lib/x" */
	bool many;	  /* more than were wanted, or too much to look at */
};

/* At most `most` of them, without those in whose place the rules put the host's. */
void listed_find(const struct layout *l, const struct rules *r, size_t most,
		 struct listed *out);
void listed_fini(struct listed *x);

/*
 * Make the list: when all names are in place, and all times are set.  Who changes a
 * package forgets it before.  Best effort: without one, all is looked at.
 */
void listed_write(struct layout *l);
void listed_forget(struct layout *l);

/* Is there one, and the rules are not newer?  Then the package is as its last capture or
 * edit left it, but for what was done by hand. */
bool listed_is_new(const struct layout *l);

#endif
