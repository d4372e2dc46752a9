/* The filter language: parse, match, and say what is wrong. */
#include <string.h>

#include "fuzz.h"
#include "inspect/query.h"

static const struct entry sample[] = {
	{ .path = "/usr/lib/libfoo (1).so.1",
	  .len = 24,
	  .name = "libfoo (1).so.1",
	  .kind = 'f',
	  .size = 1536,
	  .origin = ORIGIN_PACKAGE,
	  .package = "libfoo1:amd64",
	  .version = "1.2",
	  .type = "elf-so",
	  .access = ACCESS_READ | ACCESS_STAT,
	  .flags = ENTRY_MODIFIED },
	{ .path = "/a\xff\n",
	  .len = 4,
	  .name = "a\xff\n",
	  .kind = 'l',
	  .size = UINT64_MAX,
	  .state = FILE_LOST,
	  .origin = ORIGIN_UNOWNED,
	  .package = "",
	  .version = "",
	  .type = "" },
};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	AUTO(str_fini) struct str text = STR_INIT, out = STR_INIT;
	struct query q = { .root = -1 };
	size_t column = 0;
	int r;

	str_setn(&text, (const char *)data, size);
	r = query_parse(&q, text.s, &column, &e);
	fuzz_count(r == 0);
	if (r < 0) {
		FUZZ_CHECK(column <= strlen(text.s));
		FUZZ_CHECK(e.text.len);
		query_explain(&out, text.s, column, e.text.s);
	} else {
		for (size_t i = 0; i < ARRAY_SIZE(sample) && !q.procs; i++)
			query_match(&q, &sample[i]);
		query_sql(&q, &out);
	}
	query_fini(&q);
	return 0;
}
