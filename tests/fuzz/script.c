/* Scripts of edits, against a small package; nothing is staged in it. */
#include <string.h>

#include "fuzz.h"
#include "inspect/edit.h"
#include "inspect/scan.h"

static struct package package = PACKAGE_INIT;
static struct edits edits;

static void
make_package(void)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	AUTO(str_fini) struct str name = STR_INIT;

	if (package.db)
		return;
	str_addf(&name, "%s/p", fuzz_dir());
	fuzz_put("p/cde-root/usr/bin/tool", "#!/bin/sh\n", 10);
	fuzz_put("p/cde-root/usr/lib/a b", "x", 1);
	fuzz_put("p/cde-root/etc/x\xff", "x", 1);
	fuzz_put("p/" PKG_OPTIONS, "# cde.options v2\n", 17);
	FUZZ_CHECK(package_open(&package, name.s, PACKAGE_WRITE, &e) == 0);
}

/* `add` without `only` would look at what this machine has, all of it perhaps. */
static bool
is_deep(const char *text)
{
	for (const char *at = text; (at = strstr(at, "add"));) {
		const char *end = at + strcspn(at, "\n"), *only = strstr(at, " only");

		if (!only || only > end)
			return true;
		at = end;
	}
	return false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	AUTO(str_fini) struct str text = STR_INIT, again = STR_INIT;
	int r;

	make_package();
	str_setn(&text, (const char *)data, size);
	if (is_deep(text.s))
		return 0;
	FUZZ_CHECK(edits_open(&edits, &package, EDITS_DRY, &e) == 0);
	r = (int)edits_run_script(&edits, "script", &text, &e);
	fuzz_count(r >= 0);
	if (r >= 0)
		edits_script(&edits, 0, edits.group.n, &again);
	else
		FUZZ_CHECK(e.text.len);
	edits_close(&edits);
	edits = (struct edits){ 0 };
	return 0;
}
