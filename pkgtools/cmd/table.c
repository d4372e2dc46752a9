#include <string.h>

#include "cmd/cmd.h"

#define CMD(name) extern const struct cmd cmd_##name;
#include "cmd/verbs.def"
#undef CMD

const struct cmd *const cmd_table[] = {
#define CMD(name) &cmd_##name,
#include "cmd/verbs.def"
#undef CMD
	NULL,
};

const struct cmd *
cmd_find(const char *name)
{
	for (size_t i = 0; cmd_table[i]; i++)
		if (strcmp(cmd_table[i]->name, name) == 0)
			return cmd_table[i];
	return NULL;
}
