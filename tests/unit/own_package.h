#ifndef CDE_TESTS_UNIT_OWN_PACKAGE_H
#define CDE_TESTS_UNIT_OWN_PACKAGE_H

#include <check.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tree/layout.h"

/* Each test runs in a directory of its own, with a package in it. */
enum { OWN_DIR = 64 };

static inline void
own_package_make(char dir[OWN_DIR], struct layout *l, const char *name, struct err *e)
{
	snprintf(dir, OWN_DIR, "/tmp/unit-package-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(chdir(dir), 0);
	*l = (struct layout)LAYOUT_INIT;
	*e = (struct err)ERR_INIT;
	ck_assert_int_eq(layout_create(l, name, e), 0);
}

static inline int
own_package_remove_one(const char *path, const struct stat *st, int type, struct FTW *f)
{
	return remove(path);
}

static inline void
own_package_remove(const char *dir, struct layout *l, struct err *e)
{
	layout_fini(l);
	err_fini(e);
	ck_assert_int_eq(chdir("/"), 0);
	nftw(dir, own_package_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* dir, l and e of a file's cases, and the fixture for them. */
#define OWN_PACKAGE(name) \
	static char dir[OWN_DIR]; \
	static struct layout l; \
	static struct err e; \
\
	static void setup(void) \
	{ \
		own_package_make(dir, &l, name, &e); \
	} \
\
	static void teardown(void) \
	{ \
		own_package_remove(dir, &l, &e); \
	} \
	struct layout

#endif
