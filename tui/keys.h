#ifndef CDE_TUI_KEYS_H
#define CDE_TUI_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Keys are code points, or one of these.  Ctrl-A is 1 … as terminals have it, except
 * for what has a name.
 */
enum key_code {
	KEY_OF_NONE = 0,
	KEY_OF_TAB = 9,
	KEY_OF_ENTER = 13,
	KEY_OF_ESC = 27,
	KEY_OF_UP = 0x110000,
	KEY_OF_DOWN,
	KEY_OF_LEFT,
	KEY_OF_RIGHT,
	KEY_OF_HOME,
	KEY_OF_END,
	KEY_OF_PGUP,
	KEY_OF_PGDN,
	KEY_OF_BACKSPACE,
	KEY_OF_DELETE,
	KEY_OF_STAB,
	KEY_OF_F1,
	KEY_OF_UNKNOWN,
};

enum where {
	IN_FILES = 1,
	IN_GROUPS = 2, /* screens 2 and 3, facets */
	IN_MISSING = 4,
	IN_PROCESSES = 8,
	IN_CHANGES = 16,
	IN_ITEMS = IN_FILES | IN_GROUPS | IN_MISSING,
	ANY = 31,
};

enum action {
	ACTION_NONE,
#define ACT(action, keys, hint, where, group, twin, help) ACTION_##action,
#include "keys.def"
#undef ACT
	ACTION_COUNT,
};

enum key_group {
	KEYS_MOVE,
	KEYS_SCREENS,
	KEYS_LOOK,
	KEYS_MARK,
	KEYS_EDIT,
	KEYS_PROGRAM,
	KEYS_GROUPS
};

struct key_row {
	const char *action, *keys, *hint;
	unsigned where; /* enum where bits */
	enum key_group group;
	const char *twin, *help;
};

extern const struct key_row key_table[ACTION_COUNT]; /* [ACTION_NONE] is empty */
const char *key_group_title(enum key_group g);

/* What a key does where; bindings of the user come first. */
struct key_binding {
	uint32_t key;
	enum action action;
};

struct keys {
	struct key_binding *v;
	size_t n, cap;
};

enum action keys_action(const struct keys *k, uint32_t key, enum where where);

/* "d", "PgDn", "C-f", "Space", "é"; 0: no such key. */
uint32_t key_parse(const char *name, size_t len);
void key_spell(uint32_t key, struct str *out); /* appends */

/* Both for tui.conf; -1: an unknown word, or a key that terminals keep for themselves. */
int keys_bind(struct keys *k, const char *key, const char *action, struct err *e);
void keys_fini(struct keys *k);

/* The keys of an action as people read them: "j ↓" is "j Down"; first only: "j". */
void keys_of(enum action a, bool all, struct str *out); /* appends */

/* The table as lines "action TAB keys TAB twin TAB group TAB help", for tests and the
 * manual. */
void keys_dump(struct str *out);

#endif
