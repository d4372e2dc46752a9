#ifndef CDE_EXEC_WHO_H
#define CDE_EXEC_WHO_H

#include "base/str.h"

/*
 * Who works on this machine: /etc/passwd and /etc/group, which the rules leave to the
 * host.  Programs look their own user up in them, and some refuse to start when he is
 * not there: on a machine without these files (a bare container), or where the host's C
 * library asks others (LDAP, SSSD), whose modules the package's library does not have.
 * Then a copy of the file, with one more line, is seen in its place by who reads.
 */
struct who {
	struct str passwd, group; /* real names of the copies; "": not needed */
};
#define WHO_INIT \
	{ \
		STR_INIT, STR_INIT \
	}

struct who_user {
	unsigned uid, gid;
	const char *name, *home; /* of the environment; may be anything, or NULL */
};

enum who_file { WHO_PASSWD, WHO_GROUP };

/* Pure: add a line for the user, if no line of `text` has his number.  Did it? */
bool who_complete(struct str *text, enum who_file file, const struct who_user *u);

/*
 * Makes the copies that this machine needs, in the directory *store (store.h), which is
 * opened if it is "".  What cannot be made is left out.
 */
void who_make(struct who *w, struct str *store);
void who_fini(struct who *w);

/* What is read as `abs` of the host: a copy, or abs itself. */
const char *who_real(const struct who *w, const char *abs);

/* And back. */
const char *who_virtual(const struct who *w, const char *real);

#endif
