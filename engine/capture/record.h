#ifndef CDE_CAPTURE_RECORD_H
#define CDE_CAPTURE_RECORD_H

#include "capture/copier.h"
#include "capture/view.h"
#include "path/rule.h"
#include "pkg/manifest.h"
#include "trace/sys.h"

/*
 * From "the program uses this object" to the package: copies, links,
 * directories, listings and their rows.  What is in the package is the state
 * that the run started from; what the run made itself is only remembered.
 */
struct alias { /* a directory that the run moved */
	char *now, *before;
	bool swapped; /* RENAME_EXCHANGE: both ways */
};

struct call;

struct programs {
	struct node **v;
	size_t n, cap;
};

struct record {
	struct layout *layout;
	struct manifest *manifest;
	const struct rules *rules;
	struct view view;
	struct copier *copier;
	struct walk walk;
	int log_fd; /* -c, or -1 */
	VEC(struct node *) unreadable;
	VEC(struct node *) lost;
	struct programs tracers;       /* programs that called ptrace */
	struct programs listeners;     /* … that asked for a seccomp listener */
	struct programs filters;       /* … whose filter hands calls to their tracer */
	struct programs guarded;       /* … whose memory may not be read */
	VEC(struct node *) privileged; /* set-user-id and set-group-id programs */
	struct str lost_why;	       /* of the first */
	VEC(struct alias) alias;
	VEC(struct call *) calls; /* open ones (call.h) */
	unsigned mounting;	  /* those of them that mount */
	unsigned host_rows;
	bool filled;	  /* record_fills was called */
	unsigned copied;  /* files and links that this run stored */
	int64_t old_rows; /* of earlier runs; asked: those looked up so far */
	int64_t asked;
	const struct node *newborn; /* the one that led to that */
	bool loaded;		    /* … until all were read at once */
};

void record_init(struct record *r, struct layout *l, struct manifest *m,
		 const struct rules *rules);
void record_fini(struct record *r);

/* A call is about to do `how` to the object.  Returns when it may. */
void record_object(struct record *r, struct node *n, enum effect how);

/* Is it a rule's, ours, or the run's own: not for the package? */
bool record_is_hosts(struct record *r, struct node *n);
bool record_ignores(const struct record *r, const char *path, size_t len);

/* program.c: all links on the way to `name` and what is there.  NULL: nothing. */
struct node *record_name(struct record *r, const char *base, const char *name,
			 enum effect how);

/*
 * A program that is about to be started from the directory cwd, with its "#!"
 * interpreters and its loader.  cb, which may be NULL, gets each of them.
 */
void record_program(struct record *r, struct node *n, const char *cwd,
		    void (*cb)(void *ctx, struct node *n), void *ctx);

/*
 * Of an execve whose process is gone, and was not heard of again: can these (what
 * record_program has told of it) have run without a call that has a name?  If not, the
 * execve failed.
 */
bool program_may_be_silent(struct node *const *chain, size_t n);

/* The run made, removed or moved the name (after the call succeeded). */
void record_made(struct record *r, const char *path);
void record_gone(struct record *r, const char *path);
/* RENAME_EXCHANGE: each is now what the other was. */
void record_swapped(struct record *r, const char *a, const char *b);
void record_moved(struct record *r, const char *from, const char *to);

void record_drain(struct record *r); /* failures of the copier, so far */

/* All copies are written; outputs get their rows (or copies); times of
 * directories are put right. */
void record_finish(struct record *r, bool with_outputs);

/* list.c: the names of a directory, as they are now. */
void record_listing(struct record *r, struct node *dir);

/* For list.c: queue a row, note a failure. */
void record_row(struct record *r, struct node *n, enum file_state state,
		const char *note);
void record_lost(struct record *r, struct node *n, const struct err *e);

/* The directory (NULL: one that is not known) in the package gets new names.  If we are
 * killed before that is done, its time must not say that it is whole, and nor may the list
 * of placeholders. */
void record_fills(struct record *r, struct node *dir);

#endif
