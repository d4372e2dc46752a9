/* cde.options: parse, and decide about some paths. */
#include <string.h>

#include "fuzz.h"
#include "path/rule.h"

static const char *const path[] = {
	"/", "/tmp", "/tmp/x", "/usr/lib/x.so", "/home/u/a b/\xff", "/dev/shm/x/y",
};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	AUTO(str_fini) struct str text = STR_INIT;
	struct rules r;
	int got;

	rules_init(&r, 2);
	got = rules_parse(&r, "cde.options", (const char *)data, size, &e);
	fuzz_count(got == 0);
	if (got < 0) {
		FUZZ_CHECK(e.text.len);
	} else {
		for (size_t i = 0; i < ARRAY_SIZE(path); i++) {
			struct decision d = rules_decide(&r, path[i], strlen(path[i]));

			if (d.rule)
				rule_describe(d.rule, &text);
			rules_split_below(&r, path[i]);
			rules_process(&r, path[i]);
		}
		rules_ignores_env(&r, "DISPLAY", 7);
	}
	rules_fini(&r);
	return 0;
}
