#include "keys.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "inspect/text.h"

const struct key_row key_table[ACTION_COUNT] = {
	[ACTION_NONE] = { "", "", "", 0, KEYS_PROGRAM, "", "" },
#define ACT(action, keys, hint, where, group, twin, help) \
	[ACTION_##action] = { #action, keys, hint, where, KEYS_##group, twin, help },
#include "keys.def"
#undef ACT
};

const char *
key_group_title(enum key_group g)
{
	static const char *const title[KEYS_GROUPS] = {
		[KEYS_MOVE] = "Move",	[KEYS_SCREENS] = "Screens",
		[KEYS_LOOK] = "Look",	[KEYS_MARK] = "Mark",
		[KEYS_EDIT] = "Change", [KEYS_PROGRAM] = "Program",
	};

	return title[g];
}

static const struct {
	const char *name;
	uint32_t key;
} names[] = {
	{ "Up", KEY_OF_UP },	   { "Down", KEY_OF_DOWN },   { "Left", KEY_OF_LEFT },
	{ "Right", KEY_OF_RIGHT }, { "Home", KEY_OF_HOME },   { "End", KEY_OF_END },
	{ "PgUp", KEY_OF_PGUP },   { "PgDn", KEY_OF_PGDN },   { "BS", KEY_OF_BACKSPACE },
	{ "Del", KEY_OF_DELETE },  { "Enter", KEY_OF_ENTER }, { "Esc", KEY_OF_ESC },
	{ "Tab", KEY_OF_TAB },	   { "S-Tab", KEY_OF_STAB },  { "Space", ' ' },
	{ "F1", KEY_OF_F1 },
};

uint32_t
key_parse(const char *name, size_t len)
{
	uint32_t c;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strlen(names[i].name) == len && memcmp(names[i].name, name, len) == 0)
			return names[i].key;
	if (len == 3 && name[0] == 'C' && name[1] == '-' && name[2] >= 'a' &&
	    name[2] <= 'z')
		return (uint32_t)(name[2] - 'a' + 1);
	return text_decode(name, len, &c) == len && len && c > ' ' ? c : 0;
}

void
key_spell(uint32_t key, struct str *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].key == key) {
			str_add(out, names[i].name);
			return;
		}
	if (key < 27)
		str_addf(out, "C-%c", (int)key + 'a' - 1);
	else if (key < 0x7f)
		str_addc(out, (char)key);
	else if (key < 0x110000)
		str_addf(out, "U+%04X", (unsigned)key);
	else
		str_add(out, "of this terminal");
}

static bool
has_key(const char *list, uint32_t key)
{
	while (*list) {
		size_t n = strcspn(list, " ");

		if (key_parse(list, n) == key)
			return true;
		list += n + (list[n] == ' ');
	}
	return false;
}

enum action
keys_action(const struct keys *k, uint32_t key, enum where where)
{
	for (size_t i = k->n; i-- > 0;)
		if (k->v[i].key == key && (k->v[i].action == ACTION_NONE ||
					   (key_table[k->v[i].action].where & where)))
			return k->v[i].action;
	for (int a = 1; a < ACTION_COUNT; a++)
		if ((key_table[a].where & where) && has_key(key_table[a].keys, key))
			return (enum action)a;
	return ACTION_NONE;
}

/* Ctrl-C, -H, -I, -J, -M, -Q, -S, -Z, -[ and -\ are not ours to give. */
static bool
is_kept(uint32_t key)
{
	return key < 32 && memchr("\3\10\12\21\23\32\34", (int)key, 7);
}

int
keys_bind(struct keys *k, const char *key, const char *action, struct err *e)
{
	uint32_t code = key_parse(key, strlen(key));

	if (!code || is_kept(code))
		return err_set(e, 0, "%s: not a key that can be bound", key);
	if (strcmp(action, "none") == 0) {
		vec_push(k, ((struct key_binding){ code, ACTION_NONE }));
		return 0;
	}
	for (int a = 1; a < ACTION_COUNT; a++)
		if (strcmp(key_table[a].action, action) == 0) {
			vec_push(k, ((struct key_binding){ code, (enum action)a }));
			return 0;
		}
	return err_set(e, 0, "%s: no such action", action);
}

void
keys_fini(struct keys *k)
{
	vec_fini(k);
}

void
keys_of(enum action a, bool all, struct str *out)
{
	const char *list = key_table[a].keys;
	size_t n = strcspn(list, " ");

	if (all)
		str_add(out, list);
	else if (n == 5 && memcmp(list, "Space", 5) == 0)
		str_add(out, "SPC");
	else
		str_addn(out, list, n);
}

void
keys_dump(struct str *out)
{
	for (int a = 1; a < ACTION_COUNT; a++) {
		const struct key_row *k = &key_table[a];

		str_addf(out, "%s\t%s\t%s\t%s\t%s\n", k->action, k->keys, k->twin,
			 key_group_title(k->group), k->help);
	}
}
