/*
 * What no engine can be without, and nothing else: the least that one can cost.
 *
 *	floor notify CMD...	each call that looks at a name comes to a supervisor, which
 *				lets it go on without a look; what has no name need not
 *				be seen (trace/unnamed.h)
 *	floor namespace CMD...	a mount namespace, and a user namespace for who is not root,
 *				in which everything is as outside
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "exec/ns.h"
#include "trace/listener.h"

static const int looks[] = {
	SYS_open,	SYS_openat,   SYS_stat,	      SYS_lstat,
	SYS_newfstatat, SYS_statx,    SYS_access,     SYS_faccessat,
	SYS_faccessat2, SYS_readlink, SYS_readlinkat, SYS_execve,
};

enum { LOOKS = ARRAY_SIZE(looks) };

static int
listen_to_looks(void)
{
	struct sock_filter f[LOOKS + 8];
	struct sock_fprog all = { 0, f };

	f[all.len++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						    offsetof(struct seccomp_data, nr));
	f[all.len++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
						    SYS_newfstatat, 0, 4);
	f[all.len++] =
		(struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					     offsetof(struct seccomp_data, args[3]));
	f[all.len++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
						    AT_EMPTY_PATH, 0, 1);
	f[all.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	f[all.len++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						    offsetof(struct seccomp_data, nr));
	for (int i = 0; i < LOOKS; i++)
		f[all.len++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
							    (uint32_t)looks[i],
							    (uint8_t)(LOOKS - i), 0);
	f[all.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	f[all.len++] =
		(struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			    SECCOMP_FILTER_FLAG_NEW_LISTENER, &all);
}

static void
let_go_on(int listener)
{
	struct pollfd p = { listener, POLLIN, 0 };
	struct seccomp_notif_resp *resp;
	struct seccomp_notif *req;
	size_t in, out;

	listener_sizes(&in, &out);
	listener_wake_here(listener);
	req = calloc(1, in);
	resp = calloc(1, out);
	while (req && resp) {
		memset(req, 0, in);
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, req) < 0) {
			if (poll(&p, 1, 0) > 0 && p.revents & (POLLHUP | POLLERR))
				break;
			continue;
		}
		resp->id = req->id;
		resp->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, resp);
	}
	free(req);
	free(resp);
}

static int
run(char **argv)
{
	execvp(argv[0], argv);
	log_error("%s: %s", argv[0], strerror(errno));
	return EXIT_NOT_FOUND;
}

static int
notify(char **argv)
{
	int pair[2], listener, status = 0;
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		log_die(EXIT_OURS, "socketpair: %s", strerror(errno));
	child = fork();
	if (child == 0) {
		listener = listen_to_looks();
		if (listener < 0 || ns_send_fd(pair[1], listener) < 0)
			log_die(EXIT_OURS, "no listener: %s", strerror(errno));
		close(listener);
		_exit(run(argv));
	}
	close(pair[1]);
	listener = child < 0 ? -1 : ns_receive_fd(pair[0]);
	if (listener < 0)
		log_die(EXIT_OURS, "no child: %s", strerror(errno));
	let_go_on(listener);
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int
write_file(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	return f && fputs(text, f) >= 0 && fclose(f) == 0 ? 0 : -1;
}

static int namespace(char **argv)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	char map[64];

	if (unshare(CLONE_NEWNS | (uid ? CLONE_NEWUSER : 0)) < 0)
		log_die(EXIT_OURS, "unshare: %s", strerror(errno));
	if (uid) {
		snprintf(map, sizeof(map), "%u %u 1", uid, uid);
		write_file("/proc/self/uid_map", map);
		write_file("/proc/self/setgroups", "deny");
		snprintf(map, sizeof(map), "%u %u 1", gid, gid);
		write_file("/proc/self/gid_map", map);
	}
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		log_die(EXIT_OURS, "keep mounts private: %s", strerror(errno));
	return run(argv);
}

int
main(int argc, char **argv)
{
	log_init("floor", false);
	if (argc > 2 && strcmp(argv[1], "notify") == 0)
		return notify(argv + 2);
	if (argc > 2 && strcmp(argv[1], "namespace") == 0)
		return namespace(argv + 2);
	log_die(EXIT_OURS, "usage: floor notify|namespace COMMAND...");
}
