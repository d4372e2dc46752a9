#ifndef CDE_PKG_MANIFEST_H
#define CDE_PKG_MANIFEST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/err.h"
#include "tree/layout.h"

/*
 * manifest.db: what is known about the files of a package.
 * SQLite; application_id 0x43444531 ("CDE1"), user_version = format.  All calls that add
 * rows are cheap: these are queued in memory, and written in one transaction per batch.
 * One thread at a time calls these functions, but for manifest_flush.
 * Names are blobs of bytes, stored as TEXT when they are UTF-8, else BLOB.
 */
struct manifest;
struct sqlite3;

/*
 * Version 2 adds to `file` origin_sum (what the content of the package's was), and type
 * and origin_modified (0, 1), to `run` home, and the table `fact` (file, key, value: what
 * is inside of a file).  The latter are filled by `cde-pkg scan`; facts are good while
 * file.type is not NULL.  Version 3 adds to `access` call and seq: by which call the
 * process first touched the file, and the how-many-th such row of the run it was.
 * manifest_open brings older ones to it.
 */
enum { MANIFEST_VERSION = 3, MANIFEST_APPLICATION = 0x43444531 };

enum access_kind { /* bits; column access.kind */
		   ACCESS_STAT = 1,
		   ACCESS_READ = 2,
		   ACCESS_WRITE = 4,
		   ACCESS_EXEC = 8,
		   ACCESS_LIST = 16,
		   ACCESS_LINK = 32,
};

enum file_state {		    /* column file.state */
		  FILE_CAPTURED,    /* in cde-root, as the run found it */
		  FILE_PLACEHOLDER, /* listed only */
		  FILE_OUTPUT,	    /* made by the run; not packaged unless asked */
		  FILE_UNREADABLE,  /* could not be read */
		  FILE_SPECIAL,	    /* socket or device: recorded only */
		  FILE_HOST,	    /* ignored by a rule: the host's */
		  FILE_LOST, /* could not be stored (disk full …); reason in `note` */
};

struct manifest_file {
	const char *path; /* absolute */
	struct stat st;
	const char *link; /* text of a link, else NULL */
	enum file_state state;
	bool listed;	  /* a directory whose names are in `listing` */
	const char *note; /* reason, or NULL */
};

/* Before anything else of SQLite, by a program that starts often and asks little: no
 * memory is set aside for what may come, none is counted. */
void manifest_start_small(void);

/* Opens or creates PKG/manifest.db; a newer format is an error that says so. */
struct manifest *manifest_open(const struct layout *l, struct err *e);
int manifest_close(struct manifest *m, struct err *e); /* flushes; m is gone */
struct sqlite3 *manifest_db(struct manifest *m);       /* borrowed, for pkgtools */

/*
 * Is `db`, which anybody may have made, a manifest that this program can read?  Its
 * version, or -1: not ours, too new, tables are missing, or there are triggers, views
 * or virtual tables, which would run when it is read.
 */
int manifest_check(struct sqlite3 *db, struct err *e);

/* Settings for a database that may be hostile; 0 or -1. */
int manifest_distrust(struct sqlite3 *db, struct err *e);

/* To MANIFEST_VERSION, in one transaction. */
int manifest_migrate(struct sqlite3 *db, struct err *e);

/* Writes what is queued; -1 with the reason when it cannot.  Any thread may do it, while
 * another adds rows or reads. */
int manifest_flush(struct manifest *m, struct err *e);

/* The same unless it would have to wait for somebody who reads; says nothing, since
 * manifest_flush comes at last. */
void manifest_flush_idle(struct manifest *m);

/* Some thread will do that now and then: adding a row is not to do it (unless memory
 * gets scarce). */
void manifest_be_patient(struct manifest *m, bool on);

struct manifest_command {
	char *const *argv;
	const char *cwd, *engine;
	const char *home; /* may be NULL */
};

/* A run begins; the rows that follow are of it. */
void manifest_run(struct manifest *m, const struct manifest_command *c);
void manifest_run_end(struct manifest *m, int status, double seconds);

/* Processes have numbers of our own within a run, one per exec'ed program image, from 1;
 * parent: 0 none. */
int64_t manifest_process(struct manifest *m, int64_t parent, pid_t pid, const char *exe,
			 const char *argv_joined);

/* A file's row comes before its accesses and, for a directory, its listing.  A
 * placeholder's row does not replace one of a captured file. */
void manifest_file(struct manifest *m, const struct manifest_file *f);

/* Of several for one file and process, the call ("openat", or NULL) of the first counts. */
void manifest_access(struct manifest *m, const char *path, int64_t process,
		     unsigned kinds, const char *call);
void manifest_listing(struct manifest *m, const char *dir, const char *name,
		      char type); /* type: f d l p s c b ? */
void manifest_miss(struct manifest *m, const char *path, const char *call, int err,
		   int64_t process, unsigned count);

/* Unknown system calls and the like: run × text × count. */
void manifest_note(struct manifest *m, const char *what, unsigned count);

/*
 * What earlier runs stored: calls back for each file row that is written.  `ctime_ns` of the
 * source at the time of its copy tells whether it must be copied again.
 */
int manifest_each_file(struct manifest *m,
		       void (*cb)(void *ctx, const struct manifest_file *f), void *ctx,
		       struct err *e);
int64_t manifest_rows(struct manifest *m); /* about how many that are */
/* The same for one path, at some ten times the cost of a row; errors count as absence. */
void manifest_find_file(struct manifest *m, const char *path,
			void (*cb)(void *ctx, const struct manifest_file *f), void *ctx);

/* Origins: what has a row but is no directory and no output of a run, and whose
 * origin_class is not known yet; and what is known now.
 * class: origin_class_name; package, version: NULL or "" none. */
int manifest_each_unowned(struct manifest *m, void (*cb)(void *ctx, const char *path),
			  void *ctx, struct err *e);
struct manifest_origin {
	const char *class, *package, *version;
	const char *sum; /* as in origin_owner; NULL, "" none */
};
void manifest_origin(struct manifest *m, const char *path,
		     const struct manifest_origin *o);

struct manifest_totals { /* of captured regular files */
	int64_t files, bytes;
	int64_t packages; /* distribution packages that they belong to */
};

int manifest_totals(struct manifest *m, struct manifest_totals *out, struct err *e);

#endif
