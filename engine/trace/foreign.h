#ifndef CDE_TRACE_FOREIGN_H
#define CDE_TRACE_FOREIGN_H

#include "trace/proc.h"

/*
 * Who makes calls for a program (notice.h) makes them with his own rights, and sees his
 * own files.  A thread whose rights or files may be others is foreign.
 */

/* A call that can make a thread foreign. */
bool foreign_can(enum arch a, uint64_t nr);

/* Does this one, by a thread that was not so before?  Many programs set the user that they
 * are: make does so for each child. */
bool foreign_by(const struct sysregs *s);

/* Has a new process namespaces of its own? */
bool foreign_is_born(pid_t pid);

#endif
