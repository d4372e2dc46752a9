#ifndef CDE_TRACE_PEEK_H
#define CDE_TRACE_PEEK_H

#include <stddef.h>

#include "trace/proc.h"

/* Memory of a stopped tracee.  0 or -errno (-EFAULT: bad address; -ESRCH: died). */
int peek_bytes(pid_t tid, taddr addr, void *buf, size_t n);
int peek_some(pid_t tid, taddr addr, void *buf, size_t n); /* bytes read >= 0 */
int poke_bytes(pid_t tid, taddr addr, const void *buf, size_t n);

/* A NUL-terminated string of less than `max` bytes; -ENAMETOOLONG if longer. */
int peek_str(pid_t tid, taddr addr, size_t max, struct str *out);

#endif
