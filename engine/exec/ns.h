#ifndef CDE_EXEC_NS_H
#define CDE_EXEC_NS_H

#include "exec/env.h"
#include "exec/plan.h"
#include "tree/layout.h"
#include "tree/listed.h"

/*
 * Execution without a tracer: a mount namespace (and, for who is not root, a
 * user namespace around it) in which the kernel finds what the rules say.
 *
 * A child builds it and ends; this process then moves in, so that a failure
 * while it is built leaves us as we were, free to take another engine, and the
 * program has the process number, the parent and the terminal that we had.
 */
enum ns_guard {
	NS_UNGUARDED, /* there are no placeholders */
	NS_MASKED,  /* they are mounted over: ns_mask.c; what changes files is watched */
	NS_WATCHED, /* all opens are watched: ns_watch.c */
};

struct ns {
	const struct plan *plan;
	const struct layout *pkg;
	const struct rules *rules;
	const char *cwd; /* virtual */
	const struct listed *listed;
	enum ns_guard guard;  /* wanted; then, what there is */
	dev_t mask_dev;	      /* of what is mounted over placeholders */
	const char *no_masks; /* why NS_MASKED could not be had, or NULL */
	bool allow_io_uring;  /* where anything is watched */
	int lock;	      /* of the package: kept by the watcher */
	const struct who *who;
	const struct layer *layer; /* over a package that cannot be written; or NULL */
};

/*
 * Go there.  0: this process is in the namespace, in cwd, without privileges that
 * it did not have before; execve is all that is left.  -1: it cannot be done on
 * this machine; nothing has changed, and e says which step failed.
 */
int ns_enter(struct ns *x, struct err *e);

/* ns_view.c: a plan_view over the package and this machine, good for one plan: what it
 * has seen it does not look at again. */
struct ns_view {
	const struct layout *pkg;
	const struct who *who;
	struct map seen[2]; /* by side: name → 1 + kind */
	struct str dir;	    /* of the package, that is open */
	int dirfd;
	bool layered; /* a medium that cannot be written gets a layer that can */
};

#define NS_VIEW_INIT(pkg, who) \
	{ \
		pkg, who, { { 0 } }, STR_INIT, -1, false \
	}

struct plan_view ns_view_of(struct ns_view *x);
void ns_view_fini(struct ns_view *x);

/* ns_build.c, in the child, which stands in the package directory: the mounts, then
 * chdir to cwd.  `own_users`: in a new user namespace.  0 or -1. */
int ns_build(struct ns *x, bool own_users, struct err *e);

/* The mount tree at `from` (a descriptor), with all below it, at `to`, too.  0 or -errno;
 * `proc` is where proc is. */
int ns_bind(int from, int to, const char *proc);

/*
 * ns_mask.c, while the stage of ns_build.c is the root.  ns_mask_open: `tree` as it is
 * for the eye, but with no file that can be opened; it is mounted on the directory
 * `empty`.  A descriptor, or -errno: this kernel cannot.
 */
int ns_mask_open(int tree, int empty);

/* Of `masks`, what is at abs over `target`.  1; 0: target is not `tree`'s file of that
 * name, nothing is done; -errno.  *dev: the mask's. */
int ns_mask_put(int masks, int tree, int target, const char *abs, dev_t *dev);

/* Of processor time, masks cost 0.8 ms and 0.03 ms each, a watcher 0.4 ms and 0.013 ms for
 * each open.  So many pay from 100 opens on, which is what an interpreter starts with. */
enum { NS_MASKS_MOST = 32 };

/*
 * ns_watch.c.  A placeholder can be looked at but not opened.  NS_WATCHED: a filter lets
 * a watcher answer open and execve; it reads the name, and answers EACCES for a
 * placeholder, for anything else the kernel goes on.  NS_MASKED: what would change a
 * masked file, or its name, comes to the watcher, which takes the mask away before.
 */
/* Does the kernel have what it needs? */
bool ns_can_watch(void);

/* In the watcher, which is in the namespace: wait for the listener to come through
 * `sock`, and serve until the last program has ended; then nothing is left to do. */
void ns_watch(const struct ns *x, int proc, int sock);

/* In the program's process, before exec: install the filter, send the listener. */
int ns_watch_me(const struct ns *x, int sock, struct err *e);

/*
 * ns_run.c: all of it, and then the program.  Returns only with -1, when nothing has
 * changed, and e says why; exits with 126 or 127 when the program cannot be started.
 */
struct ns_command {
	struct layout *pkg;
	struct rules *rules;
	const struct env *env;
	const char *cwd;     /* virtual */
	const char *program; /* for execve */
	char **argv;
	int lock; /* of the package */
	bool allow_io_uring;
	bool say; /* the plan, on stderr */
	const struct who *who;
	const struct layer *layer; /* as in struct ns */
};

int ns_run(const struct ns_command *c, struct err *e);

/* A descriptor over a socket, and back.  0 or -errno. */
int ns_send_fd(int sock, int fd);
int ns_receive_fd(int sock);

#endif
