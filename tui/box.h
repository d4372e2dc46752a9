#ifndef CDE_TUI_BOX_H
#define CDE_TUI_BOX_H

#include "canvas.h"
#include "base/vec.h"
#include "frame.h"

/*
 * A box over the screen: lines to scroll through, and for some a choice of keys.  When
 * it does not fit, it is the whole screen.
 */
enum box_kind {
	BOX_NONE,
	BOX_HELP,
	BOX_INFO,
	BOX_WHY,
	BOX_SPELL,
	BOX_WRITE,
	BOX_BUSY, /* somebody else has the package */
	BOX_RESTORE
};

struct box_line {
	enum style style;
	char *text; /* ours and escaped names; heap */
	int tab;    /* text behind a TAB begins there; then has the style TEXT */
};

struct box {
	enum box_kind kind;
	char *title;
	VEC(struct box_line) line;
	size_t top;
	const char *hints; /* "y write  n back" */
	int width;	   /* wanted; 0: 72, or more where there is room */
	bool two_columns;  /* where there is room: lines go on beside */
	bool bare;	   /* no frame at the sides: to be copied from the terminal */
};

void box_open(struct box *b, enum box_kind kind, const char *title);
void box_close(struct box *b); /* usable again */
void box_add(struct box *b, enum style style, const char *text);
void box_addf(struct box *b, enum style style, const char *fmt, ...) PRINTF(3, 4);

/* "label TAB name", the name escaped; nothing for NULL and "". */
void box_add_name(struct box *b, const char *label, const char *name);

/* Cut where a line of b->width is full, also at a blank. */
void box_add_cut(struct box *b, const struct canvas *c, const char *text);
void box_draw(struct box *b, struct canvas *c, const struct frame *f);
void box_scroll(struct box *b, const struct frame *f, int lines);

#endif
