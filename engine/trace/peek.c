#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/fs.h"
#include "trace/peek.h"

enum { PAGE = 4096 };

/* Kernels without process_vm_readv, or a policy that forbids it: /proc/TID/mem. */
static ssize_t
mem_file(pid_t tid, taddr addr, void *buf, size_t n, bool write)
{
	char name[40];
	ssize_t r;

	snprintf(name, sizeof(name), "/proc/%d/mem", tid);
	AUTO(fd_drop) int fd = open(name, (write ? O_RDWR : O_RDONLY) | O_CLOEXEC);
	if (fd < 0)
		return errno == EACCES || errno == EPERM ? -EPERM : -ESRCH;
	r = write ? pwrite(fd, buf, n, (off_t)addr) : pread(fd, buf, n, (off_t)addr);
	if (r < 0)
		return errno == EIO ? -EFAULT : -errno;
	return r;
}

static ssize_t
transfer(pid_t tid, taddr addr, void *buf, size_t n, bool write)
{
	struct iovec here = { buf, n };
	struct iovec there = { (void *)(uintptr_t)addr, n };
	ssize_t r = write ? process_vm_writev(tid, &here, 1, &there, 1, 0)
			  : process_vm_readv(tid, &here, 1, &there, 1, 0);

	if (r >= 0)
		return r;
	if (errno == ENOSYS || errno == EPERM)
		return mem_file(tid, addr, buf, n, write);
	return -errno;
}

int
peek_some(pid_t tid, taddr addr, void *buf, size_t n)
{
	return (int)transfer(tid, addr, buf, n, false);
}

int
peek_bytes(pid_t tid, taddr addr, void *buf, size_t n)
{
	ssize_t r = transfer(tid, addr, buf, n, false);

	if (r < 0)
		return (int)r;
	return (size_t)r == n ? 0 : -EFAULT;
}

int
poke_bytes(pid_t tid, taddr addr, const void *buf, size_t n)
{
	ssize_t r = transfer(tid, addr, (void *)(uintptr_t)buf, n, true);

	if (r < 0)
		return (int)r;
	return (size_t)r == n ? 0 : -EFAULT;
}

int
peek_str(pid_t tid, taddr addr, size_t max, struct str *out)
{
	str_clear(out);
	while (out->len < max) {
		/* Stop at page ends: the next page may not be mapped (PTRACE.md 29). */
		size_t n = PAGE - addr % PAGE;
		ssize_t r;
		const char *end;

		if (out->len == 0 && n > 256)
			n = 256; /* most names are short */
		str_reserve(out, n);
		r = transfer(tid, addr, out->s + out->len, n, false);
		if (r <= 0)
			return r ? (int)r : -EFAULT;
		end = memchr(out->s + out->len, 0, (size_t)r);
		if (end) {
			out->len = (size_t)(end - out->s);
			return out->len < max ? 0 : -ENAMETOOLONG;
		}
		out->len += (size_t)r;
		out->s[out->len] = 0;
		addr += (size_t)r;
	}
	return -ENAMETOOLONG;
}
