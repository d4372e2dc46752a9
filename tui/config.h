#ifndef CDE_TUI_CONFIG_H
#define CDE_TUI_CONFIG_H

#include "keys.h"
#include "term.h"

/*
 * $XDG_CONFIG_HOME/cde/tui.conf: lines "set color never|auto|always", "set mouse on|off",
 * "set ascii on|off", "bind KEY ACTION"; "#" begins a comment.  A line that is not
 * understood is named with its number, and passed over.
 */
struct config {
	enum term_colour colour;
	bool mouse, ascii;
	struct keys keys;
	struct str warnings; /* lines */
};

void config_read(struct config *c, const char *name); /* NULL: where it lies */
void config_fini(struct config *c);
bool config_colour(const char *word, enum term_colour *out);

#endif
