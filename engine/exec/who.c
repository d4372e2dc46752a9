#include "exec/who.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "base/map.h"
#include "exec/store.h"

static const char *const file_name[] = {
	[WHO_PASSWD] = "/etc/passwd", [WHO_GROUP] = "/etc/group"
};

/* The nth field of a line is value, of `len` bytes. */
static bool
has_field(const char *line, int nth, const char *value, size_t len)
{
	for (; nth; nth--, line++) {
		line += strcspn(line, ":\n");
		if (*line != ':')
			return false;
	}
	return strcspn(line, ":\n") == len && memcmp(line, value, len) == 0;
}

static bool
is_known(const struct str *text, int nth, const char *value)
{
	size_t len = strlen(value);

	for (const char *line = text->s; *line; line += *line == '\n') {
		if (has_field(line, nth, value, len))
			return true;
		line += strcspn(line, "\n");
	}
	return false;
}

/* May it stand in a line? */
static bool
is_word(const char *s)
{
	return s && *s && !s[strcspn(s, ":\n")];
}

bool
who_complete(struct str *text, enum who_file file, const struct who_user *u)
{
	unsigned id = file == WHO_PASSWD ? u->uid : u->gid;
	const char *name = id == 0 ? "root" : u->name, *home = u->home;
	char number[16], made_up[20];

	snprintf(number, sizeof(number), "%u", id);
	if (is_known(text, 2, number))
		return false;
	if (!is_word(name) || is_known(text, 0, name)) {
		snprintf(made_up, sizeof(made_up), "%c%u", file == WHO_PASSWD ? 'u' : 'g',
			 id);
		name = made_up;
	}
	if (!is_word(home) || home[0] != '/')
		home = "/";
	if (text->len && text->s[text->len - 1] != '\n')
		str_addc(text, '\n');
	if (file == WHO_PASSWD)
		str_addf(text, "%s:x:%u:%u::%s:/bin/sh\n", name, u->uid, u->gid, home);
	else
		str_addf(text, "%s:x:%u:\n", name, u->gid);
	return true;
}

/* NAME-HASH in the store, with this text. */
static int
keep(const struct str *store, const char *name, const struct str *text, struct str *out,
     struct err *e)
{
	AUTO(str_fini) struct str there = STR_INIT;

	str_set(out, store->s);
	str_addf(out, "/%s-%016llx", name,
		 (unsigned long long)map_hash(text->s, text->len));
	if (fs_slurp(AT_FDCWD, out->s, &there, NULL) == 0 && there.len == text->len &&
	    memcmp(there.s, text->s, text->len) == 0)
		return 0;
	return fs_replace(AT_FDCWD, out->s, text->s, text->len, 0444, e);
}

static void
make(enum who_file file, const struct who_user *u, struct str *store, struct str *out)
{
	AUTO(str_fini) struct str text = STR_INIT;
	AUTO(err_fini) struct err e = ERR_INIT;
	const char *name = file_name[file];

	if (fs_slurp(AT_FDCWD, name, &text, NULL) < 0)
		str_clear(&text);
	if (!who_complete(&text, file, u))
		return;
	if ((store->len || store_open(store, &e) == 0) &&
	    keep(store, name + strlen("/etc/"), &text, out, &e) == 0)
		return;
	log_debug("%s", e.text.s);
	str_clear(out);
}

void
who_make(struct who *w, struct str *store)
{
	const char *name = getenv("USER");
	struct who_user u = { geteuid(), getegid(), name ? name : getenv("LOGNAME"),
			      getenv("HOME") };

	make(WHO_PASSWD, &u, store, &w->passwd);
	make(WHO_GROUP, &u, store, &w->group);
}

void
who_fini(struct who *w)
{
	str_fini(&w->passwd);
	str_fini(&w->group);
}

const char *
who_real(const struct who *w, const char *abs)
{
	if (w->passwd.len && strcmp(abs, file_name[WHO_PASSWD]) == 0)
		return w->passwd.s;
	if (w->group.len && strcmp(abs, file_name[WHO_GROUP]) == 0)
		return w->group.s;
	return abs;
}

const char *
who_virtual(const struct who *w, const char *real)
{
	if (w->passwd.len && strcmp(real, w->passwd.s) == 0)
		return file_name[WHO_PASSWD];
	if (w->group.len && strcmp(real, w->group.s) == 0)
		return file_name[WHO_GROUP];
	return real;
}
