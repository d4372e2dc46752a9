#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "own_package.h"
#include "tree/layout.h"

/* The text files of a package; part of suite_tree. */
TCase *tcase_layout(void);

OWN_PACKAGE("it's a\n");

static void
put_at(int dirfd, const char *name, const char *text, mode_t mode)
{
	ck_assert_int_eq(fs_replace(dirfd, name, text, strlen(text), mode, &e), 0);
}

START_TEST(names_are_the_kernels)
{
	AUTO(layout_fini) struct layout x = LAYOUT_INIT;
	AUTO(str_fini) struct str want = STR_INIT;
	AUTO(str_fini) struct str uname_line = STR_INIT;

	str_addf(&want, "%s/it's a\n", dir);
	ck_assert_str_eq(l.dir.s, want.s);
	ck_assert_int_eq(symlink("it's a\n", "link"), 0);
	ck_assert_int_eq(layout_open(&x, "./link/../link", &e), 0);
	ck_assert_str_eq(x.dir.s, want.s);
	str_add(&want, "/cde-root");
	ck_assert_str_eq(x.root.s, want.s);
	ck_assert_int_eq(fs_slurp(x.dirfd, PKG_UNAME, &uname_line, &e), 0);
	ck_assert(str_has_prefix(uname_line.s, "uname: 'Linux' '"));
}
END_TEST

START_TEST(open_says_what_is_missing)
{
	AUTO(layout_fini) struct layout x = LAYOUT_INIT;
	AUTO(str_fini) struct str want = STR_INIT;

	ck_assert_int_eq(layout_open(&x, "nowhere", &e), -1);
	ck_assert_str_eq(e.text.s, "nowhere: No such file or directory");
	put_at(AT_FDCWD, "file", "", 0644);
	ck_assert_int_eq(layout_open(&x, "file", &e), -1);
	ck_assert_str_eq(e.text.s, "file: Not a directory");
	ck_assert_int_eq(mkdir("empty", 0755), 0);
	ck_assert_int_eq(layout_open(&x, "empty", &e), -1);
	str_addf(&want, "%s/empty: no cde-root in it", dir);
	ck_assert_str_eq(e.text.s, want.s);
	ck_assert_int_eq(symlink("/", "empty/cde-root"), 0);
	ck_assert_int_eq(layout_open(&x, "empty", &e), -1);
	ck_assert_int_eq(layout_create(&x, "no/parent", &e), -1);
	ck_assert_str_eq(e.text.s, "no/parent: No such file or directory");
	ck_assert_int_eq(x.dirfd, -1);
}
END_TEST

START_TEST(tmp_is_emptied)
{
	AUTO(layout_fini) struct layout x = LAYOUT_INIT;
	AUTO(str_fini) struct str live = STR_INIT;

	str_addf(&live, PKG_TMP "/%d-3", (int)getppid());
	put_at(l.dirfd, live.s, "another cde's", 0600);
	put_at(l.dirfd, PKG_TMP "/rest", "", 0600);
	put_at(l.dirfd, PKG_TMP "/2147483647-1", "", 0600); /* no such process */
	ck_assert_int_eq(layout_create(&x, "it's a\n", &e), 0);
	ck_assert_int_lt(faccessat(l.dirfd, PKG_TMP "/rest", F_OK, 0), 0);
	ck_assert_int_lt(faccessat(l.dirfd, PKG_TMP "/2147483647-1", F_OK, 0), 0);
	ck_assert_int_eq(faccessat(l.dirfd, live.s, F_OK, 0), 0);
}
END_TEST

/* execve and its like take no const. */
#define WORDS(array) ((char *const *)(array))

START_TEST(environment)
{
	const char *const many[] = { "A=1\n2", "B=", "LONG=xxxxxxxxxxxxxxxxxxxx", NULL };
	const char *const few[] = { "C=3", NULL };
	AUTO(str_fini) struct str got = STR_INIT;

	ck_assert_int_eq(layout_load_env(&l, &got, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text.s, PKG_ENV));
	ck_assert_int_eq(layout_save_env(&l, WORDS(many), &e), 0);
	ck_assert_int_eq(layout_load_env(&l, &got, &e), 0);
	ck_assert_uint_eq(got.len, 6 + 3 + 26);
	ck_assert_mem_eq(got.s, "A=1\n2\0B=", 9);
	ck_assert_int_eq(layout_save_env(&l, WORDS(few), &e), 0); /* no old tail */
	ck_assert_int_eq(layout_load_env(&l, &got, &e), 0);
	ck_assert_uint_eq(got.len, 4);
}
END_TEST

static const char *const words[] = { "it's", "",	 "a b", "new\nline", "&&",
				     "(",    ")",	 "#x",	"\\",	     "'",
				     "''",   "$HOME",	 "~",	"--",	     "\"",
				     "*",    "\xff\x01", "A=B", "-n",	     "end\n",
				     NULL };

static void
expect_command(unsigned n, const char *cwd, const char *const *argv)
{
	AUTO(log_command_fini) struct log_command c = LOG_COMMAND_INIT;

	ck_assert_msg(layout_read_command(&l, n, &c, &e) == 0, "%s", e.text.s);
	ck_assert_str_eq(c.cwd.s, cwd);
	for (size_t i = 0; i < c.argv.n; i++) {
		if (!c.argv.v[i] || !argv[i])
			ck_assert_ptr_eq(c.argv.v[i], argv[i]);
		else
			ck_assert_str_eq(c.argv.v[i], argv[i]);
	}
	ck_assert_ptr_null(c.argv.v[c.argv.n - 1]);
}

START_TEST(log_round_trip)
{
	AUTO(log_command_fini) struct log_command c = LOG_COMMAND_INIT;
	const char *const ls[] = { "ls", NULL }, *const dash[] = { "--", "-x", NULL };

	ck_assert_int_eq(layout_read_command(&l, 0, &c, &e), -1); /* no file */
	ck_assert_int_eq(layout_log_command(&l, "/", WORDS(ls), &e), 0);
	ck_assert_int_eq(layout_log_command(&l, "/home/a b\n'", WORDS(words), &e), 0);
	ck_assert_int_eq(layout_log_command(&l, "/x", WORDS(dash), &e), 0);
	expect_command(1, "/", ls);
	expect_command(2, "/home/a b\n'", words);
	expect_command(3, "/x", dash);
	expect_command(0, "/x", dash);
	ck_assert_int_eq(layout_read_command(&l, 4, &c, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text.s, "cde.log: no command 4, it has 3"));
}
END_TEST

START_TEST(log_text)
{
	const char *const argv[] = { "python3", "it's.py", NULL };
	AUTO(str_fini) struct str got = STR_INIT;

	ck_assert_int_eq(layout_log_command(&l, "/home/a b", WORDS(argv), &e), 0);
	ck_assert_int_eq(fs_slurp(l.dirfd, PKG_LOG, &got, &e), 0);
	ck_assert_str_eq(got.s, "(cd 'cde-root/home/a b' && "
				"../../../cde-exec python3 'it'\\''s.py')\n");
}
END_TEST

/* Pasted into a shell: the words arrive as they were. */
START_TEST(log_can_be_pasted)
{
	AUTO(str_fini) struct str got = STR_INIT, want = STR_INIT;

	put_at(l.dirfd, PKG_EXEC,
	       "#!/bin/sh\npwd > ../../../out\nprintf '<%s>' \"$@\" >> ../../../out\n",
	       0755);
	ck_assert_int_eq(fs_mkdirs(l.rootfd, "w/a 'b"), 0);
	ck_assert_int_eq(layout_log_command(&l, "/w/a 'b", WORDS(words), &e), 0);
	ck_assert_int_eq(chdir(l.dir.s), 0);
	ck_assert_int_eq(system(". ./cde.log"), 0);
	ck_assert_int_eq(fs_slurp(l.dirfd, "out", &got, &e), 0);
	str_addf(&want, "%s/w/a 'b\n", l.root.s);
	for (const char *const *w = words; *w; w++)
		str_addf(&want, "<%s>", *w);
	ck_assert_str_eq(got.s, want.s);
}
END_TEST

static const char *const garbage[] = {
	"cd 'cde-root/x'",
	"'./ls.cde' 'a'",
	"(cd cde-root && ../cde-exec ls",
	"(cd cde-root && ../cde-exec)",
	"(cd cde-root && ../cde-exec 'ls)",
	"(cd /etc && ../cde-exec ls)",
	"(cd cde-rootx && ../cde-exec ls)",
	"(cd cde-root && rm -rf x)",
	"(cd cde-root && ../cde-exec ls; rm x)",
	"(cd cde-root && ../cde-exec ls $(rm))",
	"(cd cde-root && ../cde-exec ls) x",
	"(cd cde-root && ../cde-exec -n ls)",
	"(",
	"(cd ",
	"\\",
	"(cd cde-root && ../cde-exec a\\",
	"(cd cde-root && ../cde-exec \"a\")",
};

START_TEST(log_garbage)
{
	AUTO(log_command_fini) struct log_command c = LOG_COMMAND_INIT;
	AUTO(str_fini) struct str text = STR_INIT;

	str_addf(&text, "# by hand\n\n(cd cde-root && ../cde-exec 'a\nb')\n%s\n",
		 garbage[_i]);
	put_at(l.dirfd, PKG_LOG, text.s, 0644);
	ck_assert_int_eq(layout_read_command(&l, 1, &c, &e), 0);
	ck_assert_str_eq(c.argv.v[0], "a\nb");
	ck_assert_int_eq(layout_read_command(&l, 2, &c, &e), -1);
	ck_assert_msg(strstr(e.text.s, "/cde.log:5: not a command") != NULL, "%s",
		      e.text.s);
	ck_assert_uint_eq(c.argv.n, 0);
}
END_TEST

/* A cde-exec that writes its own arguments into ./out. */
static void
put_echo_exec(void)
{
	put_at(l.dirfd, PKG_EXEC, "#!/bin/sh\nprintf '<%s>' \"$0\" \"$@\" >out\n", 0755);
}

static void
expect_started(const char *command, const char *behind)
{
	AUTO(str_fini) struct str got = STR_INIT, want = STR_INIT;

	ck_assert_msg(system(command) == 0, "%s", command);
	ck_assert_int_eq(fs_slurp(AT_FDCWD, "out", &got, &e), 0);
	str_addf(&want, "<%s/cde-exec><--package><%s/>%s", l.dir.s, l.dir.s, behind);
	ck_assert_str_eq(got.s, want.s);
}

START_TEST(wrapper)
{
	const char *const flags[] = { "-i", "a b'c", NULL };
	AUTO(str_fini) struct str link = STR_INIT;

	put_echo_exec();
	ck_assert_int_eq(layout_write_wrapper(&l, "/opt/x y/my prog", WORDS(flags), &e),
			 0);
	ck_assert_int_eq(mkdir("else where", 0755) | mkdir("bin", 0755), 0);
	str_addf(&link, "%s/my prog.cde", l.dir.s);
	ck_assert_int_eq(symlink(link.s, "bin/one") | symlink("../bin/one", "bin/two"),
			 0);
	ck_assert_int_eq(chdir("else where"), 0);
#define STARTED "<-i><a b'c><--></opt/x y/my prog>"
	expect_started("../\"it's a\n\"/'my prog.cde' 'q r' ''", STARTED "<q r><>");
	expect_started("../bin/two -v", STARTED "<-v>");
	expect_started("PATH=$PWD/../bin:$PATH; two \"a\nb\"", STARTED "<a\nb>");
	expect_started("cd ../bin; sh two; mv out '../else where'", STARTED);
	expect_started("../\"it's a\n\"/rerun 3", "<--rerun><3>");
	ck_assert_int_eq(layout_write_wrapper(&l, "/other/my prog", NULL, &e), 0);
	expect_started("../bin/one", "<--></other/my prog>");
	ck_assert_int_eq(layout_write_wrapper(&l, "dir/", NULL, &e), -1);
}
END_TEST

/* Runs the package's cde-exec, a cat; returns when it has answered once. */
static pid_t
start_cat(int *in)
{
	int to[2], from[2];
	char c = 'x';
	pid_t pid;

	ck_assert_int_eq(pipe2(to, O_CLOEXEC) | pipe2(from, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		dup2(to[0], 0);
		dup2(from[1], 1);
		if (chdir(l.dir.s) == 0)
			execl("./cde-exec", "cat", (char *)NULL);
		_exit(99);
	}
	close(to[0]);
	close(from[1]);
	ck_assert_int_eq(write(to[1], &c, 1), 1);
	ck_assert_int_eq(read(from[0], &c, 1), 1);
	close(from[0]);
	*in = to[1];
	return pid;
}

START_TEST(exec_is_replaced_while_it_runs)
{
	AUTO(str_fini) struct str got = STR_INIT;
	struct stat st;
	int in, status;
	pid_t pid;

	put_at(AT_FDCWD, "new", "#!/bin/sh\nexit 7\n", 0600);
	ck_assert_int_eq(layout_install_exec(&l, "/bin/cat", &e), 0);
	ck_assert_int_eq(fstatat(l.dirfd, PKG_EXEC, &st, 0), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0755);
	pid = start_cat(&in);
	ck_assert_msg(layout_install_exec(&l, "new", &e) == 0, "%s", e.text.s);
	close(in);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(fs_slurp(l.dirfd, PKG_EXEC, &got, &e), 0);
	ck_assert_str_eq(got.s, "#!/bin/sh\nexit 7\n");
	ck_assert_int_eq(layout_install_exec(&l, "nowhere", &e), -1);
	ck_assert_str_eq(e.text.s, "nowhere: No such file or directory");
	ck_assert_int_eq(unlinkat(l.dirfd, PKG_TMP, AT_REMOVEDIR), 0);
}
END_TEST

TCase *
tcase_layout(void)
{
	TCase *t = tcase_create("layout");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, names_are_the_kernels);
	tcase_add_test(t, open_says_what_is_missing);
	tcase_add_test(t, tmp_is_emptied);
	tcase_add_test(t, environment);
	tcase_add_test(t, log_round_trip);
	tcase_add_test(t, log_text);
	tcase_add_test(t, log_can_be_pasted);
	tcase_add_loop_test(t, log_garbage, 0, (int)ARRAY_SIZE(garbage));
	tcase_add_test(t, wrapper);
	tcase_add_test(t, exec_is_replaced_while_it_runs);
	return t;
}
