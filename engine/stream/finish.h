#ifndef CDE_STREAM_FINISH_H
#define CDE_STREAM_FINISH_H

#include <pthread.h>

#include "stream/fetched.h"
#include "stream/local.h"

/*
 * Threads that bring files which have arrived to their place, and one that brings them to
 * the disk and into the list: a program need not wait for the disk, but what the list
 * names is there also after a power cut.  Syncing each for itself would make the file
 * system write its journal all the time, and who makes files waits for that: so it is done
 * for many at once.  The lock of each file is dropped when it is listed.
 */
struct arrival {
	char *abs;
	struct names_entry entry;
	struct place place;
	struct temp temp;
	int fd;
	bool replace; /* see local_finish; then it is on the disk when it is in its place */
	int *error;   /* of the caller, set when it is in its place */
	int unsynced;
	struct arrival *next;
};

enum { FINISH_THREADS = 4 };

struct finish { /* zero-initialised: no thread runs */
	struct fetched *fetched;
	pthread_mutex_t lock;
	pthread_cond_t more, less;
	pthread_cond_t ripe;
	struct arrival *todo;
	struct arrival *placed; /* to be synced, many at once */
	size_t placing, under_way, waiting;
	bool begun, end, hurry;
	int error; /* of the list */
	unsigned threads;
	pthread_t thread[FINISH_THREADS], syncer;
	bool syncs;
};

void arrival_free(struct arrival *a);

/* Takes it over.  Waits when many are under way. */
void finish_add(struct finish *f, struct arrival *a);

/* Until all are in their place.  0, or -errno of the list. */
int finish_wait(struct finish *f);

/* Until all are listed. */
void finish_end(struct finish *f);

#endif
