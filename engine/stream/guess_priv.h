#ifndef CDE_STREAM_GUESS_PRIV_H
#define CDE_STREAM_GUESS_PRIV_H

#include "stream/stream_priv.h"

/* One of guess.h, for the files of guess only. */
struct guess {
	struct stream *s;
	char *abs;
	struct names_entry entry; /* of a file; without a text */
	struct remote_list list;  /* of a directory */
	struct remote_fetch fetch;
	struct remote_sink sink;
	struct run run;
	struct temp temp;
	enum { GUESS_ASKED, GUESS_HERE, GUESS_FAILED } state;
	atomic_bool wanted;
	atomic_size_t bytes; /* so far */
	bool mere;	     /* nothing but a guess, when it was asked for */
	bool stale;	     /* nobody will want that listing */
	bool told;   /* by a profile, which knows what follows; its entry is not known */
	bool locked; /* between processes: nobody else fetches it */
};

/* Is it still on its way? */
bool guess_is_asked(struct stream *s, struct guess *g);

/* Until something has arrived, which is looked at: the guess of a directory is then gone. */
void guess_wait_for_news(struct stream *s);

/* From its temporary file to its place, by the threads that do so: 0, and *error is set
 * until finish_wait; -EBUSY: without `wait`, another process is at it; -errno. */
int guess_place(struct stream *s, struct guess *g, bool wait, int *error);

/* Others may fetch it. */
void guess_unlock(struct guess *g);

/* It is out of the map, and gone. */
void guess_forget(struct map *m, struct guess *g);

#endif
