#ifndef CDE_EXEC_WORLD_H
#define CDE_EXEC_WORLD_H

#include "base/map.h"
#include "exec/layer.h"
#include "exec/who.h"
#include "path/rule.h"
#include "path/walk.h"
#include "stream/stream.h"
#include "trace/proc.h"
#include "tree/layout.h"
#include "tree/passed.h"

/*
 * What the program believes it sees: names ("virtual") over two trees, the
 * package and the host ("real").  A canonical virtual name belongs to one side:
 *
 *	rule for it → else sandbox mode: package
 *	            → seamless mode: package if it is there, else host
 *
 * and a new name belongs where its directory is.  Nothing here changes a tracee.
 *
 * Each side may have an upper tree, which takes what is changed on that side
 * (--ephemeral; a package that cannot be written).
 */
enum side { SIDE_PACKAGE, SIDE_HOST, SIDE_HIDDEN };

struct world {
	struct layout *pkg;
	struct rules *rules;
	bool seamless;
	struct str store; /* directory of patched programs (store.h), or "" */
	/* Canonical name → what is there: directories, links, files; for programs of the
	 * package, and for contained ones of this machine. */
	struct map seen[2];
	struct str met;	       /* in the look at hand: a name that the package has … */
	struct stat met_as;    /* … and what lstat says of it */
	struct layer layer[2]; /* by side */
	bool host_view;	       /* who asks is a program of this machine */
	struct stream *stream; /* the package is a cache of a remote tree; borrowed */
	struct map leads;      /* directories above a name that a rule speaks of */
	struct passed passed;  /* world_passed: read when first asked for */
	bool passed_known;
	struct who who; /* who_make: by whom the programs are started */
};

void world_init(struct world *w, struct layout *pkg, struct rules *rules, bool seamless);
void world_fini(struct world *w);

enum side world_side(struct world *w, const struct str *abs);
void world_real(const struct world *w, enum side side, const char *abs, struct str *out);

/* lstat of what a side has at abs.  0 or -errno. */
int world_stat(struct world *w, enum side side, const char *abs, struct stat *st);

/* Names that searches pass: in seamless mode the package's, which has none.  Is there one
 * in dir? */
const struct passed *world_passed(struct world *w);
bool world_passes_in(struct world *w, const char *dir);

/* The upper tree for what is changed at abs; NULL: none, the change is made. */
struct layer *world_layer(struct world *w, enum side side, const char *abs);

/* Is there a side with an upper tree? */
static inline bool
world_is_layered(const struct world *w)
{
	return w->layer[SIDE_PACKAGE].dir.len || w->layer[SIDE_HOST].dir.len;
}

/* Does one of them have the directory? */
bool world_is_changed(const struct world *w, const char *dir);

/* The virtual name of a real one: inside cde-root or an upper tree without that
 * prefix. */
const char *world_virtual(const struct world *w, const char *real);

struct place {
	const char *abs; /* points into the real name, or is "/" */
	enum side side;
	bool upper;
};
struct place world_place(const struct world *w, const char *real);

/* Forget what was seen at a name (true: something was), or everything. */
bool world_forget(struct world *w, const struct str *abs);
void world_forget_all(struct world *w);

/*
 * One look: a walk with notes.  `exe_of` gives the virtual name of a tracee's
 * program, NULL if pid is not ours.
 */
struct look {
	struct world *w;
	const struct proc *p;
	const char *(*exe_of)(void *ctx, pid_t pid);
	void *ctx;
	bool writes;	  /* to change what is there */
	struct walk walk; /* the answer */
	enum side side;	  /* of walk.abs */
	bool any_package; /* some component was taken from the package */
	bool any_host;	  /* … from the host */
	bool any_upper;	  /* … from a tree of changes */
	bool faked;	  /* a link of /proc was answered by us */
	bool placeholder; /* walk.abs is one */
	bool missed;	  /* the last thing that was looked at was not there */
	bool special;	  /* walk.abs is no ordinary file, directory or link */
};

/* path_walk over the world.  Same result; side and notes are set on success. */
int look_up(struct look *l, const char *base, const char *name, unsigned how);
void look_fini(struct look *l);

#endif
