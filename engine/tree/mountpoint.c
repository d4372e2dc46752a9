#include "tree/mountpoint.h"

#include <string.h>

#include "path/lex.h"
#include "tree/copy.h"

/* Do names in the directory of `abs` come from the package, unless a rule names
 * them?  Else they are mounted with it. */
static bool
is_in_package(const struct rules *r, const char *abs)
{
	AUTO(str_fini) struct str other = STR_INIT;

	str_set(&other, abs);
	path_to_parent(&other);
	path_append(&other, "\x01"); /* a name that no rule can mean */
	return rules_decide(r, other.s, other.len).verdict != VERDICT_HOST;
}

/* A directory that is a link here may become one in the package. */
static bool
is_below_link(const char *abs)
{
	AUTO(str_fini) struct str dir = STR_INIT;
	struct stat st;

	str_set(&dir, abs);
	for (path_to_parent(&dir); dir.len > 1; path_to_parent(&dir))
		if (lstat(dir.s, &st) == 0 && !S_ISDIR(st.st_mode))
			return true;
	return false;
}

static void
make(struct layout *l, const char *abs, bool as_dir)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	struct stat st = { .st_mode = as_dir ? S_IFDIR | 0755 : S_IFREG | 0444 }, there;

	if (!abs[1] || is_below_link(abs) || tree_stat(l, abs + 1, &there) == 0)
		return;
	lstat(abs, &st);
	if (S_ISDIR(st.st_mode))
		tree_dir(l, abs + 1, st.st_mode, &e);
	else {
		st.st_mode = S_IFREG | (st.st_mode & 0777) | 0400;
		tree_placeholder(l, abs + 1, &st, &e);
	}
}

/* The default rule for .Xauthority means this one. */
static void
make_x_authority(struct layout *l, const struct rules *r, const char *home)
{
	AUTO(str_fini) struct str name = STR_INIT;
	struct stat st;

	if (!home || home[0] != '/')
		return;
	str_set(&name, home);
	path_clean(&name);
	if (tree_stat(l, name.s + 1, &st) < 0 || !S_ISDIR(st.st_mode))
		return;
	path_append(&name, ".Xauthority");
	if (rules_decide(r, name.s, name.len).verdict == VERDICT_HOST &&
	    is_in_package(r, name.s))
		make(l, name.s, false);
}

void
mountpoints_make(struct layout *l, const struct rules *r, const char *home, bool known)
{
	for (size_t i = 0; i < r->rule.n && !known; i++) {
		const struct rule *x = &r->rule.v[i];
		AUTO(str_fini) struct str name = STR_INIT;

		if (x->verdict != VERDICT_HOST || x->match == MATCH_SUBSTR ||
		    x->text[0] != '/')
			continue;
		str_set(&name, x->text);
		path_clean(&name);
		if (is_in_package(r, name.s))
			make(l, name.s, x->match == MATCH_PREFIX);
	}
	make_x_authority(l, r, home);
}
