#ifndef CDE_TREE_LAYOUT_H
#define CDE_TREE_LAYOUT_H

#include "base/err.h"
#include "base/fs.h"
#include "base/vec.h"

/*
 * The names of a package on disk (cde(1), FILES) and its text files.
 */
#define PKG_ROOT     "cde-root"
#define PKG_EXEC     "cde-exec"
#define PKG_OPTIONS  "cde.options"
#define PKG_ENV	     "cde.full-environment"
#define PKG_LOG	     "cde.log"
#define PKG_UNAME    "cde.uname"
#define PKG_MANIFEST "manifest.db"
#define PKG_MISSING  "missing.jsonl"
#define PKG_LISTED   ".placeholders" /* tree/listed.h */
#define PKG_PASSED   ".passed"	     /* tree/passed.h */
#define PKG_UNNAMED  ".unnamed"	     /* trace/unnamed.h */
#define PKG_TMP	     ".tmp"	     /* half-copied files; emptied at open */
#define PKG_DROPPED  ".dropped"	     /* of edits: what was dropped, what is to be added */
/* Is there between the commit of a write of edits and the end of its renames: if that
 * was killed, the files may be neither the old nor the new ones. */
#define PKG_PENDING ".unfinished"

struct layout {
	struct str dir;	 /* absolute, as the kernel spells it (no links) */
	struct str root; /* dir + "/cde-root" */
	int dirfd;	 /* O_PATH descriptors, CLOEXEC */
	int rootfd;
};

#define LAYOUT_INIT \
	{ \
		STR_INIT, STR_INIT, -1, -1 \
	}

/* Create (or reopen) the package directory `dir` for capture: dir, cde-root,
 * an empty .tmp, cde.uname.  Parents of dir must exist. */
int layout_create(struct layout *l, const char *dir, struct err *e);

/* Open an existing package; an error names what is not there. */
int layout_open(struct layout *l, const char *dir, struct err *e);
void layout_fini(struct layout *l);

/* Is there a write of edits that was killed, and not finished yet?  For who has the lock. */
int layout_check_whole(const struct layout *l, struct err *e);

/* The name of the process that watches programs, and holds the lock (exec/ns_watch). */
#define LAYOUT_WATCHER "cde-exec watch"

/*
 * The package's lock, shared, until *fd is closed: for who runs from it or adds to it.  Who
 * edits it has it alone (inspect/lock.h), and is waited for, with one line that says so.
 * Fails for layout_check_whole; *fd is -1 where directories cannot be locked.
 */
int layout_hold(const struct layout *l, int *fd, struct err *e);

/* Two captures at once make the text files of the package one after the other: until the
 * descriptor is closed.  It is -1 where that cannot be had. */
int layout_lock_texts(const struct layout *l);

/* The name of a tmpfs mount that belongs to this package: "cde-exec:DEV:INO"; appends. */
void layout_mark(const struct layout *l, struct str *out);

/* Remove what dead processes left in .tmp, which is made when missing; best effort. */
void layout_clear_tmp(struct layout *l);

/* cde.full-environment: NUL-separated NAME=VALUE. */
int layout_save_env(struct layout *l, char *const *envp, struct err *e);
int layout_load_env(struct layout *l, struct str *out, struct err *e);

/* Install the cde-exec found at `from` (a copy, mode 0755). */
int layout_install_exec(struct layout *l, const char *from, struct err *e);

/*
 * PROG.cde: a sh script which starts from any directory, keeps the caller's cwd
 * and arguments and runs `cmd` in seamless mode with `flags` (already words,
 * quoted by this function) before it.  Also writes `rerun` when missing.
 * A name that another program's wrapper has is replaced.
 */
int layout_write_wrapper(struct layout *l, const char *cmd, char *const *flags,
			 struct err *e);

/*
 * cde.log: one shell command per captured command, to be pasted in the package
 * directory:  (cd 'cde-root/home/a b' && ../../../cde-exec python3 'it'\''s.py')
 */
int layout_log_command(struct layout *l, const char *cwd, char *const *argv,
		       struct err *e);

struct log_command {
	struct str cwd;	  /* absolute inside the package */
	VEC(char *) argv; /* NULL-terminated, heap */
};

#define LOG_COMMAND_INIT \
	{ \
		.cwd = STR_INIT \
	}

/* Command number n (1 is the first; 0 the last).  -1: no such line, or not readable. */
int layout_read_command(struct layout *l, unsigned n, struct log_command *out,
			struct err *e);
void log_command_fini(struct log_command *c);

#endif
