#include "trace/decode.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/net.h>
#include <linux/openat2.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "path/walk.h"
#include "suites.h"

/* The tracee whose memory is read is this process. */
static struct proc p;
static struct decode d = DECODE_INIT;
static char *low; /* two pages below 4 GiB; the second cannot be read */

enum { PAGE = 4096 };

static void
setup(void)
{
	p = (struct proc){ .tid = getpid(), .tgid = getpid() };
	low = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	ck_assert(low != MAP_FAILED);
	ck_assert_int_eq(mprotect(low + PAGE, PAGE, PROT_NONE), 0);
}

static void
teardown(void)
{
	munmap(low, 2 * PAGE);
	decode_fini(&d);
}

static taddr
address(const void *at)
{
	return (taddr)(uintptr_t)at;
}

#define AT(x) address(x)
#define ARGS(...) \
	(const uint64_t[6]) \
	{ \
		__VA_ARGS__ \
	}

/* Number of events of a call; the arguments are as in its registers. */
static int
call(enum arch a, const char *name, const uint64_t *arg)
{
	int nr = sys_number(a, name);

	ck_assert_msg(nr >= 0, "%s", name);
	p.sys.arch = a;
	p.sys.nr = (uint64_t)nr;
	p.row = sys_by_number(a, p.sys.nr);
	ck_assert_msg(p.row != NULL, "%s has no row", name);
	memcpy(p.sys.arg, arg, sizeof(p.sys.arg));
	return decode_paths(&p, &d);
}

static const struct path_event *
one(const char *name, const uint64_t *arg)
{
	int n = call(ARCH_X86_64, name, arg);

	ck_assert_msg(n == 1, "%s: %d events", name, n);
	return &d.ev[0];
}

static void
none(const char *name, const uint64_t *arg)
{
	int n = call(ARCH_X86_64, name, arg);

	ck_assert_msg(n == 0, "%s: %d events", name, n);
}

static const struct oflags {
	int flags;
	enum effect effect;
	bool follow;
} oflags[] = {
	{ O_RDONLY, EFF_READ, true },
	{ O_RDONLY | O_CLOEXEC | O_NONBLOCK, EFF_READ, true },
	{ O_RDONLY | O_NOFOLLOW, EFF_READ, false },
	{ O_RDONLY | O_DIRECTORY, EFF_LIST, true },
	{ O_RDONLY | O_DIRECTORY | O_NOFOLLOW, EFF_LIST, false },
	{ O_PATH, EFF_STAT, true },
	{ O_PATH | O_NOFOLLOW, EFF_STAT, false },
	{ O_PATH | O_DIRECTORY, EFF_STAT, true },
	{ O_PATH | O_WRONLY | O_TRUNC, EFF_STAT, true }, /* the others are ignored */
	{ O_WRONLY, EFF_WRITE, true },
	{ O_RDWR, EFF_WRITE, true },
	{ O_WRONLY | O_APPEND, EFF_WRITE, true },
	{ O_ACCMODE, EFF_WRITE, true }, /* 3: for ioctl only */
	{ O_RDONLY | O_CREAT, EFF_WRITE, true },
	{ O_WRONLY | O_CREAT, EFF_WRITE, true },
	{ O_WRONLY | O_CREAT | O_EXCL, EFF_WRITE, false },
	{ O_WRONLY | O_EXCL, EFF_WRITE, true },
	{ O_WRONLY | O_CREAT | O_TRUNC, EFF_TRUNC, true },
	{ O_RDONLY | O_TRUNC, EFF_TRUNC, true },
	{ O_RDWR | O_TRUNC | O_NOFOLLOW, EFF_TRUNC, false },
	{ O_RDWR | O_TMPFILE, EFF_STAT, true },
	{ O_WRONLY | O_TMPFILE | O_EXCL, EFF_STAT, true },
};

START_TEST(open_flags)
{
	const struct oflags *x = &oflags[_i];
	const char *name = "x/y";
	uint64_t f = (uint64_t)(unsigned)x->flags;

	for (int how = 0; how < 3; how++) {
		struct open_how oh = { .flags = f };
		const struct path_event *ev =
			how == 0 ? one("open", ARGS(AT(name), f))
			: how == 1
				? one("openat", ARGS(7, AT(name), f))
				: one("openat2", ARGS(7, AT(name), AT(&oh), sizeof(oh)));

		ck_assert_msg(ev->effect == x->effect, "%#o: effect %d", x->flags,
			      ev->effect);
		ck_assert_uint_eq(ev->oflags, (unsigned)x->flags);
		ck_assert_msg(!!(ev->walk & WALK_FOLLOW) == x->follow, "%#o", x->flags);
		ck_assert_int_eq(ev->dirfd, how ? 7 : AT_FDCWD);
		ck_assert_str_eq(ev->name.s, name);
		ck_assert_uint_eq(ev->addr, AT(name));
		ck_assert(!ev->fd_itself);
	}
}
END_TEST

START_TEST(creat_truncates)
{
	const struct path_event *ev = one("creat", ARGS(AT("f"), 0644));

	ck_assert_int_eq(ev->effect, EFF_TRUNC);
	ck_assert_uint_eq(ev->oflags, O_CREAT | O_WRONLY | O_TRUNC);
	ck_assert_uint_eq(ev->walk, WALK_FOLLOW);
}
END_TEST

static const struct how {
	uint64_t resolve;
	int events;
	unsigned walk;
} hows[] = {
	{ 0, 1, WALK_FOLLOW },
	{ RESOLVE_NO_XDEV, 1, WALK_FOLLOW },
	{ RESOLVE_NO_MAGICLINKS, 1, WALK_FOLLOW | WALK_NO_MAGIC },
	{ RESOLVE_NO_SYMLINKS, 1, WALK_FOLLOW | WALK_NO_LINKS },
	{ RESOLVE_BENEATH, 1, WALK_FOLLOW | WALK_BENEATH },
	{ RESOLVE_IN_ROOT, 1, WALK_FOLLOW | WALK_IN_ROOT },
	{ RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS, 1,
	  WALK_FOLLOW | WALK_BENEATH | WALK_NO_LINKS },
	{ RESOLVE_CACHED, 1, WALK_FOLLOW },
	{ RESOLVE_BENEATH | RESOLVE_IN_ROOT, 0, 0 }, /* EINVAL */
	{ 0x40, 0, 0 },				     /* EINVAL: unknown */
	{ RESOLVE_IN_ROOT | 1ull << 40, 0, 0 },
};

START_TEST(openat2_resolve)
{
	const struct how *x = &hows[_i];
	struct {
		struct open_how how;
		uint64_t more;
	} at = { { .resolve = x->resolve }, 0 };

	ck_assert_int_eq(call(ARCH_X86_64, "openat2",
			      ARGS(7, AT("n"), AT(&at), sizeof(at.how))),
			 x->events);
	if (x->events)
		ck_assert_uint_eq(d.ev[0].walk, x->walk);
	ck_assert_int_eq(call(ARCH_X86_64, "openat2",
			      ARGS(7, AT("n"), AT(&at), sizeof(at))),
			 x->events);
	none("openat2", ARGS(7, AT("n"), AT(&at), sizeof(at.how) - 1));
	none("openat2", ARGS(7, AT("n"), AT(&at), 0));
	none("openat2", ARGS(7, AT("n"), 0, sizeof(at.how)));
	none("openat2", ARGS(7, AT("n"), AT(low + PAGE - 8), sizeof(at.how)));
}
END_TEST

enum { NR_ARGS = 6 };

/* Which argument is the name, which has the flags, and whether links are followed. */
static const struct flagged {
	const char *name;
	int patharg, flagarg;
	uint64_t flags;
	bool follow;
} flagged[] = {
	{ "newfstatat", 1, 3, 0, true },
	{ "newfstatat", 1, 3, AT_SYMLINK_NOFOLLOW, false },
	{ "newfstatat", 1, 3, AT_NO_AUTOMOUNT, true },
	{ "newfstatat", 1, 3, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, false },
	{ "statx", 1, 2, 0, true },
	{ "statx", 1, 2, AT_SYMLINK_NOFOLLOW | AT_STATX_DONT_SYNC, false },
	{ "faccessat", 1, 3, AT_SYMLINK_NOFOLLOW, true }, /* has no flags */
	{ "faccessat2", 1, 3, AT_SYMLINK_NOFOLLOW, false },
	{ "faccessat2", 1, 3, AT_EACCESS, true },
	{ "fchmodat", 1, 3, AT_SYMLINK_NOFOLLOW, true }, /* has no flags */
	{ "fchmodat2", 1, 3, AT_SYMLINK_NOFOLLOW, false },
	{ "fchownat", 1, 4, AT_SYMLINK_NOFOLLOW, false },
	{ "fchownat", 1, 4, 0, true },
	{ "utimensat", 1, 3, AT_SYMLINK_NOFOLLOW, false },
	{ "execveat", 1, 4, 0, true },
	{ "execveat", 1, 4, AT_SYMLINK_NOFOLLOW, false },
	{ "open_tree", 1, 2, AT_SYMLINK_NOFOLLOW, false },
	{ "setxattrat", 1, 2, AT_SYMLINK_NOFOLLOW, false },
	{ "file_getattr", 1, 4, AT_SYMLINK_NOFOLLOW, false },
	{ "name_to_handle_at", 1, 4, 0, false },
	{ "name_to_handle_at", 1, 4, AT_SYMLINK_FOLLOW, true },
	{ "name_to_handle_at", 1, 4, AT_SYMLINK_NOFOLLOW, false },
	{ "inotify_add_watch", 1, 2, IN_ALL_EVENTS, true },
	{ "inotify_add_watch", 1, 2, IN_DONT_FOLLOW, false },
	{ "fanotify_mark", 4, 1, 1, true },
	{ "fanotify_mark", 4, 1, 4, false },
	{ "umount2", 0, 1, 0, true },
	{ "umount2", 0, 1, UMOUNT_NOFOLLOW, false },
	{ "umount2", 0, 1, MNT_DETACH, true },
	{ "fspick", 1, 2, 0, true },
	{ "fspick", 1, 2, 2, false },
	{ "unlinkat", 1, 2, AT_REMOVEDIR, false },
	{ "readlinkat", 1, 3, AT_SYMLINK_FOLLOW, false },
};

START_TEST(follow_flags)
{
	const struct flagged *x = &flagged[_i];
	uint64_t arg[NR_ARGS] = { 0 };
	const struct path_event *ev;

	arg[x->patharg] = AT("name");
	arg[x->flagarg] = x->flags;
	ev = one(x->name, arg);
	ck_assert_msg(!!(ev->walk & WALK_FOLLOW) == x->follow, "%s %#llx", x->name,
		      (unsigned long long)x->flags);
	ck_assert_str_eq(ev->name.s, "name");
	ck_assert(!ev->fd_itself);
}
END_TEST

START_TEST(empty_names)
{
	const struct path_event *ev;

	none("open", ARGS(AT(""), 0));
	none("stat", ARGS(AT("")));
	none("openat", ARGS(5, AT(""), 0));
	none("newfstatat", ARGS(5, AT(""), 0, 0));
	none("newfstatat", ARGS(5, AT(""), 0, AT_SYMLINK_NOFOLLOW));
	none("statx", ARGS(5, AT(""), 0));
	none("execveat", ARGS(5, AT(""), 0, 0, 0));
	none("faccessat", ARGS(5, AT(""), 0, AT_EMPTY_PATH));
	none("unlinkat", ARGS(5, AT(""), AT_EMPTY_PATH));
	none("fspick", ARGS(5, AT(""), 0));
	none("move_mount", ARGS(5, AT(""), 6, AT(""), 0));

	ev = one("newfstatat", ARGS(5, AT(""), 0, AT_EMPTY_PATH));
	ck_assert(ev->fd_itself);
	ck_assert_int_eq(ev->dirfd, 5);
	ev = one("statx", ARGS((uint32_t)AT_FDCWD, AT(""), AT_EMPTY_PATH));
	ck_assert(ev->fd_itself);
	ck_assert_int_eq(ev->dirfd, AT_FDCWD);
	ck_assert(one("execveat", ARGS(5, AT(""), 0, 0, AT_EMPTY_PATH))->fd_itself);
	ck_assert(one("fchownat", ARGS(5, AT(""), 0, 0, AT_EMPTY_PATH))->fd_itself);
	ck_assert(one("readlinkat", ARGS(5, AT(""), 0, 0))->fd_itself);
	ck_assert(one("fspick", ARGS(5, AT(""), 8))->fd_itself);
	ck_assert(one("utimensat", ARGS(5, 0, 0, 0))->fd_itself); /* futimens */
	ck_assert(one("newfstatat", ARGS(5, 0, 0, AT_EMPTY_PATH))->fd_itself);
	ck_assert_int_eq(call(ARCH_X86_64, "move_mount",
			      ARGS(5, AT(""), 6, AT(""), 0x44)),
			 2);
	ck_assert(d.ev[0].fd_itself && d.ev[1].fd_itself);
	ck_assert_int_eq(d.ev[1].dirfd, 6);
	ck_assert_int_eq(call(ARCH_X86_64, "move_mount",
			      ARGS(5, AT(""), 6, AT("m"), 0x14)),
			 2);
	ck_assert(!(d.ev[0].walk & WALK_FOLLOW) && (d.ev[1].walk & WALK_FOLLOW));
	/* linkat of a descriptor: only its first operand may be empty */
	ck_assert_int_eq(call(ARCH_X86_64, "linkat",
			      ARGS(5, AT(""), 6, AT("new"), AT_EMPTY_PATH)),
			 2);
	ck_assert(d.ev[0].fd_itself && !d.ev[1].fd_itself);
	ck_assert_str_eq(d.ev[1].name.s, "new");
}
END_TEST

START_TEST(bad_pointers)
{
	char *deep = low + PAGE;

	none("open", ARGS(0, 0));
	none("open", ARGS(8, 0));
	none("open", ARGS(AT(deep), 0));
	none("open", ARGS((uint64_t)-1, 0));
	none("open", ARGS(1ull << 63, 0));
	/* a name that ends with the page, and one that does not */
	memset(low, 'x', PAGE);
	none("open", ARGS(AT(deep - 4), 0));
	deep[-1] = 0;
	ck_assert_str_eq(one("open", ARGS(AT(deep - 4), 0))->name.s, "xxx");
	/* of two operands the good one stays */
	ck_assert_int_eq(call(ARCH_X86_64, "rename", ARGS(8, AT("to"))), 1);
	ck_assert_int_eq(d.ev[0].effect, EFF_RENAME_TO);
	ck_assert_str_eq(d.ev[0].name.s, "to");
	ck_assert_int_eq(call(ARCH_X86_64, "rename", ARGS(AT("from"), 8)), 1);
	ck_assert_int_eq(d.ev[0].effect, EFF_RENAME_FROM);
	none("bind", ARGS(3, 0, sizeof(struct sockaddr_un)));
	none("bind", ARGS(3, 8, sizeof(struct sockaddr_un)));
	none("sendmsg", ARGS(3, 0));
	none("sendmsg", ARGS(3, AT(low + PAGE - 8)));
}
END_TEST

START_TEST(long_names)
{
	char *name = malloc(5000);

	memset(name, 'n', 5000);
	name[4095] = 0;
	ck_assert_uint_eq(one("open", ARGS(AT(name), 0))->name.len, 4095);
	name[4095] = 'n';
	name[4096] = 0;
	none("open", ARGS(AT(name), 0));
	name[4096] = 'n';
	name[4999] = 0;
	none("open", ARGS(AT(name), 0));
	for (size_t n = 250; n < 260; n++) { /* around the first read */
		name[n] = 0;
		ck_assert_uint_eq(one("open", ARGS(AT(name), 0))->name.len, n);
		name[n] = 'n';
	}
	free(name);
}
END_TEST

START_TEST(directories_are_ints)
{
	const uint64_t wide = 0xdeadbeef00000000;

	ck_assert_int_eq(
		one("openat", ARGS(wide | (uint32_t)AT_FDCWD, AT("x"), 0))->dirfd,
		AT_FDCWD);
	ck_assert_int_eq(one("openat", ARGS((uint64_t)AT_FDCWD, AT("x"), 0))->dirfd,
			 AT_FDCWD);
	ck_assert_int_eq(one("openat", ARGS(wide | 9, AT("x"), 0))->dirfd, 9);
	ck_assert_int_eq(one("openat", ARGS((uint64_t)-1, AT("x"), 0))->dirfd, -1);
	ck_assert_int_eq(call(ARCH_X86_64, "renameat2", ARGS(4, AT("a"), 5, AT("b"), 0)),
			 2);
	ck_assert_int_eq(d.ev[0].dirfd, 4);
	ck_assert_int_eq(d.ev[1].dirfd, 5);
	ck_assert_int_eq(one("symlinkat", ARGS(AT("text"), 6, AT("link")))->dirfd, 6);
	ck_assert_str_eq(d.ev[0].name.s, "link");
}
END_TEST

/* Names that are such only sometimes. */
START_TEST(names_by_flags)
{
	ck_assert_int_eq(call(ARCH_X86_64, "mount",
			      ARGS(AT("proc"), AT("/m"), AT("proc"), 0, 0)),
			 1);
	ck_assert_str_eq(d.ev[0].name.s, "/m");
	ck_assert_int_eq(call(ARCH_X86_64, "mount",
			      ARGS(AT("/d"), AT("/m"), 0, MS_BIND, 0)),
			 2);
	ck_assert_str_eq(d.ev[0].name.s, "/d");
	ck_assert_int_eq(call(ARCH_X86_64, "mount",
			      ARGS(AT("/d"), AT("/m"), 0, MS_MOVE, 0)),
			 2);
	ck_assert_int_eq(call(ARCH_X86_64, "mount",
			      ARGS(AT("/d"), AT("/m"), 0, MS_REMOUNT, 0)),
			 1);
	none("fsconfig", ARGS(3, 1, AT("key"), AT("value"), 0));
	ck_assert_int_eq(one("fsconfig", ARGS(3, 3, AT("key"), AT("value"), 7))->dirfd,
			 7);
	ck_assert_str_eq(d.ev[0].name.s, "value");
	ck_assert_int_eq(call(ARCH_X86_64, "getcwd", ARGS(AT(low), 10)), 0);
}
END_TEST

static size_t
unix_address(struct sockaddr_un *un, const char *name, size_t n)
{
	memset(un, 'z', sizeof(*un));
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, name, n);
	return offsetof(struct sockaddr_un, sun_path) + n;
}

START_TEST(addresses)
{
	struct sockaddr_un un;
	struct sockaddr_storage in = { .ss_family = AF_INET };
	const struct path_event *ev;
	char full[sizeof(un.sun_path)];
	size_t n = unix_address(&un, "/s", 3);

	ev = one("bind", ARGS(3, AT(&un), n));
	ck_assert_str_eq(ev->name.s, "/s");
	ck_assert_int_eq(ev->effect, EFF_CREATE);
	ck_assert_uint_eq(ev->walk, 0);
	ck_assert_int_eq(ev->dirfd, AT_FDCWD);
	ev = one("connect", ARGS(3, AT(&un), n));
	ck_assert_int_eq(ev->effect, EFF_CONNECT);
	ck_assert_uint_eq(ev->walk, WALK_FOLLOW);
	/* not terminated within its length */
	ck_assert_str_eq(one("bind", ARGS(3, AT(&un), n - 1))->name.s, "/s");
	ck_assert_str_eq(one("bind", ARGS(3, AT(&un), n - 2))->name.s, "/");
	/* the length is an int: what stands above it does not count */
	ck_assert_str_eq(one("bind", ARGS(3, AT(&un), n | 1ull << 32))->name.s, "/s");
	/* longer than the terminator, up to the end, too long */
	ck_assert_str_eq(one("bind", ARGS(3, AT(&un), sizeof(un)))->name.s, "/s");
	none("bind", ARGS(3, AT(&un), sizeof(un) + 1));
	none("bind", ARGS(3, AT(&un), (uint32_t)-1));
	/* no name at all, abstract, other families */
	none("bind", ARGS(3, AT(&un), 0));
	none("bind", ARGS(3, AT(&un), 1));
	none("bind", ARGS(3, AT(&un), offsetof(struct sockaddr_un, sun_path)));
	none("connect", ARGS(3, AT(&in), 16));
	n = unix_address(&un, "\0abstract", 9);
	none("connect", ARGS(3, AT(&un), n));
	/* all of sun_path without a NUL */
	memset(full, 'p', sizeof(full));
	n = unix_address(&un, full, sizeof(full));
	ck_assert_uint_eq(one("connect", ARGS(3, AT(&un), n))->name.len, sizeof(full));
	/* sendto: argument 4 */
	n = unix_address(&un, "s", 2);
	ck_assert_str_eq(one("sendto", ARGS(3, 0, 0, 0, AT(&un), n))->name.s, "s");
	none("sendto", ARGS(3, 0, 0, 0, 0, 0));
	none("sendto", ARGS(3, 0, 0, 0, 0, n));
}
END_TEST

START_TEST(messages)
{
	struct sockaddr_un un;
	struct mmsghdr mm[2];
	struct msghdr *m = &mm[0].msg_hdr;

	memset(mm, 0, sizeof(mm));
	m->msg_name = &un;
	m->msg_namelen = (socklen_t)unix_address(&un, "name", 5);
	ck_assert_str_eq(one("sendmsg", ARGS(3, AT(m)))->name.s, "name");
	ck_assert_int_eq(d.ev[0].effect, EFF_CONNECT);
	ck_assert_uint_eq(d.ev[0].addr, AT(&un));
	ck_assert_str_eq(one("sendmmsg", ARGS(3, AT(mm), 2))->name.s, "name");
	m->msg_name = NULL;
	none("sendmsg", ARGS(3, AT(m)));
	m->msg_name = &un;
	m->msg_namelen = 0;
	none("sendmsg", ARGS(3, AT(m)));
}
END_TEST

START_TEST(i386)
{
	struct sockaddr_un *un = (struct sockaddr_un *)(low + 256);
	uint32_t *msg = (uint32_t *)low, n;
	char *name = low + 512;

	strcpy(name, "name");
	ck_assert_int_eq(call(ARCH_I386, "open", ARGS(AT(name), O_RDWR)), 1);
	ck_assert_int_eq(d.ev[0].effect, EFF_WRITE);
	ck_assert_int_eq(call(ARCH_I386, "openat", ARGS(0xffffff9c, AT(name), O_PATH)),
			 1);
	ck_assert_int_eq(d.ev[0].dirfd, AT_FDCWD);
	ck_assert_int_eq(call(ARCH_I386, "fstatat64", ARGS(5, AT(name), 0, 0x100)), 1);
	ck_assert_uint_eq(d.ev[0].walk, 0);
	ck_assert_int_eq(call(ARCH_I386, "oldlstat", ARGS(AT(name))), 1);
	ck_assert_int_eq(call(ARCH_I386, "truncate64", ARGS(AT(name), 0, 0)), 1);
	ck_assert_int_eq(d.ev[0].effect, EFF_TRUNC);
	/* the mask takes two registers */
	ck_assert_int_eq(call(ARCH_I386, "fanotify_mark",
			      ARGS(3, 4, 0x20, 0, 9, AT(name))),
			 1);
	ck_assert_int_eq(d.ev[0].dirfd, 9);
	ck_assert_str_eq(d.ev[0].name.s, "name");
	ck_assert_uint_eq(d.ev[0].walk, 0);
	ck_assert_int_eq(call(ARCH_I386, "fanotify_mark", ARGS(3, 1, 0x20, 0, 9, 0)), 1);
	ck_assert(d.ev[0].fd_itself);
	/* msghdr with pointers of 32 bits */
	n = (uint32_t)unix_address(un, "sock", 5);
	msg[0] = (uint32_t)AT(un);
	msg[1] = n;
	msg[2] = 0xffffffff;
	ck_assert_int_eq(call(ARCH_I386, "sendmsg", ARGS(3, AT(msg))), 1);
	ck_assert_str_eq(d.ev[0].name.s, "sock");
	ck_assert_int_eq(call(ARCH_I386, "sendmmsg", ARGS(3, AT(msg), 1)), 1);
	ck_assert_int_eq(call(ARCH_I386, "connect", ARGS(3, AT(un), n)), 1);
}
END_TEST

/* The arguments of the call inside are an array in memory. */
START_TEST(socketcall)
{
	struct sockaddr_un *un = (struct sockaddr_un *)(low + 256);
	uint32_t *args = (uint32_t *)low;
	struct proc inner;

	args[0] = 7;
	args[1] = (uint32_t)AT(un);
	args[2] = (uint32_t)unix_address(un, "sock", 5);
	ck_assert_int_eq(call(ARCH_I386, "socketcall", ARGS(SYS_BIND, AT(args))), 1);
	ck_assert_str_eq(d.ev[0].name.s, "sock");
	ck_assert_int_eq(d.ev[0].effect, EFF_CREATE);
	ck_assert(decode_socketcall(&p, &inner));
	ck_assert_str_eq(inner.row->name, "bind");
	ck_assert_uint_eq(inner.sys.arg[0], 7);
	ck_assert_uint_eq(inner.sys.arg[1], args[1]);
	ck_assert_int_eq(call(ARCH_I386, "socketcall", ARGS(SYS_CONNECT, AT(args))), 1);
	ck_assert_int_eq(d.ev[0].effect, EFF_CONNECT);
	/* of no interest, no such call, not to be read */
	ck_assert_int_eq(call(ARCH_I386, "socketcall", ARGS(SYS_LISTEN, AT(args))), 0);
	ck_assert_int_eq(call(ARCH_I386, "socketcall", ARGS(0, AT(args))), 0);
	ck_assert_int_eq(call(ARCH_I386, "socketcall", ARGS(21, AT(args))), 0);
	ck_assert_int_eq(call(ARCH_I386, "socketcall", ARGS(1ull << 31, AT(args))), 0);
	ck_assert_int_eq(call(ARCH_I386, "socketcall", ARGS(SYS_BIND, AT(low + PAGE))), 0);
	ck_assert_int_eq(call(ARCH_I386, "socketcall", ARGS(SYS_BIND, 0)), 0);
}
END_TEST

START_TEST(no_row)
{
	p.row = NULL;
	ck_assert_int_eq(decode_paths(&p, &d), 0);
	ck_assert_int_eq(d.n, 0);
}
END_TEST

START_TEST(dead_tracee)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	p.tid = pid;
	ck_assert_int_eq(call(ARCH_X86_64, "open", ARGS(AT("x"), 0)), -ESRCH);
	ck_assert_int_eq(call(ARCH_X86_64, "bind", ARGS(3, AT(low), 20)), -ESRCH);
}
END_TEST

START_TEST(text)
{
	AUTO(str_fini) struct str out = STR_INIT;

	path_event_text(&p, one("open", ARGS(AT("a\n"), 0)), &out);
	ck_assert_str_eq(out.s, "open(\"a\\n\") read follow");
	str_clear(&out);
	path_event_text(&p, one("unlinkat", ARGS(5, AT("x"), 0)), &out);
	ck_assert_str_eq(out.s, "unlinkat(5, \"x\") delete nofollow");
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

Suite *
suite_decode(void)
{
	Suite *s = suite_create("decode");
	TCase *t = tcase_create("decode");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, open_flags, 0, COUNT(oflags));
	tcase_add_test(t, creat_truncates);
	tcase_add_loop_test(t, openat2_resolve, 0, COUNT(hows));
	tcase_add_loop_test(t, follow_flags, 0, COUNT(flagged));
	tcase_add_test(t, empty_names);
	tcase_add_test(t, bad_pointers);
	tcase_add_test(t, long_names);
	tcase_add_test(t, directories_are_ints);
	tcase_add_test(t, names_by_flags);
	tcase_add_test(t, addresses);
	tcase_add_test(t, messages);
	tcase_add_test(t, i386);
	tcase_add_test(t, socketcall);
	tcase_add_test(t, no_row);
	tcase_add_test(t, dead_tracee);
	tcase_add_test(t, text);
	suite_add_tcase(s, t);
	return s;
}
