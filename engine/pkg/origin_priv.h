#ifndef CDE_PKG_ORIGIN_PRIV_H
#define CDE_PKG_ORIGIN_PRIV_H

#include <stdint.h>

#include "base/fs.h"
#include "base/map.h"
#include "base/vec.h"
#include "pkg/origin.h"

/*
 * Inside of origin*.c.  A reader of a database goes once over everything that is
 * installed and calls origin_own for each name: it costs one look-up among the wanted
 * ones.  A package gets a number when it owns the first of these.
 */
struct owner {
	uint32_t package; /* index + 1; 0: nobody's (yet) */
	char *sum;	  /* heap, or NULL */
};

struct origin_package {
	char *name, *version;
	enum origin_class class;
	bool dpkg; /* its version and sums are still to be read */
};

struct diversion {
	char *to;
	char *package; /* whose file stands at the original name; NULL: local */
};

struct origin {
	int rootfd;
	char *root;
	bool merged;
	struct map wanted;   /* spelling → index of owner + 1 */
	struct map target;   /* link of the alternatives → spelling of its file */
	struct map diverted; /* listed name → struct diversion * */
	VEC(struct owner) owner;
	VEC(char *) want;
	VEC(char *) user; /* directories of the user */
	VEC(struct origin_package) package;
};

/* The one spelling of a name on a merged-/usr system: a suffix of it. */
const char *origin_spelling(const struct origin *o, const char *path);

/* NULL: nobody wanted it. */
struct owner *origin_wanted(const struct origin *o, const char *path);

/* Number (index + 1) of a new package. */
uint32_t origin_package_add(struct origin *o, enum origin_class class, const char *name,
			    const char *version);

/* The package of a reader that is just going over its files. */
struct origin_reader {
	struct origin *o;
	enum origin_class class;
	const char *name, *version;
	uint32_t number; /* 0 until it owns something that is wanted */
};

/* Returns the owner record if path was wanted and is this package's now. */
struct owner *origin_own(struct origin_reader *r, const char *path);

/* "ALGO:" and hex of what was given; replaces an older one. */
void origin_sum_hex(struct owner *x, const char *algo, const char *hex);
void origin_sum_base64(struct owner *x, const char *algo, const char *text, size_t len);

/* Cuts the line at *at off (in place) and moves on; NULL at the end. */
char *origin_line(char **at);

/* 0 with text, 1 when there is no such file, -1. */
int origin_read(struct origin *o, const char *name, struct str *text, struct err *e);

/* Calls back for each name in a directory below the root, in no order; 0 also when
 * there is no such directory, -1, or what cb returned. */
int origin_each(struct origin *o, const char *dir,
		int (*cb)(struct origin *o, int dirfd, const char *name, struct err *e),
		struct err *e);

int origin_load_dpkg(struct origin *o, struct err *e);
int origin_load_apk(struct origin *o, struct err *e);
int origin_load_pacman(struct origin *o, struct err *e);
int origin_load_rpm(struct origin *o, struct err *e);

/* Its process, which writes to the descriptor `to`; -1.  Threads may run. */
pid_t origin_start_rpm(char *const *argv, int to);
void origin_load_language(struct origin *o); /* for what nobody owns; never fails */

enum origin_class origin_place(const struct origin *o, const char *path);

#endif
