#ifndef CDE_INSPECT_UNPACK_PRIV_H
#define CDE_INSPECT_UNPACK_PRIV_H

#include "base/map.h"
#include "inspect/unpack.h"

/* Inside of unpack*.c. */
enum { UNPACK_IMPLIED = 1, UNPACK_NAMED = 2 }; /* why a directory is there */

struct unpack_dir {
	char *name;
	mode_t mode;
	struct timespec times[2];
};

struct unpacker {
	struct unpack *how;
	struct err *e;
	struct archive *a;
	struct layout to; /* its rootfd is the new directory */
	struct map dirs;  /* name → UNPACK_… */
	VEC(struct unpack_dir) dir;
	uint64_t entries_max, bytes_max;
};

/* Everything of the archive below dirfd, which is empty.  As unpack_archive. */
int unpack_below(const char *file, int dirfd, struct unpack *how, struct err *e);

#endif
