#ifndef CDE_STREAM_NAMES_H
#define CDE_STREAM_NAMES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

#include "base/map.h"
#include "base/str.h"

/*
 * The names in one directory of the remote, with what stat says of each: what a
 * listing brings, and what is kept of it on disk.
 */
enum names_type {
	NAMES_FILE = 'f',
	NAMES_DIR = 'd',
	NAMES_LINK = 'l',
	NAMES_FIFO = 'p',
	NAMES_OTHER = 'x',   /* sockets and devices: not made here */
	NAMES_UNKNOWN = '?', /* is there, but stat fails; size is the errno */
};

struct names_entry {
	enum names_type type;
	mode_t mode; /* permission bits */
	uint64_t size;
	int64_t mtime; /* ns, of 1901 to 2262; SFTP knows whole seconds only */
	char *text;    /* of a link; owned */
};

struct names {
	struct map map; /* name → struct names_entry * */
};

void names_fini(struct names *n);

/* A new entry of that name, or the one there is. */
struct names_entry *names_add(struct names *n, const char *name, size_t len);
struct names_entry *names_get(const struct names *n, const char *name);
void names_drop(struct names *n, const char *name);

/* No unknown name is left: each is what `old`, which may be NULL, says of it, or goes. */
void names_settle(struct names *n, const struct names *old);

/* Type, mode, size and mtime from a stat. */
void names_from_stat(struct names_entry *x, const struct stat *st);

/* For futimens. */
struct timespec names_time(int64_t mtime);

/* The same object in the same state? */
bool names_same(const struct names_entry *a, const struct names_entry *b);

/* Is `st`, of the local copy, still what the entry said?  Times count in seconds. */
bool names_is_untouched(const struct names_entry *x, const struct stat *st);

/* As text for a file, and back.  names_read: false if it is not that directory's, or
 * not whole. */
void names_write(const struct names *n, const char *dir, struct str *out);
bool names_read(struct names *n, const char *dir, const struct str *text);

/* The directory that such a text is about, or NULL. */
const char *names_dir(const struct str *text);

#endif
