#ifndef CDE_STREAM_MAKER_H
#define CDE_STREAM_MAKER_H

#include <pthread.h>

#include "base/map.h"
#include "base/vec.h"
#include "stream/names.h"

/*
 * A thread that makes the names of listed directories, which takes longer than to list
 * them.  Meanwhile the program goes on: who looks a name up needs that one, who lists a
 * directory waits for it.  The lock of a directory is held until its names and its
 * listing are on disk.
 */
struct stream;

struct maker { /* zero-initialised: nothing to make */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t more, less;
	VEC(struct maker_dir *) queue;
	struct map dirs; /* name → struct maker_dir *, until they are asked for again */
	struct maker_dir *first; /* somebody waits for it */
	unsigned waiting;
	bool begun, runs, end;
};

/* `names` stay where they are and as they are until maker_wait.  0: it will be made, and
 * its lock ('d') is the maker's; 1: there is no such directory here; -errno. */
int maker_add(struct stream *s, const char *dir, const struct names *names);

/* This name is there now, if the remote has it.  0 or -errno. */
int maker_need(struct stream *s, const char *dir, const char *name);

/* All names of it, or of all, are there.  0 or -errno. */
int maker_wait(struct stream *s, const char *dir);
void maker_wait_all(struct stream *s); /* and forget them */
void maker_forget(struct stream *s, const char *dir);

void maker_end(struct stream *s);

#endif
