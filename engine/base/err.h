#ifndef CDE_BASE_ERR_H
#define CDE_BASE_ERR_H

#include "base/str.h"

/*
 * What went wrong, for people: "open /x: Permission denied".  Functions above
 * the leaf layers take one as last parameter and return 0 or -1.
 */
struct err {
	int code; /* errno value, 0 when there is none */
	struct str text;
};

#define ERR_INIT \
	{ \
		0, STR_INIT \
	}

/* Both return -1, so that `return err_set(…);` works.  code 0 adds no errno text. */
int err_set(struct err *e, int code, const char *fmt, ...) PRINTF(3, 4);
int err_wrap(struct err *e, const char *fmt, ...) PRINTF(2, 3); /* "fmt: old text" */
void err_clear(struct err *e);
void err_fini(struct err *e);

#endif
