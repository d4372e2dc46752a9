#ifndef CDE_INSPECT_ISOLATE_H
#define CDE_INSPECT_ISOLATE_H

#include "inspect/package.h"

/*
 * Repeats a captured command where there is nothing but the package: another root
 * directory with /proc, /dev, an empty /tmp and a minimal /etc, another user id and host
 * name, no network but loopback.  What it writes goes to memory, and is gone afterwards;
 * outputs that the package has are not there when it starts.  Needs user namespaces and
 * overlayfs in them (Linux 5.11).  The package's own cde-exec is started, with
 * --diagnose.
 */
enum { ISOLATE_UID = 12345, ISOLATE_TEXT_MOST = 1 << 20 };
#define ISOLATE_HOST "cde-check"
#define ISOLATE_USER "check"

struct isolate_file {	  /* an output of the run */
	const char *path; /* in: absolute */
	char kind;	  /* out: f d l p …, 0: not there */
	uint64_t size;
	char sha256[65]; /* of a file; "" not known */
	struct str text; /* of a file that is not larger than ISOLATE_TEXT_MOST */
};

struct isolate_net { /* what it asked for in vain */
	uint64_t routes, datagrams, connections;
};

struct isolate {
	struct package *p;
	int64_t run;	    /* as for --rerun */
	int out, err;	    /* where stdout and stderr of the program go */
	struct str missing; /* out: what cde-exec noted, as missing.jsonl */
	VEC(struct isolate_file) file;
	struct isolate_net net;
	int64_t seconds; /* out: how long it took */
	int status;	 /* out: as from waitpid */
};

#define ISOLATE_INIT \
	{ \
		.out = -1, .err = -1, .missing = STR_INIT \
	}
void isolate_fini(struct isolate *x);
int isolate_run(struct isolate *x, struct err *e);

#endif
