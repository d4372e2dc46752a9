/*
 * Runs a program on "another machine": in a mount namespace, with directories hidden and,
 * with --root, in a root directory of its own.
 *
 *	sandbox [--root DIR] [--bind SRC DST] [--hide DIR]… --cwd DIR -- CMD ARG…
 *	sandbox --probe		can it be done here?
 *
 * As root by a mount namespace; as another user in a user namespace, where the user keeps
 * his ids and loses the capabilities again by execve.  DST is inside the root.
 * Status 99: the sandbox itself failed.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

_Noreturn static void
die(const char *what, const char *name)
{
	fprintf(stderr, "sandbox: %s %s: %s\n", what, name, strerror(errno));
	exit(99);
}

static void
put(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		die("write", name);
	close(fd);
}

static void
new_spaces(void)
{
	unsigned uid = geteuid(), gid = getegid();
	char text[64];

	if (uid == 0) {
		if (unshare(CLONE_NEWNS) < 0)
			die("unshare", "mounts");
	} else {
		if (unshare(CLONE_NEWNS | CLONE_NEWUSER) < 0)
			die("unshare", "user and mounts");
		snprintf(text, sizeof(text), "%u %u 1", uid, uid);
		put("/proc/self/uid_map", text);
		put("/proc/self/setgroups", "deny");
		snprintf(text, sizeof(text), "%u %u 1", gid, gid);
		put("/proc/self/gid_map", text);
	}
	/* EINVAL: / is no mount point (a chroot), so nothing of it is shared */
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 && errno != EINVAL)
		die("mount private", "/");
}

static void
bind_to(const char *src, const char *root, const char *dst)
{
	char *to;

	if (asprintf(&to, "%s%s", root, dst) < 0)
		die("asprintf", dst);
	if (mount(src, to, NULL, MS_BIND | MS_REC, NULL) < 0)
		die("bind", to);
	free(to);
}

static void
tmpfs_at(const char *root, const char *dst, const char *opts)
{
	char *to;

	if (asprintf(&to, "%s%s", root, dst) < 0)
		die("asprintf", dst);
	if (mount("tmpfs", to, "tmpfs", MS_NOSUID | MS_NODEV, opts) < 0)
		die("tmpfs on", to);
	free(to);
}

static void
enter_root(const char *root)
{
	bind_to("/proc", root, "/proc");
	bind_to("/dev", root, "/dev");
	tmpfs_at(root, "/tmp", "mode=1777");
	/* A real root: in a chroot, no user namespace could be made. */
	bind_to(root, root, "");
	if (chdir(root) < 0)
		die("chdir", root);
	if (syscall(SYS_pivot_root, ".", ".") == 0) {
		if (umount2(".", MNT_DETACH) < 0)
			die("umount", "the old root");
	} else if (chroot(".") < 0) {
		die("chroot", root);
	}
}

int
main(int argc, char **argv)
{
	const char *root = NULL, *cwd = "/", *src = NULL, *dst = NULL;
	int i, nhide = 0;

	if (argc == 2 && strcmp(argv[1], "--probe") == 0) {
		new_spaces();
		tmpfs_at("", "/tmp", "mode=1777");
		return 0;
	}
	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "--root") == 0 && i + 1 < argc) {
			root = argv[++i];
		} else if (strcmp(argv[i], "--cwd") == 0 && i + 1 < argc) {
			cwd = argv[++i];
		} else if (strcmp(argv[i], "--hide") == 0 && i + 1 < argc) {
			nhide++, i++;
		} else if (strcmp(argv[i], "--bind") == 0 && i + 2 < argc) {
			src = argv[++i];
			dst = argv[++i];
		} else {
			errno = EINVAL;
			die("argument", argv[i]);
		}
	}
	if (++i >= argc) {
		errno = EINVAL;
		die("no", "command");
	}
	new_spaces();
	for (int k = 1; k < i && nhide; k++)
		if (strcmp(argv[k], "--hide") == 0)
			tmpfs_at("", argv[++k], "mode=0755");
	if (src)
		bind_to(src, root ? root : "", dst);
	if (root)
		enter_root(root);
	if (chdir(cwd) < 0)
		die("chdir", cwd);
	execvp(argv[i], argv + i);
	fprintf(stderr, "sandbox: %s: %s\n", argv[i], strerror(errno));
	return 127;
}
