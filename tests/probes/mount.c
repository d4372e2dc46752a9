/* rows: mount umount umount2 oldumount pivot_root chroot swapon swapoff acct quotactl
 * move_mount fsconfig fspick mount_setattr
 *
 * Privileged calls, with operands that do no harm to root either. */
#include "probe.h"

#include <sys/mount.h>

static struct { uint64_t set, clear, propagation, userns; } attr = { 1, 0, 0, 0 };

/* A path as a parameter of a file system that is being configured. */
static void
fsconfig_path(const struct probe_case *c)
{
	int fd = syscall(SYS_fsopen, "tmpfs", 1);

	say("fsopen: %s", outcome(fd < 0 ? -errno : 0));
	say("closed: %s", outcome(RAW(fsconfig, 777, 3, "source", "in/file", AT_FDCWD)));
	for (int cmd = 3; cmd <= 4; cmd++) {
		say("command %d: %s", cmd,
		    outcome(RAW(fsconfig, fd, cmd, "source", "in/file", AT_FDCWD)));
		say("missing: %s",
		    outcome(RAW(fsconfig, fd, cmd, "source", "in/none", AT_FDCWD)));
		say("bad: %s", outcome(RAW(fsconfig, fd, cmd, "source", 8, AT_FDCWD)));
	}
	close(fd);
}

/* Names after chroot start at the new root. */
static void
chroot_real(const struct probe_case *c)
{
	long r = RAW(chroot, "in");

	say("chroot in = %s", outcome(r));
	if (r < 0)
		return;
	say_fd("/file", open("/file", O_RDONLY | O_CLOEXEC));
	say_fd("/sub/deep", open("/sub/deep", O_RDONLY | O_CLOEXEC));
	say_fd("/../file", open("/../file", O_RDONLY | O_CLOEXEC));
	say("chdir / = %s", outcome(chdir("/") < 0 ? -errno : 0));
	say_fd("dirlink/deep", open("dirlink/deep", O_RDONLY | O_CLOEXEC));
	say("getcwd '%s'", getcwd(probe_buf, sizeof(probe_buf)));
}

#define T(s) ((long)(s))
#define ONE .dir = -1, .path = 0, .flags = -1
#define GONE .how = CALL_ABSENT_ONLY

const struct probe_case probe_cases[] = {
	CALL_CASE_AS("mount_target", mount, .dir = -1, .path = 1, .flags = -1,
		     .arg = { T("none"), 0, T("nosuchfs"), 0, 0 }),
	CALL_CASE_AS("mount_source", mount, .dir = -1, .path = 0, .flags = -1, GONE,
		     .arg = { 0, T("in/none"), T("nosuchfs"), MS_BIND, 0 }),
	CALL_CASE_AS("mount_bind_source", mount, .dir = -1, .path = 0, .flags = -1, GONE,
		     .arg = { 0, T("in/sub"), T("nosuchfs"), MS_BIND, 0 }),
	CALL_CASE(umount2, .dir = -1, .path = 0, .flags = 1, .nofollow = UMOUNT_NOFOLLOW),
	CALL_CASE(umount, ONE),
	CALL_CASE(oldumount, ONE),
	CALL_CASE_AS("pivot_root_new", pivot_root, ONE, GONE, .arg = { 0, T("in/none") }),
	CALL_CASE_AS("pivot_root_old", pivot_root, .dir = -1, .path = 1, .flags = -1, GONE,
		     .arg = { T("in/none"), 0 }),
	CALL_CASE(chroot, ONE, GONE),
	ROW_CASE(chroot_real, chroot),
	CALL_CASE(swapon, ONE, GONE),
	CALL_CASE(swapoff, ONE),
	CALL_CASE(acct, ONE, GONE),
	CALL_CASE(quotactl, .dir = -1, .path = 1, .flags = -1, GONE,
		  .arg = { (long)0x80000500L, 0, 0, T(probe_buf) }),
	CALL_CASE_AS("move_mount_from", move_mount, .dir = 0, .path = 1, .flags = 4,
		     .follow = 1, .empty = 4, .arg = { 0, 0, AT_FDCWD, T("in/sub") }, GONE),
	CALL_CASE_AS("move_mount_to", move_mount, .dir = 2, .path = 3, .flags = 4,
		     .follow = 0x10, .empty = 0x40, .arg = { AT_FDCWD, T("in/sub") }),
	ROW_CASE(fsconfig_path, fsconfig),
	CALL_CASE(fspick, .dir = 0, .path = 1, .flags = 2, .nofollow = 2, .empty = 8, GONE),
	CALL_CASE(mount_setattr, .dir = 0, .path = 1, .flags = 2,
		  .nofollow = AT_SYMLINK_NOFOLLOW, .empty = AT_EMPTY_PATH,
		  .arg = { 0, 0, 0, T(&attr), 32 }, GONE),
	CASES_END
};
