#include "capture/env.h"

#include <string.h>

int
env_save(struct layout *l, const struct rules *r, char *const *envp, struct err *e)
{
	VEC(char *) kept = { 0 };
	int rc;

	for (; *envp; envp++)
		if (!rules_ignores_env(r, *envp, strcspn(*envp, "=")))
			vec_push(&kept, *envp);
	vec_push(&kept, NULL);
	rc = layout_save_env(l, kept.v, e);
	vec_fini(&kept);
	return rc;
}
