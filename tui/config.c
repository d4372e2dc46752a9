#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"

bool
config_colour(const char *word, enum term_colour *out)
{
	static const char *const words[] = { "auto", "always", "never" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcmp(word, words[i]) == 0) {
			*out = (enum term_colour)i;
			return true;
		}
	return false;
}

static bool
set_flag(const char *word, bool *out)
{
	*out = strcmp(word, "on") == 0;
	return *out || strcmp(word, "off") == 0;
}

/* By its title; state and name always are there. */
static int
set_column(struct config *c, const char *name, const char *word, struct err *e)
{
	static const enum column can[] = {
		COLUMN_SIZE,  COLUMN_COUNT, COLUMN_SHARE, COLUMN_TYPE,	 COLUMN_ORIGIN,
		COLUMN_TIMES, COLUMN_CALL,  COLUMN_ASKED, COLUMN_ACCESS, COLUMN_HOST,
	};
	bool on;

	if (!set_flag(word, &on))
		return err_set(e, 0, "column %s %s: on or off", name, word);
	for (size_t i = 0; i < ARRAY_SIZE(can); i++)
		if (strncasecmp(name, frame_column_title(can[i]), strlen(name)) == 0 &&
		    strcspn(frame_column_title(can[i]), " ") == strlen(name)) {
			unsigned bit = 1u << can[i];

			c->hidden_columns =
				on ? c->hidden_columns & ~bit : c->hidden_columns | bit;
			return 0;
		}
	return err_set(e, 0, "column %s: no such column", name);
}

static int
set_line(struct config *c, char *const word[static 3], struct err *e)
{
	bool good = false;

	if (!word[2])
		return err_set(e, 0, "three words are needed");
	if (strcmp(word[0], "bind") == 0)
		return keys_bind(&c->keys, word[1], word[2], e);
	if (strcmp(word[0], "column") == 0)
		return set_column(c, word[1], word[2], e);
	if (strcmp(word[0], "set") != 0)
		return err_set(e, 0, "%s: not set, bind or column", word[0]);
	if (strcmp(word[1], "color") == 0)
		good = config_colour(word[2], &c->colour);
	else if (strcmp(word[1], "mouse") == 0)
		good = set_flag(word[2], &c->mouse);
	else if (strcmp(word[1], "ascii") == 0)
		good = set_flag(word[2], &c->ascii);
	else if (strcmp(word[1], "remember") == 0)
		good = set_flag(word[2], &c->remember);
	return good ? 0 : err_set(e, 0, "set %s %s: unknown", word[1], word[2]);
}

static void
read_line(struct config *c, char *line, const char *name, unsigned number)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	char *word[3] = { NULL }, *save = NULL, *s = strtok_r(line, " \t", &save);

	if (!s || *s == '#')
		return;
	for (int i = 0; i < 3 && s; i++, s = strtok_r(NULL, " \t", &save))
		word[i] = s;
	if (set_line(c, word, &e) < 0)
		str_addf(&c->warnings, "%s:%u: %s\n", name, number, e.text.s);
}

void
config_read(struct config *c, const char *name)
{
	AUTO(str_fini) struct str path = STR_INIT, text = STR_INIT;
	AUTO(err_fini) struct err e = ERR_INIT;
	const char *home = getenv("HOME"), *xdg = getenv("XDG_CONFIG_HOME");
	unsigned number = 0;

	*c = (struct config){ .warnings = STR_INIT };
	if (name)
		str_set(&path, name);
	else if (xdg && *xdg)
		str_addf(&path, "%s/cde/tui.conf", xdg);
	else if (home && *home)
		str_addf(&path, "%s/.config/cde/tui.conf", home);
	if (!path.len)
		return;
	if (fs_slurp(AT_FDCWD, path.s, &text, &e) < 0) {
		if (e.code != ENOENT)
			str_addf(&c->warnings, "%s\n", e.text.s);
		return;
	}
	for (char *line = text.s, *next; line && *line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		read_line(c, line, path.s, ++number);
	}
}

static const char state_file[] = "tui.state";

/* The directory that it lies in; -1: there is none. */
static int
state_dir(bool make)
{
	AUTO(str_fini) struct str path = STR_INIT;
	const char *home = getenv("HOME"), *xdg = getenv("XDG_STATE_HOME");

	if (xdg && *xdg == '/')
		str_addf(&path, "%s/cde", xdg);
	else if (home && *home == '/')
		str_addf(&path, "%s/.local/state/cde", home);
	else
		return -1;
	if (make) {
		AUTO(fd_drop) int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

		(void)fs_mkdirs(root, path.s + 1);
	}
	return open(path.s, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

void
config_recall(struct config_view *v)
{
	AUTO(str_fini) struct str text = STR_INIT;
	AUTO(err_fini) struct err none = ERR_INIT;
	AUTO(fd_drop) int dir = state_dir(false);
	char way[8], list[8];

	*v = (struct config_view){ 0 };
	if (dir < 0 || fs_slurp(dir, state_file, &text, &none) < 0)
		return;
	if (sscanf(text.s, "sort %15s %7s list %7s column %7s", v->sort, way, list,
		   v->column) != 4) {
		v->sort[0] = '\0';
		return;
	}
	v->down = strcmp(way, "down") == 0;
	v->flat = strcmp(list, "flat") == 0;
}

void
config_remember(const struct config_view *v)
{
	AUTO(str_fini) struct str text = STR_INIT;
	AUTO(err_fini) struct err none = ERR_INIT;
	AUTO(fd_drop) int dir = state_dir(true);

	str_addf(&text, "sort %s %s list %s column %s\n", v->sort,
		 v->down ? "down" : "up", v->flat ? "flat" : "tree", v->column);
	if (dir >= 0)
		(void)fs_replace(dir, state_file, text.s, text.len, 0666, &none);
}

void
config_fini(struct config *c)
{
	keys_fini(&c->keys);
	str_fini(&c->warnings);
}
