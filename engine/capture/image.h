#ifndef CDE_CAPTURE_IMAGE_H
#define CDE_CAPTURE_IMAGE_H

#include <stdint.h>

#include "base/str.h"
#include "base/vec.h"
#include "capture/view.h"
#include "trace/proc.h"

/*
 * A process image: what one exec started, shared by its threads and by the
 * children that did not exec.  It knows what it has already been seen to do, so
 * that each (file, process, kind) becomes a row once.
 */
struct image {
	int64_t id; /* of the manifest; 0: before the first exec */
	unsigned refs;
	uint64_t *seen; /* open addressing: (node index + 1) << 8 | kinds */
	size_t n, cap;
};

struct image *image_new(int64_t id);
struct image *image_ref(struct image *x);
void image_drop(struct image *x); /* NULL is fine */

/* Kinds that are new for this node; they are remembered. */
unsigned image_access(struct image *x, const struct node *n, unsigned kinds);

/* A name that a call of this tracee is about to make, move or remove. */
struct pending {
	struct str path;
	enum effect effect;
	bool there;   /* it existed at entry */
	uint8_t kind; /* enum fsview_kind, if it did */
};

struct task { /* proc.user */
	struct image *image;
	VEC(struct node *) program; /* exec under way: file, interpreters, loader */
	struct pending pending[2];
	int npending;
	bool rooted; /* has called chroot or pivot_root */
};

struct task *task_new(struct image *shared); /* takes a reference; NULL: a new one */
void task_free(struct task *t);

/* The command line for people: words quoted for sh, cut after 32 KiB. */
void task_command_line(pid_t tid, struct str *out);

#endif
