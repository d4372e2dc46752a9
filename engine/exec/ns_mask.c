/*
 * Placeholders that can be looked at but not opened, by anybody: a read-only overlay over
 * cde-root is mounted by a task that Landlock forbids to open any file, and overlayfs
 * opens what is below it with the rights of who mounted it.  So each file in the overlay
 * has owner, mode, size and times of the real one, and open and execve say EACCES, to
 * root as well.  From there the placeholders are mounted over themselves.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "exec/ns.h"

/* Between the builder and the blind one, which shares memory and descriptors. */
struct blind {
	int tree;  /* what is to be seen */
	int empty; /* an empty directory: overlayfs wants two */
	int mount; /* the result, or -errno */
};

static int
make_overlay(const struct blind *b)
{
	AUTO(fd_drop) int fs = (int)syscall(SYS_fsopen, "overlay", FSOPEN_CLOEXEC);
	char lower[128];
	int fd;

	if (fs < 0)
		return -errno;
	/* the root is the stage of ns_build.c */
	snprintf(lower, sizeof(lower), "/old/proc/self/fd/%d:/old/proc/self/fd/%d",
		 b->tree, b->empty);
	if (syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "lowerdir", lower, 0) < 0)
		return -errno;
	/* what a package says in xattrs of overlayfs is not to be followed */
	syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "redirect_dir", "nofollow", 0);
	syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "metacopy", "off", 0);
	syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "xino", "off", 0);
	if (syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	fd = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC,
			  MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
	return fd < 0 ? -errno : fd;
}

static int
go_blind(void)
{
	const struct landlock_ruleset_attr none = {
		.handled_access_fs = LANDLOCK_ACCESS_FS_EXECUTE |
				     LANDLOCK_ACCESS_FS_READ_FILE |
				     LANDLOCK_ACCESS_FS_WRITE_FILE,
	};
	AUTO(fd_drop)
	int rules = (int)syscall(SYS_landlock_create_ruleset, &none,
				 sizeof(none.handled_access_fs), 0);

	return rules < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
			       syscall(SYS_landlock_restrict_self, rules, 0) < 0
		       ? -errno
		       : 0;
}

static int
blind_main(void *arg)
{
	struct blind *b = arg;
	int r = go_blind();

	b->mount = r < 0 ? r : make_overlay(b);
	return 0;
}

int
ns_mask_open(int tree, int empty)
{
	enum { STACK = 64 << 10 };
	static char stack[STACK] __attribute__((aligned(64)));
	struct blind b = { tree, empty, -ECHILD };
	AUTO(fd_drop) int mount = -1;
	pid_t child = clone(blind_main, stack + STACK,
			    CLONE_VM | CLONE_VFORK | CLONE_FILES, &b);

	if (child < 0)
		return -errno;
	while (waitpid(child, NULL, __WALL) < 0 && errno == EINTR)
		;
	mount = b.mount;
	if (mount < 0)
		return mount;
	/* copies of a part can be made only of what is attached (before 6.15) */
	if (syscall(SYS_move_mount, mount, "", empty, "",
		    MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return -errno;
	return fd_take(&mount);
}

static bool
is_same(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino && S_ISREG(x.st_mode);
}

int
ns_mask_put(int masks, int tree, int target, const char *abs, dev_t *dev)
{
	const int flags = O_PATH | O_NOFOLLOW;
	AUTO(fd_drop) int real = fs_open_beneath(tree, abs + 1, flags, 0);
	AUTO(fd_drop) int mask = -1;
	struct stat st;
	int r;

	if (real < 0 || !is_same(real, target))
		return 0; /* another object is seen there */
	mask = fs_open_beneath(masks, abs + 1, flags, 0);
	if (mask < 0)
		return mask;
	if (fstat(mask, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -ESTALE;
	r = ns_bind(mask, target, "/old/proc");
	*dev = st.st_dev;
	return r < 0 ? r : 1;
}
