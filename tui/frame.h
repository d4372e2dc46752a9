#ifndef CDE_TUI_FRAME_H
#define CDE_TUI_FRAME_H

#include "canvas.h"

/*
 * Where everything is, as a pure function of the size and the screen.  Rows go away as
 * the terminal gets lower, columns as it gets narrower; a rectangle that is not shown
 * has w == 0 and h == 0.
 *
 *   title                 always, unless too small
 *   tabs                  from 10 rows
 *   header of columns     from 6
 *   list                  the rest
 *   hints                 from 8
 *   message               always
 *
 * From 100 columns the screen of files has facets and, below them, what is known about
 * the row under the cursor, to its left.
 */
enum screen {
	SCREEN_FILES,
	SCREEN_ORIGINS,
	SCREEN_TYPES,
	SCREEN_MISSING,
	SCREEN_PROCESSES,
	SCREEN_CHANGES,
	SCREEN_COUNT,
};

enum column {
	COLUMN_STATE,
	COLUMN_SIZE,
	COLUMN_COUNT,
	COLUMN_SHARE,
	COLUMN_TYPE,
	COLUMN_ORIGIN,
	COLUMN_ACCESS,
	COLUMN_SEVERITY,
	COLUMN_TIMES,
	COLUMN_CALL,
	COLUMN_ASKED,
	COLUMN_HOST,
	COLUMN_PID,
	COLUMN_STATUS,
	COLUMN_NUMBER,
	COLUMN_EFFECT,
	COLUMN_NAME, /* elastic */
	COLUMN_MOST,
};

struct frame_column {
	enum column what;
	int x, w;
};

enum {
	FRAME_COLUMNS = 8,
	FRAME_WIDE = 100,
	FRAME_LEAST_W = 20,
	FRAME_LEAST_H = 5,
	FRAME_NAME = 16
};

struct frame {
	int w, h;
	bool small; /* nothing but one word */
	bool short_sizes;
	struct rect title, tabs, header, list, hints, message;
	struct rect facets, info, divider; /* divider: one column between the panes */
	struct rect detail;		   /* below a list: what the row means */
	struct frame_column column[FRAME_COLUMNS];
	int columns;
};

/* hidden: bits of enum column, never shown. */
void frame_of(struct frame *f, int w, int h, enum screen screen, unsigned hidden);

/* The column of a frame, or NULL when it is not shown. */
const struct frame_column *frame_column(const struct frame *f, enum column what);

/* A box of (w, h) in the middle; the whole screen when it does not fit. */
struct rect frame_box(const struct frame *f, int w, int h);

const char *frame_column_title(enum column what);

#endif
