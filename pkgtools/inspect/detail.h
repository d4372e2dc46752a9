#ifndef CDE_INSPECT_DETAIL_H
#define CDE_INSPECT_DETAIL_H

#include "inspect/package.h"

/*
 * All that the manifest knows about one path: for the row under the cursor, for `info`
 * and `why`.  Owned text; fields that are not known are empty, numbers -1.
 */
struct detail_use { /* one process that used it */
	int64_t process, run, parent;
	int64_t pid;
	unsigned kinds; /* enum access_kind bits */
	char *exe, *argv;
	char *call; /* by which it first touched the file; "" not known */
};

struct detail_fact { /* as ftype_fact, out of the manifest */
	char *key, *value;
};

struct detail {
	bool found; /* has a row */
	int64_t id, mode, uid, gid, size, mtime_ns, run;
	int64_t modified; /* from the distro's: 1, as shipped: 0, unknown: -1 */
	enum file_state state;
	enum origin_class origin;
	char kind;
	bool listed;
	struct str link, note, sha256, package, version, mime, words, type;
	struct str sum; /* of what the package brought, "md5:…" */
	VEC(struct detail_fact) fact;
	VEC(struct detail_use) use; /* the first that touched it comes first */
};

void detail_fini(struct detail *d); /* usable again */

/* Fills an empty *out.  Without a row: found is false, and kind, mode, size, mtime and
 * link are asked of the tree; nothing there either is an error. */
int detail_read(struct package *p, const char *path, struct detail *out, struct err *e);

/* A process by its number; 0 found, 1 not. */
int detail_process(struct package *p, int64_t process, struct detail_use *out,
		   struct err *e);
void detail_use_fini(struct detail_use *u);

/*
 * Files that need `path`: by DT_NEEDED of its soname or name, as ELF interpreter, by
 * "#!", as a Python module.  cb gets the path of the file that needs it and how
 * ("elf.needed", "elf.interp", "script.interp", "python.import").  Needs facts:
 * ftype_update comes before.
 */
typedef void detail_need_cb(void *ctx, const char *by, const char *how);
int detail_needed_by(struct package *p, const char *path, detail_need_cb *cb, void *ctx,
		     struct err *e);

struct detail_run {
	int64_t id, status; /* status as from waitpid; -1: it did not end */
	double seconds;
	char *argv, *cwd, *started, *engine, *home;
};
typedef VEC(struct detail_run) detail_runs;
int detail_runs_read(struct package *p, detail_runs *out, struct err *e);
void detail_runs_fini(detail_runs *x);

#endif
