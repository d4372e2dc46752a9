/*
 * Text databases of packages.  The input is the files of one manager, parted by lines
 * "%%"; its first letter says which: d dpkg, a apk, p pacman, l pip, n npm.
 */
#include <string.h>

#include "fuzz.h"
#include "pkg/origin.h"

enum { PARTS = 6 };

static const struct {
	char letter;
	const char *file[PARTS];
} family[] = {
	{ 'd',
	  { "r/var/lib/dpkg/status", "r/var/lib/dpkg/info/tool:amd64.list",
	    "r/var/lib/dpkg/info/tool:amd64.md5sums", "r/var/lib/dpkg/diversions",
	    "r/var/lib/dpkg/info/other.list" } },
	{ 'a', { "r/lib/apk/db/installed" } },
	{ 'p',
	  { "r/var/lib/pacman/local/tool-1/desc", "r/var/lib/pacman/local/tool-1/files",
	    "r/var/lib/pacman/local/b-2/desc", "r/var/lib/pacman/local/b-2/files" } },
	{ 'l',
	  { "r/usr/lib/site-packages/tool-1.dist-info/METADATA",
	    "r/usr/lib/site-packages/tool-1.dist-info/RECORD",
	    "r/usr/lib/site-packages/tool-1.dist-info/top_level.txt",
	    "r/usr/lib/site-packages/b.egg-info/PKG-INFO",
	    "r/usr/lib/site-packages/b.egg-info/installed-files.txt" } },
	{ 'n', { "r/opt/node_modules/tool/package.json" } },
};

static const char *const want[] = {
	"/usr/bin/tool",
	"/usr/bin/tool.distrib",
	"/etc/tool.conf",
	"/usr/lib/site-packages/tool/a.py",
	"/usr/lib/site-packages/b.py",
	"/opt/node_modules/tool/x.js",
};

static void
put_files(const char *at, const char *end, size_t n)
{
	for (size_t i = 0; i < PARTS && family[n].file[i]; i++) {
		const char *cut = at ? memmem(at, (size_t)(end - at), "\n%%\n", 4) : NULL;

		fuzz_put(family[n].file[i], at,
			 at ? (size_t)((cut ? cut : end) - at) : 0);
		at = cut ? cut + 4 : NULL;
	}
}

static void
look_up(const char *root)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	struct origin *o = origin_open(root, &e);
	bool owned = false;

	FUZZ_CHECK(o);
	for (size_t i = 0; i < ARRAY_SIZE(want); i++)
		origin_want(o, want[i]);
	if (origin_load(o, &e) == 0) {
		for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
			struct origin_owner who;

			owned |= origin_find(o, want[i], &who);
			FUZZ_CHECK(who.package && who.version && who.sum);
		}
	}
	fuzz_count(owned);
	origin_close(o);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(str_fini) struct str root = STR_INIT;
	const char *text = (const char *)data;

	str_addf(&root, "%s/r", fuzz_dir());
	fuzz_put("r/usr/bin/tool", "x", 1);
	for (size_t n = 0; n < ARRAY_SIZE(family); n++) {
		bool mine = size && text[0] == family[n].letter;

		put_files(mine ? text + 1 : NULL, text + size, n);
	}
	look_up(root.s);
	return 0;
}
