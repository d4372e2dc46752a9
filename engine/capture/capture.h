#ifndef CDE_CAPTURE_CAPTURE_H
#define CDE_CAPTURE_CAPTURE_H

#include <pthread.h>

#include "capture/image.h"
#include "capture/miss.h"
#include "capture/record.h"
#include "trace/decode.h"
#include "trace/loop.h"

/*
 * The sink of the tracer: each stop of a call becomes names, each name an
 * object, and record.c is told what is about to happen to it.
 */
struct unknown { /* a call number that the table does not have */
	enum arch arch;
	uint64_t nr;
	unsigned count;
};

struct late { /* use of an output: its row comes at the end */
	const struct node *node;
	int64_t process;
	unsigned kinds;
	const char *call;
};

struct capture {
	struct record *record;
	struct misses misses;
	struct unnamed_seen unnamed;
	const struct trace *trace; /* set before the first event */
	const char *cwd, *program; /* too: what is started, and where */
	pthread_mutex_t lock;	   /* of all else: on_enter may come from many threads */
	struct walk walk;
	struct str base;
	struct task *task;  /* of the stop at hand */
	struct task *spare; /* to be used again */
	bool rooted;	    /* some process has called chroot or pivot_root */
	VEC(struct unknown) unknown;
	VEC(struct late) late;
};

extern const struct trace_ops capture_ops; /* ctx: struct capture * */

void capture_init(struct capture *c, struct record *r);
void capture_fini(struct capture *c);

/* What only the end of the run tells: misses, outputs' uses, unknown calls. */
void capture_save(struct capture *c);

/* "system call 9999 (x86_64)" */
void unknown_describe(const struct unknown *u, struct str *out);

#endif
