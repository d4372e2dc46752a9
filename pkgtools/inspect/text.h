#ifndef CDE_INSPECT_TEXT_H
#define CDE_INSPECT_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/*
 * Names of any bytes, for people and back.  Everything that cde-pkg and cde-tui
 * show of a package goes through here: nothing in a name can steer a terminal,
 * be invisible, or change the order in which the rest of the line is read.
 *
 *   \n \t \r \e \\     these, by name
 *   \xNN               other control bytes, bytes that are not UTF-8
 *   \uNNNN \UNNNNNNNN  C1 controls, bidi, zero-width, other format characters, line
 *                      and paragraph separators, private use, and what is no character
 *
 * text_unescape is the exact inverse: escaped names survive a round trip.
 */
void text_escape(struct str *out, const char *name, size_t len); /* appends */

/* For messages of ours that contain names: newlines and backslashes stay. */
void text_tame(struct str *out, const char *text, size_t len);

/* Also blanks at both ends become \x20 (for columns and prompts, where they would not
 * be seen); text_unescape takes that back, too. */
void text_escape_visible(struct str *out, const char *name, size_t len);

/* Appends; -EINVAL with *at (may be NULL) = the offset of a wrong escape. */
int text_unescape(struct str *out, const char *text, size_t len, size_t *at);

bool text_is_utf8(const char *s, size_t len);

/* One character: its length in bytes (1…4) and *c; 0 when it is not UTF-8. */
unsigned text_decode(const char *s, size_t len, uint32_t *c);

/* Would it be escaped (as a whole character, not as a byte)? */
bool text_is_format(uint32_t c);

/* "12.3 MiB", as in `ls` and the explorer; at most 10 columns, never rounded to 1024. */
void text_size(struct str *out, uint64_t bytes);

/* "2026-11-24 10:48:00" in local time. */
void text_time(struct str *out, int64_t seconds);

/* Appends. */
void text_base64(struct str *out, const void *data, size_t len);

#endif
