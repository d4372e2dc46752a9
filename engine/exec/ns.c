#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "exec/ns.h"

/* Between us and the builder, which shares our memory and our descriptors. */
struct builder {
	struct ns *x;
	struct err *e;
	uid_t uid; /* ours, outside */
	gid_t gid;
	bool own_users;
	int users, mounts; /* the namespaces */
	int pair[2];	   /* to the watcher: our end, its end */
	int result;
};

enum { HIGH_FD = 200 }; /* ours stay out of the way of the program's own */

int
ns_send_fd(int sock, int fd)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .head = { .cmsg_len = CMSG_LEN(sizeof(int)),
				.cmsg_level = SOL_SOCKET,
				.cmsg_type = SCM_RIGHTS } };
	char c = 0;
	struct iovec iov = { &c, 1 };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };

	memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	return sendmsg(sock, &m, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int
ns_receive_fd(int sock)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	char c;
	struct iovec iov = { &c, 1 };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };
	ssize_t n;
	int fd;

	do
		n = recvmsg(sock, &m, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n <= 0 || control.head.cmsg_len != CMSG_LEN(sizeof(int)))
		return n < 0 ? -errno : -EPIPE;
	memcpy(&fd, CMSG_DATA(&control.head), sizeof(fd));
	return fd;
}

static bool
may_mount(void)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = { 0 };

	return syscall(SYS_capget, &head, data) == 0 &&
	       (data[0].effective >> CAP_SYS_ADMIN & 1);
}

static int
write_map(const char *name, const char *text)
{
	AUTO(fd_drop) int fd = open(name, O_WRONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd_write_all(fd, text, strlen(text));
}

/* A user namespace in which nobody but us exists, under our own numbers. */
static int
map_ids(uid_t uid, gid_t gid, struct err *e)
{
	char text[64];
	int r;

	snprintf(text, sizeof(text), "%u %u 1", uid, uid);
	r = write_map("/proc/self/uid_map", text);
	if (r < 0)
		return err_set(e, r, "map the user id");
	r = write_map("/proc/self/setgroups", "deny");
	if (r < 0 && r != -ENOENT)
		return err_set(e, r, "deny setgroups");
	snprintf(text, sizeof(text), "%u %u 1", gid, gid);
	r = write_map("/proc/self/gid_map", text);
	return r < 0 ? err_set(e, r, "map the group id") : 0;
}

/* /proc may be no part of the sandbox: `proc` was opened before. */
static int
build(struct builder *b, int proc)
{
	if (b->own_users && map_ids(b->uid, b->gid, b->e) < 0)
		return -1;
	if (ns_build(b->x, b->own_users, b->e) < 0)
		return -1;
	b->users = openat(proc, "self/ns/user", O_RDONLY | O_CLOEXEC);
	b->mounts = openat(proc, "self/ns/mnt", O_RDONLY | O_CLOEXEC);
	if (b->users < 0 || b->mounts < 0)
		return err_set(b->e, errno, "/proc/self/ns");
	if (b->x->guard != NS_UNGUARDED) {
		pid_t watcher;

		/* from its first moment, also for a program that is over by then */
		prctl(PR_SET_NAME, LAYOUT_WATCHER, 0, 0, 0);
		watcher = fork();

		if (watcher == 0) {
			ns_watch(b->x, proc, b->pair[1]);
			/* not _exit: AddressSanitizer does not know this stack */
			syscall(SYS_exit_group, EXIT_SUCCESS);
		}
		if (watcher < 0)
			return err_set(b->e, errno, "fork");
	}
	return 0;
}

static int
builder_main(void *arg)
{
	struct builder *b = arg;
	AUTO(fd_drop) int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);

	b->result = proc < 0 ? err_set(b->e, errno, "/proc") : build(b, proc);
	return 0;
}

/*
 * A child in the new namespaces that builds there while we wait, as after vfork:
 * nothing is copied, and what it opens is ours.
 */
static int
run_builder(struct builder *b)
{
	enum { STACK = 256 << 10 };
	static char stack[STACK] __attribute__((aligned(64)));
	int flags = CLONE_VM | CLONE_VFORK | CLONE_FILES | CLONE_NEWNS;
	pid_t child;

	/* ns_build starts in the package directory, and cannot be told by a descriptor */
	if (fchdir(b->x->pkg->dirfd) < 0)
		return err_set(b->e, errno, "cd %s", b->x->pkg->dir.s);
	/* No SIGCHLD: one that is pending would outlive our exec. */
	child = clone(builder_main, stack + STACK,
		      flags | (b->own_users ? CLONE_NEWUSER : 0), b);
	if (child < 0)
		return err_set(b->e, errno,
			       b->own_users ? "make a user namespace"
					    : "make a mount namespace");
	while (waitpid(child, NULL, __WALL) < 0 && errno == EINTR)
		;
	return b->result;
}

/* Nothing that came with the user namespace is left to the program. */
static int
drop_privileges(void)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct none[2] = { 0 };

	/* EINVAL: the kernel has no more */
	for (int cap = 0; prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0; cap++)
		;
	if (errno != EINVAL)
		return -errno;
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (syscall(SYS_capset, &head, none) < 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return 0;
}

/* From the first setns on there is no way back. */
static void
move_in(const struct builder *b)
{
	const struct ns *x = b->x;
	struct err e = ERR_INIT;

	if (b->own_users && setns(b->users, CLONE_NEWUSER) < 0)
		log_die(EXIT_OURS, "enter the user namespace: %s", strerror(errno));
	if (setns(b->mounts, CLONE_NEWNS) < 0)
		log_die(EXIT_OURS, "enter the mount namespace: %s", strerror(errno));
	if (chdir(x->cwd) < 0)
		log_die(EXIT_OURS, "cd %s: %s", x->cwd, strerror(errno));
	if (b->own_users && drop_privileges() < 0)
		log_die(EXIT_OURS, "drop privileges: %s", strerror(errno));
	if (x->guard != NS_UNGUARDED && ns_watch_me(x, b->pair[0], &e) < 0)
		log_die(EXIT_OURS, "%s", e.text.s);
}

/* Out of the range that the program may count on: 0 to 2, and what it inherits. */
static void
move_high(int *fd)
{
	int high = fcntl(*fd, F_DUPFD_CLOEXEC, HIGH_FD);

	if (high < 0)
		return;
	close(*fd);
	*fd = high;
}

static void
builder_fini(struct builder *b)
{
	fd_drop(&b->users);
	fd_drop(&b->mounts);
	fd_drop(&b->pair[0]);
	fd_drop(&b->pair[1]);
}

int
ns_enter(struct ns *x, struct err *e)
{
	AUTO(builder_fini)
	struct builder b = { x,	 e,  geteuid(),	 getegid(), !may_mount(),
			     -1, -1, { -1, -1 }, -1 };
	AUTO(fd_drop) int cwd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (getuid() != b.uid || getgid() != b.gid)
		return err_set(e, 0, "cde-exec is setuid or setgid");
	if (x->guard != NS_UNGUARDED &&
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, b.pair) < 0)
		return err_set(e, errno, "socketpair");
	if (x->guard != NS_UNGUARDED)
		move_high(&b.pair[0]);
	if (run_builder(&b) < 0) {
		if (fchdir(cwd) < 0)
			log_die(EXIT_OURS, "the working directory is lost: %s",
				strerror(errno));
		return -1;
	}
	move_in(&b);
	return 0;
}
