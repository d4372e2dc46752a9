/*
 * The guard is made by clone(2) without glibc's handlers and without our heap: each page
 * of it would be copied when one of us writes to it next (PTRACE.md 63).  So it must not
 * allocate; and as it comes beside threads, it calls only what a signal handler may call,
 * which stdio and what asks for the locale are not.
 *
 * The table is what the supervisor knew; its children that it has not heard of are
 * found in /proc by their parents; and whatever is left stops at its next call of
 * the table, which the guard receives.
 */
#include "trace/guard.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/raw.h"
#include "base/vec.h"

enum { SLOTS = 1 << 20, LISTENER = 0, ALIVE = 1, AGAIN_MS = 50 };

/* 0: none. */
static pid_t
number_at(const char *s)
{
	pid_t n = 0;

	while (*s >= '0' && *s <= '9' && n < INT_MAX / 10)
		n = n * 10 + (*s++ - '0');
	return n;
}

/* "/proc/PID/stat" */
static void
name_stat(char name[static 40], pid_t pid)
{
	char digits[16];
	size_t n = 0;

	strcpy(name, "/proc/");
	name += strlen(name);
	do
		digits[n++] = (char)('0' + pid % 10);
	while ((pid /= 10) > 0);
	while (n)
		*name++ = digits[--n];
	strcpy(name, "/stat");
}

static pid_t
parent_of(pid_t pid)
{
	char name[40], line[512], *end;
	ssize_t n;
	int fd;

	name_stat(name, pid);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, line, sizeof(line) - 1);
	close(fd);
	if (n <= 0)
		return 0;
	line[n] = '\0';
	end = strrchr(line, ')'); /* "PID (COMM) S PPID": comm may hold anything */
	return end && strlen(end) > 4 ? number_at(end + 4) : 0;
}

static bool
is_doomed(const _Atomic(pid_t) *pids, unsigned n, pid_t pid)
{
	for (unsigned i = 0; i < n; i++)
		if (pids[i] == pid)
			return true;
	return false;
}

static bool
joins(const _Atomic(pid_t) *pids, unsigned n, pid_t pid)
{
	pid_t parent;

	if (pid <= 1 || n == SLOTS || is_doomed(pids, n, pid))
		return false;
	parent = parent_of(pid);
	return parent > 1 && is_doomed(pids, n, parent);
}

/* Children of the doomed join them.  Returns how many. */
static unsigned
add_children(_Atomic(pid_t) *pids, unsigned *n)
{
	_Alignas(struct dirent64) char names[4096];
	int fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	unsigned found = 0;
	ssize_t got;

	while (fd >= 0 && (got = getdents64(fd, names, sizeof(names))) > 0)
		for (ssize_t at = 0; at < got;) {
			const struct dirent64 *x =
				(const struct dirent64 *)(void *)(names + at);
			pid_t pid = number_at(x->d_name);

			if (joins(pids, *n, pid)) {
				pids[(*n)++] = pid;
				found++;
			}
			at += x->d_reclen;
		}
	if (fd >= 0)
		close(fd);
	return found;
}

static void
kill_all(_Atomic(pid_t) *pids, unsigned *n)
{
	/* first all are found, since an orphan no longer has its parent's number */
	while (add_children(pids, n))
		;
	for (unsigned i = 0; i < *n; i++)
		if (pids[i] > 1)
			kill(pids[i], SIGKILL);
}

/* Until nobody is left whose calls the listener would get. */
static void
kill_late(void)
{
	struct seccomp_notif req[4]; /* newer kernels may have a longer one */
	struct pollfd p = { LISTENER, POLLIN, 0 };

	while (poll(&p, 1, -1) >= 0 && !(p.revents & (POLLHUP | POLLERR))) {
		memset(req, 0, sizeof(req));
		if (ioctl(LISTENER, SECCOMP_IOCTL_NOTIF_RECV, req) == 0)
			kill((pid_t)req[0].pid, SIGKILL);
	}
}

_Noreturn static void
guard_main(int listener, int alive, _Atomic(pid_t) *pids)
{
	struct pollfd p = { LISTENER, 0, 0 };
	unsigned n = 0;
	char c;

	setsid();
	prctl(PR_SET_NAME, "cde-guard");
	if (chdir("/") < 0 || dup2(listener, 250) < 0 || dup2(alive, ALIVE) < 0 ||
	    dup2(250, LISTENER) < 0)
		_exit(EXIT_FAILURE);
	if (syscall(SYS_close_range, 2, ~0u, 0) < 0)
		for (int fd = 2; fd < 1024; fd++)
			close(fd);
	while (read(ALIVE, &c, 1) < 0 && errno == EINTR)
		;
	while (n < SLOTS && pids[n])
		n++;
	for (int round = 0; round < 20; round++) {
		kill_all(pids, &n);
		if (poll(&p, 1, round ? AGAIN_MS : 1) > 0)
			_exit(EXIT_SUCCESS);
	}
	kill_late();
	_exit(EXIT_SUCCESS);
}

int
guard_open(struct guard *g)
{
	const int flags = MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE;
	const size_t size = SLOTS * sizeof(*g->pids);
	int fds[2];

	*g = (struct guard)GUARD_INIT;
	/* cppcheck-suppress invalidFunctionArg ; -1 is what an anonymous one has */
	g->pids = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, -1, 0);
	if (g->pids == MAP_FAILED || pipe2(fds, O_CLOEXEC) < 0) {
		g->pids = NULL;
		return -errno;
	}
	g->watch = fds[0];
	g->alive = fds[1];
	return 0;
}

/* Of a static program the heap begins with the data of its first thread, which stay. */
static void
lend_heap(bool to_guard)
{
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t begin = (uintptr_t)__builtin_thread_pointer() + page;
	uintptr_t end = (uintptr_t)sbrk(0) & -page;

	begin = (begin + page - 1) & -page;
	if (begin < end)
		madvise((void *)begin, end - begin,
			to_guard ? MADV_DOFORK : MADV_DONTFORK);
}

int
guard_start(struct guard *g, int listener)
{
	const struct guard here = *g; /* for it, g is not there */
	sigset_t all, old;
	pid_t pid;

	/* blocked before it exists: what the terminal sends is not for the guard */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	lend_heap(false);
	pid = raw_fork();
	if (pid == 0) {
		close(here.alive);
		guard_main(listener, here.watch, here.pids);
	}
	g->pid = pid;
	lend_heap(true);
	sigprocmask(SIG_SETMASK, &old, NULL);
	fd_drop(&g->watch);
	return pid < 0 ? pid : 0;
}

unsigned
guard_watch(struct guard *g, pid_t pid)
{
	unsigned slot = g->nspare ? g->spare[--g->nspare] : g->used;

	if (slot == g->used && g->used < SLOTS - 1)
		g->used++;
	g->pids[slot] = pid;
	return slot;
}

void
guard_forget(struct guard *g, unsigned slot)
{
	g->pids[slot] = -1; /* 0 would be the end of the table */
	if (g->nspare == g->cap) {
		g->cap = g->cap ? g->cap * 2 : 64;
		g->spare = mem_resize(g->spare, g->cap, sizeof(*g->spare));
	}
	g->spare[g->nspare++] = slot;
}

void
guard_dismiss(struct guard *g)
{
	if (g->pid > 0)
		kill(g->pid, SIGKILL);
}

void
guard_end(struct guard *g)
{
	if (g->pid > 0) {
		guard_dismiss(g);
		waitpid(g->pid, NULL, 0);
	}
	fd_drop(&g->watch);
	fd_drop(&g->alive);
	if (g->pids)
		munmap(g->pids, SLOTS * sizeof(*g->pids));
	free(g->spare);
	*g = (struct guard)GUARD_INIT;
}
