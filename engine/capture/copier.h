#ifndef CDE_CAPTURE_COPIER_H
#define CDE_CAPTURE_COPIER_H

#include <sys/stat.h>

#include "base/vec.h"
#include "tree/layout.h"

/*
 * One thread that writes the package's files while the program runs on.  Its
 * queue is bounded: pushing waits when it is full.  Only failures come back.
 */
struct copier;
struct node;

struct entry {	     /* a listed name that gets a placeholder */
	size_t name; /* offset in names: "name\0", for links "name\0text\0" */
	struct stat st;
};

struct entries {
	struct str names;
	VEC(struct entry) entry;
};

void entries_fini(struct entries *x);

struct copier *copier_new(struct layout *l);

/* Store the open file fd (owned by the copier from here on) as `rel`. */
void copier_file(struct copier *c, struct node *n, int fd, const struct stat *st,
		 const char *rel);

/* Placeholders for these names below `rel`; takes what is in x. */
void copier_entries(struct copier *c, struct node *n, const char *rel, struct entries *x);

/* cb is called from the copier's thread, about once a second while there is nothing to
 * copy.  Before the first job. */
void copier_when_idle(struct copier *c, void (*cb)(void *ctx), void *ctx);

/* Until no copy of this very file is waiting or under way. */
void copier_wait(struct copier *c, dev_t dev, ino_t ino);
void copier_wait_all(struct copier *c);

/* cb for each failure since the last call; cheap when there is none. */
void copier_failures(struct copier *c,
		     void (*cb)(void *ctx, struct node *n, const struct err *e),
		     void *ctx);

void copier_free(struct copier *c); /* waits for all */

#endif
