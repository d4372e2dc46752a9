#ifndef CDE_EXEC_INSTALL_H
#define CDE_EXEC_INSTALL_H

#include "exec/env.h"
#include "tree/layout.h"

/*
 * Programs of a package among the user's commands and in his menus: small scripts in a
 * directory of PATH, and .desktop files.  Each carries a mark with the name of the package
 * and a hash of its own text, so that it is recognised by what it is, whatever it is
 * called now, and one that was changed since is somebody else's.
 */
struct install {
	const char *package; /* as the kernel spells it */
	const char *dir;     /* for the scripts; NULL: ~/.local/bin */
	bool all;	     /* every program on the package's PATH */
};

/* Prints the name of each file.  -1: not all could be installed; e says which. */
int install_add(const struct install *x, struct layout *pkg, const struct env *env,
		struct err *e);

/* Removes what a package has here; needs no package. */
int install_remove(const struct install *x, struct err *e);

/* install_desktop.c.  Pure: what a .desktop file of the package becomes here. */
struct desktop_view {
	/* The words that start a program of the package (absolute or by PATH), ready for
	 * Exec=; false: the package has no such program. */
	bool (*program)(void *ctx, const char *name, struct str *out);
	/* The file for an icon; false: leave it. */
	bool (*icon)(void *ctx, const char *name, struct str *out);
	void *ctx;
};

/* false: it starts nothing of the package. */
bool desktop_rewrite(const char *text, const struct desktop_view *v, struct str *out);

/* One argument for Exec=, quoted as the Desktop Entry Specification has it. */
void desktop_add_quoted(struct str *out, const char *word);

#endif
