#ifndef CDE_EXEC_CHANGES_H
#define CDE_EXEC_CHANGES_H

#include "exec/world.h"

/*
 * Change sets: where the upper trees of a run are (layer.h), and what becomes of them.
 *
 *	DIR/package, DIR/host	what was changed on either side
 *	DIR/tmp, DIR/work	nothing, between runs
 *	DIR/about		"package NAME"; its time is that of the beginning
 */
struct changes {
	const char *name; /* --changes */
	bool wanted;	  /* --ephemeral */
	bool keep, discard, json;
	struct str dir; /* of this run; "": all is written where it is */
	int lock;	/* held while a program uses it */
	bool temporary;
	bool mountable; /* by the kernel, over a package that is ours */
};

#define CHANGES_INIT \
	{ \
		.dir = STR_INIT, .lock = -1 \
	}

/*
 * For a run: with --ephemeral both sides of w get upper trees, otherwise the package
 * gets a private one where it cannot be written, made at the first change.
 */
int changes_begin(struct changes *c, struct world *w, struct err *e);

/* Does w hold changes back because it was asked to, or could it come to that? */
static inline bool
changes_held(const struct changes *c)
{
	return c->dir.len;
}

/* After the last program; throws away what is not to be kept. */
void changes_end(struct changes *c);

/* changes_set.c: `--changes DIR` without a command: list, keep or discard; exit status
 * on success, or -1. */
int changes_act(const struct changes *c, struct err *e);

/* Open and lock a change set; its descriptor, or -1. */
int changes_lock(const char *dir, struct err *e);

#endif
