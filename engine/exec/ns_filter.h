#ifndef CDE_EXEC_NS_FILTER_H
#define CDE_EXEC_NS_FILTER_H

#include <linux/filter.h>
#include <stdbool.h>

/*
 * The seccomp filters of the namespace engine: which calls go to the watcher (ns_watch.c).
 * Calls of unknown architectures, and io_uring unless it is allowed, are ENOSYS.
 */
enum { NS_FILTER_MOST = 512 };

struct ns_filter {
	struct sock_filter code[NS_FILTER_MOST];
	unsigned short n;
};

/* All that opens or starts a file whose content may be used. */
void ns_filter_opens(struct ns_filter *f, bool allow_io_uring);

/* All that changes a file or its name, opens it for that, or asks whether it could. */
void ns_filter_changes(struct ns_filter *f, bool allow_io_uring);

#endif
