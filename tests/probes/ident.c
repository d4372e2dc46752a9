/* What a program finds out about itself, and that calls leave no trace in it. */
#include "probe.h"

/* rows: ptrace seccomp prctl */

#include <elf.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/utsname.h>

extern char **environ;

static void
say_link(const char *name)
{
	ssize_t n = readlink(name, probe_buf, PATH_MAX);

	say("%s -> '%s'", name, n < 0 ? outcome(-errno) : text_of(probe_buf, n));
}

static void
identity(const struct probe_case *c)
{
	char text[4096];
	struct stat a, b;
	ssize_t n;

	say("argv[0] '%s'", probe_argv[0]);
	say("program_invocation_name '%s'", program_invocation_name);
	say("AT_EXECFN '%s'", (const char *)getauxval(AT_EXECFN));
	memset(text, 0, sizeof(text));
	int fd = open("/proc/self/comm", O_RDONLY | O_CLOEXEC);
	n = read(fd, text, 100);
	say("comm '%s'", text_of(text, n > 0 ? n : 0));
	prctl(PR_GET_NAME, text);
	say("PR_GET_NAME '%s'", text);
	close(fd);
	fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	n = read(fd, text, 1000);
	say("cmdline '%s'", text_of(text, n > 0 ? n : 0));
	close(fd);
	say_link("/proc/self/exe");
	say_link("/proc/self/cwd");
	say_link("/proc/thread-self/exe");
	snprintf(text, sizeof(text), "/proc/%d/exe", getpid());
	n = readlink(text, probe_buf, PATH_MAX);
	say("/proc/PID/exe -> '%s'", text_of(probe_buf, n > 0 ? n : 0));
	say("stat exe: %s", outcome(stat("/proc/self/exe", &a) < 0 ? -errno : 0));
	say("stat probe: %s", outcome(stat("probe", &b) < 0 ? -errno : 0));
	say("same size %d, same mode %d", a.st_size == b.st_size, a.st_mode == b.st_mode);
	fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	say("open exe: %s", outcome(fd < 0 ? -errno : 0));
	n = read(fd, text, 4);
	say("magic '%s', size right %d", text_of(text, n > 0 ? n : 0),
	    fstat(fd, &a) == 0 && a.st_size == b.st_size);
	say("access exe X_OK: %s", outcome(access("/proc/self/exe", X_OK) < 0 ? -errno : 0));
	say("phdr %d, entry %d", getauxval(AT_PHDR) != 0, getauxval(AT_ENTRY) != 0);
	say("secure %lu", getauxval(AT_SECURE));
	say("errno of readlink of exe's child: %s",
	    outcome(readlink("/proc/self/exe/x", text, 10) < 0 ? -errno : 0));
}

static void
self_exec(const struct probe_case *c)
{
	static char *const argv[] = { (char *)"renamed", (char *)"--hello", (char *)"self", NULL };
	pid_t pid = must_fork();

	if (pid == 0) {
		execv("/proc/self/exe", argv);
		_exit(90);
	}
	say_status("/proc/self/exe", must_wait(pid));
	int error = posix_spawn(&pid, "/proc/self/exe", NULL, NULL, argv, environ);
	int status = must_wait(pid);	/* first: it prints as well */

	say("spawn: %d", error);
	say_status("spawned", status);
	execl("/proc/self/exe", "probe", "identity", (char *)NULL);
	say("exec: %s", outcome(-errno));
}

/* Through links, odd names and with another argv[0]. */
static void
identity_setup(const struct probe_case *c)
{
	probe_fixture(c);
	put_copy("/proc/self/exe", "in/a program", 0755);
	put_link("a program", "in/prog-link");
	put_copy("/proc/self/exe", "in/a-name-longer-than-sixteen-bytes", 0755);
}

static void
identity_of_children(const struct probe_case *c)
{
	static const char *const names[] = { "in/a program", "in/prog-link", "./in/../in/prog-link",
		"in/a-name-longer-than-sixteen-bytes" };

	for (size_t i = 0; i < 4; i++) {
		say("as %s", names[i]);		/* before the child has anything to say */
		fflush(NULL);
		pid_t pid = must_fork();
		if (pid == 0) {
			execl(names[i], i & 1 ? "" : "zero", "identity", (char *)NULL);
			_exit(91);
		}
		say_status("child", must_wait(pid));
	}
}

/* Prints the environment it was given: names of the case only. */
static void
environment(const struct probe_case *c)
{
	static char *env[] = { (char *)"PROBE_A=line one\nline two", (char *)"PROBE_B='\"`$x\\",
		(char *)"PROBE_C=", (char *)"PROBE_D=a=b=c", (char *)"PROBE_\xff=\xfe",
		(char *)"PROBE no equals", (char *)"=PROBE", (char *)"PROBE_A=twice", NULL };

	if (getenv("PROBE_A")) {
		for (char **e = environ; *e; e++)
			say("'%s'", text_of(*e, strlen(*e)));
		return;
	}
	execle("/proc/self/exe", "probe", "environment", (char *)NULL, env);
	say("exec: %s", outcome(-errno));
}

static unsigned
count_maps(void)
{
	FILE *f = fopen("/proc/self/maps", "re");
	unsigned n = 0;
	char line[5000];

	while (f && fgets(line, sizeof(line), f))
		n++;
	if (f)
		fclose(f);
	return n;
}

/* Nothing of the tracer stays in the program's memory. */
static void
no_mappings(const struct probe_case *c)
{
	static char *const argv[] = { (char *)"h", (char *)"--hello", NULL };
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC), out = dup(1);
	unsigned before = count_maps(), bad = 0;

	before = count_maps();
	dup2(null, 1);
	for (int i = 0; i < 200; i++) {
		pid_t pid = vfork();
		if (pid == 0) {
			execv("in/file", argv);
			_exit(92);
		}
		int s = must_wait(pid);
		bad += !WIFEXITED(s) || WEXITSTATUS(s) != 7;
	}
	for (int i = 0; i < 500; i++)
		close(open("in/link", O_RDONLY | O_CLOEXEC));
	dup2(out, 1);
	say("children that failed: %u, new mappings: %d", bad, (int)(count_maps() - before));
}

static void
exec_setup(const struct probe_case *c)
{
	probe_fixture(c);
	put_copy("/proc/self/exe", "in/file", 0755);
}

#ifdef __x86_64__
/* All registers but rax, rcx and r11 are as they were after the call. */
static unsigned
changed(long nr, long a0, long a1, long a2, long a3, long a4, long a5)
{
	long in[6] = { a0, a1, a2, a3, a4, a5 }, out[6], ret;
	register long r10 __asm__("r10") = a3;
	register long r8 __asm__("r8") = a4;
	register long r9 __asm__("r9") = a5;
	unsigned bits = 0;

	__asm__ volatile("syscall"
			 : "=a"(ret), "+D"(a0), "+S"(a1), "+d"(a2), "+r"(r10), "+r"(r8), "+r"(r9)
			 : "0"(nr)
			 : "rcx", "r11", "memory");
	out[0] = a0, out[1] = a1, out[2] = a2, out[3] = r10, out[4] = r8, out[5] = r9;
	for (int i = 0; i < 6; i++)
		bits |= (in[i] != out[i]) << i;
	if (nr == SYS_open || nr == SYS_openat)
		close(ret);
	return bits;
}

static void
registers(const struct probe_case *c)
{
	static struct stat st;
	char *abs = in_cwd("in/file");
#define CHECK(label, ...) say("%s: %#x", label, changed(__VA_ARGS__))
	CHECK("open", SYS_open, (long)"in/link", O_RDONLY, 3, 4, 5, 6);
	CHECK("openat", SYS_openat, AT_FDCWD, (long)abs, O_RDONLY, 4, 5, 6);
	CHECK("openat missing", SYS_openat, AT_FDCWD, (long)"in/none", O_RDONLY, 4, 5, 6);
	CHECK("openat bad", SYS_openat, AT_FDCWD, 8, O_RDONLY, 4, 5, 6);
	CHECK("stat", SYS_stat, (long)"in/link", (long)&st, 3, 4, 5, 6);
	CHECK("readlink", SYS_readlink, (long)"in/abslink", (long)probe_buf, 4096, 4, 5, 6);
	CHECK("readlink exe", SYS_readlink, (long)"/proc/self/exe", (long)probe_buf, 4096, 4, 5,
	      6);
	CHECK("getcwd", SYS_getcwd, (long)probe_buf, 4096, 3, 4, 5, 6);
	CHECK("rename", SYS_rename, (long)"w/file", (long)"w/new", 3, 4, 5, 6);
	CHECK("renameat2", SYS_renameat2, AT_FDCWD, (long)"w/new", AT_FDCWD, (long)"w/file", 0, 6);
	CHECK("link", SYS_link, (long)"w/file", (long)"w/second", 3, 4, 5, 6);
	CHECK("symlink", SYS_symlink, (long)"text", (long)"w/symlink", 3, 4, 5, 6);
	CHECK("execve missing", SYS_execve, (long)"in/none", 0, 0, 4, 5, 6);
	CHECK("execve notx", SYS_execve, (long)"in/link", (long)probe_argv, 0, 4, 5, 6);
	CHECK("chdir", SYS_chdir, (long)"in", 2, 3, 4, 5, 6);
	CHECK("unlink", SYS_unlink, (long)"../w/second", 2, 3, 4, 5, 6);
	CHECK("io_uring_setup", SYS_io_uring_setup, 1, 0, 3, 4, 5, 6);
	free(abs);
}

/* The red zone and the bytes of names are not written to. */
static void
memory_untouched(const struct probe_case *c)
{
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	long ret;
	uint64_t sum = 0;

	strcpy(page, "in/link");
	mprotect(page, 4096, PROT_READ);
	say_fd("name in read-only memory", open(page, O_RDONLY | O_CLOEXEC));
	__asm__ volatile("lea -128(%%rsp), %%rbx\n\t"
			 "mov $16, %%r12\n"
			 "1:\tmovq %%r12, -8(%%rbx,%%r12,8)\n\t"
			 "dec %%r12\n\tjnz 1b\n\t"
			 "syscall\n\t"
			 "lea -128(%%rsp), %%rbx\n\t"
			 "mov $16, %%r12\n\txor %%r13, %%r13\n"
			 "2:\tmovq -8(%%rbx,%%r12,8), %%r14\n\t"
			 "sub %%r12, %%r14\n\tor %%r14, %%r13\n\t"
			 "dec %%r12\n\tjnz 2b\n\tmov %%r13, %1\n\t"
			 : "=a"(ret), "=r"(sum)
			 : "0"(SYS_openat), "D"(AT_FDCWD), "S"(page), "d"(O_RDONLY)
			 : "rcx", "r11", "rbx", "r12", "r13", "r14", "memory");
	say("red zone kept: %d, opened: %d", sum == 0, ret >= 0);
}

/* A tiny stack: there is room for nothing below it. */
static void
no_stack(const struct probe_case *c)
{
	char *page = mmap(NULL, 3 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	long ret;

	mprotect(page + 4096, 4096, PROT_READ | PROT_WRITE);
	char *sp = page + 4096 + 64;
	__asm__ volatile("mov %%rsp, %%rbx\n\tmov %[sp], %%rsp\n\tsyscall\n\tmov %%rbx, %%rsp"
			 : "=a"(ret)
			 : "0"(SYS_openat), "D"(AT_FDCWD), "S"("in/link"), "d"(O_RDONLY),
			   [sp] "r"(sp)
			 : "rcx", "r11", "rbx", "memory");
	say_fd("stack with 64 bytes left", ret);
	__asm__ volatile("mov %%rsp, %%rbx\n\tmov %[sp], %%rsp\n\tsyscall\n\tmov %%rbx, %%rsp"
			 : "=a"(ret)
			 : "0"(SYS_openat), "D"(AT_FDCWD), "S"("in/link"), "d"(O_RDONLY),
			   [sp] "r"(0L)
			 : "rcx", "r11", "rbx", "memory");
	say_fd("no stack at all", ret);
}
#endif

static void
on_sys(int sig, siginfo_t *info, void *ctx)
{
	static const char text[] = "SIGSYS came\n";

	if (write(1, text, sizeof(text) - 1) < 0)
		_exit(93);
}

static void
own_filter(unsigned action, long nr)
{
	struct sock_filter f[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog p = { 4, f };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	say("filter: %s", outcome(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &p) < 0 ? -errno : 0));
}

/* The program has seccomp filters of its own. */
static void
own_seccomp(const struct probe_case *c)
{
	struct sigaction sa = { .sa_sigaction = on_sys, .sa_flags = SA_SIGINFO };

	own_filter(SECCOMP_RET_ERRNO | ENOTTY, P(openat));
	say("openat: %s", outcome(RAW(openat, AT_FDCWD, "in/file", O_RDONLY)));
	say("stat: %s", outcome(access("in/link", F_OK) < 0 ? -errno : 0));
	sigaction(SIGSYS, &sa, NULL);
	/* a call that goes to the kernel: what ptrace without a filter answers itself
	 * (getcwd) never reaches the program's own filter */
	own_filter(SECCOMP_RET_TRAP, P(chmod));
	say("chmod: %d", RAW(chmod, "in/file", 0644) != 0);
	own_filter(SECCOMP_RET_KILL_PROCESS, P(statfs));
	say("seccomp: %s", outcome(RAW(seccomp, SECCOMP_SET_MODE_FILTER, 0, NULL)));
	say("prctl: %s", outcome(RAW(prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL)));
	say("still here");
	pid_t pid = must_fork();
	if (pid == 0) {
		prctl(PR_SET_DUMPABLE, 0);
		RAW(statfs, "in/file", probe_buf);
		_exit(94);
	}
	say_status("killed", must_wait(pid) & 0x7f);
}

static void
uring(const struct probe_case *c)
{
	static char params[200];
	long r = RAW(io_uring_setup, 4, params);

	/* Native it is there or not; under a tracer it must not be (it opens without calls). */
	if (r >= 0)
		close(r);
	say("io_uring_setup: %s",
	    getenv("PROBE_EXPECT") || getenv("PROBE_UNTRACED") ? "ENOSYS" : outcome(r));
}

static void
host_names(const struct probe_case *c)
{
	struct utsname u;
	char name[300];

	say("uname: %s", outcome(uname(&u) < 0 ? -errno : 0));
	say("Linux: %d", strcmp(u.sysname, "Linux") == 0);
	say("gethostname: %d", gethostname(name, sizeof(name)) == 0 && *name);
}

/* Not a probe of outputs: unknown_calls.sh runs it. */
static void
unknown_calls(const struct probe_case *c)
{
	say("call 4000: %s", outcome(syscall(4000) < 0 ? -errno : 0));
	say("call -1: %s", outcome(syscall(-1) < 0 ? -errno : 0));
}

/* Not a probe of outputs either: tracing.sh runs it. */
static void
tracing(const struct probe_case *c)
{
	enum { PEEK_DATA = 2, NOBODY = 1 << 22 };

	say("ptrace: %s", outcome(RAW(ptrace, PEEK_DATA, NOBODY, 0, 0) < 0 ? -errno : 0));
}

const struct probe_case probe_cases[] = {
	CASE(identity), CASE(self_exec), CASE_WITH(identity_of_children, identity_setup),
	CASE(environment), CASE_WITH(no_mappings, exec_setup), CASE(own_seccomp), CASE(uring),
	CASE(host_names),
	{ "unknown_calls", unknown_calls, NULL, "hidden", NULL },
	{ "tracing", tracing, NULL, "hidden", NULL },
#ifdef __x86_64__
	CASE(registers), CASE(memory_untouched), CASE(no_stack),
#endif
	CASES_END
};
