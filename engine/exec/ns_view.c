#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "exec/ns.h"
#include "path/lex.h"

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

/* The directory of the package that was asked about last stays open: its names are
 * asked about one after the other. */
static int
stat_in_package(struct ns_view *x, const char *abs, struct stat *st)
{
	AUTO(str_fini) struct str dir = STR_INIT;

	if (!abs[1])
		return fstat(x->pkg->rootfd, st);
	str_set(&dir, abs);
	path_to_parent(&dir);
	if (x->dirfd < 0 || strcmp(dir.s, x->dir.s) != 0) {
		if (x->dirfd >= 0)
			close(x->dirfd);
		x->dirfd = open_side(x->pkg, SIDE_PACKAGE, dir.s, O_PATH | O_DIRECTORY);
		str_swap(&x->dir, &dir);
	}
	return x->dirfd < 0 ? -1
			    : fstatat(x->dirfd, path_base(abs), st, AT_SYMLINK_NOFOLLOW);
}

static enum plan_kind
look(struct ns_view *x, enum side side, const char *abs)
{
	struct stat st;
	int r = side == SIDE_PACKAGE ? stat_in_package(x, abs, &st)
				     : fstatat(AT_FDCWD, who_real(x->who, abs), &st,
					       AT_SYMLINK_NOFOLLOW);

	return r < 0		     ? PLAN_NONE
	       : S_ISDIR(st.st_mode) ? PLAN_DIRECTORY
	       : S_ISLNK(st.st_mode) ? PLAN_LINK
				     : PLAN_OTHER;
}

/* A plan asks up to four times for each name. */
static enum plan_kind
kind(void *ctx, enum side side, const char *abs)
{
	struct ns_view *x = ctx;
	struct map_slot *seen = map_put(&x->seen[side], abs, strlen(abs));

	if (!seen->u)
		seen->u = 1 + look(x, side, abs);
	return (enum plan_kind)(seen->u - 1);
}

static const struct layout *
pkg_of(void *ctx)
{
	return ((struct ns_view *)ctx)->pkg;
}

static bool
writable(void *ctx, enum side side, const char *abs)
{
	AUTO(fd_drop)
	int fd = open_side(pkg_of(ctx), side, abs, O_PATH | O_DIRECTORY | O_NOFOLLOW);
	struct stat st;

	if (fd < 0)
		return false;
	if (faccessat(fd, ".", W_OK | X_OK, AT_EACCESS) == 0)
		return true;
	if (errno == EROFS && side == SIDE_PACKAGE && ((struct ns_view *)ctx)->layered)
		return true;
	return errno != EROFS && fstat(fd, &st) == 0 && st.st_uid == geteuid();
}

static void
list(void *ctx, enum side side, const char *abs, struct plan_names *out)
{
	int fd = open_side(pkg_of(ctx), side, abs, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
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

enum { PROGRAMS_LOOK = 1000 };

static bool
is_roots(const struct stat *st)
{
	return st->st_uid == 0 && !(st->st_mode & 022);
}

/* As host.c has it: the file and its directory are root's. */
static enum plan_answer
programs_in(int dirfd, const char *name, unsigned *left)
{
	int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	enum plan_answer has = PLAN_NO;
	struct stat dir, st;
	struct dirent *ent;

	if (!d || fstat(fd, &dir) < 0) {
		if (d)
			closedir(d);
		else
			fd_drop(&fd);
		return PLAN_NO;
	}
	while (has == PLAN_NO && (ent = readdir(d))) {
		if (strcmp(ent->d_name, ".") == 0 || strcmp(ent->d_name, "..") == 0)
			continue;
		if (!*left)
			has = PLAN_MAYBE;
		else if (--*left, fstatat(fd, ent->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		else if (S_ISDIR(st.st_mode))
			has = programs_in(fd, ent->d_name, left);
		else if (S_ISREG(st.st_mode) && (st.st_mode & 0111) && is_roots(&st) &&
			 is_roots(&dir))
			has = PLAN_YES;
	}
	closedir(d);
	return has;
}

static enum plan_answer
programs(void *ctx, const char *abs)
{
	unsigned left = PROGRAMS_LOOK;
	struct stat st;

	if (stat(abs, &st) < 0)
		return PLAN_NO;
	if (S_ISDIR(st.st_mode))
		return programs_in(AT_FDCWD, abs, &left);
	return S_ISREG(st.st_mode) && (st.st_mode & 0111) ? PLAN_YES : PLAN_NO;
}

struct plan_view
ns_view_of(struct ns_view *x)
{
	return (struct plan_view){ kind, writable, list, programs, x };
}

void
ns_view_fini(struct ns_view *x)
{
	for (size_t i = 0; i < ARRAY_SIZE(x->seen); i++)
		map_fini(&x->seen[i]);
	str_fini(&x->dir);
	fd_drop(&x->dirfd);
}
