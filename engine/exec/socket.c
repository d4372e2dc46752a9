#include <errno.h>
#include <fcntl.h>
#include <linux/net.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "exec/session.h"
#include "path/lex.h"
#include "trace/peek.h"

/*
 * AF_UNIX addresses.  A real name that does not fit into sun_path goes through a
 * descriptor of ours ("/proc/PID/fd/N/name"); what the kernel then reports as
 * the address is translated back by the table s->alias (PTRACE.md 42, 43).
 */

enum {
	PATH_AT = offsetof(struct sockaddr_un, sun_path),
	SUN_PATH = sizeof(((struct sockaddr_un *)0)->sun_path),
	MSGHDR_64 = 56,
	MSGHDR_32 = 28,
	MESSAGES_MOST = 16
};

/* The real name as a sockaddr in *un; its length, or -errno.  `bound`: the text that
 * the program gives its socket, NULL when it only names another one. */
static int
make_address(struct session *s, const struct str *real, const char *bound,
	     struct sockaddr_un *un)
{
	AUTO(str_fini) struct str name = STR_INIT;
	struct map_slot *slot;
	int r;

	memset(un, 0, sizeof(*un));
	un->sun_family = AF_UNIX;
	str_setn(&name, real->s, real->len);
	if (name.len >= SUN_PATH) {
		r = redirect_shorten(s, real, SUN_PATH, &name);
		if (r < 0)
			return r;
	}
	if (bound) {
		slot = map_put(&s->alias, name.s, name.len);
		free(slot->p);
		slot->p = mem_strdup(bound);
	}
	memcpy(un->sun_path, name.s, name.len);
	return (int)(PATH_AT + name.len + 1);
}

/* A copy of the msghdr whose msg_name is the new address. */
static int
patch_msghdr(struct session *s, struct proc *p, int arg, const struct sockaddr_un *un,
	     int len)
{
	struct scratch *sc = tracee_of(p)->scratch;
	bool small = p->sys.arch == ARCH_I386;
	size_t n = small ? MSGHDR_32 : MSGHDR_64;
	unsigned char msg[MSGHDR_64];
	uint32_t len32 = (uint32_t)len;
	taddr name = scratch_put(sc, p->tid, un, (size_t)len), at;
	int r = peek_bytes(p->tid, p->sys.arg[arg], msg, n);

	if (r < 0)
		return r;
	memcpy(msg, &name, small ? 4 : 8);
	memcpy(msg + (small ? 4 : 8), &len32, sizeof(len32));
	at = name ? scratch_put(sc, p->tid, msg, n) : 0;
	if (!at)
		return -ENOMEM;
	proc_set_arg(p, arg, at);
	return 0;
}

static int
patch_address(struct session *s, struct proc *p, const struct path_event *ev,
	      const struct sockaddr_un *un, int len)
{
	int arg = ev->operand->arg;
	taddr at;

	if (ev->operand->kind != OP_SOCKADDR)
		return patch_msghdr(s, p, arg, un, len);
	at = scratch_put(tracee_of(p)->scratch, p->tid, un, (size_t)len);
	if (!at)
		return -ENOMEM;
	proc_set_arg(p, arg, at);
	proc_set_arg(p, arg + 1, (uint64_t)len);
	return 0;
}

enum resume
redirect_address(struct session *s, struct proc *p, const struct path_event *ev)
{
	const char *bound = NULL; /* a name that exists is EADDRINUSE */
	struct sockaddr_un un;
	bool moved;
	int r = session_look(s, p, ev, ev->walk, &moved);

	if (r != 0) {
		if (r < 0 && s->look.any_package)
			proc_skip(p, r);
		return RESUME_RUN;
	}
	if (s->look.side == SIDE_HIDDEN) {
		proc_skip(p, ev->effect == EFF_CREATE ? -EACCES : -ENOENT);
		return RESUME_RUN;
	}
	if (world_is_layered(&s->world))
		r = change_enter(s, p, ev);
	else
		world_real(&s->world, s->look.side, s->look.walk.abs.s, &s->to);
	if (r < 0) {
		proc_skip(p, r);
		return RESUME_RUN;
	}
	/* A relative name in a package directory stays as it is, so that the address
	 * is what the program gave. */
	if (redirect_is_same(s, ev, moved) &&
	    (!world_is_layered(&s->world) || strcmp(s->to.s, s->look.walk.abs.s) == 0))
		return RESUME_RUN;
	if (ev->effect == EFF_CREATE && (s->made || !world_is_layered(&s->world)))
		bound = ev->name.s;
	r = make_address(s, &s->to, bound, &un);
	if (r > 0)
		r = patch_address(s, p, ev, &un, r);
	if (r < 0) {
		proc_skip(p, r);
		return RESUME_RUN;
	}
	return RESUME_EXIT;
}

static size_t
message_stride(const struct proc *p)
{
	return p->sys.arch == ARCH_I386 ? MSGHDR_32 + 4 : MSGHDR_64 + 8;
}

/*
 * sendmmsg: each message as if it were sent alone; the patched headers make a
 * new array.  Sending fewer than asked is allowed, so MESSAGES_MOST are enough.
 */
enum resume
redirect_messages(struct session *s, struct proc *p)
{
	size_t stride = message_stride(p), n = (size_t)p->sys.arg[2];
	unsigned char all[MESSAGES_MOST * (MSGHDR_64 + 8)];
	taddr from = p->sys.arg[1], at;
	bool changed = false;

	if (n > MESSAGES_MOST)
		n = MESSAGES_MOST;
	if (peek_bytes(p->tid, from, all, n * stride) < 0)
		return RESUME_RUN;
	for (size_t i = 0; i < n; i++) {
		struct proc one = *p;

		one.row = sys_by_name("sendmsg");
		one.sys.arg[1] = one.saved[1] = from + i * stride;
		one.patched = one.dirty = 0;
		if (decode_paths(&one, &s->d) <= 0)
			continue;
		redirect_address(s, &one, &s->d.ev[0]);
		if ((one.dirty & REGS_NR) && i == 0)
			proc_skip(p, one.sys.ret);
		if (one.dirty & REGS_NR) {
			n = i; /* those before it are sent */
			break;
		}
		if (one.patched && peek_bytes(p->tid, one.sys.arg[1], all + i * stride,
					      stride - (stride > MSGHDR_64 ? 8 : 4)) == 0)
			changed = true;
	}
	s->d.n = 0;
	at = changed && n ? scratch_put(tracee_of(p)->scratch, p->tid, all, n * stride)
			  : 0;
	if (!at || (p->dirty & REGS_NR))
		return RESUME_RUN;
	proc_set_arg(p, 1, at);
	proc_set_arg(p, 2, n);
	tracee_of(p)->copied = at;
	return RESUME_EXIT;
}

/* msg_len of each message that went out, into the program's own array. */
void
socket_messages_sent(struct proc *p)
{
	size_t stride = message_stride(p),
	       at = p->sys.arch == ARCH_I386 ? MSGHDR_32 : MSGHDR_64;
	uint32_t len;

	for (int64_t i = 0; i < p->sys.ret; i++) {
		uint64_t off = (uint64_t)i * stride + at;

		if (peek_bytes(p->tid, tracee_of(p)->copied + off, &len, sizeof(len)) ==
		    0)
			poke_bytes(p->tid, p->saved[1] + off, &len, sizeof(len));
	}
}

/* Where a call keeps the address that it fills in, and the length of that. */
struct result {
	taddr addr, lenptr;
	bool in_msghdr; /* lenptr is msg_namelen itself */
};

static bool
find_result(const struct proc *p, struct result *x)
{
	const char *name = p->row->name;
	size_t word = p->sys.arch == ARCH_I386 ? 4 : 8;

	*x = (struct result){ 0 };
	if (strcmp(name, "recvfrom") == 0) {
		x->addr = p->sys.arg[4];
		x->lenptr = p->sys.arg[5];
	} else if (str_has_prefix(name, "recv")) {
		if (peek_bytes(p->tid, p->sys.arg[1], &x->addr, word) < 0)
			return false;
		x->lenptr = p->sys.arg[1] + word;
		x->in_msghdr = true;
	} else {
		x->addr = p->sys.arg[1];
		x->lenptr = p->sys.arg[2];
	}
	return x->addr && x->lenptr;
}

enum resume
socket_results_wanted(struct session *s, struct proc *p)
{
	struct result x;
	uint32_t room;

	if (!find_result(p, &x) ||
	    peek_bytes(p->tid, x.lenptr, &room, sizeof(room)) < 0 || room <= PATH_AT)
		return RESUME_RUN;
	tracee_of(p)->room = room;
	return RESUME_EXIT;
}

/* Virtual name for the address a socket was bound to; NULL: it is that already. */
static const char *
address_virtual(struct session *s, const char *real)
{
	struct map_slot *slot = map_get(&s->alias, real, strlen(real));
	const char *virtual;

	if (slot)
		return slot->p;
	virtual = world_virtual(&s->world, real);
	return virtual == real ? NULL : virtual;
}

/* The address that the kernel put at x, in a buffer of `room` bytes. */
static void
translate(struct session *s, struct proc *p, const struct result *x, uint64_t room)
{
	struct sockaddr_un un;
	const char *virtual;
	uint32_t len;
	size_t n;

	if (peek_bytes(p->tid, x->lenptr, &len, sizeof(len)) < 0)
		return;
	n = len < room ? len : (size_t)room;
	memset(&un, 0, sizeof(un));
	if (n <= PATH_AT || n > sizeof(un) || peek_bytes(p->tid, x->addr, &un, n) < 0)
		return;
	if (un.sun_family != AF_UNIX || !un.sun_path[0])
		return;
	str_setn(&s->text, un.sun_path, strnlen(un.sun_path, n - PATH_AT));
	virtual = address_virtual(s, s->text.s);
	if (!virtual)
		return;
	len = (uint32_t)(PATH_AT + strlen(virtual) + 1);
	memset(un.sun_path, 0, sizeof(un.sun_path));
	memcpy(un.sun_path, virtual, strnlen(virtual, sizeof(un.sun_path)));
	n = len < room ? len : (size_t)room;
	if (n > sizeof(un))
		n = sizeof(un);
	poke_bytes(p->tid, x->addr, &un, n);
	poke_bytes(p->tid, x->lenptr, &len, sizeof(len));
}

void
socket_results(struct session *s, struct proc *p)
{
	uint64_t room = tracee_of(p)->room;
	struct result x;
	int64_t more = 0;

	if (p->sys.ret < 0)
		return;
	if (str_has_prefix(p->row->name, "recvmmsg"))
		more = p->sys.ret - 1; /* with buffers as large as the first */
	for (int64_t i = 0; i <= more; i++) {
		if (find_result(p, &x))
			translate(s, p, &x, room);
		p->sys.arg[1] += more ? message_stride(p) : 0;
	}
	p->sys.arg[1] = p->saved[1];
}

/* First message's address family, or -1. */
static int
family_at(const struct proc *p, const struct sys_operand *o)
{
	taddr addr = p->sys.arg[o->arg];
	size_t word = p->sys.arch == ARCH_I386 ? 4 : 8;
	uint16_t family;

	if (o->kind != OP_SOCKADDR) {
		taddr name = 0;

		if (peek_bytes(p->tid, addr, &name, word) < 0)
			return -1;
		addr = name;
	}
	if (!addr || peek_bytes(p->tid, addr, &family, sizeof(family)) < 0)
		return -1;
	return family;
}

int
socket_cut(const struct session *s, const struct proc *p)
{
	const struct sys_operand *o = &p->row->operand[0];
	int family;

	if (o->kind != OP_SOCKADDR && o->kind != OP_MSGHDR && o->kind != OP_MMSGHDR)
		return 0;
	family = family_at(p, o);
	return family < 0 || family == AF_UNIX || family == AF_NETLINK ? 0 : -ENETUNREACH;
}

/* The call inside: its operands are looked at as if they were registers, and the
 * array goes, changed, to scratch memory. */
static enum resume
enter_inner(struct session *s, struct proc *p, struct proc *inner)
{
	enum resume answer = RESUME_RUN;

	if (inner->row->flags & SYS_RESULT_ADDR)
		return socket_results_wanted(s, inner);
	if (decode_paths(inner, &s->d) > 0)
		answer = redirect_address(s, inner, &s->d.ev[0]);
	if (inner->dirty & REGS_NR) {
		proc_skip(p, inner->sys.ret);
		return RESUME_RUN;
	}
	if (inner->patched) {
		uint32_t args[ARRAY_SIZE(inner->sys.arg)];
		taddr at;

		for (size_t i = 0; i < ARRAY_SIZE(args); i++)
			args[i] = (uint32_t)inner->sys.arg[i];
		at = scratch_put(tracee_of(p)->scratch, p->tid, args, sizeof(args));
		if (at)
			proc_set_arg(p, 1, at);
	}
	return answer;
}

enum resume
redirect_socketcall(struct session *s, struct proc *p)
{
	struct proc inner;

	if (!decode_socketcall(p, &inner))
		return RESUME_RUN;
	if (s->no_network && p->sys.arg[0] == SYS_SOCKET && inner.sys.arg[0] != AF_UNIX &&
	    inner.sys.arg[0] != AF_NETLINK) {
		proc_skip(p, -EACCES);
		return RESUME_RUN;
	}
	if (!inner.row)
		return RESUME_RUN;
	if (s->no_network && socket_cut(s, &inner) < 0) {
		proc_skip(p, socket_cut(s, &inner));
		return RESUME_RUN;
	}
	return enter_inner(s, p, &inner);
}

void
socketcall_results(struct session *s, struct proc *p)
{
	struct proc inner;

	if (decode_socketcall(p, &inner) && inner.row)
		socket_results(s, &inner);
}
