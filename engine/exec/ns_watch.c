#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fs.h"
#include "exec/missing.h"
#include "exec/ns.h"
#include "trace/peek.h"
#include "trace/sys.h"
#include "tree/copy.h"

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif

/* The calls that are watched: where they have the name and its directory, and the
 * flags that tell that no content is asked for. */
struct watched {
	const char *name;
	int8_t dir, path, flags; /* arguments; -1: none */
};

static const struct watched watched[] = {
	{ "open", -1, 0, 1 },	 { "openat", 0, 1, 2 },	   { "openat2", 0, 1, -1 },
	{ "execve", -1, 0, -1 }, { "execveat", 0, 1, -1 },
};

/* Opened so, a placeholder does no harm: nothing of it can be read, or nothing of
 * it stays.  O_CREAT with O_EXCL fails anyway. */
enum { HARMLESS = O_PATH | O_DIRECTORY | O_TRUNC | O_EXCL, X32 = 0x40000000 };

static const uint32_t audit_of[ARCH_COUNT] = {
	[ARCH_X86_64] = AUDIT_ARCH_X86_64,
	[ARCH_I386] = AUDIT_ARCH_I386,
};

enum { FILTER_MOST = 64, NAME_MOST = 4096 };

struct filter {
	struct sock_filter code[FILTER_MOST];
	unsigned short n;
};

static void
emit(struct filter *f, uint16_t code, uint8_t yes, uint8_t no, uint32_t k)
{
	f->code[f->n++] = (struct sock_filter){ code, yes, no, k };
}

static void
emit_load(struct filter *f, size_t offset)
{
	emit(f, BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)offset);
}

static void
emit_return(struct filter *f, uint32_t action)
{
	emit(f, BPF_RET | BPF_K, 0, 0, action);
}

/* With the number loaded: if it is nr, answer. */
static void
emit_call(struct filter *f, const struct watched *w, int nr)
{
	const uint16_t equal = BPF_JMP | BPF_JEQ | BPF_K,
		       any = BPF_JMP | BPF_JSET | BPF_K;

	if (nr < 0)
		return;
	emit(f, equal, 0, w->flags < 0 ? 1 : 4, (uint32_t)nr);
	if (w->flags >= 0) {
		/* little endian: the low half comes first */
		emit_load(f, offsetof(struct seccomp_data, args[w->flags]));
		emit(f, any, 0, 1, HARMLESS);
		emit_return(f, SECCOMP_RET_ALLOW);
	}
	emit_return(f, SECCOMP_RET_USER_NOTIF);
}

static void
emit_arch(struct filter *f, enum arch a, bool allow_io_uring)
{
	const uint16_t equal = BPF_JMP | BPF_JEQ | BPF_K;
	struct filter body = { .n = 0 };
	int uring = sys_number(a, "io_uring_setup");

	emit_load(&body, offsetof(struct seccomp_data, nr));
	if (a == ARCH_X86_64) {
		emit(&body, BPF_JMP | BPF_JGE | BPF_K, 0, 1, X32);
		emit_return(&body, SECCOMP_RET_ERRNO | ENOSYS);
	}
	for (size_t i = 0; i < ARRAY_SIZE(watched); i++)
		emit_call(&body, &watched[i], sys_number(a, watched[i].name));
	if (!allow_io_uring && uring >= 0) {
		emit(&body, equal, 0, 1, (uint32_t)uring);
		emit_return(&body, SECCOMP_RET_ERRNO | ENOSYS);
	}
	emit_return(&body, SECCOMP_RET_ALLOW);
	emit(f, equal, 0, (uint8_t)body.n, audit_of[a]);
	memcpy(f->code + f->n, body.code, body.n * sizeof(body.code[0]));
	f->n = (unsigned short)(f->n + body.n);
}

int
ns_watch_me(int sock, bool allow_io_uring, struct err *e)
{
	struct filter f = { .n = 0 };
	struct sock_fprog prog = { 0, f.code };
	AUTO(fd_drop) int listener = -1;
	int r;

	emit_load(&f, offsetof(struct seccomp_data, arch));
	for (int a = 0; a < ARCH_COUNT; a++)
		emit_arch(&f, (enum arch)a, allow_io_uring);
	emit_return(&f, SECCOMP_RET_ERRNO | ENOSYS);
	prog.len = f.n;
	for (unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER |
				   SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	     listener < 0; flags = SECCOMP_FILTER_FLAG_NEW_LISTENER) {
		listener =
			(int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);
		if (listener < 0 && flags == SECCOMP_FILTER_FLAG_NEW_LISTENER)
			return err_set(e, errno, "install the filter");
	}
	r = ns_send_fd(sock, listener);
	return r < 0 ? err_set(e, r, "reach the watcher") : 0;
}

bool
ns_can_watch(void)
{
	struct seccomp_notif_sizes sizes;
	uint32_t action = SECCOMP_RET_USER_NOTIF;

	/* The sizes came with 5.0, CONTINUE with 5.5: as did this member of no use
	 * otherwise, and pidfd_getfd (5.6) is the next thing that can be asked for. */
	return syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) == 0 &&
	       syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0 &&
	       (syscall(SYS_pidfd_getfd, -1, -1, 0) == 0 || errno != ENOSYS);
}

struct watch {
	const struct layout *pkg;
	int proc, listener;
	struct seccomp_notif_sizes size;
	struct seccomp_notif *ask;
	struct seccomp_notif_resp *answer;
	struct str name, at;
	struct map told;
};

/* Its canonical name, and who wanted it: once each. */
static void
tell(struct watch *w, const char *call, int fd)
{
	AUTO(str_fini) struct str link = STR_INIT, abs = STR_INIT, exe = STR_INIT;
	struct missing one = { 0 };
	struct err e = ERR_INIT;

	str_addf(&link, "self/fd/%d", fd);
	if (fs_readlink(w->proc, link.s, &abs) < 0)
		return;
	str_clear(&link);
	str_addf(&link, "%s %s", call, abs.s);
	if (map_get(&w->told, link.s, link.len))
		return;
	map_put(&w->told, link.s, link.len);
	str_clear(&link);
	str_addf(&link, "%u/exe", w->ask->pid);
	fs_readlink(w->proc, link.s, &exe);
	missing_add(&one, call, abs.s, EACCES, true, exe.s);
	missing_save(&one, (struct layout *)w->pkg, &e);
	missing_fini(&one);
	err_fini(&e);
}

/* The name that the call has, as one that starts in our /proc. */
static bool
read_name(struct watch *w, const struct watched *call)
{
	const struct seccomp_data *d = &w->ask->data;

	if (peek_str((pid_t)w->ask->pid, d->args[call->path], NAME_MOST, &w->name) < 0 ||
	    !w->name.len)
		return false;
	str_clear(&w->at);
	if (w->name.s[0] == '/')
		str_addf(&w->at, "%u/root", w->ask->pid);
	else if (call->dir < 0 || (int)d->args[call->dir] == AT_FDCWD)
		str_addf(&w->at, "%u/cwd/", w->ask->pid);
	else
		str_addf(&w->at, "%u/fd/%d/", w->ask->pid, (int)d->args[call->dir]);
	str_add(&w->at, w->name.s);
	return true;
}

static bool
is_placeholder(struct watch *w, const struct watched *call)
{
	const int nofollow = AT_SYMLINK_NOFOLLOW;
	struct stat st;
	int how = 0;

	if (call->flags >= 0 && (w->ask->data.args[call->flags] & O_NOFOLLOW))
		how = nofollow;
	/* The size is enough for nearly every file. */
	if (fstatat(w->proc, w->at.s, &st, how) < 0 || !S_ISREG(st.st_mode) ||
	    st.st_size != (off_t)strlen(TREE_PLACEHOLDER_TEXT))
		return false;
	AUTO(fd_drop)
	int fd = openat(w->proc, w->at.s, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	AUTO(str_fini) struct str text = STR_INIT;
	if (fd < 0 || fd_read_all(fd, &text) < 0 || strcmp(text.s, TREE_PLACEHOLDER_TEXT))
		return false;
	tell(w, call->name, fd);
	return true;
}

static const struct watched *
call_of(const struct seccomp_data *d)
{
	for (size_t i = 0; i < ARRAY_SIZE(watched); i++)
		for (int a = 0; a < ARCH_COUNT; a++)
			if (audit_of[a] == d->arch &&
			    sys_number((enum arch)a, watched[i].name) == d->nr)
				return &watched[i];
	return NULL;
}

/* The program may change the name after we have read it: it then reads the text of
 * a placeholder, which is no secret. */
static void
answer(struct watch *w)
{
	const struct watched *call = call_of(&w->ask->data);

	memset(w->answer, 0, w->size.seccomp_notif_resp);
	w->answer->id = w->ask->id;
	if (call && read_name(w, call) && is_placeholder(w, call))
		w->answer->error = -EACCES;
	else
		w->answer->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	ioctl(w->listener, SECCOMP_IOCTL_NOTIF_SEND, w->answer);
}

/* Signals of the terminal, and descriptors of the program, are not ours. */
static void
detach(int sock, const struct layout *pkg, int proc)
{
	const int keep[] = { STDERR_FILENO, sock, pkg->dirfd, proc };
	struct sigaction none = { .sa_handler = SIG_IGN };
	DIR *d;
	struct dirent *ent;

	setsid();
	prctl(PR_SET_NAME, "cde-exec watch", 0, 0, 0);
	sigaction(SIGPIPE, &none, NULL);
	int fds = openat(proc, "self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	d = fds < 0 ? NULL : fdopendir(fds);
	while (d && (ent = readdir(d))) {
		int fd = atoi(ent->d_name);
		bool kept = ent->d_name[0] == '.' || fd == fds;

		for (size_t i = 0; i < ARRAY_SIZE(keep); i++)
			kept |= fd == keep[i];
		if (!kept)
			close(fd);
	}
	if (d)
		closedir(d);
}

_Noreturn void
ns_watch(const struct layout *pkg, int proc, int sock)
{
	struct watch w = { .pkg = pkg, .proc = proc, .name = STR_INIT, .at = STR_INIT };
	struct pollfd p = { .events = POLLIN };
	uint64_t sync = 1; /* wake the program on our processor */

	detach(sock, pkg, proc);
	w.listener = p.fd = ns_receive_fd(sock);
	close(sock);
	if (w.listener < 0 ||
	    syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &w.size) < 0)
		_exit(EXIT_SUCCESS);
	ioctl(w.listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, sync);
	w.ask = mem_alloc(w.size.seccomp_notif + sizeof(*w.ask));
	w.answer = mem_alloc(w.size.seccomp_notif_resp + sizeof(*w.answer));
	for (;;) {
		if (poll(&p, 1, -1) < 0 && errno != EINTR)
			break;
		memset(w.ask, 0, w.size.seccomp_notif);
		if (p.revents & POLLIN) {
			if (ioctl(w.listener, SECCOMP_IOCTL_NOTIF_RECV, w.ask) == 0)
				answer(&w);
		} else if (p.revents & (POLLHUP | POLLERR)) {
			break; /* the last program has ended */
		}
	}
	_exit(EXIT_SUCCESS);
}
