#include "deny.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

unsigned
deny_named(const char *name)
{
	return !strcmp(name, "ptrace")	       ? DENY_PTRACE
	       : !strcmp(name, "userns")       ? DENY_USERNS
	       : !strcmp(name, "userns-limit") ? DENY_USERNS_LIMIT
					       : 0;
}

/* The numbers of x86-64 and of i386. */
static const struct numbers {
	unsigned arch, ptrace, unshare, clone, clone3;
} numbers[] = {
	{ AUDIT_ARCH_X86_64, 101, 272, 56, 435 },
	{ AUDIT_ARCH_I386, 26, 310, 120, 435 },
};

#define LOAD(field) \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define IF_NOT(k, skip)	   BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k, 0, skip)
#define IF_NO_BIT(k, skip) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, k, 0, skip)
#define ANSWER(errno)	   BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (errno))
#define NO_CALL		   0xfffffff0u

static int
filter_for(const struct numbers *n, unsigned deny)
{
	bool userns = deny & DENY_USERNS;
	unsigned unshare = userns ? n->unshare : NO_CALL;
	unsigned clone = userns ? n->clone : NO_CALL;
	struct sock_filter code[] = {
		LOAD(arch),
		IF_NOT(n->arch, 11),
		LOAD(nr),
		IF_NOT(deny & DENY_PTRACE ? n->ptrace : NO_CALL, 1),
		ANSWER(EPERM),
		/* Its flags are in memory: it is "not implemented", and clone is used. */
		IF_NOT(userns ? n->clone3 : NO_CALL, 1),
		ANSWER(ENOSYS),
		IF_NOT(unshare, 1),
		BPF_STMT(BPF_JMP | BPF_JA, 1),
		IF_NOT(clone, 3),
		LOAD(args[0]),
		IF_NO_BIT(CLONE_NEWUSER, 1),
		ANSWER(EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { sizeof(code) / sizeof(code[0]), code };

	/* As root, so that no_new_privs need not be set. */
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog);
}

int
deny_by_filter(unsigned deny)
{
	if (!(deny & (DENY_PTRACE | DENY_USERNS)))
		return 0;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (filter_for(&numbers[i], deny) < 0)
			return -1;
	return 0;
}

static int
put(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CLOEXEC), r;

	if (fd < 0)
		return -1;
	r = write(fd, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : -1;
	close(fd);
	return r;
}

/* Who maps all numbers needs privilege in the namespace above: the child has it. */
static int
map_all(pid_t pid)
{
	static const char all[] = "0 0 4294967295";
	char name[64];

	snprintf(name, sizeof(name), "/proc/%d/uid_map", pid);
	if (put(name, all) < 0)
		return -1;
	snprintf(name, sizeof(name), "/proc/%d/gid_map", pid);
	return put(name, all);
}

int
deny_by_limit(void)
{
	int ready[2], status;
	pid_t pid, self = getpid();
	char c;

	if (pipe(ready) < 0 || (pid = fork()) < 0)
		return -1;
	if (pid == 0) {
		close(ready[1]);
		_exit(read(ready[0], &c, 1) == 1 && map_all(self) == 0 ? 0 : 1);
	}
	if (unshare(CLONE_NEWUSER) < 0 || write(ready[1], "", 1) != 1)
		return -1;
	close(ready[0]);
	close(ready[1]);
	if (waitpid(pid, &status, 0) < 0 || status != 0)
		return -1;
	return put("/proc/sys/user/max_user_namespaces", "0");
}
