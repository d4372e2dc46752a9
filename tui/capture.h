#ifndef CDE_TUI_CAPTURE_H
#define CDE_TUI_CAPTURE_H

#include <stdbool.h>

#include "base/err.h"

/*
 * cde-tui --capture: a command under cde, before the terminal is ours.  The command has
 * the terminal as it would without us: it is in our process group, so that Ctrl-C and
 * Ctrl-Z reach it from the terminal; when it stops, so do we.
 */
#define CAPTURE_PACKAGE "cde-package" /* where cde puts it */

struct capture {
	int status;	/* its exit status, or 128 + signal, as cde says it */
	bool captured;	/* there is a package of it */
	bool interrupt; /* we were told to end meanwhile */
};

/* argv: the command and its arguments, argc of them.  -1: it could not be started. */
int capture_run(struct capture *c, char **argv, int argc, struct err *e);

/* Waits for a key, so that what was printed can be read; false: it means to leave. */
bool capture_pause(const struct capture *c, const char *command);

#endif
