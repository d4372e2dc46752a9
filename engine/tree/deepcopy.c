#include "tree/deepcopy.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "path/walk.h"
#include "tree/copy.h"

/*
 * The walk over the source does the work: it looks up every directory and every
 * link on the way, parents first, and each is made in the destination as it is
 * seen, those before a ".." included.  What remains is the file at the end.
 */
struct deep {
	const struct deepcopy *d;
	int srcfd;
	struct stat st; /* of the last one that was looked up */
	bool failed;	/* *e is set */
	struct err *e;
};

static const char *
below(const char *abs)
{
	return abs[1] ? abs + 1 : ".";
}

static void
report(const struct deep *x, const char *abs)
{
	if (x->d->copied)
		x->d->copied(x->d->ctx, abs, &x->st);
}

static int
keep(struct deep *x, const char *abs, int r)
{
	if (r == 0) {
		report(x, abs);
		return 0;
	}
	x->failed = true;
	return -EIO;
}

static int
make_link(struct deep *x, const char *abs, struct str *text)
{
	int r = fs_readlink(x->srcfd, below(abs), text);

	if (r < 0)
		return r;
	r = keep(x, abs, tree_link(x->d->dst, abs + 1, text->s, x->e));
	return r < 0 ? r : FSV_LINK;
}

static int
lookup(void *ctx, const struct str *abs, bool last, struct str *text)
{
	struct deep *x = ctx;
	int r;

	if (fstatat(x->srcfd, below(abs->s), &x->st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT || errno == ENOTDIR ? FSV_MISSING : -errno;
	if (S_ISLNK(x->st.st_mode))
		return make_link(x, abs->s, text);
	if (!S_ISDIR(x->st.st_mode))
		return FSV_FILE;
	r = keep(x, abs->s, tree_dir(x->d->dst, abs->s + 1, x->st.st_mode, x->e));
	return r < 0 ? r : FSV_DIR;
}

static bool
is_copied(const struct deep *x, const char *abs)
{
	struct stat st;

	return tree_stat(x->d->dst, abs + 1, &st) == 0 && st.st_mode == x->st.st_mode &&
	       st.st_size == x->st.st_size && st.st_mtim.tv_sec == x->st.st_mtim.tv_sec &&
	       st.st_mtim.tv_nsec == x->st.st_mtim.tv_nsec;
}

/* O_NONBLOCK: it may have become a FIFO since it was looked up. */
static int
copy_regular(struct deep *x, const char *abs)
{
	AUTO(fd_drop) int fd = -1;

	if (is_copied(x, abs))
		return 0;
	fd = openat(x->srcfd, below(abs),
		    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &x->st) < 0)
		return err_set(x->e, errno, "open %s%s", x->d->src, abs);
	if (!S_ISREG(x->st.st_mode))
		return err_set(x->e, EAGAIN, "%s%s was replaced meanwhile", x->d->src,
			       abs);
	return tree_copy_file(x->d->dst, fd, &x->st, abs + 1, x->e);
}

static int
refuse_special(struct deep *x, const char *abs)
{
	err_set(x->e, 0, "%s%s is a %s: not copied", x->d->src, abs,
		S_ISSOCK(x->st.st_mode) ? "socket" : "device");
	if (x->e)
		x->e->code = ENOTSUP;
	return -1;
}

static int
copy_final(struct deep *x, const char *abs)
{
	int r;

	if (S_ISREG(x->st.st_mode))
		r = copy_regular(x, abs);
	else if (S_ISFIFO(x->st.st_mode))
		r = tree_fifo(x->d->dst, abs + 1, x->st.st_mode, x->e);
	else
		return refuse_special(x, abs);
	if (r == 0)
		report(x, abs);
	return r;
}

int
deepcopy_path(const struct deepcopy *d, const char *abs, struct err *e)
{
	AUTO(fd_drop)
	int srcfd = open(*d->src ? d->src : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO(walk_fini) struct walk w = WALK_INIT;
	struct deep x = { .d = d, .srcfd = srcfd, .e = e };
	const struct fsview view = { lookup, &x };
	int r;

	if (srcfd < 0)
		return err_set(e, errno, "%s", d->src);
	if (abs[0] != '/')
		return err_set(e, EINVAL, "%s is not absolute", abs);
	r = path_walk(&view, "/", abs, WALK_FOLLOW, NULL, NULL, &w);
	if (x.failed)
		return -1;
	if (r == -ENOENT || r == -ENOTDIR || r == -ELOOP || r == -ENAMETOOLONG)
		return 1;
	if (r < 0)
		return err_set(e, -r, "%s%s", d->src, abs);
	if (w.kind == FSV_FILE)
		return copy_final(&x, w.abs.s);
	return w.kind == FSV_MISSING ? 1 : 0;
}
