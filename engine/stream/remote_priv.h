#ifndef CDE_STREAM_REMOTE_PRIV_H
#define CDE_STREAM_REMOTE_PRIV_H

#include "stream/remote.h"
#include "stream/line.h"

struct remote {
	struct str root;   /* on the server; "" is its "/" */
	struct str server; /* for messages */
	struct str host, user, port;
	struct str ssh;
	bool local;	   /* a directory */
	int rootfd;	   /* of a directory, or -1 */
	struct line *line; /* NULL: not connected yet */
	bool compress;
};

/* remote_dir.c */
int dir_list(struct remote *r, struct remote_list *v, size_t n, struct err *e);
int dir_fetch(struct remote *r, struct remote_fetch *v, size_t n,
	      const struct remote_sink *sink, struct err *e);

#endif
