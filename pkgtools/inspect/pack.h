#ifndef CDE_INSPECT_PACK_H
#define CDE_INSPECT_PACK_H

#include "inspect/package.h"

/*
 * A package as one file.  What is in it depends on nothing but the package: names are
 * sorted, owners are numbers, all is below "cde-package/" whatever the directory is
 * called.  Two packs of the same package, moved or not, are the same bytes.
 *
 * Left out are .tmp, .dropped and, in the copy of the manifest, the log of the edits with
 * what is staged, since without .dropped nothing of it could be taken back.  Hard links,
 * links of any text, FIFOs, holes, user xattrs and names of any bytes are kept; a zip
 * holds neither FIFOs, xattrs nor holes, hard links become files of their own, and a name
 * in it must be UTF-8.
 */
enum pack_format { PACK_NONE, PACK_TAR_ZST, PACK_TAR_GZ, PACK_TAR_XZ, PACK_ZIP };

#define PACK_TOP   "cde-package"
#define PACK_NAMES ".tar.zst, .tar.gz, .tar.xz, .zip"

enum { PACK_DEPTH = 512 }; /* directories in each other; deeper ones are an error */

enum pack_format pack_format_of(const char *name); /* by its end; PACK_NONE */

struct pack {
	bool owners;	/* the manifest's; else all is root's */
	bool root;	/* not the package, but what is in cde-root, as the root directory
			 * of a system; without placeholders */
	bool replace;	/* a file of that name */
	int64_t newest; /* no time in it is later (SOURCE_DATE_EPOCH); negative: any */
	bool (*progress)(void *ctx, uint64_t files, uint64_t bytes); /* false: stop */
	void *ctx;
	uint64_t files, bytes, size; /* out; size: of the archive */
	uint64_t left_out;	     /* out: sockets, devices, in a zip FIFOs; with
				      * `root` placeholders */
};

/*
 * Writes it under a temporary name beside `file`, then renames it: it is whole or not
 * there.  0; 1: stopped by progress; -1.
 */
int pack_write(struct package *p, const char *file, struct pack *how, struct err *e);

/* How many groups of edits are staged, and so will not be in it. */
uint64_t pack_staged(struct package *p);

#endif
