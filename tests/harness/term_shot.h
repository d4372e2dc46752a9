#ifndef CDE_TESTS_TERM_SHOT_H
#define CDE_TESTS_TERM_SHOT_H

#include <stddef.h>
#include <vterm.h>

/* Pictures of a screen: DIR/NAME.txt (given), NAME.ansi, NAME.svg.  0, or -1 and errno. */
int shot_write(const char *dir, const char *name, VTermScreen *screen, int w, int h,
	       const char *text);

/* The characters of a cell; how many bytes. */
size_t shot_utf8(const VTermScreenCell *c, char *out);

/* What a key sends, by terminfo of $TERM; NULL: not known. */
const char *shot_capability(const char *name);

#endif
