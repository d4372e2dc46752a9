#ifndef CDE_INSPECT_PACK_PRIV_H
#define CDE_INSPECT_PACK_PRIV_H

#include <locale.h>

#include "inspect/pack.h"

/* libarchive converts names by the locale of the thread: for as long as this lasts, it is
 * the one given, and what is written does not depend on the user's. */
struct pack_locale {
	locale_t mine, before;
};
void pack_locale_begin(struct pack_locale *l, const char *name);
void pack_locale_end(struct pack_locale *l); /* AUTO() */

/* The manifest as it goes along: a copy in `dir`, without the log of the edits.  An open
 * descriptor of a file without name, or -1. */
int pack_manifest(struct package *p, const char *dir, struct err *e);

#endif
