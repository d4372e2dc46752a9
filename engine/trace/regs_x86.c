#include <errno.h>
#include <linux/audit.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <unistd.h>

#include "trace/regs.h"

/* glibc's and the kernel's header for this clash; ptrace(2) has the layout. */
struct call_info {
	uint8_t op;
	uint8_t pad[3];
	uint32_t arch;
	uint64_t ip, sp;
	union {
		struct {
			uint64_t nr;
			uint64_t args[6];
			uint32_t ret_data;
		} entry;
		struct {
			int64_t rval;
			uint8_t is_error;
		} exit;
	};
};

#define GET_CALL_INFO ((enum __ptrace_request)0x420e)
#define SET_CALL_INFO ((enum __ptrace_request)0x4212)

/* What the kernel says of an interrupted call before a handler runs; not in its API. */
enum { RESTART_SYS = 512, RESTART_NOINTR = 513 };

enum { OP_IS_NONE, OP_IS_ENTRY = 1, OP_IS_EXIT = 2, OP_IS_SECCOMP = 3, CS_I386 = 0x23 };

static bool no_call_info; /* kernels before 5.3 (PTRACE.md 12) */

uint32_t
regs_audit_arch(enum arch a)
{
	return a == ARCH_I386 ? AUDIT_ARCH_I386 : AUDIT_ARCH_X86_64;
}

static unsigned long long *
arg_register(struct user_regs_struct *u, enum arch a, int n)
{
	unsigned long long *r64[] = {
		&u->rdi, &u->rsi, &u->rdx, &u->r10, &u->r8, &u->r9
	};
	unsigned long long *r32[] = {
		&u->rbx, &u->rcx, &u->rdx, &u->rsi, &u->rdi, &u->rbp
	};

	return a == ARCH_I386 ? r32[n] : r64[n];
}

/* Of the stop at hand: what regs_fetch has read, regs_flush need not read again. */
static struct {
	pid_t tid;
	struct user_regs_struct u;
} at_hand;

static int
regs_get(pid_t tid, struct user_regs_struct *u)
{
	if (at_hand.tid == tid) {
		*u = at_hand.u;
		return 0;
	}
	return ptrace(PTRACE_GETREGS, tid, 0, u) < 0 ? -errno : 0;
}

static int
regs_put(pid_t tid, struct user_regs_struct *u)
{
	return ptrace(PTRACE_SETREGS, tid, 0, u) < 0 ? -errno : 0;
}

/* At an exit stop: the result; the registers are at hand for the flush. */
static int
fetch_result(struct proc *p)
{
	int r = regs_get(p->tid, &at_hand.u);

	if (r < 0)
		return r;
	at_hand.tid = p->tid;
	p->sys.ret = p->sys.arch == ARCH_I386 ? (int32_t)at_hand.u.rax
					      : (int64_t)at_hand.u.rax;
	return REGS_STOP_EXIT;
}

static void
take_call(struct sysregs *s, struct user_regs_struct *u)
{
	s->arch = u->cs == CS_I386 ? ARCH_I386 : ARCH_X86_64;
	s->nr = u->orig_rax;
	s->ip = u->rip;
	s->sp = u->rsp;
	for (int i = 0; i < 6; i++)
		s->arg[i] = *arg_register(u, s->arch, i);
	if (s->arch == ARCH_I386)
		for (int i = 0; i < 6; i++)
			s->arg[i] = (uint32_t)s->arg[i];
}

/* `int $0x80` from 64-bit code looks like a 64-bit call here: no better way
 * (PTRACE.md 12). */
static int
fetch_by_registers(struct proc *p)
{
	struct user_regs_struct u;
	int r = regs_get(p->tid, &u);

	if (r < 0)
		return r;
	take_call(&p->sys, &u);
	return REGS_STOP_ENTRY;
}

int
regs_fetch(struct proc *p, enum regs_stop expected)
{
	struct call_info info;
	struct sysregs *s = &p->sys;
	long n;

	at_hand.tid = 0;
	if (expected == REGS_STOP_EXIT || (no_call_info && p->in_call))
		return fetch_result(p);
	if (no_call_info)
		return fetch_by_registers(p);
	n = ptrace(GET_CALL_INFO, p->tid, sizeof(info), &info);
	if (n < 0 && (errno == EIO || errno == EINVAL)) {
		no_call_info = true;
		return p->in_call ? fetch_result(p) : fetch_by_registers(p);
	}
	if (n < 0)
		return -errno;
	if (info.op == OP_IS_EXIT) {
		s->ret = info.exit.rval;
		return REGS_STOP_EXIT;
	}
	if (info.op != OP_IS_ENTRY && info.op != OP_IS_SECCOMP)
		return REGS_STOP_UNKNOWN;
	s->arch = info.arch == AUDIT_ARCH_I386 ? ARCH_I386 : ARCH_X86_64;
	s->nr = info.entry.nr;
	s->ip = info.ip;
	s->sp = info.sp;
	memcpy(s->arg, info.entry.args, sizeof(s->arg));
	return REGS_STOP_ENTRY;
}

int
regs_fetch_new(struct proc *p)
{
	struct user_regs_struct u;
	int r;

	at_hand.tid = 0;
	r = regs_get(p->tid, &u);
	if (r < 0)
		return r;
	p->sys.arch = u.cs == CS_I386 ? ARCH_I386 : ARCH_X86_64;
	p->sys.ip = u.rip;
	p->sys.sp = u.rsp;
	return 0;
}

/* PTRACE_SET_SYSCALL_INFO, since 6.16: one call at entry instead of two (PTRACE.md 13). */
static bool
flush_by_info(struct proc *p)
{
	static bool unknown;
	struct call_info info = { .op = OP_IS_SECCOMP };

	if (unknown || no_call_info || at_hand.tid == p->tid || p->dirty != REGS_ARGS)
		return false;
	info.entry.nr = p->sys.nr;
	memcpy(info.entry.args, p->sys.arg, sizeof(info.entry.args));
	if (ptrace(SET_CALL_INFO, p->tid, sizeof(info), &info) == 0)
		return true;
	unknown = errno == EIO || errno == EINVAL;
	return false;
}

int
regs_flush(struct proc *p)
{
	struct user_regs_struct u;
	int r;

	if (p->in_call && flush_by_info(p)) {
		p->dirty = 0;
		return 0;
	}
	r = regs_get(p->tid, &u);

	if (r < 0)
		return r;
	if (p->dirty & REGS_ARGS)
		for (int i = 0; i < 6; i++)
			if (p->patched & (1 << i))
				*arg_register(&u, p->sys.arch, i) = p->sys.arg[i];
	if (p->dirty & REGS_NR)
		u.orig_rax = p->sys.nr;
	if (p->dirty & REGS_RESULT)
		u.rax = (unsigned long long)p->sys.ret;
	p->dirty = 0;
	at_hand.tid = 0;
	return regs_put(p->tid, &u);
}

int
regs_interrupted(struct proc *p, struct sysregs *call)
{
	int r;

	at_hand.tid = 0;
	r = regs_get(p->tid, &at_hand.u);
	if (r < 0)
		return r;
	if ((int64_t)at_hand.u.orig_rax < 0 || (int64_t)at_hand.u.rax != -RESTART_SYS)
		return -ENOENT;
	at_hand.tid = p->tid;
	take_call(call, &at_hand.u);
	return 0;
}

int
regs_begin_again(struct proc *p)
{
	struct user_regs_struct u;
	int r = regs_get(p->tid, &u);

	at_hand.tid = 0;
	if (r < 0)
		return r;
	u.rax = (unsigned long long)-RESTART_NOINTR;
	return regs_put(p->tid, &u);
}

int
regs_set_sp(struct proc *p, uint64_t sp)
{
	struct user_regs_struct u;
	int r = regs_get(p->tid, &u);

	if (r < 0)
		return r;
	u.rsp = sp;
	p->sys.sp = sp;
	return regs_put(p->tid, &u);
}

bool
regs_kernel_has(enum arch a, int nr)
{
	long r = nr;

	if (a == ARCH_X86_64)
		return syscall(nr, 1, 1, 1, 1, 1, 1) >= 0 || errno != ENOSYS;
	/* the 32-bit entry; kernels before 4.17 do not keep r8 to r11 */
	__asm__ volatile("int $0x80"
			 : "+a"(r)
			 : "b"(1), "c"(1), "d"(1), "S"(1), "D"(1)
			 : "r8", "r9", "r10", "r11", "memory", "cc");
	return (int)r != -ENOSYS;
}
