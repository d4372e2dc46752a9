#ifndef CDE_TUI_CANVAS_H
#define CDE_TUI_CANVAS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/*
 * What the screen shall look like: a grid of cells.  Views draw here and know no
 * terminal; term.c copies it to ncurses, tests print it as text.
 *
 * Every character passes canvas_put, which lets no control, no format character and
 * nothing that is not UTF-8 through: whatever a view forgets, a terminal never gets it.
 */
struct rect {
	int x, y, w, h;
};

/*   style    colour   attributes */
#define STYLES(S) \
	S(TEXT, DEFAULT, 0) \
	S(DIM, DEFAULT, LOOK_DIM) \
	S(BOLD, DEFAULT, LOOK_BOLD) \
	S(TITLE, DEFAULT, LOOK_REVERSE | LOOK_BOLD) \
	S(TITLE_TEXT, DEFAULT, LOOK_REVERSE) \
	S(TAB, DEFAULT, 0) \
	S(TAB_ON, DEFAULT, LOOK_BOLD | LOOK_UNDERLINE) \
	S(HEAD, CYAN, 0) \
	S(HEAD_ON, CYAN, LOOK_BOLD) \
	S(GUIDE, DEFAULT, LOOK_DIM) \
	S(DIR, BLUE, LOOK_BOLD) \
	S(LINK, CYAN, 0) \
	S(BAR, BLUE, 0) \
	S(ESCAPED, MAGENTA, 0) \
	S(MARK, YELLOW, LOOK_BOLD) \
	S(GOOD, GREEN, 0) \
	S(WARN, YELLOW, 0) \
	S(BAD, RED, LOOK_BOLD) \
	S(DROP, RED, 0) \
	S(HOST, CYAN, LOOK_BOLD) \
	S(HIDDEN, MAGENTA, LOOK_BOLD) \
	S(KEY, DEFAULT, LOOK_BOLD) \
	S(FOUND, YELLOW, LOOK_REVERSE) \
	S(BOX, CYAN, 0)

enum style {
#define STYLE_ENUM(name, colour, attrs) STYLE_##name,
	STYLES(STYLE_ENUM)
#undef STYLE_ENUM
		STYLE_COUNT,
};

enum look_attr { LOOK_BOLD = 1, LOOK_DIM = 2, LOOK_REVERSE = 4, LOOK_UNDERLINE = 8 };
enum look_colour {
	LOOK_DEFAULT = -1,
	LOOK_RED = 1,
	LOOK_GREEN,
	LOOK_YELLOW,
	LOOK_BLUE,
	LOOK_MAGENTA,
	LOOK_CYAN,
};

struct look {
	int8_t colour; /* enum look_colour */
	uint8_t attrs; /* enum look_attr bits */
};

extern const struct look canvas_look[STYLE_COUNT];

enum { CELL_TEXT = 28 };
struct cell {
	char text[CELL_TEXT]; /* one character with what combines with it */
	uint8_t len;
	uint8_t width; /* 1, 2, or 0: the right half of the cell before */
	uint8_t style; /* enum style */
	uint8_t lit;   /* of the row under the cursor: shown reversed */
};

/* Drawn with what the terminal can show. */
enum glyph {
	GLYPH_ELLIPSIS,
	GLYPH_OPEN,
	GLYPH_CLOSED,
	GLYPH_GUIDE,
	GLYPH_BAR,
	GLYPH_ARROW,
	GLYPH_LEFT_OF,
	GLYPH_HLINE,
	GLYPH_VLINE,
	GLYPH_TL,
	GLYPH_TR,
	GLYPH_BL,
	GLYPH_BR,
	GLYPH_LEFT_T, /* joins a line from the left */
	GLYPH_MINUS,
	GLYPH_COUNT,
};

struct canvas {
	int w, h;
	struct cell *cell;
	struct rect clip;
	bool ascii;	      /* no character above 0x7e */
	int caret_x, caret_y; /* of a prompt; -1: none */
};

void canvas_init(struct canvas *c, bool ascii);
void canvas_fini(struct canvas *c);
void canvas_resize(struct canvas *c, int w, int h); /* and clear */
void canvas_clear(struct canvas *c);

/* From now on nothing is drawn outside of `to`, nor outside of what was allowed before,
 * which is given back: c->clip = old undoes it. */
struct rect canvas_clip(struct canvas *c, struct rect to);

const char *canvas_glyph(const struct canvas *c, enum glyph g);

/* One character (its bytes), at most in one place; a combining one goes to the cell
 * before.  Gives back the x behind it. */
int canvas_put(struct canvas *c, int x, int y, enum style style, const char *s,
	       unsigned len);

/* Text of ours: UTF-8, or ASCII when the canvas is.  The x behind it. */
int canvas_text(struct canvas *c, int x, int y, enum style style, const char *text);
int canvas_textf(struct canvas *c, int x, int y, enum style style, const char *fmt, ...)
	PRINTF(5, 6);

/* The same, ending before x. */
void canvas_text_right(struct canvas *c, int x, int y, enum style style,
		       const char *text);

/* At most w cells of it, the last one an ellipsis when it is longer. */
int canvas_text_in(struct canvas *c, struct rect at, enum style style, const char *text);

void canvas_fill(struct canvas *c, struct rect r, enum style style); /* with blanks */
void canvas_light(struct canvas *c, struct rect r);		     /* cursor's row */
void canvas_box(struct canvas *c, struct rect r, const char *title); /* and empty it */

/* Cells that a text of ours takes; what is not ASCII is spelled where only that goes. */
int canvas_width(const struct canvas *c, const char *text);

/* Lines of the canvas as text, without blanks at their ends. */
void canvas_print(const struct canvas *c, struct str *out);

static inline struct rect
rect_inner(struct rect r)
{
	return (struct rect){ r.x + 1, r.y + 1, r.w - 2, r.h - 2 };
}

#endif
