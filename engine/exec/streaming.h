#ifndef CDE_EXEC_STREAMING_H
#define CDE_EXEC_STREAMING_H

#include "exec/session.h"

/* What the command line says about streaming (cde-exec(1), STREAMING). */
struct streaming {
	bool wanted;	    /* -s */
	bool offline;	    /* --offline */
	const char *remote; /* the word after -s, or NULL */
	const char *setup;  /* --stream-setup REMOTE */
};

/* The word after the options: a remote?  (A directory cannot be a command.) */
bool streaming_takes(struct streaming *x, const char *word);

/* --stream-setup: words are those after the options.  Ends the process. */
_Noreturn void streaming_setup(const struct streaming *x, char *const *words);

/* With -s REMOTE, and no --package: the workspace in `package`, which is the package
 * found so far, or the user's own one for that remote. */
int streaming_find(const struct streaming *x, struct str *package, struct err *e);

/* Connects the session's world to the remote, if the package is a workspace. */
int streaming_open(const struct streaming *x, struct session *s, struct err *e);

/* Around the run: fetch ahead; keep the profile and let go. */
void streaming_begin(struct session *s, const char *program);
void streaming_end(struct session *s);

#endif
