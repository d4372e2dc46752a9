/*
 * What the packages in old.tar.xz run: programs that need nothing, so that the packages are
 * small and all of it is ours.  With -DLOADER: a dynamic loader that only jumps to the program.
 * Else, by the name it is called with:
 *
 *	cat FILE…	prints files
 *	run SCRIPT	runs each line of the script: words parted by blanks, a # begins a
 *			remark; "cd DIR" and "where" (getcwd) are its own
 */
#include <sys/syscall.h>

#ifdef LOADER
__asm__(".globl _start\n"
	"_start: mov (%rsp), %rax\n"
	"	lea 16(%rsp,%rax,8), %rdi\n"
	"1:	mov (%rdi), %rax\n" /* the environment */
	"	add $8, %rdi\n"
	"	test %rax, %rax\n"
	"	jnz 1b\n"
	"2:	cmpq $9, (%rdi)\n" /* AT_ENTRY */
	"	je 3f\n"
	"	add $16, %rdi\n"
	"	jmp 2b\n"
	"3:	jmp *8(%rdi)\n");
#else

__asm__(".globl _start\n"
	"_start: mov %rsp, %rdi\n"
	"	and $-16, %rsp\n"
	"	call begin\n");

static long
call(long nr, long a, long b, long c, long d)
{
	register long r10 __asm__("r10") = d;
	long r;

	__asm__ volatile("syscall"
			 : "=a"(r)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10)
			 : "rcx", "r11", "memory");
	return r;
}

static long
length(const char *s)
{
	long n = 0;

	while (s[n])
		n++;
	return n;
}

static int
same(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

static void
put(int fd, const char *s, long n)
{
	call(SYS_write, fd, (long)s, n, 0);
}

static int
fail(const char *name)
{
	put(2, name, length(name));
	put(2, ": not to be had\n", 16);
	return 1;
}

static int
cat(const char *name)
{
	long fd = call(SYS_openat, -100, (long)name, 0, 0), n;
	char text[4096];

	if (fd < 0)
		return fail(name);
	while ((n = call(SYS_read, fd, (long)text, sizeof(text), 0)) > 0)
		put(1, text, n);
	call(SYS_close, fd, 0, 0, 0);
	return 0;
}

static int
where(void)
{
	char text[4096];
	long n = call(SYS_getcwd, (long)text, sizeof(text), 0, 0);

	if (n <= 0)
		return fail("getcwd");
	text[n - 1] = '\n';
	put(1, text, n);
	return 0;
}

static int
start(char **argv, char **envp)
{
	long pid = call(SYS_fork, 0, 0, 0, 0);
	int status = -1;

	if (pid == 0) {
		call(SYS_execve, (long)argv[0], (long)argv, (long)envp, 0);
		call(SYS_exit_group, fail(argv[0]), 0, 0, 0);
	}
	call(SYS_wait4, pid, (long)&status, 0, 0);
	return status >> 8 & 255;
}

static int
line(char *s, char **envp)
{
	char *word[16];
	int n = 0;

	while (*s && *s != '#' && n < 15) {
		while (*s == ' ')
			*s++ = '\0';
		if (*s && *s != '#')
			word[n++] = s;
		while (*s && *s != ' ')
			s++;
	}
	*s = '\0';
	word[n] = 0;
	if (n == 0)
		return 0;
	if (same(word[0], "cd"))
		return n > 1 && call(SYS_chdir, (long)word[1], 0, 0, 0) == 0 ? 0
									     : fail("cd");
	return same(word[0], "where") ? where() : start(word, envp);
}

static int
run(const char *name, char **envp)
{
	static char text[4096];
	long fd = call(SYS_openat, -100, (long)name, 0, 0);
	long n = fd < 0 ? -1 : call(SYS_read, fd, (long)text, sizeof(text) - 1, 0);
	int bad = 0;

	if (n < 0)
		return fail(name);
	call(SYS_close, fd, 0, 0, 0);
	for (char *s = text, *end; s < text + n; s = end + 1) {
		for (end = s; *end && *end != '\n'; end++)
			;
		*end = '\0';
		bad |= line(s, envp);
	}
	return bad;
}

__attribute__((used)) static void
begin(long *stack)
{
	char **argv = (char **)(stack + 1), *name = argv[0];
	int bad = 0;

	for (char *p = name; *p; p++)
		if (*p == '/')
			name = p + 1;
	if (same(name, "run"))
		bad = run(argv[1], argv + stack[0] + 1);
	else
		for (int i = 1; argv[i]; i++)
			bad |= cat(argv[i]);
	call(SYS_exit_group, bad, 0, 0, 0);
}
#endif
