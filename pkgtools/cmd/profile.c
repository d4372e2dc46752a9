/*
 * profile: what the captured runs read, as the list that a streaming workspace or server
 * keeps (cde-streaming(7)): one name a line, directories that were looked into with "/".
 */
#include <stdio.h>

#include "cmd/cmd.h"
#include "path/lex.h"

struct profile {
	struct map dirs; /* those that are printed */
};

static void
print_name(const char *name, bool dir)
{
	bool root = name[1] == 0;

	for (; *name; name++)
		if (*name == '\n' || *name == '\\')
			fputs(*name == '\n' ? "\\n" : "\\\\", stdout);
		else
			putchar(*name);
	fputs(dir && !root ? "/\n" : "\n", stdout);
}

/* Used, but by no call: the loader of a program, which the kernel opens. */
static bool
is_unseen(const struct entry *x)
{
	return !x->access && x->kind == 'f' && x->state == FILE_CAPTURED &&
	       !(x->flags & ENTRY_PREDICTED);
}

static bool
put_entry(void *ctx, const struct entry *x)
{
	struct profile *p = ctx;
	AUTO(str_fini) struct str dir = STR_INIT;

	if ((!x->access && !is_unseen(x)) || (x->flags & (ENTRY_HOST | ENTRY_HIDDEN)) ||
	    x->state == FILE_OUTPUT)
		return true;
	str_set(&dir, x->path);
	if (x->kind != 'd')
		path_to_parent(&dir);
	if ((x->kind != 'd' || (x->access & ACCESS_LIST)) &&
	    !map_get(&p->dirs, dir.s, dir.len)) {
		map_put(&p->dirs, dir.s, dir.len);
		print_name(dir.s, true);
	}
	if (x->kind == 'f' && (is_unseen(x) || (x->access & (ACCESS_READ | ACCESS_EXEC))))
		print_name(x->path, false);
	return !ferror(stdout);
}

static int
run(struct call *c, struct err *e)
{
	struct profile p = { 0 };
	const struct each each = { .need = MODEL_ACCESS | MODEL_PINS,
				   .cb = put_entry,
				   .ctx = &p };
	int r;

	if (!c->package.db)
		return err_set(e, 0, "without manifest it is not known what was read");
	puts("# cde profile 1");
	r = package_each(&c->package, &each, e);
	map_fini(&p.dirs);
	return r;
}

const struct cmd cmd_profile = {
	.name = "profile",
	.args = "",
	.brief = "print what the captured runs read, for a fast start of streaming",
	.group = CMD_SHIP,
	.flags = 0,
	.min = 0,
	.max = 0,
	.run = run,
};
