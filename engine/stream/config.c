/* cde.stream: KEY=VALUE lines. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "stream/stream_priv.h"

enum { MAX_AGE = 300, MAX_AGE_MOST = 365 * 24 * 3600 };

void
config_fini(struct config *c)
{
	str_fini(&c->remote);
	str_fini(&c->ssh);
}

static int
set_key(struct config *c, const char *key, const char *value, struct err *e)
{
	char *end;
	unsigned long n;

	if (strcmp(key, "remote") == 0) {
		str_set(&c->remote, value);
	} else if (strcmp(key, "ssh") == 0) {
		str_set(&c->ssh, value);
	} else if (strcmp(key, "compress") == 0) {
		c->compress = strcmp(value, "yes") == 0;
		if (!c->compress && strcmp(value, "no") != 0)
			return err_set(e, 0, "compress: '%s' is not yes or no", value);
	} else if (strcmp(key, "max_age") == 0) {
		n = strtoul(value, &end, 10);
		if (!*value || *end || n > MAX_AGE_MOST)
			return err_set(e, 0, "max_age: '%s' is not a number of seconds",
				       value);
		c->max_age = (unsigned)n;
	} else {
		return err_set(e, 0, "unknown key '%s'", key);
	}
	return 0;
}

static int
read_line(struct config *c, char *line, struct err *e)
{
	char *value = strchr(line, '=');

	if (!*line || *line == '#')
		return 0;
	if (!value)
		return err_set(e, 0, "'%s' is not KEY=VALUE", line);
	*value++ = 0;
	return set_key(c, line, value, e);
}

int
config_read(struct config *c, const struct layout *l, struct err *e)
{
	AUTO(str_fini) struct str text = STR_INIT;
	unsigned number = 0;
	char *rest, *line;

	c->max_age = MAX_AGE;
	if (fs_slurp(l->dirfd, STREAM_CONFIG, &text, e) < 0) {
		if (e->code != ENOENT)
			return err_wrap(e, "%s", l->dir.s);
		err_clear(e);
		str_addf(&c->remote, "%s/%s", l->dir.s, STREAM_ORIGINAL);
	}
	for (rest = text.s; (line = strsep(&rest, "\n"));) {
		number++;
		if (read_line(c, line, e) < 0)
			return err_wrap(e, "%s/%s:%u", l->dir.s, STREAM_CONFIG, number);
	}
	return 0;
}
