#ifndef CDE_INSPECT_SCAN_H
#define CDE_INSPECT_SCAN_H

#include "inspect/package.h"

/*
 * Care for the manifest: what can be known from the files themselves.  The package is
 * open with PACKAGE_WRITE.
 */
struct scan_counts {
	uint64_t added;	   /* objects of the tree that had no row */
	uint64_t lost;	   /* rows whose object is not in the tree: marked so */
	uint64_t hashed;   /* files whose checksum was computed */
	uint64_t modified; /* … that differ from what their distro package brought */
};

/* Rows for what is in the tree and not in the manifest, marks on what is only there.  An
 * empty manifest is filled by it.  One transaction. */
int scan_rows(struct package *p, struct scan_counts *n, struct err *e);

/*
 * SHA-256 of captured files that have none (all: of each), and whether they are as their
 * package brought them.  progress may be NULL; false stops (1 is returned, and what was
 * done stays).
 */
struct scan_work {
	bool all;
	bool (*progress)(void *ctx, uint64_t files, uint64_t bytes);
	void *ctx;
};
int scan_digests(struct package *p, const struct scan_work *w, struct scan_counts *n,
		 struct err *e);

#endif
