#ifndef CDE_STREAM_LINE_PRIV_H
#define CDE_STREAM_LINE_PRIV_H

#include "stream/remote.h"
#include "stream/sftp.h"

/* remote_sftp.c: what all runs of a connection share; used by its thread only. */
struct traffic {
	struct sftp *c;
	const char *root;
	size_t open, reading; /* jobs and READs under way */
	size_t window;	      /* READs at which a guess sends no more */
	int64_t fastest;      /* answer to a READ, ns */
};

void traffic_begin(struct traffic *t, struct run *run);
void traffic_feed(struct traffic *t, struct run *run); /* as much as may go out */
void traffic_end(struct run *run); /* what is not answered ends with -EIO */

#endif
