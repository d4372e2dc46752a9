#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fs.h"
#include "exec/ns.h"
#include "path/lex.h"

/*
 * The mounts of a plan.  Usually the package's root is mounted over itself, all else on
 * that, and it becomes the root.  But where directories or links of our own are needed,
 * or what is mounted from this machine has the package in it, there is a stage, a tmpfs
 * that is the root for a while:
 *
 *	/old	this machine, untouched by what is mounted here
 *	/new	the sandbox, and in the end the root
 *	/own	directories and links that we make ourselves
 *	/layer	an overlay over the package, where that cannot be written
 *
 * Sources and targets are descriptors, opened beneath the side's root, so that
 * no link in a package leads a mount out of it.
 */
struct build {
	bool own_users;
	int dir, root;	/* the package, and its cde-root */
	int tmp;	/* the stage, or -1 */
	int host;	/* root of this machine */
	int new;	/* root of the sandbox; -1 before the first step */
	unsigned count; /* in /own */
	const struct who *who;
	int upper, work; /* of the overlay, or -1 */
};

static void
build_fini(struct build *b)
{
	fd_drop(&b->dir);
	fd_drop(&b->root);
	fd_drop(&b->tmp);
	fd_drop(&b->host);
	fd_drop(&b->new);
	fd_drop(&b->upper);
	fd_drop(&b->work);
}

/* Below one of the roots; never a link that leads elsewhere. */
static int
open_at(int root, const char *abs, int flags)
{
	return fs_open_beneath(root, abs[1] ? abs + 1 : ".", flags | O_NOFOLLOW, 0);
}

static int
open_source(const struct build *b, enum side side, const char *abs, int flags)
{
	return side == SIDE_PACKAGE ? open_at(b->root, abs, flags)
				    : open_at(b->host, who_real(b->who, abs), flags);
}

static int
open_target(const struct build *b, const char *abs)
{
	const int flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
	int fd;

	if (abs[1])
		return open_at(b->new, abs, O_PATH);
	fd = b->tmp >= 0 ? openat(b->tmp, "new", flags) : openat(b->dir, PKG_ROOT, flags);
	return fd < 0 ? -errno : fd;
}

int
ns_bind(int from, int to, const char *proc)
{
	char source[64], target[64];
	AUTO(fd_drop)
	int tree = (int)syscall(SYS_open_tree, from, "",
				OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH |
					AT_RECURSIVE);

	if (tree >= 0)
		return syscall(SYS_move_mount, tree, "", to, "",
			       MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0
			       ? -errno
			       : 0;
	if (errno != ENOSYS && errno != EPERM)
		return -errno;
	/* before 5.2 */
	snprintf(source, sizeof(source), "%s/self/fd/%d", proc, from);
	snprintf(target, sizeof(target), "%s/self/fd/%d", proc, to);
	return mount(source, target, NULL, MS_BIND | MS_REC, NULL) < 0 ? -errno : 0;
}

/* An entry to mount on, in a directory of our own. */
static int
make_entry(const struct build *b, const char *abs, enum plan_kind kind)
{
	AUTO(str_fini) struct str dir = STR_INIT;

	str_set(&dir, abs);
	path_to_parent(&dir);
	AUTO(fd_drop) int fd = open_at(b->new, dir.s, O_PATH | O_DIRECTORY);
	if (fd < 0)
		return fd;
	if (kind == PLAN_DIRECTORY)
		return mkdirat(fd, path_base(abs), 0755) < 0 ? -errno : 0;
	return mknodat(fd, path_base(abs), S_IFREG | 0444, 0) < 0 ? -errno : 0;
}

static int
mount_at(struct build *b, const struct plan_step *s, int source)
{
	int r = s->fresh ? make_entry(b, s->abs, s->kind) : 0;
	AUTO(fd_drop) int target = r < 0 ? -1 : open_target(b, s->abs);

	if (r < 0 || target < 0)
		return r < 0 ? r : target;
	r = ns_bind(source, target, b->tmp >= 0 ? "/old/proc" : "/proc");
	if (r == 0 && s->abs[1] == 0)
		b->new = open_target(b, s->abs);
	return r;
}

static int
do_bind(struct build *b, const struct plan_step *s)
{
	AUTO(fd_drop) int source = open_source(b, s->side, s->abs, O_PATH);

	return source < 0 ? source : mount_at(b, s, source);
}

/* A new directory in /own. */
static int
make_own(struct build *b, mode_t mode, struct str *name)
{
	str_clear(name);
	str_addf(name, "own/%u", b->count++);
	if (mkdirat(b->tmp, name->s, 0700) < 0)
		return -errno;
	return fchmodat(b->tmp, name->s, mode, 0) < 0 ? -errno : 0;
}

static int
do_own_dir(struct build *b, const struct plan_step *s)
{
	AUTO(str_fini) struct str name = STR_INIT;
	int r = make_own(b, 0700, &name);
	AUTO(fd_drop) int source = -1;

	if (r < 0)
		return r;
	source = openat(b->tmp, name.s, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return source < 0 ? -errno : mount_at(b, s, source);
}

/* The mode of a directory of ours: the bits for the owner become what we may do in
 * the real one, and nobody writes here. */
static mode_t
mode_for_us(int dir, const struct stat *st)
{
	mode_t mode = st->st_mode & 07777;

	if (st->st_uid == geteuid())
		return mode & ~0200u;
	mode &= 07077;
	if (faccessat(dir, ".", X_OK, 0) == 0)
		mode |= 0100;
	if (faccessat(dir, ".", R_OK | X_OK, 0) == 0)
		mode |= 0400;
	return mode;
}

static int
make_read_only(int dir)
{
	char name[64];

	snprintf(name, sizeof(name), "/old/proc/self/fd/%d", dir);
	return mount(NULL, name, NULL,
		     MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL) < 0
		       ? -errno
		       : 0;
}

static int
do_seal(struct build *b, const struct plan_step *s)
{
	AUTO(fd_drop)
	int like = open_source(b, s->side, s->abs, O_PATH | O_DIRECTORY);
	AUTO(fd_drop) int dir = open_at(b->new, s->abs, O_RDONLY | O_DIRECTORY);
	struct stat st;
	bool read_only;

	if (like < 0 || dir < 0)
		return like < 0 ? like : dir;
	if (fstat(like, &st) < 0)
		return -errno;
	read_only = faccessat(like, ".", W_OK, AT_EACCESS) < 0 && errno == EROFS;
	/* EINVAL: an owner that our own user namespace does not know */
	if (!b->own_users && fchown(dir, st.st_uid, st.st_gid) < 0 && errno != EINVAL)
		return -errno;
	if (fchmod(dir, b->own_users ? mode_for_us(like, &st) : st.st_mode & 07777) < 0 ||
	    futimens(dir, (struct timespec[]){ st.st_atim, st.st_mtim }) < 0)
		return -errno;
	return read_only || !b->own_users ? make_read_only(dir) : 0;
}

static int
do_copy(struct build *b, const struct plan_step *s)
{
	AUTO(str_fini) struct str text = STR_INIT, dir = STR_INIT;
	AUTO(fd_drop) int link = open_source(b, s->side, s->abs, O_PATH);
	struct stat st;
	int r;

	if (link < 0)
		return link;
	r = fs_readlink(link, "", &text);
	if (r < 0)
		return r;
	if (fstat(link, &st) < 0)
		return -errno;
	str_set(&dir, s->abs);
	path_to_parent(&dir);
	AUTO(fd_drop) int parent = open_at(b->new, dir.s, O_PATH | O_DIRECTORY);
	if (parent < 0)
		return parent;
	if (symlinkat(text.s, parent, path_base(s->abs)) < 0)
		return -errno;
	utimensat(parent, path_base(s->abs),
		  (struct timespec[]){ st.st_atim, st.st_mtim }, AT_SYMLINK_NOFOLLOW);
	return 0;
}

/* Over a directory an empty one; over anything else a link that leads nowhere, so
 * that it is ENOENT to open it, and EACCES to make it. */
static int
do_veil(struct build *b, const struct plan_step *s)
{
	AUTO(str_fini) struct str name = STR_INIT;
	AUTO(fd_drop) int source = -1;
	int r = 0;

	if (s->kind == PLAN_DIRECTORY) {
		r = make_own(b, 0555, &name);
	} else {
		str_addf(&name, "own/%u", b->count++);
		if (symlinkat("/proc/self/none", b->tmp, name.s) < 0)
			r = -errno;
	}
	if (r < 0)
		return r;
	source = openat(b->tmp, name.s, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	return source < 0 ? -errno : mount_at(b, s, source);
}

static int
do_step(struct build *b, const struct plan_step *s)
{
	switch (s->op) {
	case PLAN_BIND:
		return do_bind(b, s);
	case PLAN_OWN_DIR:
		return do_own_dir(b, s);
	case PLAN_SEAL:
		return do_seal(b, s);
	case PLAN_COPY:
		return do_copy(b, s);
	case PLAN_VEIL:
		return do_veil(b, s);
	}
	return -EINVAL;
}

/* Descriptors from before belong to the mounts of the other namespace; the cwd is
 * the one thing that came over. */
static int
open_sides(struct build *b, const struct layout *pkg, struct err *e)
{
	const int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	struct stat a, c;

	b->dir = open(".", flags);
	b->root = openat(b->dir, PKG_ROOT, flags);
	b->host = open("/", flags);
	if (b->dir < 0 || b->root < 0 || b->host < 0 || fstat(b->root, &a) < 0 ||
	    fstat(pkg->rootfd, &c) < 0)
		return err_set(e, errno, "%s", pkg->root.s);
	if (a.st_dev != c.st_dev || a.st_ino != c.st_ino)
		return err_set(e, 0, "%s was replaced", pkg->root.s);
	return 0;
}

static bool
needs_stage(const struct ns *x)
{
	const struct plan_step *first = x->plan->step.v;

	if (x->layer || x->guard == NS_MASKED || !x->plan->step.n ||
	    first->op != PLAN_BIND || first->side != SIDE_PACKAGE || first->abs[1])
		return true;
	for (size_t i = 1; i < x->plan->step.n; i++) {
		const struct plan_step *s = &x->plan->step.v[i];

		if ((s->op != PLAN_BIND && s->op != PLAN_COPY) ||
		    (s->side == SIDE_HOST && path_under(x->pkg->dir.s, s->abs)))
			return true;
	}
	return false;
}

/* Nothing that is mounted here is seen outside; in a new user namespace the kernel has
 * seen to that. */
static int
keep_private(const struct build *b, struct err *e)
{
	return b->own_users || mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) == 0
		       ? 0
		       : err_set(e, errno, "keep mounts private");
}

static int
open_layer(struct build *b, const struct layer *l, struct err *e)
{
	const int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	AUTO(str_fini) struct str work = STR_INIT;

	str_addf(&work, "%s/work", l->dir.s);
	b->upper = open(l->upper.s, flags);
	b->work = open(work.s, flags);
	return b->upper < 0 || b->work < 0 ? err_set(e, errno, "%s", l->dir.s) : 0;
}

/* From here on the package is the overlay.  Names of descriptors need no escapes. */
static int
mount_layer(struct build *b, struct err *e)
{
	char options[200];

	snprintf(options, sizeof(options),
		 "lowerdir=/old/proc/self/fd/%d,upperdir=/old/proc/self/fd/%d,"
		 "workdir=/old/proc/self/fd/%d,userxattr",
		 b->root, b->upper, b->work);
	if (mkdirat(b->tmp, "layer", 0755) < 0 ||
	    mount("overlay", "/layer", "overlay", MS_NODEV | MS_NOSUID, options) < 0)
		return err_set(e, errno, "mount an overlay over the package");
	fd_drop(&b->root);
	b->root = open("/layer", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return b->root < 0 ? err_set(e, errno, "the overlay") : 0;
}

/* The tmpfs is mounted on the package directory, which is a place that surely
 * exists, and leaves it again when it becomes the root.  By its name who edits the package
 * finds programs whose root is in it (inspect/lock.h). */
static int
make_stage(struct build *b, const struct layout *pkg, struct err *e)
{
	AUTO(str_fini) struct str mark = STR_INIT;
	char name[64];
	struct stat a, c;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", b->dir);
	layout_mark(pkg, &mark);
	if (mount(mark.s, name, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") < 0)
		return err_set(e, errno, "mount a tmpfs");
	b->tmp = open(pkg->dir.s, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (b->tmp < 0 || fstat(b->tmp, &a) < 0 || fstat(b->dir, &c) < 0)
		return err_set(e, errno, "%s", pkg->dir.s);
	if (a.st_dev == c.st_dev)
		return err_set(e, 0, "%s was moved", pkg->dir.s);
	if (fchdir(b->tmp) < 0 || mkdir("old", 0755) < 0 || mkdir("new", 0755) < 0 ||
	    mkdir("own", 0755) < 0)
		return err_set(e, errno, "fill the tmpfs");
	if (syscall(SYS_pivot_root, ".", "old") < 0)
		return err_set(e, errno, "change the root");
	return 0;
}

static int
leave_stage(struct build *b, struct err *e)
{
	struct mount_attr no_devices = { .attr_set =
						 MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID };

	/* Other mounts keep what they had; of the package we know the worst. */
	if (b->own_users)
		syscall(SYS_mount_setattr, b->new, "", AT_EMPTY_PATH, &no_devices,
			sizeof(no_devices));
	if (fchdir(b->new) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 ||
	    umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		return err_set(e, errno, "leave the host's root");
	return 0;
}

/* Where masks cannot be had, opens are watched. */
static int
put_masks(struct build *b, struct ns *x, struct err *e)
{
	AUTO(str_fini) struct str name = STR_INIT;
	int r = make_own(b, 0755, &name), count = 0;
	AUTO(fd_drop)
	int empty = r < 0 ? r : openat(b->tmp, name.s, O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO(fd_drop) int masks = empty < 0 ? -1 : ns_mask_open(b->root, empty);

	if (masks < 0) {
		x->guard = NS_WATCHED;
		x->no_masks = strerror(empty < 0 ? EIO : -masks);
		return 0;
	}
	for (size_t i = 0; i < x->listed->name.n; i++) {
		const char *abs = x->listed->name.v[i];
		AUTO(fd_drop) int target = open_target(b, abs);

		r = target < 0 ? 0
			       : ns_mask_put(masks, b->root, target, abs, &x->mask_dev);
		if (r < 0)
			return err_set(e, -r, "cover the placeholder %s", abs);
		count += r;
	}
	if (!count)
		x->guard = NS_UNGUARDED;
	return 0;
}

int
ns_build(struct ns *x, bool own_users, struct err *e)
{
	AUTO(build_fini)
	struct build b = { own_users, -1, -1, -1, -1, -1, 0, x->who, -1, -1 };

	if (open_sides(&b, x->pkg, e) < 0 || keep_private(&b, e) < 0 ||
	    (x->layer && open_layer(&b, x->layer, e) < 0) ||
	    (needs_stage(x) && make_stage(&b, x->pkg, e) < 0) ||
	    (x->layer && mount_layer(&b, e) < 0))
		return -1;
	for (size_t i = 0; i < x->plan->step.n; i++) {
		AUTO(str_fini) struct str text = STR_INIT;
		int r = do_step(&b, &x->plan->step.v[i]);

		if (r == 0)
			continue;
		plan_describe(&x->plan->step.v[i], &text);
		return err_set(e, r, "%s", text.s);
	}
	if (x->guard == NS_MASKED && put_masks(&b, x, e) < 0)
		return -1;
	if (leave_stage(&b, e) < 0)
		return -1;
	return chdir(x->cwd) < 0 ? err_set(e, errno, "cd %s", x->cwd) : 0;
}
