#include "exec/load.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "exec/locale.h"
#include "path/lex.h"
#include "stream/stream.h"

extern char **environ;

void
load_ignore(struct load *l, enum rule_match match, const char *path)
{
	struct rule r = { .verdict = VERDICT_HOST,
			  .match = match,
			  .text = mem_strdup(path) };

	vec_push(&l->extra, r);
}

/* The package whose cde-root the cwd is in: the innermost that has options. */
static bool
package_of_cwd(const char *cwd, struct str *out)
{
	AUTO(str_fini) struct str dir = STR_INIT, file = STR_INIT;

	str_set(&dir, cwd);
	for (; dir.len > 1; path_to_parent(&dir)) {
		if (strcmp(path_base(dir.s), PKG_ROOT))
			continue;
		str_set(out, dir.s);
		path_to_parent(out);
		str_set(&file, out->s);
		path_append(&file, PKG_OPTIONS);
		if (access(file.s, F_OK) == 0)
			return true;
	}
	return false;
}

int
load_find(struct load *l, const char *cwd, struct err *e)
{
	if (l->dir.len || package_of_cwd(cwd, &l->dir))
		return 0;
	if (fs_readlink(AT_FDCWD, "/proc/self/exe", &l->dir) < 0)
		return err_set(e, errno, "/proc is needed: readlink /proc/self/exe");
	path_to_parent(&l->dir);
	return 0;
}

static int
read_rules(struct load *l, struct err *e)
{
	AUTO(str_fini) struct str text = STR_INIT, name = STR_INIT;

	str_set(&name, l->layout.dir.s);
	path_append(&name, PKG_OPTIONS);
	if (fs_slurp(l->layout.dirfd, PKG_OPTIONS, &text, e) < 0)
		return err_wrap(e, "%s", l->layout.dir.s);
	if (rules_parse(&l->rules, name.s, text.s, text.len, e) < 0)
		return -1;
	for (size_t i = 0; i < l->extra.n; i++)
		if (rules_add(&l->rules, l->extra.v[i].verdict, l->extra.v[i].match,
			      l->extra.v[i].text, e) < 0)
			return -1;
	return 0;
}

/* Has the package hidden files of the captured home directory?  Programs find their
 * settings and libraries there by HOME. */
static bool
has_home(struct load *l)
{
	const char *home = env_get(&l->env, "HOME");
	int fd = home && home[0] == '/'
			 ? fs_open_beneath(l->layout.rootfd, home + strspn(home, "/"),
					   O_RDONLY | O_DIRECTORY, 0)
			 : -1;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *ent;
	bool found = false;

	while (d && !found && (ent = readdir(d)))
		found = ent->d_name[0] == '.' && strcmp(ent->d_name, ".") &&
			strcmp(ent->d_name, "..") && strcmp(ent->d_name, ".Xauthority");
	if (d)
		closedir(d);
	else
		fd_drop(&fd);
	return found;
}

int
load_open(struct load *l, const char *cwd, bool here, struct err *e)
{
	AUTO(str_fini) struct str stored = STR_INIT;

	if (layout_open(&l->layout, l->dir.s, e) < 0 ||
	    layout_hold(&l->layout, &l->lock, e) < 0 || read_rules(l, e) < 0 ||
	    layout_load_env(&l->layout, &stored, e) < 0)
		return -1;
	env_make(&l->env, stored.s, stored.len, &l->rules, environ);
	if (!here || path_under(cwd, l->layout.root.s))
		return 0;
	env_be_here(&l->env, environ, has_home(l));
	if (!stream_is_workspace(&l->layout))
		locale_of_host(&l->env, &l->layout, &l->rules, environ);
	return 0;
}
