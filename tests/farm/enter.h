/* The options of enter.c, and the root directory that root.c makes of them. */
#ifndef FARM_ENTER_H
#define FARM_ENTER_H

#include <stdbool.h>

#define MOST 32

struct place {
	const char *src, *scratch, *dst, *flags; /* scratch: NULL for a bind */
};

struct enter {
	const char *root, *scratch, *user, *home, *dir;
	char *env[MOST + 1];
	struct place place[MOST];
	int places, envs, report;
	unsigned uid, deny;
	bool here, net, no_fuse;
	char **argv;
};

/* Says what errno means, and exits with status 99. */
_Noreturn void die(const char *what, const char *name);

/* Puts this process into namespaces of its own and mounts the root there; its name.  The
 * next child is the first process of the new process namespace. */
const char *root_build(const struct enter *x);

/* In that child: mounts /proc, and goes there. */
void root_enter(const char *root);

#endif
