#ifndef CDE_TESTS_TERM_RAW_H
#define CDE_TESTS_TERM_RAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What a program may send to a terminal: escape sequences, text in UTF-8, and the controls
 * that move the cursor; no other control, no C1 control, nothing that turns the direction
 * of text or takes no room (but combining characters), no broken character.  And none of
 * some strings, names whose bytes are an escape sequence.
 */
enum { RAW_NEVER = 16, RAW_TAIL = 64 };

struct raw {
	bool on;
	enum { RAW_TEXT, RAW_ESC, RAW_CSI, RAW_STRING, RAW_STRING_ESC, RAW_ONE } state;
	uint32_t code;
	unsigned left;	     /* bytes of a character that are still to come */
	char tail[RAW_TAIL]; /* the last bytes, the youngest at the end */
	char never[RAW_NEVER][RAW_TAIL];
	size_t never_len[RAW_NEVER], never_n;
};

/* The next byte; NULL, or what is wrong with it, in `text`. */
const char *raw_byte(struct raw *x, char byte, char *text, size_t size);
void raw_never(struct raw *x, const char *s, size_t len);

#endif
