#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "exec/ns.h"
#include "tree/copy.h"

/* What both sides have, for the plan. */

static int
open_side(const struct layout *pkg, enum side side, const char *abs, int flags)
{
	int fd;

	if (side == SIDE_PACKAGE)
		return fs_open_beneath(pkg->rootfd, abs[1] ? abs + 1 : ".", flags, 0);
	fd = open(abs, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static enum plan_kind
kind(void *ctx, enum side side, const char *abs)
{
	AUTO(fd_drop) int fd = open_side(ctx, side, abs, O_PATH | O_NOFOLLOW);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return PLAN_NONE;
	return S_ISDIR(st.st_mode)   ? PLAN_DIRECTORY
	       : S_ISLNK(st.st_mode) ? PLAN_LINK
				     : PLAN_OTHER;
}

static bool
writable(void *ctx, enum side side, const char *abs)
{
	AUTO(fd_drop)
	int fd = open_side(ctx, side, abs, O_PATH | O_DIRECTORY | O_NOFOLLOW);
	struct stat st;

	if (fd < 0)
		return false;
	if (faccessat(fd, ".", W_OK | X_OK, AT_EACCESS) == 0)
		return true;
	return errno != EROFS && fstat(fd, &st) == 0 && st.st_uid == geteuid();
}

static void
list(void *ctx, enum side side, const char *abs, struct plan_names *out)
{
	int fd = open_side(ctx, side, abs, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *ent;

	if (!d) {
		fd_drop(&fd);
		return;
	}
	while ((ent = readdir(d)))
		if (strcmp(ent->d_name, ".") && strcmp(ent->d_name, ".."))
			vec_push(&out->v, mem_strdup(ent->d_name));
	closedir(d);
}

struct plan_view
ns_view(struct layout *pkg)
{
	return (struct plan_view){ kind, writable, list, pkg };
}

enum { LOOK_MOST = 4096 };

struct look_for {
	const struct rules *rules;
	struct str abs;
	unsigned left;
};

static bool found_in(struct look_for *x, int dirfd, const char *name);

/* What the rules pin to the host is mounted over, or veiled. */
static bool
found_at(struct look_for *x, int dir, const char *name, unsigned char type)
{
	struct stat st;

	if (rules_decide(x->rules, x->abs.s, x->abs.len).verdict == VERDICT_HOST)
		return false;
	if (type == DT_DIR)
		return found_in(x, dir, name);
	if ((type != DT_REG && type != DT_UNKNOWN) ||
	    fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	return S_ISDIR(st.st_mode) ? found_in(x, dir, name)
				   : tree_is_placeholder(dir, name, &st);
}

/* Also when there is too much to look at. */
static bool
found_in(struct look_for *x, int dirfd, const char *name)
{
	int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	size_t len = x->abs.len;
	struct dirent *ent;
	bool found = false;

	if (!d) {
		/* what cannot be listed may be there */
		found = faccessat(dirfd, name, X_OK, AT_EACCESS) == 0;
		fd_drop(&fd);
		return found;
	}
	while (!found && (ent = readdir(d))) {
		if (strcmp(ent->d_name, ".") == 0 || strcmp(ent->d_name, "..") == 0)
			continue;
		str_addf(&x->abs, "/%s", ent->d_name);
		found = --x->left == 0 || found_at(x, fd, ent->d_name, ent->d_type);
		str_trunc(&x->abs, len);
	}
	closedir(d);
	return found;
}

bool
ns_has_placeholders(const struct layout *pkg, const struct rules *r)
{
	struct look_for x = { r, STR_INIT, LOOK_MOST };
	bool found = found_in(&x, pkg->rootfd, ".");

	str_fini(&x.abs);
	return found;
}
