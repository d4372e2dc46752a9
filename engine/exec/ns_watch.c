#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"
#include "exec/missing.h"
#include "exec/ns.h"
#include "exec/ns_filter.h"
#include "path/lex.h"
#include "path/walk.h"
#include "trace/decode.h"
#include "trace/listener.h"
#include "trace/regs.h"
#include "trace/seccomp.h"
#include "tree/copy.h"

int
ns_watch_me(const struct ns *x, int sock, struct err *e)
{
	AUTO(bpf_fini) struct bpf f = { 0 };
	AUTO(fd_drop) int listener = -1;
	int r;

	if (x->guard == NS_MASKED)
		ns_filter_changes(&f, x->allow_io_uring);
	else
		ns_filter_opens(&f, x->allow_io_uring);
	listener = seccomp_listen(&f);
	if (listener < 0)
		return err_set(e, -listener, "install the filter");
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

struct where {
	int dir;
	char *name; /* in dir */
};

/* A mask that was taken away for a call, and where it may be needed when that is done. */
struct again {
	int mask; /* a mount that is nowhere */
	ino_t ino;
	VEC(struct where) place;
	pid_t tid; /* the call; of several for the same file the last */
	struct sysregs call;
	uint64_t ran; /* ns, at that time */
};

enum { PLACES_MOST = 16 };
enum { ASK_MS = 1 }; /* is the call done? */
enum { DONE_NS = 1000000 };

struct watch {
	const struct ns *ns;
	int proc, listener;
	struct seccomp_notif_sizes size;
	struct seccomp_notif *ask;
	struct seccomp_notif_resp *answer;
	struct proc p; /* who asks, and for what */
	struct decode d;
	struct str at;
	struct map told;
	VEC(struct again) again;
	uint64_t asked; /* ms: when it was last asked which calls are done */
	unsigned lines; /* on stderr */
};

/* Its canonical name, and who wanted it: once each. */
static void
tell(struct watch *w, int fd)
{
	AUTO(str_fini) struct str link = STR_INIT, abs = STR_INIT, exe = STR_INIT;
	const char *call = w->p.row->name;
	struct missing one = { .rules = w->ns->rules, .told = w->lines };
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
	w->lines = one.told;
	missing_save(&one, (struct layout *)w->ns->pkg, &e);
	missing_fini(&one);
	err_fini(&e);
}

/* The name of an operand, as one that starts in our /proc. */
static const char *
name_at(struct watch *w, const struct path_event *ev)
{
	str_clear(&w->at);
	if (ev->name.s[0] == '/')
		str_addf(&w->at, "%d/root", w->p.tid);
	else if (ev->dirfd == AT_FDCWD)
		str_addf(&w->at, "%d/cwd/", w->p.tid);
	else
		str_addf(&w->at, "%d/fd/%d/", w->p.tid, ev->dirfd);
	str_add(&w->at, ev->name.s);
	return w->at.s;
}

/* ---- all opens ---- */

static bool
is_placeholder(struct watch *w, const struct path_event *ev)
{
	const char *name = name_at(w, ev);
	struct stat st;

	/* The size is enough for nearly every file. */
	if (fstatat(w->proc, name, &st,
		    ev->walk & WALK_FOLLOW ? 0 : AT_SYMLINK_NOFOLLOW) < 0 ||
	    !S_ISREG(st.st_mode) || st.st_size != (off_t)strlen(TREE_PLACEHOLDER_TEXT))
		return false;
	AUTO(fd_drop) int fd = openat(w->proc, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	AUTO(str_fini) struct str text = STR_INIT;
	if (fd < 0 || fd_read_all(fd, &text) < 0 || strcmp(text.s, TREE_PLACEHOLDER_TEXT))
		return false;
	tell(w, fd);
	return true;
}

/* ---- changes ---- */

static bool
slurp_of(const struct watch *w, pid_t tid, const char *what, struct str *text)
{
	AUTO(str_fini) struct str name = STR_INIT;

	str_addf(&name, "%d/%s", tid, what);
	return fs_slurp(w->proc, name.s, text, NULL) == 0;
}

/* For how long has the thread had a processor? */
static uint64_t
time_of(const struct watch *w, pid_t tid)
{
	AUTO(str_fini) struct str text = STR_INIT;

	return slurp_of(w, tid, "schedstat", &text) ? strtoull(text.s, NULL, 10) : 0;
}

/* "257 0x3 0x7ffd… …" where it sleeps, or "running": then it has done the call if it
 * had time for many since. */
static bool
is_done(const struct watch *w, const struct again *x)
{
	AUTO(str_fini) struct str text = STR_INIT;
	char *at;

	if (!slurp_of(w, x->tid, "syscall", &text))
		return true;
	if (str_has_prefix(text.s, "running"))
		return time_of(w, x->tid) > x->ran + DONE_NS;
	if (strtoull(text.s, &at, 10) != x->call.nr)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(x->call.arg); i++)
		if (strtoull(at, &at, 16) != x->call.arg[i])
			return true;
	return false;
}

/* The last component of `path`. */
static void
add_place(const struct watch *w, struct again *x, const char *path)
{
	AUTO(str_fini) struct str dir = STR_INIT;
	struct where p;

	if (x->place.n == PLACES_MOST)
		return;
	str_set(&dir, path);
	path_to_parent(&dir);
	p.dir = openat(w->proc, dir.s, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (p.dir < 0)
		return;
	p.name = mem_strdup(path_base(path));
	vec_push(&x->place, p);
}

/* The call at hand may give the file another name. */
static void
add_call(struct watch *w, struct again *x)
{
	x->tid = w->p.tid;
	x->call = w->p.sys;
	x->ran = time_of(w, x->tid);
	if (w->d.n > 1 && !w->d.ev[1].fd_itself)
		add_place(w, x, name_at(w, &w->d.ev[1]));
}

/* With a copy of the mask, which is still in place, at `abs`. */
static void
remember(struct watch *w, int mask, ino_t ino, const char *abs)
{
	struct again x = { .ino = ino };

	x.mask = (int)syscall(SYS_open_tree, mask, "",
			      OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
	if (x.mask < 0)
		return;
	add_call(w, &x);
	add_place(w, &x, abs);
	vec_push(&w->again, x);
}

/* Where the kernel is to change the file itself; the file, or what becomes of it, may
 * be a placeholder again afterwards. */
static void
unmask(struct watch *w, int mask, ino_t ino)
{
	AUTO(str_fini) struct str link = STR_INIT, abs = STR_INIT;

	str_addf(&link, "self/fd/%d", mask);
	if (fs_readlink(w->proc, link.s, &abs) == 0 && abs.s[0] == '/') {
		remember(w, mask, ino, abs.s);
		if (w->d.ev[0].effect == EFF_LINK_FROM) /* one for each name */
			remember(w, mask, ino, abs.s);
	}
	/* a path is needed, and /proc of the sandbox may be another */
	if (fchdir(w->proc) == 0)
		umount2(link.s, MNT_DETACH);
}

/* To the first of its places where it is missing. */
static void
put_again(const struct watch *w, struct again *x)
{
	bool done = false;
	struct stat st;

	for (size_t i = 0; i < x->place.n; i++) {
		struct where *p = &x->place.v[i];

		if (!done && fstatat(p->dir, p->name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    st.st_dev != w->ns->mask_dev && st.st_ino == x->ino &&
		    tree_is_placeholder(p->dir, p->name, &st))
			done = syscall(SYS_move_mount, x->mask, "", p->dir, p->name,
				       MOVE_MOUNT_F_EMPTY_PATH) == 0;
		close(p->dir);
		free(p->name);
	}
	vec_fini(&x->place);
	close(x->mask);
}

static uint64_t
clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* After the call: a placeholder that is there is masked again. */
static void
mask_again(struct watch *w)
{
	uint64_t now = clock_ms();
	size_t kept = 0;

	if (now < w->asked + ASK_MS)
		return;
	w->asked = now;
	for (size_t i = 0; i < w->again.n; i++)
		if (is_done(w, &w->again.v[i]))
			put_again(w, &w->again.v[i]);
		else
			w->again.v[kept++] = w->again.v[i];
	w->again.n = kept;
}

/* Only a mask can make a difference, and the kernel says EACCES by itself. */
static bool
is_harmless(const struct path_event *ev)
{
	return ev->effect == EFF_READ || ev->effect == EFF_LIST ||
	       ev->effect == EFF_CREATE;
}

/* A file that is without its mask at the moment. */
static bool
is_waiting(struct watch *w, const struct stat *st)
{
	bool found = false;

	for (size_t i = 0; i < w->again.n; i++)
		if (w->again.v[i].ino == st->st_ino) {
			add_call(w, &w->again.v[i]);
			found = true;
		}
	return found;
}

static bool
is_refused(struct watch *w, const struct path_event *ev)
{
	const int nofollow = ev->walk & WALK_FOLLOW ? 0 : O_NOFOLLOW;
	struct stat st;
	AUTO(fd_drop)
	int fd = is_harmless(ev)
			 ? -1
			 : openat(w->proc, name_at(w, ev), O_PATH | O_CLOEXEC | nofollow);

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	if (st.st_dev != w->ns->mask_dev)
		return is_waiting(w, &st) && ev->effect == EFF_WRITE &&
		       is_placeholder(w, ev);
	if (ev->effect == EFF_WRITE) {
		tell(w, fd);
		return true;
	}
	unmask(w, fd, st.st_ino);
	return false;
}

/* ---- both ---- */

static void
fill_call(struct watch *w)
{
	const struct seccomp_data *d = &w->ask->data;
	bool i386 = d->arch == regs_audit_arch(ARCH_I386);

	w->p = (struct proc){ .tid = (pid_t)w->ask->pid };
	w->p.sys.arch = i386 ? ARCH_I386 : ARCH_X86_64;
	w->p.sys.nr = (uint32_t)d->nr;
	for (size_t i = 0; i < ARRAY_SIZE(d->args); i++)
		w->p.sys.arg[i] = d->args[i];
	w->p.row = sys_by_number(w->p.sys.arch, w->p.sys.nr);
}

/* The program may change the name after we have read it: it then reads the text of
 * a placeholder, which is no secret. */
static void
answer(struct watch *w)
{
	bool refused = false;

	fill_call(w);
	memset(w->answer, 0, w->size.seccomp_notif_resp);
	w->answer->id = w->ask->id;
	if (decode_paths(&w->p, &w->d) > 0)
		for (int i = 0; i < w->d.n && !refused; i++)
			refused = !w->d.ev[i].fd_itself &&
				  (w->ns->guard == NS_MASKED
					   ? is_refused(w, &w->d.ev[i])
					   : is_placeholder(w, &w->d.ev[i]));
	if (refused)
		w->answer->error = -EACCES;
	else
		w->answer->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	ioctl(w->listener, SECCOMP_IOCTL_NOTIF_SEND, w->answer);
}

/* Signals of the terminal, and descriptors of the program, are not ours. */
static void
detach(int sock, const struct ns *x, int proc)
{
	const int keep[] = { STDERR_FILENO, sock, x->pkg->dirfd, proc, x->lock };
	struct sigaction none = { .sa_handler = SIG_IGN };
	DIR *d;
	struct dirent *ent;

	setsid();
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

void
ns_watch(const struct ns *x, int proc, int sock)
{
	struct watch w = { .ns = x, .proc = proc, .d = DECODE_INIT, .at = STR_INIT };
	struct pollfd p = { .events = POLLIN };
	bool told; /* of the end, by NOTIF_RECV (PTRACE.md 52) */

	detach(sock, x, proc);
	w.listener = p.fd = ns_receive_fd(sock);
	close(sock);
	if (w.listener < 0 ||
	    syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &w.size) < 0)
		return;
	told = listener_wake_here(w.listener);
	w.ask = mem_alloc(w.size.seccomp_notif + sizeof(*w.ask));
	w.answer = mem_alloc(w.size.seccomp_notif_resp + sizeof(*w.answer));
	for (;;) {
		/* most wait for the next call only: the shortest way */
		int wait = w.again.n ? ASK_MS : -1;
		int n = told && wait < 0 ? 1 : poll(&p, 1, wait);

		if (n < 0 && errno != EINTR)
			break;
		if (w.again.n)
			mask_again(&w);
		if (n <= 0)
			continue;
		if (p.revents & (POLLHUP | POLLERR))
			break;
		p.revents = 0;
		memset(w.ask, 0, w.size.seccomp_notif);
		if (ioctl(w.listener, SECCOMP_IOCTL_NOTIF_RECV, w.ask) == 0)
			answer(&w);
		else
			poll(&p, 1, 0); /* taken back, or nobody is left */
	}
	/* The last program has ended.  The end of a namespace may take some ms. */
	flock(x->lock, LOCK_UN);
}
