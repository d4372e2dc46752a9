#ifndef CDE_EXEC_PLAN_H
#define CDE_EXEC_PLAN_H

#include "base/vec.h"
#include "exec/world.h"
#include "path/rule.h"

/*
 * The sandbox as a list of mounts.  Pure: from the rules, and from what both
 * sides have (a plan_view), to steps that give every name the side that
 * `struct world` gives it; or to the reason why mounts cannot do that.
 *
 * A directory is taken whole from one side, and names in it that a rule puts on
 * the other side are mounted over.  What a directory lacks to mount over, or
 * must not show, makes it a directory of our own with an entry for each name;
 * this is done only where the user may not write, for new files must land in
 * the real one.
 */
enum plan_kind { PLAN_NONE, PLAN_DIRECTORY, PLAN_LINK, PLAN_OTHER };

struct plan_names {
	VEC(char *) v;
};

enum plan_answer { PLAN_NO, PLAN_YES, PLAN_MAYBE };

struct plan_view {
	/* What has `side` (package or host) at `abs`?  Links are not followed. */
	enum plan_kind (*kind)(void *ctx, enum side side, const char *abs);
	/* May the user make and remove names in this directory, now or after chmod? */
	bool (*writable)(void *ctx, enum side side, const char *abs);
	/* Its names, without "." and "..". */
	void (*list)(void *ctx, enum side side, const char *abs, struct plan_names *out);
	/* Programs that are installed on the host (host.c): is abs one, or in it one? */
	enum plan_answer (*programs)(void *ctx, const char *abs);
	void *ctx;
};

enum plan_op {
	PLAN_BIND,    /* side's abs, with all below it, at abs */
	PLAN_OWN_DIR, /* a directory of our own at abs, that looks like side's abs */
	PLAN_SEAL,    /* that directory has all its names */
	PLAN_COPY,    /* a link of side's abs, in a directory of our own */
	PLAN_VEIL,    /* what is at abs must not be seen */
};

struct plan_step {
	enum plan_op op;
	enum side side;
	enum plan_kind kind; /* of side's abs */
	bool fresh;	     /* in a directory of our own: its entry is made first */
	char *abs;
};

struct plan {
	VEC(struct plan_step) step;
	VEC(char *) note; /* where it is not what ptrace would do, though nearly */
	char *reason;	  /* why it cannot be done; NULL: it can */
};

/* A mount costs some 0.04 ms here, and as much again when the last program ends. */
enum { PLAN_STEPS_MOST = 1000 };

/* `also`: names (NULL-terminated) that the default substr rules stand for. */
void plan_make(struct plan *p, struct rules *r, const struct plan_view *v,
	       const char *const *also);
void plan_fini(struct plan *p);

/* "bind /etc/hosts from the host" */
void plan_describe(const struct plan_step *s, struct str *out);

#endif
