#ifndef CDE_CAPTURE_VIEW_H
#define CDE_CAPTURE_VIEW_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/map.h"
#include "base/vec.h"
#include "path/walk.h"
#include "trace/proc.h"

/*
 * The host's file system as the capture sees it, and what the run did with it:
 * one node per canonical name, which is both the cache of look-ups and the
 * memory of what is already in the package.  Names below /proc have no node:
 * they mean something else to each process.  What is not there has a node only
 * if it once was.
 */
enum node_flag {
	/* The package has it as the run found it, or it was recorded as something
	 * that cannot be stored. */
	NODE_STORED = 1 << 0,
	NODE_LISTED = 1 << 1,	  /* a directory whose names are in the package */
	NODE_MADE = 1 << 2,	  /* the run made this name: an output */
	NODE_OLD = 1 << 3,	  /* st, listed are an earlier run's; not compared yet */
	NODE_FILLED = 1 << 4,	  /* its directory in the package got new entries */
	NODE_DECIDED = 1 << 5,	  /* verdict is set */
	NODE_CHANGED = 1 << 6,	  /* the run changed the names in this directory */
	NODE_STARTED = 1 << 7,	  /* its #! or loader was recorded */
	NODE_PRIVILEGED = 1 << 8, /* set-user-id program, said */
	NODE_TRACER = 1 << 11,	  /* called ptrace, said */
	NODE_ROW = 1 << 9,	  /* has a row in the manifest */
	NODE_LOST = 1 << 10,	  /* could not be stored */
	NODE_LISTENER = 1 << 13,  /* wanted a seccomp listener, said */
	NODE_FILTER = 1 << 14,	  /* its filter hands calls to a tracer, said */
	NODE_PROTECTED = 1 << 15, /* its memory could not be read, said */
	NODE_PENDING = 1 << 12,	  /* a call whose end is not known yet changes it: the
				     cached look-up is of no use */
};

/* Does the package still have all names that an earlier run put into this directory? */
enum whole { WHOLE_UNKNOWN, WHOLE_YES, WHOLE_NO };

struct node {
	const char *path;
	size_t len;
	uint32_t index;
	uint32_t generation; /* kind, link hold while it is the view's */
	uint16_t flags;
	uint8_t kind;	     /* enum fsview_kind */
	uint8_t verdict;     /* enum verdict */
	uint8_t whole;	     /* a directory: enum whole */
	struct node *loader; /* what starts with it (#!, PT_INTERP), or NULL */
	char *link;
	struct stat st;
};

struct view {
	struct fsview fs;	 /* for path_walk */
	const struct proc *proc; /* who asks; may be NULL */
	struct map nodes;
	VEC(struct node *) node; /* by index */
	uint32_t generation;
	struct node *last; /* of the latest look-up, or NULL */
	/* Each directory that a walk passes through. */
	void (*passed)(void *ctx, struct node *dir);
	/* A name with NODE_PENDING is about to be looked up. */
	void (*touched)(void *ctx, struct node *n);
	/* A node was made, before anything is known about it. */
	void (*born)(void *ctx, struct node *n);
	void *ctx;
};

void view_init(struct view *v);
void view_fini(struct view *v);

struct node *view_node(struct view *v, const char *path, size_t len); /* finds or makes */
struct node *view_find(const struct view *v, const char *path, size_t len);

/* The node of what is there now, or NULL: nothing there, or below /proc. */
struct node *view_look(struct view *v, const char *path, size_t len);

/* All cached look-ups are void: a directory or a link changed its place. */
void view_forget_all(struct view *v);

/* Directory of `abs` on the host, for *at calls with *name (names beyond PATH_MAX
 * are opened piece by piece).  AT_FDCWD, an O_PATH descriptor, or -errno. */
int view_parent_fd(const char *abs, size_t len, const char **name);

/* open(2) of a canonical name: O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY are
 * added.  A descriptor or -errno. */
int view_open(const char *abs, size_t len, int flags);

#endif
