#ifndef CDE_EXEC_NS_H
#define CDE_EXEC_NS_H

#include "exec/env.h"
#include "exec/plan.h"
#include "tree/layout.h"

/*
 * Execution without a tracer: a mount namespace (and, for who is not root, a
 * user namespace around it) in which the kernel finds what the rules say.
 *
 * A child builds it and ends; this process then moves in, so that a failure
 * while it is built leaves us as we were, free to take another engine, and the
 * program has the process number, the parent and the terminal that we had.
 */
struct ns {
	const struct plan *plan;
	const struct layout *pkg;
	const char *cwd;     /* virtual */
	bool watch;	     /* the package has placeholders: see ns_watch.c */
	bool allow_io_uring; /* where it is watched */
};

/*
 * Go there.  0: this process is in the namespace, in cwd, without privileges that
 * it did not have before; execve is all that is left.  -1: it cannot be done on
 * this machine; nothing has changed, and e says which step failed.
 */
int ns_enter(const struct ns *x, struct err *e);

/* ns_view.c: plan_view over the package and this machine; ctx is the layout. */
struct plan_view ns_view(struct layout *pkg);

/* Is there a placeholder, other than where the host is seen?  Also true when there
 * is too much to look at. */
bool ns_has_placeholders(const struct layout *pkg, const struct rules *r);

/* ns_build.c, in the child, which stands in the package directory: the mounts, then
 * chdir to cwd.  `own_users`: in a new user namespace.  0 or -1. */
int ns_build(const struct ns *x, bool own_users, struct err *e);

/*
 * ns_watch.c.  A placeholder can be looked at but not opened.  Mounts cannot say
 * that, so a filter lets a watcher answer open and execve; it reads the name,
 * and answers EACCES for a placeholder, for anything else the kernel goes on.
 */
/* Does the kernel have what it needs? */
bool ns_can_watch(void);

/* In the watcher, which is in the namespace: wait for the listener to come through
 * `sock`, and serve until the last program has ended. */
_Noreturn void ns_watch(const struct layout *pkg, int proc, int sock);

/* In the program's process, before exec: install the filter, send the listener. */
int ns_watch_me(int sock, bool allow_io_uring, struct err *e);

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
	bool allow_io_uring;
	bool say; /* the plan, on stderr */
};

int ns_run(const struct ns_command *c, struct err *e);

/* A descriptor over a socket, and back.  0 or -errno. */
int ns_send_fd(int sock, int fd);
int ns_receive_fd(int sock);

#endif
