#ifndef CDE_STREAM_MENTION_H
#define CDE_STREAM_MENTION_H

#include "base/map.h"

/*
 * What a file names is probably next: modules and headers are asked for by their names,
 * and these stand in the files that ask.  Only names of directories that the program
 * has used so far count, and files of a kind that it has used.
 */
struct stream;

struct mentions {	  /* zero-initialised: nothing was used */
	struct map stems; /* name before the first dot → struct str *, absolute names */
	struct map suffixes; /* of files that were used */
	struct map dirs;     /* used, or indexed */
	struct map scanned;  /* files */
};

void mentions_fini(struct mentions *m);

/* The program uses this file; its directory is listed. */
void mention_use(struct stream *s, const char *abs);

/* This one has arrived on a guess: ask for what it names. */
void mention_scan(struct stream *s, const char *abs);

/* This directory has been listed. */
void mention_listed(struct stream *s, const char *dir);

#endif
