#ifndef CDE_TUI_CROP_H
#define CDE_TUI_CROP_H

#include "base/vec.h"
#include "canvas.h"

/*
 * Names of a package in a number of cells.  A name is escaped (inspect/text.h), cut in
 * its middle so that the end stays ("libpyth….so.1.0"), never inside of a character or
 * between a character and what combines with it.  Escapes have a style of their own: a
 * backslash of the name itself is doubled, and so nothing looks like something else.
 */
struct crop_unit {
	uint32_t off; /* into text */
	uint8_t len, width;
	bool escape;
};

struct crop {
	struct str text; /* escaped */
	VEC(struct crop_unit) unit;
	int width;
};

#define CROP_INIT \
	{ \
		.text = STR_INIT \
	}
void crop_fini(struct crop *x);

/* Replaces what is in x.  ascii: everything above 0x7e as an escape, too. */
void crop_name(struct crop *x, const char *name, size_t len, bool ascii);

/* The same for what is being typed: blanks at the ends are blanks. */
void crop_typed(struct crop *x, const char *text, size_t len, bool ascii);

/* Draws at most w cells; gives back the x behind it. */
int crop_draw(const struct crop *x, struct canvas *c, struct rect at, enum style style);

/* Both; `at.h` does not matter. */
int canvas_name(struct canvas *c, struct rect at, enum style style, const char *name);
int canvas_name_n(struct canvas *c, struct rect at, enum style style, const char *name,
		  size_t len);

/* Of a path, whose last name tells most: "usr/lib/x…/libcrypto.so.3", "…/_multia…so". */
int canvas_path(struct canvas *c, struct rect at, enum style style, const char *path,
		size_t len);

#endif
