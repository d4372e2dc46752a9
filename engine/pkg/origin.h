#ifndef CDE_PKG_ORIGIN_H
#define CDE_PKG_ORIGIN_H

#include <stdbool.h>

#include "base/err.h"

/*
 * Where a file is from: which distribution or language package owns it, or what kind
 * of place it lies in.  Read in bulk from the databases of the machine where the
 * capture runs: dpkg, apk and pacman as they lie, rpm by one call of its tool.
 * Merged-/usr is looked up in both spellings; diversions and alternatives are followed.
 */
enum origin_class {		    /* file.origin_class, by origin_class_name */
		    ORIGIN_PACKAGE, /* a package of the distribution */
		    ORIGIN_USER,    /* below a home or the directory of a run */
		    ORIGIN_CONFIG,  /* system configuration that no package owns */
		    ORIGIN_GENERATED, /* by the system: ld.so.cache, locale archive, caches */
		    ORIGIN_LANGUAGE, /* pip, npm, gem, cargo */
		    ORIGIN_OUTPUT,   /* made by the run */
		    ORIGIN_LOCAL,    /* /usr/local, /opt */
		    ORIGIN_VIRTUAL,  /* /proc, /sys, /dev, /run */
		    ORIGIN_UNOWNED,
		    ORIGIN_CLASSES,
};

const char *origin_class_name(enum origin_class c);
enum origin_class origin_class_of(const char *name, size_t len); /* else ORIGIN_UNOWNED */

struct origin;

struct origin_owner {
	enum origin_class class;
	const char *package; /* "libc6:amd64", "pip:numpy"; borrowed; "" when none */
	const char *version; /* borrowed; may be "" */
	const char *sum;     /* of the content that the package brought: "md5:HEX",
			      * "sha1:HEX", "sha256:HEX"; borrowed; "" not known */
};

struct origin *origin_open(const char *root, struct err *e); /* "/" */
void origin_close(struct origin *o);

/* Directories of the user: HOME and the cwd of a run; "/" and "" are passed over. */
void origin_user_dir(struct origin *o, const char *dir);

/* Declares interest; origin_load then reads the databases once. */
void origin_want(struct origin *o, const char *path);
int origin_load(struct origin *o, struct err *e);

/* Always fills *out; of names that were not wanted only the place is known.  True: a
 * package owns it. */
bool origin_find(const struct origin *o, const char *path, struct origin_owner *out);

#endif
