#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/raw.h"
#include "base/vec.h"
#include "trace/foreign.h"
#include "trace/regs.h"
#include "trace/seccomp.h"

enum { NR_END = 512 }; /* numbers from here on are unknown, x32 included */

enum act_kind {
	ACT_ALLOW,
	ACT_TRACE,
	ACT_TRACE_IF,
	ACT_PRCTL,
	ACT_NOTICE,
	ACT_TRACE_NAMED, /* unless it is known to have no name: unnamed.h */
	ACT_NOTICE_NAMED,
	ACT_ERRNO,
	ACT_SOCKET
};

struct act {
	enum act_kind kind;
	int value; /* errno, or the argument that decides (or -1) */
};

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

/* Of opens, the tracer makes those for reading: a descriptor can be handed over, but it
 * would have our umask when a file is made, and O_PATH is not taken. */
enum {
	ANSWERED_NOT = O_ACCMODE | O_CREAT | O_TRUNC | O_PATH | (O_TMPFILE & ~O_DIRECTORY)
};

/* Filters of the program, and what notify.c answers. */
static const uint32_t prctl_ops[] = { PR_SET_PDEATHSIG, PR_GET_PDEATHSIG,
				      PR_SET_SECCOMP };

static bool
act_notice(enum arch a, const struct sys *row, struct act *act)
{
	const struct sys_operand *o = row ? &row->operand[0] : NULL;

	if (a != ARCH_X86_64 || !row || !(row->flags & SYS_ANSWERED))
		return false;
	*act = (struct act){ ACT_NOTICE, o->effect == EFF_OPEN ? o->flagarg : -1 };
	return true;
}

/* Where changes are held back, a descriptor may stand for another. */
static bool
may_be_unnamed(const struct trace_opts *o, enum arch a, const char *name)
{
	return a == ARCH_X86_64 && !o->hold_changes && strcmp(name, "newfstatat") == 0;
}

static struct act
act_of(const struct trace_opts *o, enum arch a, unsigned nr)
{
	const struct sys *row = sys_by_number(a, nr);
	const char *name = sys_name(a, nr);
	struct act act;

	if (!name)
		return act_unknown(o);
	if (o->answer && may_be_unnamed(o, a, name))
		return (struct act){ ACT_NOTICE_NAMED, -1 };
	if (o->answer && act_notice(a, row, &act))
		return act;
	if (o->answer && foreign_can(a, nr))
		return (struct act){ ACT_TRACE, 0 };
	if (strcmp(name, "io_uring_setup") == 0 && !o->allow_io_uring)
		return (struct act){ ACT_ERRNO, ENOSYS };
	if (strcmp(name, "socket") == 0 && o->no_network)
		return (struct act){ ACT_SOCKET, EACCES };
	if (!row || row->flags & unused_rows(o))
		return (struct act){ ACT_ALLOW, 0 };
	if (row->flags & SYS_ADDR_ARG)
		return (struct act){ ACT_TRACE_IF, row->cond };
	if (row->flags & SYS_PRCTL)
		return (struct act){ ACT_PRCTL, 0 };
	return (struct act){ may_be_unnamed(o, a, name) ? ACT_TRACE_NAMED : ACT_TRACE,
			     0 };
}

static bool
is_prctl_op(uint32_t op)
{
	for (size_t i = 0; i < ARRAY_SIZE(prctl_ops); i++)
		if (op == prctl_ops[i])
			return true;
	return false;
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
	case ACT_TRACE_NAMED:
		return !unnamed_is(&o->unnamed, s);
	case ACT_NOTICE_NAMED:
		return unnamed_is(&o->unnamed, s) ? 0 : SECCOMP_NOTICE;
	case ACT_TRACE_IF:
		return s->arg[a.value] != 0;
	case ACT_PRCTL:
		return is_prctl_op((uint32_t)s->arg[0]);
	case ACT_NOTICE:
		return a.value >= 0 && s->arg[a.value] & ANSWERED_NOT ? 1
								      : SECCOMP_NOTICE;
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
emit_act(struct bpf *b, const struct trace_opts *o, struct act a, uint32_t trace)
{
	switch (a.kind) {
	case ACT_ALLOW:
		bpf_return(b, SECCOMP_RET_ALLOW);
		break;
	case ACT_TRACE_NAMED:
		unnamed_emit(&o->unnamed, b);
		bpf_return(b, trace);
		break;
	case ACT_NOTICE_NAMED:
		unnamed_emit(&o->unnamed, b);
		bpf_return(b, SECCOMP_RET_USER_NOTIF);
		break;
	case ACT_TRACE:
		bpf_return(b, trace);
		break;
	case ACT_TRACE_IF:
		bpf_load_arg(b, a.value, false);
		bpf_if(b, BPF_EQUAL, 0, 1, 0);
		bpf_return(b, trace);
		bpf_load_arg(b, a.value, true);
		bpf_if(b, BPF_EQUAL, 0, 1, 0);
		bpf_return(b, trace);
		bpf_return(b, SECCOMP_RET_ALLOW);
		break;
	case ACT_PRCTL:
		bpf_load_arg(b, 0, false);
		for (size_t i = 0; i < ARRAY_SIZE(prctl_ops); i++) {
			bpf_if(b, BPF_EQUAL, prctl_ops[i], 0, 1);
			bpf_return(b, trace);
		}
		bpf_return(b, SECCOMP_RET_ALLOW);
		break;
	case ACT_NOTICE:
		if (a.value >= 0) {
			bpf_load_arg(b, a.value, false);
			bpf_if(b, BPF_ANY_BIT, ANSWERED_NOT, 0, 1);
			bpf_return(b, trace);
		}
		bpf_return(b, SECCOMP_RET_USER_NOTIF);
		break;
	case ACT_ERRNO:
		bpf_return(b, SECCOMP_RET_ERRNO | (uint32_t)a.value);
		break;
	case ACT_SOCKET:
		bpf_load_arg(b, 0, false);
		bpf_if(b, BPF_EQUAL, AF_UNIX, 2, 0);
		bpf_if(b, BPF_EQUAL, AF_NETLINK, 1, 0);
		bpf_return(b, SECCOMP_RET_ERRNO | (uint32_t)a.value);
		bpf_return(b, SECCOMP_RET_ALLOW);
		break;
	}
}

typedef VEC(struct act) act_vec;

/* The place of an act among those there are. */
static size_t
act_index(act_vec *acts, struct act a)
{
	for (size_t i = 0; i < acts->n; i++)
		if (act_equal(acts->v[i], a))
			return i;
	vec_push(acts, a);
	return acts->n - 1;
}

static void
emit_calls(struct bpf *b, const struct trace_opts *o, enum arch a, uint32_t trace)
{
	VEC(struct bpf_case) cases = { 0 };
	VEC(struct bpf) bodies = { 0 };
	act_vec acts = { 0 };

	for (unsigned nr = 0; nr <= NR_END; nr++) {
		struct act act = nr < NR_END ? act_of(o, a, nr) : act_unknown(o);
		size_t i = act_index(&acts, act);

		if (!cases.n || cases.v[cases.n - 1].body != i)
			vec_push(&cases, ((struct bpf_case){ nr, i }));
	}
	for (size_t i = 0; i < acts.n; i++) {
		vec_push(&bodies, ((struct bpf){ 0 }));
		emit_act(&bodies.v[i], o, acts.v[i], trace);
	}
	bpf_search(b, cases.v, cases.n, bodies.v, bodies.n);
	for (size_t i = 0; i < bodies.n; i++)
		bpf_fini(&bodies.v[i]);
	vec_fini(&bodies);
	vec_fini(&cases);
	vec_fini(&acts);
}

void
seccomp_build(const struct trace_opts *o, struct bpf *b)
{
	const uint32_t trace = o->notify ? SECCOMP_RET_USER_NOTIF : SECCOMP_RET_TRACE;

	for (int a = 0; a < ARCH_COUNT; a++) {
		size_t jump;

		bpf_load(b, offsetof(struct seccomp_data, arch));
		bpf_if(b, BPF_EQUAL, regs_audit_arch((enum arch)a), 1, 0);
		jump = bpf_jump(b);
		bpf_load(b, offsetof(struct seccomp_data, nr));
		emit_calls(b, o, (enum arch)a, trace);
		bpf_land(b, jump);
	}
	bpf_return(b, SECCOMP_RET_ERRNO | ENOSYS); /* no other architecture exists here */
}

static int
set_filter(unsigned flags, const struct sock_fprog *prog)
{
	return (int)raw_call(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, (long)prog, 0,
			     0);
}

/* What seccomp(2) returns, or -errno; by a child that shares our memory. */
static int
install(const struct bpf *b, unsigned flags)
{
	struct sock_fprog prog = { (unsigned short)b->n, b->v };
	/* With CAP_SYS_ADMIN it works without; then setuid programs stay what they are
	 * (PTRACE.md 16). */
	int r = set_filter(flags, &prog);

	if (r != -EACCES)
		return r;
	r = (int)raw_call(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return r < 0 ? r : set_filter(flags, &prog);
}

int
seccomp_install(const struct bpf *b)
{
	return install(b, 0);
}

int
seccomp_listen_killable(const struct bpf *b)
{
	return install(b, SECCOMP_FILTER_FLAG_NEW_LISTENER |
				  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
}

int
seccomp_listen(const struct bpf *b)
{
	/* With KILLABLE_RECV (5.19) a call that was read is not interrupted and begun
	 * again (PTRACE.md 50). */
	int r = seccomp_listen_killable(b);

	return r == -EINVAL ? install(b, SECCOMP_FILTER_FLAG_NEW_LISTENER) : r;
}

bool
seccomp_has_listener(void)
{
	struct sock_filter allow = { BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW };
	const struct bpf one = { &allow, 1, 1 };
	int status = 0;
	pid_t pid;

	if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != SECCOMP_MODE_FILTER)
		return false;
	pid = raw_fork(); /* threads may run */
	if (pid == 0)
		raw_exit(install(&one, SECCOMP_FILTER_FLAG_NEW_LISTENER) == -EBUSY);
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	       WEXITSTATUS(status) == 1;
}
