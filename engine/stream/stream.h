#ifndef CDE_STREAM_STREAM_H
#define CDE_STREAM_STREAM_H

#include "base/err.h"
#include "tree/layout.h"

/*
 * A package whose cde-root is a cache of a tree on another machine.  Whoever looks
 * at names asks here first, and then looks at cde-root as ever:
 *
 *	stream_look   before a name is looked up: the names of its directory are made
 *	              here, with the remote's types, links, sizes, modes and times
 *	stream_use    before content is used: a file is fetched whole, a directory's
 *	              names are made
 *
 * A directory that is not the remote's is left alone.  Both return 0, or -errno after
 * a message: -EIO when the server cannot be reached, which names file and server.
 */
#define STREAM_CONFIG	"cde.stream"	  /* remote=, ssh=, max_age=, compress= */
#define STREAM_ORIGINAL "cde-remote-root" /* the original's, used without a config */
#define STREAM_PROFILES "cde-profiles"	  /* here; on the remote .cde-profiles/ */

struct stream;

/* Is its cde-root such a cache?  Then it must not be used without asking here.  The
 * original's layout is one only after its first use. */
bool stream_is_workspace(const struct layout *l);

/* Does the word name a remote, rather than a command: sftp://…, or a directory? */
bool stream_is_remote(const char *word);

/* `remote`: as given by the user, or NULL for what the workspace says. */
struct stream *stream_open(struct layout *l, const char *remote, bool offline,
			   struct err *e);
void stream_free(struct stream *s);

/* Fetch ahead what this program touched before, here or (published) elsewhere. */
void stream_prefetch(struct stream *s, const char *program);

/* Keep what was touched for the next start. */
void stream_save_profile(struct stream *s);

int stream_look(struct stream *s, const char *abs);
int stream_use(struct stream *s, const char *abs);

/* Is it a directory of the remote (which cannot be renamed here)? */
bool stream_has_dir(struct stream *s, const char *abs);

/* `name`, seen from `base`, is about to be walked: list the directories on its way
 * together. */
void stream_hint(struct stream *s, const char *base, const char *name);

/* Cheap.  true: the remote was asked what has changed since, so nothing that was seen
 * before counts. */
bool stream_refresh(struct stream *s);

/* Make a workspace in `dir`, and `exec` a copy of cde-exec in it. */
int stream_setup(const char *remote, const char *dir, const char *exec, struct err *e);

/* The workspace of the user for a remote, ~/.cache/cde-stream/…, made if missing. */
int stream_own_workspace(const char *remote, const char *exec, struct str *dir,
			 struct err *e);

#endif
