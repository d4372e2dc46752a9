#include "enter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

_Noreturn void
die(const char *what, const char *name)
{
	fprintf(stderr, "enter: %s %s: %s\n", what, name, strerror(errno));
	exit(99);
}

static char *
join(const char *a, const char *b)
{
	char *s;

	if (asprintf(&s, "%s%s", a, b) < 0)
		die("asprintf", a);
	return s;
}

/* A name in the root, whose links lead nowhere else. */
static int
open_inside(const char *root, const char *name, int flags)
{
	struct open_how how = { .flags = flags | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };
	int top = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd = syscall(SYS_openat2, top, name, &how, sizeof(how)), error = errno;

	close(top);
	errno = error;
	return fd;
}

/* A directory in the root, made if it is not there; or a file, if src is one.  A name for
 * it that mount(2) takes. */
static char *
place_at(const char *root, const char *dst, const char *src)
{
	int parent = open_inside(root, "/", O_PATH), fd = parent;
	char *name = join(dst, ""), *end = name, *to;
	struct stat st;
	bool file = src && stat(src, &st) == 0 && !S_ISDIR(st.st_mode);

	while (*end) {
		char *begin = end + 1, was;

		end = begin + strcspn(begin, "/");
		was = *end;
		*end = '\0';
		fd = open_inside(root, name, O_PATH);
		if (fd < 0 && file && !was)
			close(openat(parent, begin, O_CREAT | O_EXCL | O_WRONLY, 0644));
		else if (fd < 0 && mkdirat(parent, begin, 0755) < 0)
			die("mkdir", name);
		if (fd < 0)
			fd = open_inside(root, name, O_PATH);
		*end = was;
		close(parent);
		parent = fd;
	}
	free(name);
	if (fd < 0 || asprintf(&to, "/proc/self/fd/%d", fd) < 0)
		die("make", dst);
	return to;
}

static void
make_dir(const char *name, mode_t mode)
{
	if (mkdir(name, 0700) < 0 || chmod(name, mode) < 0)
		die("mkdir", name);
}

static void
mount_or_die(const char *src, const char *to, const char *type, unsigned long flags,
	     const char *data)
{
	if (mount(src, to, type, flags, data) < 0)
		die("mount", to);
}

static void
overlay(const char *lower, const char *scratch, const char *to)
{
	char *upper = join(scratch, "/upper"), *work = join(scratch, "/work"), *data;
	struct stat st;

	if (stat(lower, &st) < 0)
		die("stat", lower);
	make_dir(upper, st.st_mode & 07777);
	if (chown(upper, st.st_uid, st.st_gid) < 0)
		die("chown", upper);
	make_dir(work, 0755);
	if (asprintf(&data, "lowerdir=%s,upperdir=%s,workdir=%s", lower, upper, work) < 0)
		die("asprintf", lower);
	mount_or_die("overlay", to, "overlay", 0, data);
}

static void
put_place(const char *root, const struct place *p)
{
	char *to = place_at(root, p->dst, p->src);
	unsigned long flags = MS_REMOUNT | MS_BIND;

	if (p->scratch)
		overlay(p->src, p->scratch, to);
	else
		mount_or_die(p->src, to, NULL, MS_BIND | MS_REC, NULL);
	if (strstr(p->flags, "ro"))
		flags |= MS_RDONLY;
	if (strstr(p->flags, "noexec"))
		flags |= MS_NOEXEC;
	/* The name from before the mount is what lies below it. */
	if (flags != (MS_REMOUNT | MS_BIND))
		mount_or_die(NULL, place_at(root, p->dst, p->src), NULL, flags, NULL);
}

static void
make_dev(const struct enter *x, const char *root)
{
	static const struct {
		const char *name;
		int major, minor;
	} node[] = {
		{ "null", 1, 3 },    { "zero", 1, 5 },	  { "full", 1, 7 },
		{ "random", 1, 8 },  { "urandom", 1, 9 }, { "tty", 5, 0 },
		{ "fuse", 10, 229 },
	};
	static const char *const link[][2] = {
		{ "pts/ptmx", "ptmx" },		 { "/proc/self/fd", "fd" },
		{ "/proc/self/fd/0", "stdin" },	 { "/proc/self/fd/1", "stdout" },
		{ "/proc/self/fd/2", "stderr" },
	};
	char *dev, *sub;

	mount_or_die("dev", place_at(root, "/dev", NULL), "tmpfs", MS_NOSUID,
		     "mode=755,size=16m");
	dev = place_at(root, "/dev", NULL);
	for (size_t i = 0; i < sizeof(node) / sizeof(node[0]); i++) {
		if (x->no_fuse && strcmp(node[i].name, "fuse") == 0)
			continue;
		sub = join(join(dev, "/"), node[i].name);
		if (mknod(sub, S_IFCHR | 0666, makedev(node[i].major, node[i].minor)) < 0)
			die("mknod", sub);
		chmod(sub, 0666);
	}
	for (size_t i = 0; i < sizeof(link) / sizeof(link[0]); i++)
		if (symlink(link[i][0], join(join(dev, "/"), link[i][1])) < 0)
			die("symlink", link[i][1]);
	sub = place_at(dev, "/pts", NULL);
	mount_or_die("devpts", sub, "devpts", 0, "newinstance,ptmxmode=666,mode=620");
	sub = place_at(dev, "/shm", NULL);
	mount_or_die("shm", sub, "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
}

/* A line at the end of a file "name:x:number:…", if it is there and lacks the number. */
static void
add_line(const char *root, const char *name, unsigned number, const char *line)
{
	int fd = open_inside(root, name, O_RDWR);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r+");
	bool known = false;
	char text[4096];

	while (f && fgets(text, sizeof(text), f)) {
		char *field = strchr(text, ':');

		field = field ? strchr(field + 1, ':') : NULL;
		if (field && strtoul(field + 1, NULL, 10) == number)
			known = true;
	}
	if (f && ((!known && fputs(line, f) < 0) || fclose(f) != 0))
		die("write", name);
}

static void
make_user(const struct enter *x, const char *root)
{
	char *home, *line;

	if (!x->user || !x->uid)
		return;
	if (asprintf(&line, "%s:x:%u:%u::%s:/bin/sh\n", x->user, x->uid, x->uid,
		     x->home) < 0)
		die("asprintf", x->user);
	add_line(root, "/etc/passwd", x->uid, line);
	if (asprintf(&line, "%s:x:%u:\n", x->user, x->uid) < 0)
		die("asprintf", x->user);
	add_line(root, "/etc/group", x->uid, line);
	if (!*x->home)
		return;
	home = place_at(root, x->home, NULL);
	if (chown(home, x->uid, x->uid) < 0)
		die("chown", home);
}

static void
loopback_up(void)
{
	struct ifreq r = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &r) < 0)
		die("ioctl", "lo");
	close(fd);
}

const char *
root_build(const struct enter *x)
{
	char *root, *tmp;

	if (unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS |
		    (x->net ? 0 : CLONE_NEWNET)) < 0)
		die("unshare", "(root is needed)");
	mount_or_die("none", "/", NULL, MS_REC | MS_PRIVATE, NULL);
	if (strcmp(x->scratch, "-") == 0) {
		root = (char *)x->root;
		mount_or_die(root, root, NULL, MS_BIND, NULL);
	} else {
		root = join(x->scratch, "/root");
		make_dir(root, 0755);
		overlay(x->root, x->scratch, root);
	}
	if (!x->net) {
		loopback_up();
		sethostname("farm", 4);
	}
	make_dev(x, root);
	tmp = place_at(root, "/tmp", NULL);
	mount_or_die("tmp", tmp, "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
	mount_or_die("sysfs", place_at(root, "/sys", NULL), "sysfs", MS_RDONLY, NULL);
	make_user(x, root);
	for (int i = 0; i < x->places; i++)
		put_place(root, &x->place[i]);
	return root;
}

void
root_enter(const char *root)
{
	mount_or_die("proc", place_at(root, "/proc", NULL), "proc", 0, NULL);
	if (chdir(root) < 0)
		die("chdir", root);
	if (syscall(SYS_pivot_root, ".", ".") < 0)
		die("pivot_root", root);
	if (umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		die("umount", "the old root");
}
