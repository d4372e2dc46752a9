#ifndef CDE_INSPECT_PREDICT_H
#define CDE_INSPECT_PREDICT_H

#include "inspect/edit.h"

/*
 * What the captured runs did not touch, and the next may need, out of this machine (the
 * one of the capture): libraries by DT_NEEDED, their variants for other processors, those
 * that programs name in their strings; modules that libraries load (NSS, gconv, PAM, GIO
 * …) and the locale; the rest of Python packages, and source beside byte code.  Nothing
 * that the package has is replaced.  Each addition has a note "predicted: REASON", which
 * is what the filter `predicted` looks for.
 */
enum { PREDICT_DISTRO = 1 /* all files of the distro packages that brought something */ };

#define PREDICT_NOTE "predicted: "

struct predict {
	unsigned how;
	struct str *warnings;					     /* may be NULL */
	bool (*progress)(void *ctx, uint64_t files, uint64_t bytes); /* false: stop */
	void *ctx;
	uint64_t found; /* out: additions */
};

/* Appends to the list.  m is the model of the package; types and facts are not needed. */
int predict(struct edits *x, struct edit_ops *l, const struct model *m,
	    struct predict *how, struct err *e);

/*
 * File names of libraries that `data` has as strings of their own ("libx.so.1", also
 * behind a slash): each calls back, with its length.
 */
typedef void predict_name_cb(void *ctx, const char *name, size_t len);
void predict_names(const char *data, size_t len, predict_name_cb *cb, void *ctx);

#endif
