#ifndef CDE_EXEC_NS_FILTER_H
#define CDE_EXEC_NS_FILTER_H

#include "trace/bpf.h"

/*
 * The seccomp filters of the namespace engine: which calls go to the watcher (ns_watch.c).
 * Calls of unknown architectures, and io_uring unless it is allowed, are ENOSYS.  They are
 * appended to *f.
 */

/* All that opens or starts a file whose content may be used. */
void ns_filter_opens(struct bpf *f, bool allow_io_uring);

/* All that changes a file or its name, opens it for that, or asks whether it could. */
void ns_filter_changes(struct bpf *f, bool allow_io_uring);

#endif
