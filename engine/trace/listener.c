#include "trace/listener.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fs.h"
#include "trace/regs.h"

/* Linux 6.6; not in every header. */
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif
enum { SYNC_WAKE_UP = 1 };

int
listener_fetch(pid_t pid, int fd)
{
	AUTO(fd_drop) int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	int listener = pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);

	return listener < 0 ? -errno : listener;
}

bool
listener_wake_here(int listener)
{
	return ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, (uint64_t)SYNC_WAKE_UP) ==
	       0;
}

void
listener_sizes(size_t *request, size_t *response)
{
	struct seccomp_notif_sizes s = { 0 };

	*request = sizeof(struct seccomp_notif);
	*response = sizeof(struct seccomp_notif_resp);
	if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &s) < 0)
		return;
	if (s.seccomp_notif > *request)
		*request = s.seccomp_notif;
	if (s.seccomp_notif_resp > *response)
		*response = s.seccomp_notif_resp;
}

enum arch
listener_arch(const struct seccomp_data *d)
{
	return d->arch == regs_audit_arch(ARCH_I386) ? ARCH_I386 : ARCH_X86_64;
}

void
listener_call(struct proc *p, const struct seccomp_data *d)
{
	p->sys.arch = listener_arch(d);
	p->sys.nr = (uint32_t)d->nr;
	p->sys.ip = d->instruction_pointer;
	for (int i = 0; i < 6; i++)
		p->saved[i] = p->sys.arg[i] = d->args[i];
	p->row = sys_by_number(p->sys.arch, p->sys.nr);
}
