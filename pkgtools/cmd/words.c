#include "cmd/words.h"

#include <inttypes.h>

const char *
words_state(enum file_state s)
{
	static const char *const name[] = {
		[FILE_CAPTURED] = "captured", [FILE_PLACEHOLDER] = "placeholder",
		[FILE_OUTPUT] = "output",     [FILE_UNREADABLE] = "unreadable",
		[FILE_SPECIAL] = "special",   [FILE_HOST] = "host",
		[FILE_LOST] = "lost",
	};

	return s < ARRAY_SIZE(name) ? name[s] : "?";
}

void
words_kinds(unsigned kinds, struct str *out)
{
	static const struct {
		unsigned bit;
		const char *word;
	} table[] = {
		{ ACCESS_EXEC, "exec" },   { ACCESS_READ, "read" },
		{ ACCESS_WRITE, "write" }, { ACCESS_LIST, "list" },
		{ ACCESS_STAT, "stat" },   { ACCESS_LINK, "link" },
	};
	bool any = false;

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (kinds & table[i].bit) {
			str_addf(out, "%s%s", any ? ", " : "", table[i].word);
			any = true;
		}
	if (!any)
		str_add(out, "used");
}

void
words_process(const struct detail_use *u, struct str *out)
{
	str_addf(out, "%" PRId64 " %s", u->pid, *u->argv ? u->argv : u->exe);
}

void
words_use(const struct detail_use *u, struct str *out)
{
	words_kinds(u->kinds, out);
	str_add(out, " by ");
	words_process(u, out);
	str_addf(out, " (run %" PRId64 "%s%s)", u->run, *u->call ? ", " : "", u->call);
}
