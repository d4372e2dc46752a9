#ifndef CDE_INSPECT_DIFFER_H
#define CDE_INSPECT_DIFFER_H

#include <stdint.h>
#include <sys/types.h>

#include "base/str.h"
#include "base/vec.h"

/*
 * Why what a command prints is not what it printed at capture: guesses, from the words
 * that differ and from what is known of the two runs.  Nothing is read or started here.
 */
enum differ_cause { /* the first one that explains a pair of words is taken */
		    DIFFER_HOST,      /* the name of the machine */
		    DIFFER_USER,      /* who runs it */
		    DIFFER_TIME,      /* date, time, how long it took */
		    DIFFER_ADDRESS,   /* of memory */
		    DIFFER_PROCESS,   /* number of a process */
		    DIFFER_TEMPORARY, /* name of a temporary file */
		    DIFFER_CPUS,      /* how many processors there are */
		    DIFFER_ROUNDING,  /* the last digits of a number */
		    DIFFER_ORDER,     /* the same, in another order */
		    DIFFER_CHANCE,    /* two runs here differ, too */
		    DIFFER_OTHER,
		    DIFFER_CAUSES
};

const char *differ_word(enum differ_cause c); /* "host" … */
const char *differ_text(enum differ_cause c); /* "the name of the machine" … */

struct differ_facts {
	const char *host, *user, *uid; /* as they are in the repeated run */
	long cpus;		       /* of this machine; 0 not known */
	const int64_t *pid;	       /* of the captured run */
	size_t pids;
};

struct differ_found {
	bool any;
	size_t line; /* of the first, from 1 */
	struct str is, was;
};

struct differ {
	size_t line;	      /* first line that is another, 0: all are the same */
	struct str is, was;   /* that line, without its end */
	bool is_end, was_end; /* there is no such line: it is shorter */
	struct differ_found found[DIFFER_CAUSES];
};

/* again: of a second run under the same conditions, NULL: there was none.  Fills an
 * empty *out; differ_fini. */
void differ_compare(struct differ *out, const struct str *is, const struct str *was,
		    const struct str *again, const struct differ_facts *facts);
void differ_fini(struct differ *x); /* usable again */

#endif
