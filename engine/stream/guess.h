#ifndef CDE_STREAM_GUESS_H
#define CDE_STREAM_GUESS_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/map.h"
#include "base/vec.h"
#include "base/err.h"
#include "stream/line.h"
#include "stream/remote.h"

/*
 * What nobody has asked for yet is on its way while the program runs.  Files come into
 * temporary ones, and directories into memory: nothing that a program could see changes
 * before it asks (guess_take, list_use_guess).  All but the answers are the caller's
 * thread's.  For a remote that is a directory nothing is ever guessed.
 */
struct stream;
struct guess;

struct guesses { /* zero-initialised: nothing is under way */
	pthread_mutex_t lock;
	pthread_cond_t less;
	bool begun;
	int tmp;		/* directory of the temporary files */
	struct map files, dirs; /* name → struct guess * */
	VEC(struct guess *) news;
	atomic_size_t fresh; /* news.n */
	unsigned batch;
	uint64_t asked, used; /* bytes of mere guesses */
	uint64_t needed;      /* bytes that were used, guessed or not */
};

/* From here on guesses are better than those before. */
void guess_turn(struct stream *s);

/* Ask for it, unless it is here, or on its way.  LINE_GUESS: only as long as not too much
 * has come in vain. */
void guess_file(struct stream *s, const char *abs, const struct names_entry *x,
		enum line_rank rank);
void guess_dir(struct stream *s, const char *dir);

/* A profile names it: ask for it before it is known what it is (guess_told.c), unless another
 * process is at it.  false: there is nobody to ask. */
bool guess_told(struct stream *s, const char *abs);

/*
 * Those of the names that were told: each goes to its place as it comes, if it is what its
 * listing says.  What is not, and what does not come, is left to who wants it.
 */
void guess_told_take(struct stream *s, char *const *names, size_t n);

/*
 * The file is wanted: wait for it, and bring it to its place.  1: there is none (in the
 * state of this entry), or it could not be had; else as fetch_files.
 */
int guess_take(struct stream *s, const char *abs, const struct names_entry *x,
	       struct err *e);

/* Wait for the listing, if there is one under way. */
void guess_wait_dir(struct stream *s, const char *dir);

/* Look at what has arrived: it says what follows.  Cheap when nothing has. */
void guess_news(struct stream *s);

/* Its content, if it has arrived.  Descriptor or -1. */
int guess_open(struct stream *s, const char *abs);

/* The disk is full: give back what the files take that have arrived. */
void guess_drop(struct stream *s);

/* Nothing that was listed before counts. */
void guess_forget_dirs(struct stream *s);

/* No more of it.  `keep`: what has arrived goes to its place, if that is as it was. */
void guess_end(struct stream *s, bool keep);

#endif
