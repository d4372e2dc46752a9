#ifndef CDE_PKG_ORIGIN_FILES_H
#define CDE_PKG_ORIGIN_FILES_H

#include "base/err.h"

/*
 * All files that a package of the distribution brings, by the database of the system
 * below `root` (rpm: of this machine).  `package` is as origin_find names it.  cb is
 * told absolute names; a value other than 0 ends it and is returned.  An error when no
 * database knows the package.
 */
typedef int origin_files_cb(void *ctx, const char *path);
int origin_files(const char *root, const char *package, origin_files_cb *cb, void *ctx,
		 struct err *e);

#endif
