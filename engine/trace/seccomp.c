#include <errno.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/vec.h"
#include "trace/regs.h"
#include "trace/seccomp.h"

enum { NR_END = 512 }; /* numbers from here on are unknown, x32 included */

enum act_kind { ACT_ALLOW, ACT_TRACE, ACT_TRACE_IF, ACT_TRACE_IS, ACT_ERRNO, ACT_SOCKET };

struct act {
	enum act_kind kind;
	int value; /* errno, the argument that decides, or what it has to be */
};

struct range {
	unsigned from;
	struct act act;
};

typedef VEC(struct sock_filter) code_vec;
typedef VEC(struct range) range_vec;

static void
emit(code_vec *c, unsigned short op, uint8_t jt, uint8_t jf, uint32_t k)
{
	vec_push(c, ((struct sock_filter){ op, jt, jf, k }));
}

#define LOAD(c, field)	emit(c, BPF_LD | BPF_W | BPF_ABS, 0, 0, field)
#define RET(c, value)	emit(c, BPF_RET | BPF_K, 0, 0, value)
#define JEQ(c, k, t, f) emit(c, BPF_JMP | BPF_JEQ | BPF_K, t, f, k)

static uint32_t
arg_offset(int n, bool high)
{
	return (uint32_t)offsetof(struct seccomp_data, args) + 8 * (uint32_t)n +
	       (high ? 4 : 0);
}

/* Unknown calls: capture looks at them to count them; in execution they might
 * carry a path past us, so they do not exist (PTRACE.md 18). */
static struct act
act_unknown(const struct trace_opts *o)
{
	return o->execution ? (struct act){ ACT_ERRNO, ENOSYS }
			    : (struct act){ ACT_TRACE, 0 };
}

/* Rows that are of no interest to this kind of tracer. */
static unsigned
unused_rows(const struct trace_opts *o)
{
	if (o->execution)
		return SYS_CAPTURE_ONLY | SYS_NOTIFY_ONLY |
		       (o->hold_changes ? 0 : SYS_CHANGES);
	return SYS_EXEC_ONLY | (o->notify ? SYS_CAPTURE_ONLY : SYS_NOTIFY_ONLY);
}

static struct act
act_of(const struct trace_opts *o, enum arch a, unsigned nr)
{
	const struct sys *row = sys_by_number(a, nr);
	const char *name = sys_name(a, nr);

	if (!name)
		return act_unknown(o);
	if (strcmp(name, "io_uring_setup") == 0 && !o->allow_io_uring)
		return (struct act){ ACT_ERRNO, ENOSYS };
	if (strcmp(name, "socket") == 0 && o->no_network)
		return (struct act){ ACT_SOCKET, EACCES };
	if (!row || row->flags & unused_rows(o))
		return (struct act){ ACT_ALLOW, 0 };
	if (row->flags & SYS_ADDR_ARG)
		return (struct act){ ACT_TRACE_IF, row->cond };
	if (row->flags & SYS_ARG0_IS)
		return (struct act){ ACT_TRACE_IS, row->cond };
	return (struct act){ ACT_TRACE, 0 };
}

int
seccomp_decide(const struct trace_opts *o, const struct sysregs *s)
{
	struct act a =
		s->nr < NR_END ? act_of(o, s->arch, (unsigned)s->nr) : act_unknown(o);

	switch (a.kind) {
	case ACT_ALLOW:
		return 0;
	case ACT_TRACE:
		return 1;
	case ACT_TRACE_IF:
		return s->arg[a.value] != 0;
	case ACT_TRACE_IS:
		return (int)s->arg[0] == a.value;
	case ACT_ERRNO:
		return -a.value;
	case ACT_SOCKET:
		return (int)s->arg[0] == AF_UNIX || (int)s->arg[0] == AF_NETLINK
			       ? 0
			       : -a.value;
	}
	return 1;
}

static bool
act_equal(struct act x, struct act y)
{
	return x.kind == y.kind && x.value == y.value;
}

static void
ranges_of(const struct trace_opts *o, enum arch a, range_vec *out)
{
	for (unsigned nr = 0; nr <= NR_END; nr++) {
		struct act act = nr < NR_END ? act_of(o, a, nr) : act_unknown(o);

		if (!out->n || !act_equal(out->v[out->n - 1].act, act))
			vec_push(out, ((struct range){ nr, act }));
	}
}

static void
emit_act(code_vec *c, struct act a, uint32_t trace)
{
	switch (a.kind) {
	case ACT_ALLOW:
		RET(c, SECCOMP_RET_ALLOW);
		break;
	case ACT_TRACE:
		RET(c, trace);
		break;
	case ACT_TRACE_IF:
		LOAD(c, arg_offset(a.value, false));
		JEQ(c, 0, 1, 0);
		RET(c, trace);
		LOAD(c, arg_offset(a.value, true));
		JEQ(c, 0, 1, 0);
		RET(c, trace);
		RET(c, SECCOMP_RET_ALLOW);
		break;
	case ACT_TRACE_IS:
		LOAD(c, arg_offset(0, false));
		JEQ(c, (uint32_t)a.value, 0, 1);
		RET(c, trace);
		RET(c, SECCOMP_RET_ALLOW);
		break;
	case ACT_ERRNO:
		RET(c, SECCOMP_RET_ERRNO | (uint32_t)a.value);
		break;
	case ACT_SOCKET:
		LOAD(c, arg_offset(0, false));
		JEQ(c, AF_UNIX, 2, 0);
		JEQ(c, AF_NETLINK, 1, 0);
		RET(c, SECCOMP_RET_ERRNO | (uint32_t)a.value);
		RET(c, SECCOMP_RET_ALLOW);
		break;
	}
}

/* Binary search; conditional jumps reach only 255 instructions, so each is
 * followed by a long jump for the upper half. */
static void
emit_search(code_vec *c, const struct range *r, size_t n, uint32_t trace)
{
	size_t half = n / 2, jump;

	if (n == 1) {
		emit_act(c, r[0].act, trace);
		return;
	}
	emit(c, BPF_JMP | BPF_JGE | BPF_K, 0, 1, r[half].from);
	jump = c->n;
	emit(c, BPF_JMP | BPF_JA, 0, 0, 0);
	emit_search(c, r, half, trace);
	c->v[jump].k = (uint32_t)(c->n - jump - 1);
	emit_search(c, r + half, n - half, trace);
}

void
seccomp_build(const struct trace_opts *o, struct seccomp_prog *out)
{
	const uint32_t trace = o->notify ? SECCOMP_RET_USER_NOTIF : SECCOMP_RET_TRACE;
	code_vec c = { 0 };

	for (int a = 0; a < ARCH_COUNT; a++) {
		range_vec r = { 0 };
		size_t jump;

		LOAD(&c, offsetof(struct seccomp_data, arch));
		JEQ(&c, regs_audit_arch((enum arch)a), 1, 0);
		jump = c.n;
		emit(&c, BPF_JMP | BPF_JA, 0, 0, 0);
		LOAD(&c, offsetof(struct seccomp_data, nr));
		ranges_of(o, (enum arch)a, &r);
		emit_search(&c, r.v, r.n, trace);
		c.v[jump].k = (uint32_t)(c.n - jump - 1);
		vec_fini(&r);
	}
	RET(&c, SECCOMP_RET_ERRNO | ENOSYS); /* no other architecture exists here */
	out->code = c.v;
	out->n = (unsigned short)c.n;
}

void
seccomp_fini(struct seccomp_prog *s)
{
	free(s->code);
	s->code = NULL;
}

static int
set_filter(unsigned flags, const struct sock_fprog *prog)
{
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, prog);
}

/* What seccomp(2) returns, or -errno. */
static int
install(const struct seccomp_prog *s, unsigned flags)
{
	struct sock_fprog prog = { s->n, s->code };
	/* With CAP_SYS_ADMIN it works without; then setuid programs stay what they are
	 * (PTRACE.md 16). */
	int r = set_filter(flags, &prog);

	if (r >= 0 || errno != EACCES)
		return r < 0 ? -errno : r;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	r = set_filter(flags, &prog);
	return r < 0 ? -errno : r;
}

int
seccomp_install(const struct seccomp_prog *s)
{
	return install(s, 0);
}

int
seccomp_listen(const struct seccomp_prog *s)
{
	/* With KILLABLE_RECV (5.19) a call that was read is not interrupted and begun
	 * again (PTRACE.md 50). */
	int r = install(s, SECCOMP_FILTER_FLAG_NEW_LISTENER |
				   SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);

	return r == -EINVAL ? install(s, SECCOMP_FILTER_FLAG_NEW_LISTENER) : r;
}

bool
seccomp_has_listener(void)
{
	struct sock_filter allow = { BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW };
	const struct seccomp_prog one = { &allow, 1 };
	int status = 0;
	pid_t pid;

	if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != SECCOMP_MODE_FILTER)
		return false;
	pid = fork();
	if (pid == 0)
		_exit(install(&one, SECCOMP_FILTER_FLAG_NEW_LISTENER) == -EBUSY ? 1 : 0);
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	       WEXITSTATUS(status) == 1;
}
