#ifndef CDE_EXEC_LAYER_H
#define CDE_EXEC_LAYER_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/str.h"
#include "tree/layout.h"

/*
 * One side of the world as two trees: `lower`, what is there, and over it `upper`, which
 * takes every change, so that lower stays as it is.  The form is that of overlayfs (with
 * userxattr), so that the kernel can mount it: a character device 0:0 says that a name is
 * gone, a directory with user.overlay.opaque=y hides the one below it.
 *
 *	DIR/package, DIR/host	upper trees, under virtual names
 *	DIR/tmp, DIR/work	things on their way
 *
 * Names are clean, absolute, and reached through no link.  Results are 0 or -errno.
 */
struct layer {
	const char *lower; /* real name of the lower root, borrowed; "": this machine */
	int lowerfd;	   /* … its descriptor, borrowed; AT_FDCWD for this machine */
	bool owned;	   /* what is in lower counts as the user's own: a package */
	struct str dir;	   /* DIR; "": no upper tree, all others are refused */
	struct str upper;
	int upperfd; /* -1: nothing was changed yet */
	int tmpfd;
	unsigned count; /* names in tmp */
};

#define LAYER_INIT \
	{ \
		.lower = "", .lowerfd = AT_FDCWD, .dir = STR_INIT, .upper = STR_INIT, \
		.upperfd = -1, .tmpfd = -1 \
	}

/* Beside the upper tree: "package NAME\n".  It makes a change set of the directory. */
#define LAYER_ABOUT "about"

/* `pkg` or NULL for this machine.  An upper tree that exists is opened. */
void layer_init(struct layer *l, const struct layout *pkg, const char *dir);
void layer_fini(struct layer *l);

/* Make the upper tree, and see whether the file system can hold its marks. */
int layer_start(struct layer *l);

/* What has `abs`? */
struct layer_look {
	bool upper;    /* upper has an object */
	bool lower;    /* so has lower, and no directory above is hidden by upper */
	bool whiteout; /* upper says that it is gone */
	int error;     /* of the look-up in lower, or why that does not count; or 0 */
	struct stat st, lower_st;
};

static inline bool
layer_shows(const struct layer_look *x)
{
	return x->upper || (x->lower && !x->whiteout);
}

/* All of it; st is that of the visible object. */
void layer_look(const struct layer *l, const char *abs, struct layer_look *x);

/* lstat of the visible object.  *upper: where it is. */
int layer_stat(const struct layer *l, const char *abs, struct stat *st, bool *upper);

/* The real name of abs in one of the trees. */
void layer_name(const struct layer *l, bool upper, const char *abs, struct str *out);

/* Is `abs` a directory of upper?  Then a listing of lower is not the whole truth. */
bool layer_has_dir(const struct layer *l, const char *abs);

/* No visible name in the directory. */
bool layer_is_empty(const struct layer *l, const char *abs);

/* May names in the directory be made and removed? */
int layer_may_change(const struct layer *l, const char *dir);

/* May it be opened so (W_OK, R_OK) by its mode, were it the user's if `owned`? */
int layer_may_open(const struct layer *l, const char *abs, const struct stat *st,
		   int how);

/* The directory exists in upper, as lower has it. */
int layer_dir_up(struct layer *l, const char *abs);

/* A file or a link of lower (its lstat: st) exists in upper. */
int layer_copy_up(struct layer *l, const char *abs, const struct stat *st);

/* Remove what upper has at abs (a directory: empty but for whiteouts). */
int layer_drop(struct layer *l, const char *abs);
int layer_drop_whiteouts(struct layer *l, const char *abs);

int layer_whiteout(struct layer *l, const char *abs);
int layer_make_opaque(struct layer *l, const char *abs);

bool layer_is_whiteout(const struct stat *st);

/* Does the directory of upper hide the one below it? */
bool layer_is_opaque(const struct layer *l, const char *abs);

#endif
