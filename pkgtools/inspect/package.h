#ifndef CDE_INSPECT_PACKAGE_H
#define CDE_INSPECT_PACKAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "path/rule.h"
#include "pkg/manifest.h"
#include "pkg/origin.h"
#include "tree/layout.h"

/*
 * A package that is open for looking at, or for editing.  What it contains is not
 * trusted: a manifest of another program, a corrupt one, one with triggers or views is
 * an error with a reason; rows whose names are not clean and absolute are left out and
 * counted (`refused`), impossible numbers are clipped.  No file of the package is
 * reached but by package_file and package_lstat, which no link leads out of.
 *
 * The model (model.h) is loaded apart, since a listing does not need it.
 */
struct sqlite3;

enum {
	PACKAGE_TREE = 1,  /* do not look at manifest.db: the tree itself */
	PACKAGE_WRITE = 2, /* lock out others that write; manifest.db is made or brought
				   to the present format when it must be */
};

struct package {
	struct layout layout;
	struct rules rules; /* of cde.options; empty when there is none */
	struct str options; /* its text, byte for byte */
	struct sqlite3 *db; /* NULL: no manifest, the tree is all there is */
	int version;	    /* of the manifest; 0: none */
	unsigned flags;	    /* as given */
	uint64_t refused;   /* rows left out so far */
	int lock;	    /* descriptor that holds the lock, -1 */
	bool unfinished;    /* a write was killed, and could not be finished: files and
			    manifest differ */
	struct unpacked *unpacked; /* it came out of an archive; private */
};

#define PACKAGE_INIT \
	{ \
		.layout = LAYOUT_INIT, .options = STR_INIT, .lock = -1 \
	}

/* Is it a directory with a cde-root in it? */
bool package_is_dir(const char *dir);

/*
 * dir NULL: the package that the present directory is in, else ./cde-package.  A regular
 * file is an archive of pack.h: it is unpacked into a private directory until
 * package_close, and cannot be opened with PACKAGE_WRITE.
 */
int package_open(struct package *p, const char *dir, unsigned flags, struct err *e);
void package_close(struct package *p); /* also after package_open failed */

/* Look-ups fail from when stop says other than 0, which is asked often while one lasts:
 * for long work in a thread of its own. */
void package_stop_when(struct package *p, int (*stop)(void *ctx), void *ctx);

/* Another number whenever another program has written to the manifest. */
int64_t package_generation(struct package *p);

/*
 * For what is only kept so that it need not be found out again: rows may be written (in
 * short transactions) until package_readonly.  A manifest that cannot be written, or is
 * being written, is copied into memory and used from there on.
 */
int package_writable(struct package *p, struct err *e);
void package_readonly(struct package *p);

/*
 * One path of the package: all that is cheap to know about it.  Text is borrowed from
 * whoever fills it, until the next call there.
 */
struct entry {
	const char *path; /* absolute, clean; "/" is cde-root */
	size_t len;
	const char *name; /* behind the last slash, points into path */
	char kind;	  /* f d l p s c b ? */
	uint64_t size;
	enum file_state state;
	enum origin_class origin;
	const char *package, *version; /* "" when there is none */
	const char *type;	       /* "" while it is not known (ftype.h) */
	unsigned access;	       /* enum access_kind bits; 0 when not loaded */
	unsigned flags;		       /* enum entry_flag */
	uint32_t row;		       /* file.id; 0: none */
};

enum entry_flag {
	ENTRY_MODIFIED = 1,	/* differs from what its distro package brought */
	ENTRY_HOST = 2,		/* pinned to the host by a rule */
	ENTRY_SANDBOX = 4,	/* pinned to the sandbox */
	ENTRY_HIDDEN = 8,	/* hidden by a rule */
	ENTRY_INHERITED = 16,	/* … by one for a directory above, or a substring */
	ENTRY_DROP = 32,	/* staged: drop */
	ENTRY_ADD = 64,		/* staged: add */
	ENTRY_PIN = 128,	/* staged: pin (with the flags as they will be) */
	ENTRY_NOTED = 256,	/* has a note */
	ENTRY_MISSING = 512,	/* was asked for and is not there */
	ENTRY_PREDICTED = 1024, /* added by `complete`, never seen used */
	ENTRY_IMPLIED = 2048,	/* a directory without a row of its own */
};

/* The one letter of state (cde-pkg(1), STATE): "D A ! ? H X h x M ~ - u s", or ' '. */
char entry_letter(const struct entry *x);

/*
 * Every row in byte order of the paths, as it is read: no model, constant memory.
 * Without manifest it scans the tree first.  Staged edits are not in it.
 */
struct each {
	unsigned need;	    /* MODEL_ACCESS, MODEL_PINS: fill these fields, too */
	const char *where;  /* of query_sql, or NULL */
	const char *prefix; /* of query_prefix, or NULL; ignored without manifest */
	bool any_order;	    /* faster, for what only counts */
	bool bare;	    /* faster: path, kind, size, state and row are enough */
	bool (*cb)(void *ctx, const struct entry *x); /* false: stop */
	void *ctx;
};

int package_each(struct package *p, const struct each *how, struct err *e);

/*
 * A regular file of the package, open for reading, by its path there; links are
 * followed inside of cde-root when `follow`.  Descriptor or -1: e says what it is
 * instead (a placeholder, a directory, missing …).  st may be NULL.
 */
int package_file(struct package *p, const char *path, bool follow, struct stat *st,
		 struct err *e);
int package_lstat(struct package *p, const char *path, struct stat *st); /* 0, -errno */
int package_readlink(struct package *p, const char *path, struct str *out);

/* What is at the end of `path`'s links, inside the package; replaces out.  0, -errno. */
int package_resolve(struct package *p, const char *path, struct str *out);

/* A name as people type it, and as the package has it: links among its parents are
 * followed in the package ("/bin/sh" where /bin is a link to usr/bin).  Replaces out. */
void package_locate(struct package *p, const char *arg, struct str *out);

/* A name as people type it (relative to / or with it, "//", "./") → absolute, clean. */
void package_spell(const char *arg, struct str *out);

#endif
