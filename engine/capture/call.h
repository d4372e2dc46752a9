#ifndef CDE_CAPTURE_CALL_H
#define CDE_CAPTURE_CALL_H

#include "capture/record.h"

/*
 * A call that makes, moves or removes names, from its entry until it is known what
 * it did: success decides whether later uses of a name are uses of an output.
 *
 * An engine with exit stops says it (call_end).  Without them it is found out by
 * looking at the names: when somebody else gets to one of them (then only what is
 * certain counts, for the call may still be under way), and at the latest when the
 * thread calls again or is gone (call_over).
 */
struct pending {
	struct node *node;
	enum effect effect;
	bool there;   /* it existed at entry */
	uint8_t kind; /* enum fsview_kind, if it did */
	dev_t dev;    /* the object at entry; only for open calls */
	ino_t ino;
};

struct call {
	struct pending name[2];
	int n;
	bool exchange; /* RENAME_EXCHANGE */
	bool mounts;   /* the file system may look different after it */
	bool open;     /* it is in record.calls, at `index` */
	size_t index;
};

/* Entry: nothing is known of this call yet. */
void call_begin(struct call *x);

/* It is about to do `how` to this name; n: what is there, or NULL. */
void call_add(struct record *r, struct call *x, const struct str *path, enum effect how,
	      struct node *n);

/* Its end is reported. */
void call_end(struct record *r, struct call *x, bool success);

/* Its end will not be reported: others may find out. */
void call_open(struct record *r, struct call *x);

/* It is over.  Nothing to do if it is not open. */
void call_over(struct record *r, struct call *x);

/* view.touched: somebody asks for the name of an open call. */
void call_touched(struct record *r, struct node *n);

#endif
