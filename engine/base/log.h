#ifndef CDE_BASE_LOG_H
#define CDE_BASE_LOG_H

#include <stdbool.h>

#include "base/mem.h"

/*
 * Messages on stderr: "cde: text\n", written with one write(2), never stdout.
 * All keep errno.  Exit statuses of our own: cde(1).
 */
enum { EXIT_OURS = 125, EXIT_NOT_EXECUTABLE = 126, EXIT_NOT_FOUND = 127 };

void log_init(const char *program, bool verbose);
void log_set_verbose(bool verbose);
bool log_is_verbose(void);
void log_error(const char *fmt, ...) PRINTF(1, 2);
void log_debug(const char *fmt, ...) PRINTF(1, 2); /* only with -v */
_Noreturn void log_die(int status, const char *fmt, ...) PRINTF(2, 3);

/* A broken invariant of our own code; stays in release builds; aborts. */
#define BUG_ON(cond) ((cond) ? log_bug(#cond, __FILE__, __LINE__) : (void)0)
_Noreturn void log_bug(const char *what, const char *file, int line);
extern void (*log_bug_hook)(void); /* prints recent events; may be NULL */

#endif
