#ifndef CDE_TUI_TERM_H
#define CDE_TUI_TERM_H

#include <signal.h>
#include <sys/types.h>

#include "base/err.h"
#include "canvas.h"
#include "keys.h"

/*
 * The terminal: canvas → ncurses, bytes and signals → events.  The only file that knows
 * curses.  One loop owns the input; SIGWINCH and the signals that end us arrive only
 * while it waits.
 *
 * With CDE_TUI_SYNC in the environment it writes, after each drawing with no input
 * left, "ESC ] 7999 ; idle=<events so far> BEL": tests wait for that.
 */
enum event_kind {
	EVENT_KEY,
	EVENT_RESIZE,
	EVENT_IDLE,   /* nothing to read, and there is work to go on with */
	EVENT_CLICK,  /* x, y */
	EVENT_WHEEL,  /* key: KEY_OF_UP or KEY_OF_DOWN */
	EVENT_SIGNAL, /* key: its number; time to leave */
	EVENT_READY,  /* a descriptor that was waited for, too (x: which), can be read */
	EVENT_TICK,   /* nothing came in time */
	EVENT_GONE,   /* the terminal went away */
};

struct event {
	enum event_kind kind;
	uint32_t key;
	int x, y;
};

enum term_colour { TERM_COLOUR_AUTO, TERM_COLOUR_ALWAYS, TERM_COLOUR_NEVER };

struct term {
	bool open, colour, mouse, sync, gone, clear;
	int w, h;
	unsigned long events;
	sigset_t waiting; /* the mask while waiting */
	struct cell *shown;
	void *screen; /* curses' SCREEN */
};

/* Is stdin and stdout a terminal that can be used for this?  -1: e says why not. */
int term_check(struct err *e);

int term_open(struct term *t, enum term_colour colour, bool mouse, struct err *e);
void term_close(struct term *t); /* also without a terminal; twice is fine */
void term_mouse(struct term *t, bool on);
void term_redraw(struct term *t); /* from scratch with the next term_show */
/* busy: more work follows, tests wait on. */
void term_show(struct term *t, const struct canvas *c, bool busy);
void term_beep(struct term *t);

/* What the next event may be but keys and signals. */
enum { TERM_FDS = 2 };
struct term_wait {
	bool busy;	  /* does not wait: EVENT_IDLE at once */
	int fd[TERM_FDS]; /* -1: none */
	int ms;		  /* for EVENT_TICK; -1: none */
};
void term_next(struct term *t, const struct term_wait *w, struct event *out);

/* Was Ctrl-C pressed, or is it time to leave?  For long work; reads no key. */
bool term_interrupted(struct term *t);

/* Is there input to be read already? */
bool term_pending(const struct term *t);

/* The terminal is somebody else's, as it was before term_open, until term_back. */
void term_leave(struct term *t);
void term_back(struct term *t);

/*
 * Gives the terminal to a program, waits for it, takes the terminal back.  `in`: its
 * standard input, or -1 for the terminal; dir: where it runs, or NULL.  before: a line
 * that it begins below, or NULL; pause: one to wait at with a key before the screen comes
 * back, or NULL.  The status as from
 * waitpid; -1: e says why it could not be started.
 */
struct term_child {
	const char *const *argv;
	const char *dir;
	int in;
	const char *before, *pause;
};
int term_run(struct term *t, const struct term_child *child, struct err *e);

#endif
