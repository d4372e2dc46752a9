/* rows: execve execveat
 *
 * Starting programs in all forms, scripts, and what they find out about themselves. */
#include "probe.h"

#include <sys/mman.h>

static char *const hello_argv[] = { (char *)"argv zero", (char *)"--hello", (char *)"last",
	NULL };
static char *const no_env[] = { (char *)"LC_ALL=C", NULL };

static void
exec_setup(const struct probe_case *c)
{
	probe_fixture(c);
	put_copy("/proc/self/exe", "in/file", 0755);
	put_copy("/proc/self/exe", "in/sub/deep", 0755);
}

/* Runs f's exec in a child. */
#define IN_CHILD(label, call)						\
	do {								\
		pid_t pid_ = must_fork();				\
		if (pid_ == 0) {					\
			long r_ = (call);				\
			say("%s: %s", label, outcome(r_));		\
			_exit(9);					\
		}							\
		say_status(label, must_wait(pid_));			\
	} while (0)

static long
at_flags(int fd, const char *name, int flags)
{
	return RAW(execveat, fd, name, hello_argv, no_env, flags);
}

static void
fexecve_forms(const struct probe_case *c)
{
	int fd = open("in/file", O_RDONLY | O_CLOEXEC), path = open("in/file", O_PATH);
	int script = open("in/script", O_RDONLY), closed = open("in/script", O_RDONLY | O_CLOEXEC);
	int mem = memfd_create("probe", 0);
	char proc[40];

	IN_CHILD("fexecve ELF", at_flags(fd, "", AT_EMPTY_PATH));
	IN_CHILD("fexecve O_PATH", at_flags(path, "", AT_EMPTY_PATH));
	IN_CHILD("fexecve script", at_flags(script, "", AT_EMPTY_PATH));
	IN_CHILD("fexecve script CLOEXEC", at_flags(closed, "", AT_EMPTY_PATH));
	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", mem);
	put_copy("in/file", proc, 0755);
	IN_CHILD("fexecve memfd", at_flags(mem, "", AT_EMPTY_PATH));
	IN_CHILD("exec /proc/self/fd of memfd", RAW(execve, proc, hello_argv, no_env));
	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	IN_CHILD("exec /proc/self/fd", RAW(execve, proc, hello_argv, no_env));
	IN_CHILD("empty without flag", at_flags(fd, "", 0));
	IN_CHILD("closed", at_flags(777, "", AT_EMPTY_PATH));
	IN_CHILD("nofollow link", at_flags(AT_FDCWD, "in/link", AT_SYMLINK_NOFOLLOW));
	IN_CHILD("nofollow file", at_flags(AT_FDCWD, "in/file", AT_SYMLINK_NOFOLLOW));
	expect_touched("in/file", "exec");
}

static void
scripts_setup(const struct probe_case *c)
{
	char text[5000], name[40];

	exec_setup(c);
	snprintf(text, sizeof(text), "#!%s/in/file --hello\n", probe_cwd);
	put_file("in/script", text, 0755);
	snprintf(text, sizeof(text), "#! \t%s/in/file \t --hello with  blanks \t\n", probe_cwd);
	put_file("in/blanks", text, 0755);
	put_file("in/relative", "#!in/file --hello\n", 0755);
	put_file("in/missing", "#!/nonexistent/interpreter -x\n", 0755);
	put_file("in/nointerp", "#!\n", 0755);
	put_file("in/noexec", "just text\n", 0755);
	put_file("in/empty", "", 0755);
	put_file("in/notx", "#!/bin/sh\n", 0644);
	put_file("in/zero", "#!in/dir\n", 0755);
	put_file("in/plain", "echo plain text, run by sh: \"$*\"\n", 0755);
	put_file("in/sh", "#!/bin/sh -e\necho \"sh script $0 $1\"\nexit 5\n", 0755);
	put_file("in/nonl", "#!in/file", 0755);
	put_link("script", "in/scriptlink");
	for (int i = 1; i <= 7; i++) {
		snprintf(name, sizeof(name), "in/level%d", i);
		if (i == 1)
			snprintf(text, sizeof(text), "#!%s/in/file --hello\n", probe_cwd);
		else
			snprintf(text, sizeof(text), "#!%s/in/level%d\n", probe_cwd, i - 1);
		put_file(name, text, 0755);
	}
	snprintf(text, sizeof(text), "#!%s/in/%0*d\n", probe_cwd, 300, 0);
	put_file("in/long", text, 0755);
	snprintf(text, sizeof(text), "#!%s/in/file --hello %0*d\n", probe_cwd, 300, 0);
	put_file("in/longarg", text, 0755);
}

static void
scripts(const struct probe_case *c)
{
	static const char *const names[] = { "in/script", "in/blanks", "in/relative",
		"in/missing", "in/nointerp", "in/noexec", "in/empty", "in/notx", "in/zero",
		"in/sh", "in/nonl", "in/scriptlink", "in/level2", "in/level4", "in/level5",
		"in/level6", "in/level7", "in/long", "in/longarg", "in", "in/none" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char *abs = in_cwd(names[i]);

		IN_CHILD(names[i], RAW(execve, names[i], hello_argv, no_env));
		IN_CHILD(abs, RAW(execve, abs, hello_argv, no_env));
		free(abs);
	}
	IN_CHILD("at", RAW(execveat, open("in", O_PATH), "sh", hello_argv, no_env, 0));
	IN_CHILD("at CLOEXEC", RAW(execveat, open("in", O_PATH | O_CLOEXEC), "sh",
				   hello_argv, no_env, 0));
	say_status("sh in/plain", system("in/plain one two"));
	say_status("sh ./in/sh", system("./in/sh one"));
	say_status("PATH", system("PATH=in:$PATH; plain three; sh -c 'plain four'"));
	expect_touched("in/script", "exec");
	expect_touched("in/level1", "any");
}

/* Arguments that are no pointers, or not the ones to expect. */
static void
exec_pointers(const struct probe_case *c)
{
	static char *const bad[] = { (char *)8, NULL };
	static char *const none[] = { NULL };

	IN_CHILD("argv NULL", RAW(execve, "in/file", NULL, no_env));
	IN_CHILD("argv bad", RAW(execve, "in/file", 8, no_env));
	IN_CHILD("argv[0] bad", RAW(execve, "in/file", bad, no_env));
	IN_CHILD("envp bad", RAW(execve, "in/file", hello_argv, 8));
	IN_CHILD("envp NULL", RAW(execve, "in/file", hello_argv, NULL));
	IN_CHILD("script argv NULL", RAW(execve, "in/script", NULL, NULL));
	IN_CHILD("script argv bad", RAW(execve, "in/script", 8, NULL));
	IN_CHILD("script argv empty", RAW(execve, "in/script", none, NULL));
}

static void
many_arguments(const struct probe_case *c)
{
	static char *argv[6002];

	argv[0] = (char *)"many";
	argv[1] = (char *)"--hello";
	for (int i = 2; i < 6001; i++)
		if (asprintf(&argv[i], "argument %d", i) < 0)
			abort();
	IN_CHILD("6001 arguments", RAW(execve, "in/file", argv, no_env));
	IN_CHILD("6001 arguments of a script", RAW(execve, "in/script", argv, no_env));
	argv[2] = malloc(100001);
	memset(argv[2], 'a', 100000);
	argv[2][100000] = 0;
	argv[3] = NULL;
	IN_CHILD("a long one", RAW(execve, "in/file", argv, no_env) - 0);
}

#define ONE .dir = -1, .path = 0, .flags = -1

const struct probe_case probe_cases[] = {
	{ "execve", call_forms, exec_setup, P_TEXT(__NR_execve), &(const struct call){
		ONE, .arg = { 0, (long)hello_argv, (long)no_env }, .how = CALL_CHILD,
		.kind = "exec" } },
	{ "execveat", call_forms, exec_setup, P_TEXT(__NR_execveat), &(const struct call){
		.dir = 0, .path = 1, .arg = { 0, 0, (long)hello_argv, (long)no_env },
		.flags = 4, .nofollow = AT_SYMLINK_NOFOLLOW, .empty = AT_EMPTY_PATH,
		.how = CALL_CHILD, .kind = "exec" } },
	CASE_WITH(fexecve_forms, scripts_setup),
	CASE_WITH(scripts, scripts_setup),
	CASE_WITH(exec_pointers, scripts_setup),
	CASE_WITH(many_arguments, scripts_setup),
	CASES_END
};
