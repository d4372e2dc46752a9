#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "path/walk.h"
#include "trace/decode.h"
#include "trace/peek.h"

enum { NAME_MAX_LEN = 4096 };

#ifndef O_TMPFILE
#error "O_TMPFILE is needed"
#endif

/* Flag bits that the C library does not name everywhere. */
enum {
	FANOTIFY_DONT_FOLLOW = 0x4,
	INOTIFY_DONT_FOLLOW = 0x02000000,
	UMOUNT_NO_FOLLOW = 8,
	FSPICK_NO_FOLLOW = 2,
	FSPICK_EMPTY = 8,
	MOVE_F_SYMLINKS = 1,
	MOVE_F_EMPTY = 4,
	MOVE_T_SYMLINKS = 0x10,
	MOVE_T_EMPTY = 0x40,
	CONFIG_SET_PATH = 3,
	CONFIG_PATH_EMPTY = 4,
};

/* open(2) flags → effect and walk flags; i386 has the same values as x86-64. */
static void
decode_oflags(uint64_t oflags, struct path_event *ev)
{
	unsigned acc = oflags & O_ACCMODE;

	ev->oflags = (unsigned)oflags;
	if (oflags & O_PATH) {
		ev->effect = EFF_STAT;
	} else if ((oflags & O_TMPFILE) == O_TMPFILE) {
		ev->effect = EFF_STAT; /* the name is a directory; nothing is changed */
	} else if (oflags & O_TRUNC) {
		ev->effect = EFF_TRUNC;
	} else if (acc != O_RDONLY) {
		ev->effect = EFF_WRITE;
	} else if (oflags & O_CREAT) {
		ev->effect = EFF_WRITE;
	} else {
		ev->effect = oflags & O_DIRECTORY ? EFF_LIST : EFF_READ;
	}
	if ((oflags & O_NOFOLLOW) || (oflags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
		ev->walk &= ~WALK_FOLLOW;
}

/* false: the kernel will refuse it before it looks at the name (PTRACE.md 24). */
static bool
decode_how(const struct proc *p, taddr addr, struct path_event *ev)
{
	const uint64_t known = RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS |
			       RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH | RESOLVE_IN_ROOT |
			       RESOLVE_CACHED;
	struct open_how how;

	if (p->sys.arg[3] < sizeof(how) ||
	    peek_bytes(p->tid, addr, &how, sizeof(how)) < 0 || (how.resolve & ~known))
		return false;
	if ((how.resolve & RESOLVE_BENEATH) && (how.resolve & RESOLVE_IN_ROOT))
		return false;
	decode_oflags(how.flags, ev);
	if (how.resolve & RESOLVE_NO_SYMLINKS)
		ev->walk |= WALK_NO_LINKS;
	if (how.resolve & RESOLVE_NO_MAGICLINKS)
		ev->walk |= WALK_NO_MAGIC;
	if (how.resolve & RESOLVE_BENEATH)
		ev->walk |= WALK_BENEATH;
	if (how.resolve & RESOLVE_IN_ROOT)
		ev->walk |= WALK_IN_ROOT;
	return true;
}

/* Walk flags and "may the name be empty?" from the operand's flag argument. */
static bool
decode_flags(const struct proc *p, const struct sys_operand *o, struct path_event *ev)
{
	uint64_t f = o->flagarg >= 0 ? p->sys.arg[o->flagarg] : 0;
	bool empty = o->empty_ok && (o->flagarg < 0 || (f & AT_EMPTY_PATH));
	bool follow = true;

	switch (o->follow) {
	case FOLLOW:
	case BY_OFLAG:
	case BY_HOW:
		break;
	case NOFOLLOW:
		follow = false;
		break;
	case BY_AT_NOFOLLOW:
		follow = !(f & AT_SYMLINK_NOFOLLOW);
		break;
	case BY_AT_FOLLOW:
		follow = f & AT_SYMLINK_FOLLOW;
		break;
	case BY_INOTIFY:
		follow = !(f & INOTIFY_DONT_FOLLOW);
		break;
	case BY_FANOTIFY:
		follow = !(f & FANOTIFY_DONT_FOLLOW);
		break;
	case BY_UMOUNT:
		follow = !(f & UMOUNT_NO_FOLLOW);
		break;
	case BY_FSPICK:
		follow = !(f & FSPICK_NO_FOLLOW);
		empty = f & FSPICK_EMPTY;
		break;
	case BY_MOVE_FROM:
		follow = f & MOVE_F_SYMLINKS;
		empty = f & MOVE_F_EMPTY;
		break;
	case BY_MOVE_TO:
		follow = f & MOVE_T_SYMLINKS;
		empty = f & MOVE_T_EMPTY;
		break;
	}
	if (follow)
		ev->walk |= WALK_FOLLOW;
	if (o->follow == BY_OFLAG)
		decode_oflags(f, ev);
	else if (o->effect == EFF_OPEN)
		decode_oflags(O_CREAT | O_WRONLY | O_TRUNC, ev); /* creat(2) */
	return empty;
}

/* Two calls have an operand that is a name only sometimes (PTRACE.md 27). */
static bool
is_name(const struct proc *p, const struct sys_operand *o)
{
	if (o->effect != EFF_MOUNT)
		return true;
	if (strcmp(p->row->name, "fsconfig") == 0)
		return p->sys.arg[1] == CONFIG_SET_PATH ||
		       p->sys.arg[1] == CONFIG_PATH_EMPTY;
	if (strcmp(p->row->name, "mount") == 0 && o->arg == 0)
		return p->sys.arg[3] & (MS_BIND | MS_MOVE);
	return true;
}

static int
decode_path(const struct proc *p, const struct sys_operand *o, struct path_event *ev)
{
	int dirarg = o->dirarg, arg = o->arg, r;
	bool empty;

	/* 64-bit mask: i386 passes it in two registers (PTRACE.md 26) */
	if (o->follow == BY_FANOTIFY && p->sys.arch == ARCH_I386)
		dirarg = 4, arg = 5;
	if (!is_name(p, o))
		return -EINVAL;
	ev->dirfd = dirarg == DIR_CWD ? AT_FDCWD : (int)p->sys.arg[dirarg];
	ev->addr = p->sys.arg[arg];
	empty = decode_flags(p, o, ev);
	if (o->follow == BY_HOW && !decode_how(p, p->sys.arg[o->flagarg], ev))
		return -EINVAL;
	if (!ev->addr && o->empty_ok) {
		ev->fd_itself = true;
		return 0;
	}
	r = peek_str(p->tid, ev->addr, NAME_MAX_LEN, &ev->name);
	if (r == 0 && ev->name.len == 0) {
		if (!empty)
			return -ENOENT;
		ev->fd_itself = true;
	}
	return r;
}

/* sun_path of the sockaddr at `addr`; no event for other families and abstract names,
 * nor for lengths (an int) with which the kernel says EINVAL. */
static int
decode_sockaddr(const struct proc *p, taddr addr, uint64_t len, struct path_event *ev)
{
	struct sockaddr_un un;
	size_t n = (uint32_t)len;
	int r;

	memset(&un, 0, sizeof(un));
	if (!addr || n <= offsetof(struct sockaddr_un, sun_path) || n > sizeof(un))
		return -EINVAL;
	r = peek_bytes(p->tid, addr, &un, n);
	if (r < 0)
		return r;
	if (un.sun_family != AF_UNIX || !un.sun_path[0])
		return -EINVAL;
	n -= offsetof(struct sockaddr_un, sun_path);
	str_setn(&ev->name, un.sun_path, strnlen(un.sun_path, n));
	ev->addr = addr;
	ev->dirfd = AT_FDCWD;
	ev->walk = ev->effect == EFF_CREATE ? 0 : WALK_FOLLOW;
	return 0;
}

/* msg_name and msg_namelen are the first two fields, pointer-sized and 32 bit. */
static int
decode_msghdr(const struct proc *p, taddr addr, struct path_event *ev)
{
	uint32_t word[3];
	int r = peek_bytes(p->tid, addr, word, sizeof(word));

	if (r < 0)
		return r;
	if (p->sys.arch == ARCH_I386)
		return decode_sockaddr(p, word[0], word[1], ev);
	return decode_sockaddr(p, word[0] | (uint64_t)word[1] << 32, word[2], ev);
}

static int
decode_operand(const struct proc *p, const struct sys_operand *o, struct path_event *ev)
{
	ev->operand = o;
	ev->effect = o->effect;
	ev->fd_itself = false;
	ev->walk = 0;
	ev->oflags = 0;
	str_clear(&ev->name);
	switch (o->kind) {
	case OP_NONE:
		return -EINVAL;
	case OP_PATH:
		return decode_path(p, o, ev);
	case OP_SOCKADDR:
		return decode_sockaddr(p, p->sys.arg[o->arg], p->sys.arg[o->arg + 1], ev);
	case OP_MSGHDR:
	case OP_MMSGHDR:
		return decode_msghdr(p, p->sys.arg[o->arg], ev);
	}
	return -EINVAL;
}

static const char *const socketcall_name[] = {
	NULL,	       "socket",      "bind",	    "connect",	  "listen",  "accept",
	"getsockname", "getpeername", "socketpair", "send",	  "recv",    "sendto",
	"recvfrom",    "shutdown",    "setsockopt", "getsockopt", "sendmsg", "recvmsg",
	"accept4",     "recvmmsg",    "sendmmsg",
};

bool
decode_socketcall(const struct proc *p, struct proc *inner)
{
	uint32_t args[ARRAY_SIZE(p->sys.arg)] = { 0 };
	uint64_t call = p->sys.arg[0];

	if (call >= ARRAY_SIZE(socketcall_name) || !socketcall_name[call] ||
	    peek_some(p->tid, p->sys.arg[1], args, sizeof(args)) <= 0)
		return false;
	*inner = *p;
	inner->patched = inner->dirty = 0;
	for (size_t i = 0; i < ARRAY_SIZE(args); i++)
		inner->sys.arg[i] = inner->saved[i] = args[i];
	inner->row = sys_by_name(socketcall_name[call]);
	return true;
}

int
decode_paths(const struct proc *p, struct decode *d)
{
	struct proc inner;

	d->n = 0;
	if (p->row && p->row->flags & SYS_INDIRECT) {
		if (!decode_socketcall(p, &inner))
			return 0;
		p = &inner;
	}
	for (int i = 0; p->row && i < 2 && p->row->operand[i].kind != OP_NONE; i++) {
		int r = decode_operand(p, &p->row->operand[i], &d->ev[d->n]);

		if (r == -ESRCH || r == -EPERM)
			return r;
		if (r == 0)
			d->n++;
	}
	return d->n;
}

void
decode_fini(struct decode *d)
{
	for (int i = 0; i < 2; i++)
		str_fini(&d->ev[i].name);
}

static const char *const effect_name[] = {
	[EFF_NONE] = "none",	       [EFF_STAT] = "stat",
	[EFF_OPEN] = "open",	       [EFF_READ] = "read",
	[EFF_LIST] = "list",	       [EFF_WRITE] = "write",
	[EFF_TRUNC] = "trunc",	       [EFF_MODIFY] = "modify",
	[EFF_EXEC] = "exec",	       [EFF_CREATE] = "create",
	[EFF_DELETE] = "delete",       [EFF_RENAME_FROM] = "rename-from",
	[EFF_RENAME_TO] = "rename-to", [EFF_LINK_FROM] = "link-from",
	[EFF_CHDIR] = "chdir",	       [EFF_CONNECT] = "connect",
	[EFF_MOUNT] = "mount",
};

void
path_event_text(const struct proc *p, const struct path_event *ev, struct str *out)
{
	str_addf(out, "%s(", p->row->name);
	if (ev->dirfd != AT_FDCWD)
		str_addf(out, "%d, ", ev->dirfd);
	str_addc(out, '"');
	str_add_escaped(out, ev->name.s);
	str_addf(out, "\") %s %s", effect_name[ev->effect],
		 ev->walk & WALK_FOLLOW ? "follow" : "nofollow");
}
