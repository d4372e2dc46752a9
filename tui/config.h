#ifndef CDE_TUI_CONFIG_H
#define CDE_TUI_CONFIG_H

#include "frame.h"
#include "keys.h"
#include "term.h"

/*
 * $XDG_CONFIG_HOME/cde/tui.conf: lines "set color never|auto|always", "set mouse on|off",
 * "set ascii on|off", "set remember on|off", "bind KEY ACTION", "column NAME on|off"; "#"
 * begins a comment.  A line that is not understood is named with its number, and passed
 * over.
 */
struct config {
	enum term_colour colour;
	bool mouse, ascii, remember;
	struct keys keys;
	unsigned hidden_columns; /* bits of enum column */
	struct str warnings;	 /* lines */
};

void config_read(struct config *c, const char *name); /* NULL: where it lies */
void config_fini(struct config *c);

/*
 * How files were shown last, kept in $XDG_STATE_HOME/cde/tui.state (~/.local/state) when
 * "set remember on" asks for that.  What cannot be read or understood is as if it were
 * not there; what cannot be written is not kept.
 */
struct config_view {
	char sort[16];	/* "": none */
	char column[8]; /* app_column_word */
	bool down, flat;
};
void config_recall(struct config_view *v);
void config_remember(const struct config_view *v);

bool config_colour(const char *word, enum term_colour *out);

#endif
