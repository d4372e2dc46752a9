#ifndef CDE_STREAM_FETCHED_H
#define CDE_STREAM_FETCHED_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/map.h"

/*
 * locally-cached-files.txt: the names whose local content is the truth, one path a
 * line, as the original wrote it.  A file that is not in it is an outline at best
 * (local.h), whatever it looks like; so a line is added only when the content is
 * whole and on the disk, and is never taken away.  Losing the list costs fetching
 * once more; nothing else.
 */
#define FETCHED_FILE "locally-cached-files.txt"

struct fetched {
	struct map names;
	int fd;
	int lock;      /* of the workspace, borrowed */
	uint64_t read; /* so far into the file */
	pthread_mutex_t mutex;
};

int fetched_open(struct fetched *f, int dirfd, int lock, mode_t mode, struct err *e);
void fetched_fini(struct fetched *f);

/* From here on by any thread. */
bool fetched_has(struct fetched *f, const char *abs);

/* It is here for this process; not in the list yet. */
void fetched_note(struct fetched *f, const char *abs);

/* Take in what other processes have added. */
void fetched_update(struct fetched *f);

/* Add names (NUL-terminated, one behind the other), in one write.  0 or -errno. */
int fetched_add(struct fetched *f, const struct str *names);

/*
 * Locks between processes: one for each text, in one file; they go with their owner.
 * false: another process has it (only without `wait`).
 */
bool lock_take(int lock, char kind, const char *text, bool wait);
void lock_drop(int lock, char kind, const char *text);

#endif
