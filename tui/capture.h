#ifndef CDE_TUI_CAPTURE_H
#define CDE_TUI_CAPTURE_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <termios.h>

#include "base/err.h"
#include "base/str.h"

/*
 * cde-tui --capture: a command under cde.  It has a terminal of its own, whose bytes
 * pass through ours as they are, both ways, so that it may fill the screen and ask
 * questions.  Ctrl-Z, where that would stop it, lets somebody look at its package
 * instead: it goes on, and what it prints is kept until the terminal is its again.
 */
#define CAPTURE_PACKAGE "cde-package" /* where cde puts it */

struct capture {
	const char *command;
	pid_t pid;	  /* of cde; 0: it has ended */
	int master;	  /* -1: closed */
	struct str held;  /* printed, and not shown yet */
	struct str typed; /* for the command, and not read yet */
	struct termios as_it_was;
	struct stat manifest; /* as it was before */
	int status;	/* at its end: its exit status, or 128 + signal, as cde says it */
	bool interrupt; /* we were told to end meanwhile */
	bool looked;	/* the screen was ours meanwhile */
};

/* argv: the command and its arguments, argc of them.  -1: it could not be started. */
int capture_start(struct capture *c, char **argv, int argc, struct err *e);

/* The terminal is the command's.  True: somebody wants to look; false: it has ended. */
bool capture_relay(struct capture *c);

/* While somebody looks: to be waited for (-1: nothing), and read when it can be. */
int capture_fd(const struct capture *c);
void capture_hold(struct capture *c);

/* Is there a package of it? */
bool capture_has_package(const struct capture *c);

/* Waits for a key, so that what was printed can be read; false: it means to leave. */
bool capture_pause(const struct capture *c);

/* Sends the signal, if it has not ended, and waits for that; shows what was held back. */
void capture_close(struct capture *c, int sig);

#endif
