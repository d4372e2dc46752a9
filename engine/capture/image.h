#ifndef CDE_CAPTURE_IMAGE_H
#define CDE_CAPTURE_IMAGE_H

#include <stdint.h>

#include "base/str.h"
#include "base/vec.h"
#include "capture/call.h"
#include "trace/decode.h"

/*
 * A process image: what one exec started, shared by its threads and by the
 * children that did not exec.  It knows what it has already been seen to do, so
 * that each (file, process, kind) becomes a row once.
 */
struct image {
	int64_t id; /* of the manifest; 0: before the first exec */
	unsigned refs;
	struct node *program; /* NULL: not known */
	uint64_t *seen;	      /* open addressing: (node index + 1) << 8 | kinds */
	size_t n, cap;
};

struct image *image_new(int64_t id);
struct image *image_ref(struct image *x);
void image_drop(struct image *x); /* NULL is fine */

/* Kinds that are new for this node; they are remembered. */
unsigned image_access(struct image *x, const struct node *n, unsigned kinds);

struct task { /* proc.user */
	struct image *image;
	VEC(struct node *) program; /* exec under way: file, interpreters, loader */
	struct str words;	    /* … its command line, if it must be kept */
	const char *exec_call;	    /* … the call's name */
	struct call call;
	/* The call at hand; memory is kept. */
	struct decode decode;
	struct str base[2]; /* where the names of decode.ev start */
	int base_error[2];
	struct task *next; /* of those that can be used again */
};

/* One from *spare, or new; takes a reference of the image; NULL: a new one. */
struct task *task_new(struct task **spare, struct image *shared);
void task_drop(struct task **spare, struct task *t);
void task_fini_all(struct task **spare);

/* The command line for people: words quoted for sh, cut after 32 KiB. */
void task_command_line(pid_t tid, struct str *out);

/* The same from the arguments of the execve at hand. */
void task_exec_line(const struct proc *p, struct str *out);

#endif
