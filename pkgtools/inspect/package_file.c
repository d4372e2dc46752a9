/* Objects of cde-root, by their names in the package. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "inspect/package.h"
#include "path/lex.h"
#include "path/walk.h"
#include "tree/copy.h"
#include "tree/place.h"

int
package_lstat(struct package *p, const char *path, struct stat *st)
{
	if (!path[1])
		return fstatat(p->layout.rootfd, "", st, AT_EMPTY_PATH) < 0 ? -errno : 0;
	return tree_stat(&p->layout, path + 1, st);
}

int
package_readlink(struct package *p, const char *path, struct str *out)
{
	AUTO(place_fini) struct place at = PLACE_INIT;
	int r = path[1] ? place_find(&at, &p->layout, path + 1, false) : -EINVAL;

	return r < 0 ? r : fs_readlink(at.dir, at.name, out);
}

static int
look_up(void *ctx, const struct str *abs, bool last, struct str *text)
{
	struct package *p = ctx;
	struct stat st;
	int r = package_lstat(p, abs->s, &st);

	if (r == -ENOENT || r == -ENOTDIR || r == -ELOOP)
		return FSV_MISSING;
	if (r < 0)
		return r;
	if (S_ISDIR(st.st_mode))
		return FSV_DIR;
	if (!S_ISLNK(st.st_mode))
		return FSV_FILE;
	r = package_readlink(p, abs->s, text);
	return r < 0 ? r : FSV_LINK;
}

int
package_resolve(struct package *p, const char *path, struct str *out)
{
	AUTO(walk_fini) struct walk w = WALK_INIT;
	const struct fsview view = { look_up, p };
	int r = path_walk(&view, "/", path, WALK_FOLLOW, NULL, NULL, &w);

	if (r < 0)
		return r;
	if (w.kind == FSV_MISSING)
		return -ENOENT;
	str_swap(out, &w.abs);
	return 0;
}

void
package_locate(struct package *p, const char *arg, struct str *out)
{
	AUTO(str_fini) struct str dir = STR_INIT, real = STR_INIT;
	struct stat st;

	package_spell(arg, out);
	if (package_lstat(p, out->s, &st) == 0)
		return;
	str_set(&dir, out->s);
	path_to_parent(&dir);
	if (package_resolve(p, dir.s, &real) < 0)
		return;
	path_append(&real, path_base(out->s));
	str_swap(&real, out);
}

static int
open_at(struct package *p, const char *path, struct stat *st, struct err *e)
{
	AUTO(place_fini) struct place at = PLACE_INIT;
	AUTO(fd_drop) int fd = -1;
	int r = place_find(&at, &p->layout, path + 1, false);

	if (r == 0 && fstatat(at.dir, at.name, st, AT_SYMLINK_NOFOLLOW) < 0)
		r = -errno;
	if (r == -ENOENT || r == -ENOTDIR || r == -ELOOP)
		return err_set(e, ENOENT, "%s", path);
	if (r < 0)
		return err_set(e, -r, "%s", path);
	if (S_ISDIR(st->st_mode))
		return err_set(e, EISDIR, "%s", path);
	if (!S_ISREG(st->st_mode))
		return err_set(e, 0, "%s: not a regular file", path);
	if (tree_is_placeholder(at.dir, at.name, st))
		return err_set(e, 0,
			       "%s: only its name is in the package (a placeholder)",
			       path);
	fd = openat(at.dir, at.name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, st) < 0)
		return err_set(e, errno, "%s", path);
	return S_ISREG(st->st_mode) ? fd_take(&fd) : err_set(e, ESTALE, "%s", path);
}

int
package_file(struct package *p, const char *path, bool follow, struct stat *st,
	     struct err *e)
{
	AUTO(str_fini) struct str real = STR_INIT;
	struct stat own;
	int r;

	if (!st)
		st = &own;
	if (follow) {
		r = package_resolve(p, path, &real);
		if (r < 0)
			return err_set(e, -r, "%s", path);
		path = real.s;
	}
	return path[1] ? open_at(p, path, st, e) : err_set(e, EISDIR, "%s", path);
}
