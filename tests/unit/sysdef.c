#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "exec/ns_filter.h"
#include "numbers.h"
#include "suites.h"
#include "trace/foreign.h"
#include "trace/regs.h"
#include "trace/seccomp.h"

TCase *tcase_unnamed(void);

static const struct number numbers_x86_64[] = {
#define NR(nr, name) { nr, #name, NUMBER_MACRO(SYS_##name) },
#include "trace/nr_x86_64.def"
};

enum { COUNT_X86_64 = sizeof(numbers_x86_64) / sizeof(numbers_x86_64[0]) };

START_TEST(rows_have_numbers)
{
	for (unsigned i = 0; i < sys_table_count; i++) {
		const struct sys *s = &sys_table[i];
		int a = sys_number(ARCH_X86_64, s->name),
		    b = sys_number(ARCH_I386, s->name);

		ck_assert_msg(a >= 0 || b >= 0, "%s has no number", s->name);
		ck_assert_ptr_eq(sys_by_name(s->name), s); /* and stands once */
		if (a >= 0)
			ck_assert_ptr_eq(sys_by_number(ARCH_X86_64, (uint64_t)a), s);
		if (b >= 0)
			ck_assert_ptr_eq(sys_by_number(ARCH_I386, (uint64_t)b), s);
	}
}
END_TEST

static void
check_operand(const struct sys *s, const struct sys_operand *o)
{
	ck_assert_msg(o->arg >= 0 && o->arg < 6, "%s: arg %d", s->name, o->arg);
	ck_assert_msg(o->dirarg >= DIR_CWD && o->dirarg < 6, "%s: dir %d", s->name,
		      o->dirarg);
	ck_assert_msg(o->flagarg >= -1 && o->flagarg < 6, "%s: flags %d", s->name,
		      o->flagarg);
	ck_assert_msg(o->dirarg != o->arg && o->flagarg != o->arg, "%s", s->name);
	ck_assert_msg(o->effect != EFF_NONE, "%s: no effect", s->name);
	if (o->follow != FOLLOW && o->follow != NOFOLLOW)
		ck_assert_msg(o->flagarg >= 0, "%s: needs its flags", s->name);
	if (o->kind == OP_SOCKADDR)
		ck_assert_msg(o->arg < 5, "%s: no argument for the length", s->name);
}

START_TEST(operands_are_arguments)
{
	for (unsigned i = 0; i < sys_table_count; i++) {
		const struct sys *s = &sys_table[i];

		ck_assert_msg(s->cond >= 0 && s->cond < 6, "%s: cond %d", s->name,
			      s->cond);
		for (int n = 0; n < 2; n++)
			if (s->operand[n].kind != OP_NONE)
				check_operand(s, &s->operand[n]);
		ck_assert_msg(s->operand[0].kind != OP_NONE ||
				      s->operand[1].kind == OP_NONE,
			      "%s: second operand without a first", s->name);
		if (s->flags & SYS_EXEC_ONLY)
			ck_assert_msg(s->operand[0].kind == OP_NONE, "%s", s->name);
	}
}
END_TEST

static unsigned
compare_numbers(enum arch a, const struct number *v, unsigned n)
{
	unsigned compared = 0;

	for (unsigned i = 0; i < n; i++) {
		ck_assert_msg(i == 0 || v[i].nr > v[i - 1].nr, "%s: not ascending",
			      v[i].name);
		ck_assert_msg(sys_is_known(a, v[i].nr), "%s", v[i].name);
		ck_assert_str_eq(sys_name(a, v[i].nr), v[i].name);
		ck_assert_int_eq(sys_number(a, v[i].name), (int)v[i].nr);
		if (!isdigit((unsigned char)v[i].header[0]))
			continue;
		ck_assert_msg(strtoul(v[i].header, NULL, 10) == v[i].nr,
			      "%s is %s, not %u", v[i].name, v[i].header, v[i].nr);
		compared++;
	}
	return compared;
}

START_TEST(numbers_are_the_headers)
{
	ck_assert_uint_gt(compare_numbers(ARCH_X86_64, numbers_x86_64, COUNT_X86_64),
			  330);
	compare_numbers(ARCH_I386, numbers_i386, numbers_i386_count);
}
END_TEST

/* No number is left out by oversight: the holes are those of the kernel's tables. */
START_TEST(holes_are_the_kernels)
{
	for (unsigned nr = 0; nr <= 469; nr++) {
		ck_assert_msg(sys_is_known(ARCH_X86_64, nr) == (nr < 337 || nr > 423),
			      "%u", nr);
		ck_assert_msg(sys_is_known(ARCH_I386, nr) ==
				      (nr != 222 && nr != 223 && nr != 251 && nr != 285 &&
				       (nr < 387 || nr > 392) && nr != 415),
			      "%u", nr);
	}
	for (int a = 0; a < ARCH_COUNT; a++) {
		static const uint64_t wild[] = { 511,	      512,	  600,
						 0x40000000,  0x40000002, 0xffffffff,
						 (uint64_t)-1 };

		for (size_t i = 0; i < ARRAY_SIZE(wild); i++) {
			ck_assert(!sys_is_known((enum arch)a, wild[i]));
			ck_assert_ptr_null(sys_name((enum arch)a, wild[i]));
			ck_assert_ptr_null(sys_by_number((enum arch)a, wild[i]));
		}
	}
	ck_assert_ptr_null(sys_by_name("read"));
	ck_assert_int_eq(sys_number(ARCH_X86_64, "no_such_call"), -1);
	ck_assert_int_eq(sys_number(ARCH_X86_64, "socketcall"), -1);
}
END_TEST

/* What the kernel does with a filter, for the instructions that ours has. */
static uint32_t
run_filter(const struct bpf *f, const struct seccomp_data *data)
{
	uint32_t acc = 0, kept = 0;

	for (unsigned pc = 0; pc < f->n; pc++) {
		const struct sock_filter *x = &f->v[pc];

		switch (x->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			ck_assert_uint_eq(x->k % 4, 0);
			ck_assert_uint_le(x->k + 4, sizeof(*data));
			memcpy(&acc, (const char *)data + x->k, 4);
			break;
		case BPF_JMP | BPF_JA:
			pc += x->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			pc += acc == x->k ? x->jt : x->jf;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			pc += acc >= x->k ? x->jt : x->jf;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			pc += acc & x->k ? x->jt : x->jf;
			break;
		case BPF_MISC | BPF_TAX:
			kept = acc;
			break;
		case BPF_ALU | BPF_SUB | BPF_X:
			acc -= kept;
			break;
		case BPF_RET | BPF_K:
			return x->k;
		default:
			ck_abort_msg("instruction %#x at %u", x->code, pc);
		}
	}
	ck_abort_msg("the filter has no end");
	return 0;
}

static uint32_t
expected(const struct trace_opts *o, enum arch a, const struct seccomp_data *d)
{
	struct sysregs s = { .arch = a,
			     .nr = (uint32_t)d->nr,
			     .ip = d->instruction_pointer };
	int r;

	for (int i = 0; i < 6; i++)
		s.arg[i] = d->args[i];
	r = seccomp_decide(o, &s);
	if (r < 0)
		return SECCOMP_RET_ERRNO | (uint32_t)-r;
	if (!r)
		return SECCOMP_RET_ALLOW;
	return o->notify || r == SECCOMP_NOTICE ? SECCOMP_RET_USER_NOTIF
						: SECCOMP_RET_TRACE;
}

static void
compare_call(const struct trace_opts *o, const struct bpf *f, enum arch a, uint32_t nr)
{
	static const uint64_t values[] = { 0,	     AF_UNIX,	 AF_INET,
					   AF_INET6, AF_NETLINK, 0x7fff0000,
					   22,	     1ull << 32, (uint64_t)-1 };

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		for (int arg = -1; arg < 6; arg++) {
			struct seccomp_data d = { .nr = (int)nr,
						  .arch = regs_audit_arch(a) };

			for (int n = 0; n < 6; n++)
				d.args[n] = arg < 0 || arg == n ? values[i] : 0;
			ck_assert_msg(run_filter(f, &d) == expected(o, a, &d),
				      "arch %d, call %u, argument %d %#llx: %#x, not %#x",
				      a, nr, arg, (unsigned long long)values[i],
				      run_filter(f, &d), expected(o, a, &d));
		}
	}
}

/* _i: bit 0 execution, bit 1 -n, bit 2 io_uring allowed, bit 3 notification,
 * bit 4 answers */
START_TEST(filter_is_decide)
{
	struct trace_opts o = { .execution = _i & 1,
				.no_network = _i & 2,
				.allow_io_uring = _i & 4,
				.notify = _i & 8,
				.answer = _i & 16 };
	static const uint32_t far[] = { 0x40000000, 0x40000002, 0x40000101,
					0x7fffffff, 0x80000000, 0xffffffff };
	struct bpf f = { 0 };

	seccomp_build(&o, &f);
	ck_assert_uint_gt(f.n, 100);
	ck_assert_uint_le(f.n, 4096); /* BPF_MAXINSNS */
	for (int a = 0; a < ARCH_COUNT; a++) {
		for (uint32_t nr = 0; nr <= 600; nr++)
			compare_call(&o, &f, (enum arch)a, nr);
		for (size_t i = 0; i < ARRAY_SIZE(far); i++)
			compare_call(&o, &f, (enum arch)a, far[i]);
	}
	bpf_fini(&f);
}
END_TEST

/* _i: as above, and bit 5 changes are held back */
START_TEST(calls_without_a_name)
{
	enum { IP = 0x5000 };
	const struct trace_opts o = { .execution = _i & 1,
				      .no_network = _i & 2,
				      .allow_io_uring = _i & 4,
				      .notify = _i & 8,
				      .answer = _i & 16,
				      .hold_changes = _i & 32,
				      .unnamed = { { 0x100, (uint32_t)-0x100, 0x104 } } };
	static const uint64_t names[] = {
		IP,	    IP + 0x100, IP - 0x100, IP + 0x104,
		IP + 0x101, IP + 0x200, 0,	    1ull << 32
	};
	static const uint64_t flags[] = { 0, 0x100, AT_EMPTY_PATH,
					  AT_EMPTY_PATH | 1ull << 32 };
	static const uint64_t dirs[] = { 0, 7, (uint32_t)AT_FDCWD, (uint64_t)AT_FDCWD };
	AUTO(bpf_fini) struct bpf f = { 0 };
	size_t allowed = 0;

	seccomp_build(&o, &f);
	for (size_t i = 0; i < ARRAY_SIZE(names) * ARRAY_SIZE(flags) * ARRAY_SIZE(dirs);
	     i++) {
		const size_t n = ARRAY_SIZE(names), m = ARRAY_SIZE(flags);
		struct seccomp_data d = {
			.nr = SYS_newfstatat,
			.arch = regs_audit_arch(ARCH_X86_64),
			.instruction_pointer = IP,
			.args = { dirs[i / n / m], names[i % n], 0, flags[i / n % m] },
		};

		ck_assert_uint_eq(run_filter(&f, &d), expected(&o, ARCH_X86_64, &d));
		allowed += run_filter(&f, &d) == SECCOMP_RET_ALLOW;
		d.nr = SYS_statx;
		ck_assert_uint_ne(run_filter(&f, &d), SECCOMP_RET_ALLOW);
	}
	/* three names, two ways to write the flags, two descriptors */
	ck_assert_uint_eq(allowed, o.hold_changes ? 0 : 3 * 2 * 2);
}
END_TEST

START_TEST(other_architectures_have_no_calls)
{
	struct trace_opts o = { 0 };
	struct seccomp_data d = { .nr = SYS_read, .arch = 0xc00000b7 }; /* AArch64 */
	struct bpf f = { 0 };

	seccomp_build(&o, &f);
	ck_assert_uint_eq(run_filter(&f, &d), SECCOMP_RET_ERRNO | ENOSYS);
	d.arch = 0;
	ck_assert_uint_eq(run_filter(&f, &d), SECCOMP_RET_ERRNO | ENOSYS);
	bpf_fini(&f);
}
END_TEST

static int
decide(const struct trace_opts *o, enum arch a, const char *name, uint64_t arg0,
       uint64_t arg4)
{
	struct sysregs s = { .arch = a, .arg = { arg0, 0, 0, 0, arg4 } };
	int nr = sys_number(a, name);

	ck_assert_msg(nr >= 0, "%s", name);
	s.nr = (uint64_t)nr;
	return seccomp_decide(o, &s);
}

START_TEST(decisions)
{
	struct trace_opts capture = { 0 }, exec = { .execution = true },
			  cut = { .execution = true, .no_network = true },
			  uring = { .allow_io_uring = true };
	struct sysregs unknown = { .arch = ARCH_X86_64, .nr = 400 },
		       x32 = { .arch = ARCH_X86_64, .nr = 0x40000002 },
		       skipped = { .arch = ARCH_X86_64, .nr = (uint64_t)-1 };

	for (int a = 0; a < ARCH_COUNT; a++) {
		ck_assert_int_eq(decide(&capture, a, "read", 0, 0), 0);
		ck_assert_int_eq(decide(&capture, a, "mmap", 0, 0), 0);
		ck_assert_int_eq(decide(&capture, a, "openat", 0, 0), 1);
		ck_assert_int_eq(decide(&exec, a, "execveat", 0, 0), 1);
		ck_assert_int_eq(decide(&capture, a, "getcwd", 0, 0), 0);
		ck_assert_int_eq(decide(&exec, a, "getcwd", 0, 0), 1);
		ck_assert_int_eq(decide(&capture, a, "sendto", 0, 0), 0);
		ck_assert_int_eq(decide(&capture, a, "sendto", 0, 0x1000), 1);
		ck_assert_int_eq(decide(&capture, a, "io_uring_setup", 0, 0), -ENOSYS);
		ck_assert_int_eq(decide(&exec, a, "io_uring_setup", 0, 0), -ENOSYS);
		ck_assert_int_eq(decide(&uring, a, "io_uring_setup", 0, 0), 0);
		ck_assert_int_eq(decide(&exec, a, "socket", AF_INET, 0), 0);
		ck_assert_int_eq(decide(&cut, a, "socket", AF_INET, 0), -EACCES);
		ck_assert_int_eq(decide(&cut, a, "socket", AF_INET6, 0), -EACCES);
		ck_assert_int_eq(decide(&cut, a, "socket", AF_UNIX, 0), 0);
		ck_assert_int_eq(decide(&cut, a, "socket", AF_NETLINK, 0), 0);
	}
	ck_assert_int_eq(seccomp_decide(&capture, &unknown), 1);
	ck_assert_int_eq(seccomp_decide(&exec, &unknown), -ENOSYS);
	ck_assert_int_eq(seccomp_decide(&capture, &x32), 1);
	ck_assert_int_eq(seccomp_decide(&exec, &x32), -ENOSYS);
	ck_assert_int_eq(seccomp_decide(&exec, &skipped), -ENOSYS);
}
END_TEST

static uint32_t
watched(const struct bpf *f, enum arch a, int nr, uint64_t arg)
{
	struct seccomp_data d = { .nr = nr, .arch = regs_audit_arch(a) };

	for (int i = 0; i < 6; i++)
		d.args[i] = arg;
	return run_filter(f, &d);
}

static bool
becomes_foreign(enum arch a, const char *name, uint64_t arg0, uint64_t arg1,
		uint64_t arg2)
{
	struct sysregs s = { .arch = a, .arg = { arg0, arg1, arg2 } };
	int nr = sys_number(a, name);

	ck_assert_msg(nr >= 0 && foreign_can(a, (uint64_t)nr), "%s", name);
	s.nr = (uint64_t)nr;
	return foreign_by(&s);
}

/* make sets the user that it is for each of its children. */
START_TEST(who_stays_who_he_is)
{
	const enum arch x = ARCH_X86_64, i = ARCH_I386;
	uint32_t uid = getuid(), gid = getgid(), none = (uint32_t)-1;

	ck_assert(!becomes_foreign(x, "setresuid", none, uid, none));
	ck_assert(!becomes_foreign(x, "setresgid", gid, (uint64_t)-1, gid));
	ck_assert(!becomes_foreign(x, "setuid", uid, 1, 1));
	ck_assert(!becomes_foreign(x, "setreuid", uid | 1ull << 32, none, uid + 1));
	ck_assert(!becomes_foreign(i, "setresuid32", none, none, uid));
	ck_assert(becomes_foreign(x, "setresuid", none, uid, uid + 1));
	ck_assert(becomes_foreign(x, "setregid", gid + 1, none, 0));
	ck_assert(becomes_foreign(x, "setfsuid", uid + 1, 0, 0));
	ck_assert(becomes_foreign(i, "setuid", uid, 0, 0)); /* 16 bits */
	ck_assert(becomes_foreign(x, "setgroups", 0, 0, 0));
	ck_assert(becomes_foreign(x, "capset", 0, 0, 0));
	ck_assert(becomes_foreign(x, "setns", 3, 0, 0));
	ck_assert(becomes_foreign(x, "unshare", CLONE_NEWNS | CLONE_FILES, 0, 0));
	ck_assert(becomes_foreign(x, "unshare", CLONE_NEWUSER, 0, 0));
	ck_assert(!becomes_foreign(x, "unshare", CLONE_FILES | CLONE_NEWNET, 0, 0));
	ck_assert(!foreign_can(x, SYS_openat));
	ck_assert(!foreign_is_born(getpid()));
}
END_TEST

/* Those of the namespace engine: every call of the table, from both ends of its jumps. */
START_TEST(watchers_filters)
{
	AUTO(bpf_fini) struct bpf opens = { 0 }, changes = { 0 };

	ns_filter_opens(&opens, false);
	ns_filter_changes(&changes, false);
	for (int a = 0; a < ARCH_COUNT; a++) {
		int uring = sys_number((enum arch)a, "io_uring_setup");

		for (int nr = 0; nr < 512; nr++) {
			const struct sys *s = sys_by_number((enum arch)a, (uint64_t)nr);
			enum effect e = s ? s->operand[0].effect : EFF_NONE;
			bool is_open = e == EFF_OPEN && s->operand[0].follow == BY_OFLAG;
			uint32_t none = nr == uring ? SECCOMP_RET_ERRNO | ENOSYS
						    : SECCOMP_RET_ALLOW;

			ck_assert_uint_eq(watched(&opens, a, nr, 0),
					  is_open || e == EFF_EXEC ||
							  (e == EFF_OPEN &&
							   s->operand[0].follow == BY_HOW)
						  ? SECCOMP_RET_USER_NOTIF
						  : none);
			if (e == EFF_DELETE || e == EFF_RENAME_FROM)
				ck_assert_uint_eq(watched(&changes, a, nr, 1),
						  strcmp(s->name, "rmdir") == 0
							  ? SECCOMP_RET_ALLOW
							  : SECCOMP_RET_USER_NOTIF);
			if (is_open) /* O_RDONLY, O_WRONLY */
				ck_assert(watched(&changes, a, nr, 0) ==
						  SECCOMP_RET_ALLOW &&
					  watched(&changes, a, nr, 1) ==
						  SECCOMP_RET_USER_NOTIF);
		}
	}
	ck_assert_uint_eq(run_filter(&changes, &(struct seccomp_data){ .arch = 0x1234 }),
			  SECCOMP_RET_ERRNO | ENOSYS);
}
END_TEST

/* The kernel takes it, and it does what it says. */
START_TEST(kernel_takes_it)
{
	struct trace_opts o = { .execution = true, .no_network = true };
	struct bpf f = { 0 };
	int status;
	pid_t pid;

	seccomp_build(&o, &f);
	pid = fork();
	if (pid == 0) {
		if (seccomp_install(&f) < 0)
			_exit(1);
		if (syscall(SYS_getppid) <= 0)
			_exit(2);
		if (syscall(SYS_socket, AF_INET, SOCK_DGRAM, 0) >= 0 || errno != EACCES)
			_exit(3);
		if (syscall(SYS_socket, AF_UNIX, SOCK_DGRAM, 0) < 0)
			_exit(4);
		if (syscall(400) >= 0 || errno != ENOSYS)
			_exit(5);
		_exit(42);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 42, "status %#x",
		      status);
	bpf_fini(&f);
}
END_TEST

Suite *
suite_sysdef(void)
{
	Suite *s = suite_create("sysdef");
	TCase *t = tcase_create("table"), *f = tcase_create("filter");

	tcase_add_test(t, rows_have_numbers);
	tcase_add_test(t, operands_are_arguments);
	tcase_add_test(t, numbers_are_the_headers);
	tcase_add_test(t, holes_are_the_kernels);
	tcase_set_timeout(f, 60);
	tcase_add_loop_test(f, filter_is_decide, 0, 32);
	tcase_add_loop_test(f, calls_without_a_name, 0, 64);
	tcase_add_test(f, other_architectures_have_no_calls);
	tcase_add_test(f, decisions);
	tcase_add_test(f, who_stays_who_he_is);
	tcase_add_test(f, watchers_filters);
	tcase_add_test(f, kernel_takes_it);
	suite_add_tcase(s, t);
	suite_add_tcase(s, f);
	suite_add_tcase(s, tcase_unnamed());
	return s;
}
