#ifndef CDE_PATH_WALK_H
#define CDE_PATH_WALK_H

#include <stdbool.h>

#include "base/str.h"

/*
 * Resolution of a name step by step, as path_resolution(7) has it, over any
 * tree that a `struct fsview` shows: the host, a package, both merged, or a
 * table in a unit test.
 */
enum fsview_kind {
	FSV_MISSING,
	FSV_DIR,
	FSV_LINK,  /* the text was put into *text */
	FSV_FILE,  /* anything else that is there */
	FSV_MAGIC, /* a link of /proc that text cannot express (fd/3 of a pipe, a
			   deleted file): final only, left to the kernel */
};

struct fsview {
	/*
	 * What is at `abs`, a clean absolute name whose parent is known to be a
	 * directory?  enum fsview_kind, or -errno (-EACCES: walk stops with it).
	 * For FSV_LINK, *text (cleared before) receives the link's text.
	 * `last`: the walk will not go below it unless it is a link.
	 */
	int (*lookup)(void *ctx, const struct str *abs, bool last, struct str *text);
	void *ctx;
};

enum {
	WALK_FOLLOW = 1 << 0,	/* follow the last component if it is a link */
	WALK_NO_LINKS = 1 << 1, /* RESOLVE_NO_SYMLINKS */
	WALK_BENEATH = 1 << 2,	/* RESOLVE_BENEATH */
	WALK_IN_ROOT = 1 << 3,	/* RESOLVE_IN_ROOT: base is the root */
	WALK_NO_MAGIC = 1 << 4, /* RESOLVE_NO_MAGICLINKS */
	WALK_LEAF = 1 << 5,	/* do not look up the last component at all
					   (kind stays FSV_MISSING); only without FOLLOW */
};

/* A link that was followed, or the last component itself when it is a link and
 * is not followed: its canonical name and its text. */
typedef void walk_hop(void *ctx, const struct str *abs, const struct str *text);

struct walk {
	struct str abs;	       /* canonical; on error the part that was reached plus the
				   rest of the name, lexically: a name to report */
	int kind;	       /* enum fsview_kind of abs */
	unsigned hops;	       /* links that were followed */
	bool slash;	       /* the name ended in "/" or "/.": must be a directory */
	bool dotdot;	       /* a ".." was taken */
	bool clamped;	       /* a ".." at "/" was taken */
	struct str rest, text; /* scratch memory, reused between walks */
};

#define WALK_INIT \
	{ \
		.abs = STR_INIT, .rest = STR_INIT, .text = STR_INIT \
	}

void walk_fini(struct walk *w);

/*
 * Resolve `name` seen from the directory `base` (canonical, absolute).  0: abs
 * and kind are set, the last component may be FSV_MISSING.  -ENOENT: an inner
 * component is missing, or the name is empty.  -ENOTDIR, -ELOOP (more than 40
 * links), -EXDEV (left base under BENEATH), or what lookup returned.
 * A trailing slash makes the last component be followed.  hop may be NULL.
 */
int path_walk(const struct fsview *v, const char *base, const char *name, unsigned how,
	      walk_hop *hop, void *ctx, struct walk *w);

#endif
