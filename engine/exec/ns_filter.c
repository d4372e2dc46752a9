#include "exec/ns_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "trace/regs.h"
#include "trace/sys.h"

/* Opened so, a placeholder does no harm: nothing of it can be read, or nothing of
 * it stays.  O_CREAT with O_EXCL fails anyway. */
enum {
	HARMLESS = O_PATH | O_DIRECTORY | O_TRUNC | O_EXCL,
	X32 = 0x40000000,
	NUMBERS = 1024
};

/* Opened so, it is not changed; and so, it may be. */
enum { UNCHANGED = O_PATH | O_DIRECTORY | O_EXCL, CHANGED = O_ACCMODE | O_TRUNC };

/* The answer by the flags of open(2): with any of `no` it is not ours; else with any
 * of `yes` (0: always) it is. */
static void
emit_by_flags(struct bpf *f, int arg, uint32_t no, uint32_t yes)
{
	bpf_load_arg(f, arg, false);
	bpf_if(f, BPF_ANY_BIT, no, yes ? 1 : 0, yes ? 0 : 1);
	if (yes)
		bpf_if(f, BPF_ANY_BIT, yes, 1, 0);
	bpf_return(f, SECCOMP_RET_ALLOW);
	bpf_return(f, SECCOMP_RET_USER_NOTIF);
}

/* A descriptor itself is meant when the name is NULL. */
static void
emit_if_named(struct bpf *f, int arg)
{
	bpf_load_arg(f, arg, false);
	bpf_if(f, BPF_EQUAL, 0, 0, 3);
	bpf_load_arg(f, arg, true);
	bpf_if(f, BPF_EQUAL, 0, 0, 1);
	bpf_return(f, SECCOMP_RET_ALLOW);
	bpf_return(f, SECCOMP_RET_USER_NOTIF);
}

typedef bool body_maker(struct bpf *f, const struct sys *s);

/* false: the call is not watched. */
static bool
body_for_opens(struct bpf *f, const struct sys *s)
{
	const struct sys_operand *o = &s->operand[0];

	if (o->effect == EFF_OPEN && o->follow == BY_OFLAG)
		emit_by_flags(f, o->flagarg, HARMLESS, 0);
	else if ((o->effect == EFF_OPEN && o->follow == BY_HOW) || o->effect == EFF_EXEC)
		bpf_return(f, SECCOMP_RET_USER_NOTIF);
	else
		return false;
	return true;
}

static bool
changes(const struct sys *s)
{
	enum effect e = s->operand[0].effect;

	return effect_writes(e) || e == EFF_LINK_FROM || e == EFF_OPEN;
}

/* access(2): may it be written to?  Argument with the question, or -1. */
static int
asks_mode(const struct sys *s)
{
	return strcmp(s->name, "access") == 0	    ? 1
	       : strcmp(s->name, "faccessat") == 0  ? 2
	       : strcmp(s->name, "faccessat2") == 0 ? 2
						    : -1;
}

static bool
body_for_changes(struct bpf *f, const struct sys *s)
{
	const struct sys_operand *o = &s->operand[0];

	if (asks_mode(s) >= 0) {
		emit_by_flags(f, asks_mode(s), 0, W_OK);
		return true;
	}
	if (!changes(s) || strcmp(s->name, "rmdir") == 0)
		return false;
	if (o->effect == EFF_OPEN && o->follow == BY_OFLAG)
		emit_by_flags(f, o->flagarg, UNCHANGED, CHANGED);
	else if (o->empty_ok)
		emit_if_named(f, o->arg);
	else
		bpf_return(f, SECCOMP_RET_USER_NOTIF);
	return true;
}

/* Its answer, where the call is watched; else on to the next. */
static void
make_call(struct bpf *f, enum arch a, int nr, body_maker *make)
{
	const struct sys *row = sys_by_number(a, (uint64_t)nr);
	size_t before = f->n, jump;

	if (!row)
		return;
	bpf_if(f, BPF_EQUAL, (uint32_t)nr, 1, 0);
	jump = bpf_jump(f);
	if (make(f, row))
		bpf_land(f, jump);
	else
		f->n = before;
}

static void
make_arch(struct bpf *f, enum arch a, bool allow_io_uring, body_maker *make)
{
	int uring = sys_number(a, "io_uring_setup");
	size_t jump;

	bpf_if(f, BPF_EQUAL, regs_audit_arch(a), 1, 0);
	jump = bpf_jump(f);
	bpf_load(f, offsetof(struct seccomp_data, nr));
	if (a == ARCH_X86_64) {
		bpf_if(f, BPF_LEAST, X32, 0, 1);
		bpf_return(f, SECCOMP_RET_ERRNO | ENOSYS);
	}
	for (int nr = 0; nr < NUMBERS; nr++)
		make_call(f, a, nr, make);
	if (!allow_io_uring && uring >= 0) {
		bpf_if(f, BPF_EQUAL, (uint32_t)uring, 0, 1);
		bpf_return(f, SECCOMP_RET_ERRNO | ENOSYS);
	}
	bpf_return(f, SECCOMP_RET_ALLOW);
	bpf_land(f, jump);
}

static void
make_filter(struct bpf *f, bool allow_io_uring, body_maker *make)
{
	bpf_load(f, offsetof(struct seccomp_data, arch));
	for (int a = 0; a < ARCH_COUNT; a++)
		make_arch(f, (enum arch)a, allow_io_uring, make);
	bpf_return(f, SECCOMP_RET_ERRNO | ENOSYS);
}

void
ns_filter_opens(struct bpf *f, bool allow_io_uring)
{
	make_filter(f, allow_io_uring, body_for_opens);
}

void
ns_filter_changes(struct bpf *f, bool allow_io_uring)
{
	make_filter(f, allow_io_uring, body_for_changes);
}
