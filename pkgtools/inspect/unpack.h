#ifndef CDE_INSPECT_UNPACK_H
#define CDE_INSPECT_UNPACK_H

#include "inspect/pack.h"

/*
 * A package out of an archive, which may be anybody's.  It is written into a fresh
 * directory beside its place, which gets its name when all of it is there; an archive
 * that is not what it should be leaves nothing.
 *
 * An error is: an absolute name, "..", a name twice, something below what is no directory
 * of the archive (so no link is written through), a hard link to what is not a file of
 * the archive, devices and sockets, links beside cde-root, more entries or bytes than the
 * limits, a damaged archive, and one without cde-root.  Set-user-id and set-group-id
 * bits are taken away; files belong to who unpacks; directories are open to their owner.
 */
enum { UNPACK_ENTRIES = 4000000 };

struct unpack {
	uint64_t entries_max; /* 0: UNPACK_ENTRIES; directories not named count, too */
	uint64_t bytes_max;   /* 0: the free space of the file system, less a reserve */
	bool (*progress)(void *ctx, uint64_t files, uint64_t bytes); /* false: stop */
	void *ctx;
	uint64_t entries, bytes; /* out */
	uint64_t stripped;	 /* out: set-id bits taken away */
};

/* dir must not exist.  0; 1: stopped by progress; -1. */
int unpack_archive(const char *file, const char *dir, struct unpack *how, struct err *e);

/*
 * For looking into an archive: unpacked into a private directory below $TMPDIR (/tmp),
 * which is removed by unpack_remove, or when this process ends, however it does: a child
 * process waits for that.  name: the directory of the package there.
 */
struct unpacked {
	struct str dir, name;
	int alive;   /* the child sees it closed */
	int watcher; /* its process */
};
#define UNPACKED_INIT \
	{ \
		STR_INIT, STR_INIT, -1, 0 \
	}
int unpack_private(struct unpacked *u, const char *file, struct err *e);
void unpack_remove(struct unpacked *u); /* also after an error */

#endif
