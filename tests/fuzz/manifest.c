/* A manifest.db of anybody: open the package, read all of it, go through the log. */
#include <stdio.h>
#include <unistd.h>

#include "fuzz.h"
#include "inspect/detail.h"
#include "inspect/edit.h"
#include "inspect/model.h"
#include "inspect/pack.h"
#include "inspect/process.h"

static bool
each(void *ctx, const struct entry *x)
{
	FUZZ_CHECK(x->path[0] == '/' && x->path[x->len] == '\0');
	entry_letter(x);
	return true;
}

static void
look(struct package *p)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	AUTO(edits_close) struct edits x = { 0 };
	AUTO(model_fini) struct model m = { 0 };
	struct each how = { .need = MODEL_ACCESS | MODEL_PINS, .cb = each };
	struct detail d = { 0 };
	process_list processes = { 0 };

	package_each(p, &how, &e);
	model_load(&m, p, MODEL_ACCESS | MODEL_PINS | MODEL_TOTALS, &e);
	process_read(p, &processes, &e);
	process_fini(&processes);
	if (detail_read(p, "/usr/bin/tool", &d, &e) == 0)
		detail_fini(&d);
	pack_staged(p);
	if (edits_open(&x, p, EDITS_DRY, &e) == 0) {
		AUTO(str_fini) struct str script = STR_INIT;

		edits_script(&x, 0, x.group.n, &script);
		edits_mark(&x, &m, &e);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	AUTO(package_close) struct package p = PACKAGE_INIT;
	AUTO(str_fini) struct str name = STR_INIT;
	bool opened;

	str_addf(&name, "%s/p", fuzz_dir());
	fuzz_put("p/cde-root/usr/bin/tool", "x", 1);
	fuzz_put("p/" PKG_MANIFEST, data, size);
	fuzz_put("p/" PKG_MANIFEST "-journal", NULL, 0);
	opened = package_open(&p, name.s, 0, &e) == 0 && p.db;
	if (opened)
		look(&p);
	fuzz_count(opened);
	return 0;
}
