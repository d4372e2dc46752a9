/* What some machines forbid: for enter.c. */
#ifndef FARM_DENY_H
#define FARM_DENY_H

#include <stdbool.h>

enum {
	DENY_PTRACE = 1,
	DENY_USERNS = 2,
	DENY_USERNS_LIMIT = 4,
};

/* One of the above, or 0. */
unsigned deny_named(const char *name);

/* For this process and all below, by a seccomp filter: EPERM.  0, or -1 and errno. */
int deny_by_filter(unsigned deny);

/* Puts this process into a user namespace in which none can be made: ENOSPC.  0, or -1 and
 * errno. */
int deny_by_limit(void);

#endif
