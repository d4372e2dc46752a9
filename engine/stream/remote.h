#ifndef CDE_STREAM_REMOTE_H
#define CDE_STREAM_REMOTE_H

#include "base/err.h"
#include "base/vec.h"
#include "stream/line.h"
#include "stream/names.h"

/*
 * The tree on another machine: a directory where it is mounted, or
 * sftp://[user@]host[:port]/path, which is spoken to by a child `ssh -s … sftp`.
 * Names given here are absolute inside of that tree.
 */
struct remote_list {
	const char *dir;
	int error; /* 0 or -errno of this one */
	struct names names;
};

struct remote_fetch {
	const char *path;
	int error;		/* 0: the file is whole */
	struct names_entry got; /* its state when it was read */
	bool sized;		/* got is its listing's, before; else that is asked for */
	uint64_t most;		/* of one that is not: -EFBIG if it is more; 0: any */
	int fd;			/* the caller's, open for writing, from `begin` */
	void *user;
};

/* What happens to one file on the way.  0 or -errno, which ends that file. */
struct remote_sink {
	int (*begin)(void *ctx, struct remote_fetch *f); /* an empty file into f->fd */
	void (*end)(void *ctx, struct remote_fetch *f);	 /* whole, or f->error */
	void (*bytes)(void *ctx, size_t n);		 /* for the progress line */
	void *ctx;
};

struct remote;

/* `where` as the user gave it; `ssh` is the command, words parted by blanks.
 * Nothing is connected yet. */
struct remote *remote_new(const char *where, const char *ssh, struct err *e);
void remote_free(struct remote *r);

/* Compress what goes over the line, from the next connection on. */
void remote_compress(struct remote *r, bool on);

/* Does the word look like a remote rather than a command? */
bool remote_is_name(const char *word);

/* As people know it: the host, or the directory. */
const char *remote_server(const struct remote *r);

/* Do many questions at once cost hardly more than one?  Then guesses pay. */
bool remote_is_parallel(const struct remote *r);

/* List directories, fetch files: all at once, in any order.  0: see the error of
 * each; -1: the server cannot be reached, nothing more will come. */
int remote_list(struct remote *r, struct remote_list *v, size_t n, struct err *e);
int remote_fetch(struct remote *r, struct remote_fetch *v, size_t n,
		 const struct remote_sink *sink, struct err *e);

/* Begin with it, and go on; see line.h.  false: it was not begun.  Not for directories. */
bool remote_begin(struct remote *r, struct run *run);
void remote_hurry(struct remote *r, struct run *run, enum line_rank rank);
void remote_close(struct remote *r); /* ends what is under way */

/* -1: its root is not there, or has nothing in it, as the place of a mount that is not
 * mounted.  Each single answer would then say that all is gone. */
int remote_check(struct remote *r, struct err *e);
int remote_check_list(const struct remote_list *root, struct err *e); /* … as listed */

/* One small file.  0 or -errno (-EFBIG: more than 1 MiB; -ESTALE: it is no file), or -1
 * with e set. */
int remote_slurp(struct remote *r, const char *path, struct str *out, struct err *e);

#endif
