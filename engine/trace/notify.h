#ifndef CDE_TRACE_NOTIFY_H
#define CDE_TRACE_NOTIFY_H

#include <pthread.h>

#include "base/vec.h"
#include "trace/guard.h"
#include "trace/trace.h"

/*
 * Seccomp user notification as the source of events, inside of trace/ only.
 *
 * A call of the table puts its thread to sleep; one of our threads receives it,
 * reads the memory, tells the sink and lets the call go on.  There are no other
 * events: who is new, whether an exec succeeded and who died is found out here
 * (ntask), so that the sink hears the same story as from ptrace, without on_exit.
 *
 * Every program image has 16 random bytes of the kernel's in its memory (AT_RANDOM).
 * fork copies them and exec replaces them: they tell to which image a process
 * belongs, even when its parent is gone, and whether an execve succeeded.
 */
enum { STAMP = 16, GHOSTS = 256, SUPERVISORS = 2 };

struct nimage;

struct ntask { /* one thread */
	struct proc p;
	struct ntask *leader;	  /* of its process; itself */
	struct ntask *next;	  /* leader: its threads */
	struct nimage *image;	  /* leader's */
	struct ntask *peer, **at; /* others of the same image */
	struct ntask *exec_by;	  /* leader: the thread that called execve */
	uint64_t started;	  /* clock ticks; 0: a pidfd watches it */
	uint64_t checked;	  /* ms */
	int pidfd;		  /* leader's, or -1 */
	unsigned slot;		  /* leader's, of the guard */
	bool busy;		  /* a supervisor is at it */
	bool ghost;		  /* dead */
};

struct nimage {
	char stamp[STAMP];
	taddr at; /* where it is in memory */
	struct ntask *first;
};

struct notify {
	struct trace *trace;
	int listener;
	int epoll;   /* deaths, signals, the listener's end */
	int deaths;  /* an epoll set, too: pidfds */
	int signals; /* SIGCHLD */
	struct guard guard;

	pthread_t thread[SUPERVISORS];
	unsigned nthreads; /* changes under the lock, and not after `over` */
	unsigned crowded;  /* how often the first had more than it could do */
	unsigned seen;	   /* calls; rested: at the last on_rest */
	unsigned rested;

	pthread_mutex_t lock; /* all below, and on_new, on_exec, on_gone */
	pthread_cond_t idle;  /* a task that was waited for is not busy any more */
	unsigned waiting;
	struct map tasks;      /* tid → struct ntask */
	struct map images;     /* stamp → struct nimage */
	struct nimage *forker; /* the last one that a new process was of, or NULL */
	struct ntask *ghost[GHOSTS];
	unsigned nghosts;
	bool no_pidfd_said;
	bool own_deathsig; /* the first program has set one itself */

	bool over;		  /* the listener's last process is gone */
	size_t request, response; /* sizes of the kernel's structures */
};

/* The child `first` has its filter installed, and this is its listener, which is ours from
 * now on.  0 or -errno: then the child is of no use. */
int notify_attach(struct trace *t, pid_t first, int listener);

int notify_run(struct notify *n, int *status, struct err *e);
void notify_free(struct notify *n);

/* notify_task.c; all under the lock. */

/* The task that called; NULL: it died.  Not busy; tells the sink what happened since. */
struct ntask *ntask_of(struct notify *n, pid_t tid, enum arch a);
struct ntask *ntask_first(struct notify *n, pid_t pid); /* still with our memory */
void ntask_release(struct notify *n, struct ntask *x);	/* no longer busy */
void ntask_died(struct notify *n, struct ntask *leader);
void ntask_reap(struct notify *n); /* those of whose end the kernel has told since */
void ntask_end(struct notify *n);  /* of all */

uint64_t ntask_now_ms(void); /* a clock that is cheap and coarse; needs no lock */

#endif
