#ifndef CDE_STREAM_LINE_H
#define CDE_STREAM_LINE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

/*
 * A connection with a thread of its own, which sends and takes while others do something
 * else.  Only line_start forks, so that who waits for children finds no other thread's.
 */
enum line_rank {
	LINE_NOW,  /* somebody waits for it */
	LINE_SOON, /* will be needed */
	LINE_LIKELY,
	LINE_GUESS, /* may be needed */
};

struct remote_list;
struct remote_fetch;
struct remote_sink;

/* Directories to list, or files to fetch; all but the last part is the caller's, who
 * keeps it until it is over. */
struct run {
	struct remote_list *list; /* one of the two */
	struct remote_fetch *fetch;
	size_t n;
	const struct remote_sink *sink;
	atomic_int rank;
	unsigned
		batch; /* what is not sure: later ones first; in one batch in their order */

	/* Called by the thread when all is answered, or broken off; `run` is then
	 * nobody's.  NULL: line_wait. */
	void (*over)(struct run *run);
	void *user;

	struct run *next;
	struct job *job;
	size_t begun, done;
	bool finished, had_answers; /* this connection has worked before */
	int result;
	struct str why;
};

struct line;

struct line *line_new(const char *root); /* on the server */
void line_free(struct line *l);		 /* what is under way ends with -EIO */

bool line_is_open(struct line *l);
int line_start(struct line *l, char *const *argv, struct err *e);

void line_add(struct line *l, struct run *run);
int line_wait(struct line *l, struct run *run, struct err *e); /* 0; -1: broken off */

/* It has become more urgent. */
void line_hurry(struct line *l, struct run *run, enum line_rank rank);

#endif
