#ifndef CDE_TUI_PROMPT_H
#define CDE_TUI_PROMPT_H

#include "canvas.h"
#include "keys.h"

/* The line at the bottom where something is typed.  Text is UTF-8. */
enum prompt_kind {
	PROMPT_NONE,
	PROMPT_FILTER,
	PROMPT_FIND,
	PROMPT_ADD,
	PROMPT_EXTRACT,
	PROMPT_NOTE,
	PROMPT_MARK,
	PROMPT_UNMARK,
	PROMPT_COMMAND,
	PROMPT_SCRIPT,
};

struct prompt {
	enum prompt_kind kind;
	const char *label;
	struct str text;
	size_t caret;	  /* in bytes */
	struct str error; /* shown above */
	int error_at;	  /* byte of the text that it is about; -1: none */
};

void prompt_open(struct prompt *p, enum prompt_kind kind, const char *label,
		 const char *text);
void prompt_close(struct prompt *p);
void prompt_fini(struct prompt *p);

/* Typing and moving; false: the key is none of that (Enter, Esc, Tab …). */
bool prompt_key(struct prompt *p, uint32_t key);
void prompt_set(struct prompt *p, const char *text);

/* Completes a path of this machine. */
void prompt_complete(struct prompt *p);

void prompt_draw(const struct prompt *p, struct canvas *c, struct rect at);

#endif
