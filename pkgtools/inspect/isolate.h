#ifndef CDE_INSPECT_ISOLATE_H
#define CDE_INSPECT_ISOLATE_H

#include "inspect/package.h"

/*
 * Repeats a captured command where there is nothing but the package: another root
 * directory with /proc, /dev, an empty /tmp and a minimal /etc, another user id and host
 * name, no network but loopback.  What it writes goes to memory, and is gone afterwards.
 * Needs user namespaces and overlayfs in them (Linux 5.11).  The package's own cde-exec
 * is started, with --diagnose.
 */
enum { ISOLATE_UID = 12345 };

struct isolate_file {	  /* an output of the run */
	const char *path; /* in: absolute */
	char kind;	  /* out: f d l p …, 0: not there */
	uint64_t size;
	char sha256[65]; /* of a file; "" not known */
};

struct isolate {
	struct package *p;
	int64_t run;	    /* as for --rerun */
	int out, err;	    /* where stdout and stderr of the program go */
	struct str missing; /* out: what cde-exec noted, as missing.jsonl */
	VEC(struct isolate_file) file;
	int status; /* out: as from waitpid */
};

void isolate_fini(struct isolate *x);
int isolate_run(struct isolate *x, struct err *e);

#endif
