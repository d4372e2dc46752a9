#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "path/lex.h"
#include "tree/layout.h"

/*
 * The scripts at the top of a package.  A newline that $(…) cuts off can only
 * be the script's own, which goes anyway; "$here/" is right for "/" too.
 */
static const char find_here[] = "here=$(readlink -f -- \"$0\" 2>/dev/null)\n"
				"here=${here:-$0}\n"
				"case $here in\n"
				"*/*) here=${here%/*} ;;\n"
				"*) here=. ;;\n"
				"esac\n";

static int
write_rerun(struct layout *l, struct err *e)
{
	AUTO(str_fini) struct str text = STR_INIT;

	if (faccessat(l->dirfd, "rerun", F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	str_add(&text, "#!/bin/sh\n"
		       "# Repeats a command of cde.log: ./rerun [NUMBER]; the last one "
		       "without NUMBER.\n");
	str_add(&text, find_here);
	str_add(&text,
		"exec \"$here/" PKG_EXEC "\" --package \"$here/\" --rerun \"$@\"\n");
	return fs_replace(l->dirfd, "rerun", text.s, text.len, 0755, e);
}

int
layout_write_wrapper(struct layout *l, const char *cmd, char *const *flags, struct err *e)
{
	AUTO(str_fini) struct str text = STR_INIT;
	AUTO(str_fini) struct str name = STR_INIT;

	str_set(&name, path_base(cmd));
	if (name.len == 0)
		return err_set(e, EINVAL, "no wrapper for the command '%s'", cmd);
	str_add(&name, ".cde");
	str_add(&text, "#!/bin/sh\n"
		       "# Runs this program from the package that this file is in.\n");
	str_add(&text, find_here);
	str_add(&text, "exec \"$here/" PKG_EXEC "\" --package \"$here/\"");
	for (; flags && *flags; flags++) {
		str_addc(&text, ' ');
		str_add_quoted(&text, *flags);
	}
	str_add(&text, " -- ");
	str_add_quoted(&text, cmd);
	str_add(&text, " \"$@\"\n");
	if (fs_replace(l->dirfd, name.s, text.s, text.len, 0755, e) < 0 ||
	    write_rerun(l, e) < 0)
		return err_wrap(e, "%s", l->dir.s);
	return 0;
}
