#include "exec/ns_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
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

enum { EQUAL = BPF_JMP | BPF_JEQ | BPF_K, ANY_BIT = BPF_JMP | BPF_JSET | BPF_K };

static void
emit(struct ns_filter *f, uint16_t code, uint8_t yes, uint8_t no, uint32_t k)
{
	f->code[f->n++] = (struct sock_filter){ code, yes, no, k };
}

static void
emit_load(struct ns_filter *f, size_t offset)
{
	emit(f, BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)offset);
}

static void
emit_return(struct ns_filter *f, uint32_t action)
{
	emit(f, BPF_RET | BPF_K, 0, 0, action);
}

/* Half 0 is the low one: little endian. */
static void
emit_load_arg(struct ns_filter *f, int arg, int half)
{
	emit_load(f, offsetof(struct seccomp_data, args[arg]) + 4 * (size_t)half);
}

/* `body` is for the call nr; all of it ends in an answer.  Conditional jumps reach 255
 * instructions. */
static void
emit_call(struct ns_filter *f, int nr, const struct ns_filter *body)
{
	if (body->n <= UINT8_MAX) {
		emit(f, EQUAL, 0, (uint8_t)body->n, (uint32_t)nr);
	} else {
		emit(f, EQUAL, 1, 0, (uint32_t)nr);
		emit(f, BPF_JMP | BPF_JA, 0, 0, body->n);
	}
	memcpy(f->code + f->n, body->code, body->n * sizeof(body->code[0]));
	f->n = (unsigned short)(f->n + body->n);
}

/* The answer by the flags of open(2): with any of `no` it is not ours; else with any
 * of `yes` (0: always) it is. */
static void
emit_by_flags(struct ns_filter *f, int arg, uint32_t no, uint32_t yes)
{
	emit_load_arg(f, arg, 0);
	emit(f, ANY_BIT, yes ? 1 : 0, yes ? 0 : 1, no);
	if (yes)
		emit(f, ANY_BIT, 1, 0, yes);
	emit_return(f, SECCOMP_RET_ALLOW);
	emit_return(f, SECCOMP_RET_USER_NOTIF);
}

/* A descriptor itself is meant when the name is NULL. */
static void
emit_if_named(struct ns_filter *f, int arg)
{
	emit_load_arg(f, arg, 0);
	emit(f, EQUAL, 0, 3, 0);
	emit_load_arg(f, arg, 1);
	emit(f, EQUAL, 0, 1, 0);
	emit_return(f, SECCOMP_RET_ALLOW);
	emit_return(f, SECCOMP_RET_USER_NOTIF);
}

typedef bool body_maker(struct ns_filter *f, const struct sys *s);

/* false: the call is not watched. */
static bool
body_for_opens(struct ns_filter *f, const struct sys *s)
{
	const struct sys_operand *o = &s->operand[0];

	if (o->effect == EFF_OPEN && o->follow == BY_OFLAG)
		emit_by_flags(f, o->flagarg, HARMLESS, 0);
	else if ((o->effect == EFF_OPEN && o->follow == BY_HOW) || o->effect == EFF_EXEC)
		emit_return(f, SECCOMP_RET_USER_NOTIF);
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
body_for_changes(struct ns_filter *f, const struct sys *s)
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
		emit_return(f, SECCOMP_RET_USER_NOTIF);
	return true;
}

static void
make_arch(struct ns_filter *f, enum arch a, bool allow_io_uring, body_maker *make)
{
	struct ns_filter all = { .n = 0 }, body;
	int uring = sys_number(a, "io_uring_setup");

	emit_load(&all, offsetof(struct seccomp_data, nr));
	if (a == ARCH_X86_64) {
		emit(&all, BPF_JMP | BPF_JGE | BPF_K, 0, 1, X32);
		emit_return(&all, SECCOMP_RET_ERRNO | ENOSYS);
	}
	for (int nr = 0; nr < NUMBERS; nr++) {
		const struct sys *row = sys_by_number(a, (uint64_t)nr);

		body.n = 0;
		if (row && make(&body, row))
			emit_call(&all, nr, &body);
	}
	if (!allow_io_uring && uring >= 0) {
		emit(&all, EQUAL, 0, 1, (uint32_t)uring);
		emit_return(&all, SECCOMP_RET_ERRNO | ENOSYS);
	}
	emit_return(&all, SECCOMP_RET_ALLOW);
	emit_call(f, (int)regs_audit_arch(a), &all);
}

static void
make_filter(struct ns_filter *f, bool allow_io_uring, body_maker *make)
{
	f->n = 0;
	emit_load(f, offsetof(struct seccomp_data, arch));
	for (int a = 0; a < ARCH_COUNT; a++)
		make_arch(f, (enum arch)a, allow_io_uring, make);
	emit_return(f, SECCOMP_RET_ERRNO | ENOSYS);
}

void
ns_filter_opens(struct ns_filter *f, bool allow_io_uring)
{
	make_filter(f, allow_io_uring, body_for_opens);
}

void
ns_filter_changes(struct ns_filter *f, bool allow_io_uring)
{
	make_filter(f, allow_io_uring, body_for_changes);
}
