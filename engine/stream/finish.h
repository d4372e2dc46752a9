#ifndef CDE_STREAM_FINISH_H
#define CDE_STREAM_FINISH_H

#include <pthread.h>

#include "stream/local.h"

/*
 * Threads that bring files which have arrived to their place and to the disk, while
 * others still arrive: a disk takes many such orders at once as fast as one.
 */
struct arrival { /* the caller's, from `add` to `take` */
	const struct names_entry *entry;
	struct place place;
	struct temp temp;
	int fd;
	int error; /* of local_finish */
	void *user;
	struct arrival *next;
};

enum { FINISH_THREADS = 8 };

struct finish {
	pthread_mutex_t lock;
	pthread_cond_t more, less;
	struct arrival *todo, *done;
	size_t under_way;
	bool replace, end;
	unsigned threads;
	pthread_t thread[FINISH_THREADS];
};

/* `files`: how many there will be; for one no thread is started.  `replace`: see
 * local_finish. */
void finish_begin(struct finish *f, size_t files, bool replace);

/* Waits when many are under way. */
void finish_add(struct finish *f, struct arrival *a);

/* One that is finished, NULL: none is; with `wait`: none is under way. */
struct arrival *finish_take(struct finish *f, bool wait);

/* Nothing may be under way. */
void finish_end(struct finish *f);

#endif
