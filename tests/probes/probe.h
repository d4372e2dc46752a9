#ifndef CDE_TESTS_PROBE_H
#define CDE_TESTS_PROBE_H

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * A probe is a program with many cases.  A case does system calls and prints what
 * came of them; the harness (probe.sh) runs it native, captured, and from the moved
 * package, and the three outputs must be equal.  So a case prints nothing that may
 * rightly differ: inode numbers, pids, descriptor numbers, addresses, times of now.
 *
 *	probe_X --list		names of the cases that this architecture has
 *	probe_X --setup CASE	makes the case's fixture in the present directory
 *	probe_X CASE
 *
 * With $PROBE_EXPECT (native run only) it also appends to that file what the manifest
 * of the capture must hold: "touched PATH KIND" and "missed PATH".
 */
struct probe_case {
	const char *name;
	void (*run)(const struct probe_case *c);
	void (*setup)(const struct probe_case *c);	/* NULL: probe_fixture */
	const char *number;		/* of the row's call as text, or NULL */
	const void *arg;
};

extern const struct probe_case probe_cases[];		/* ends with a NULL name */

/* The number of a call here, or -1.  tests/lint/probes.sh looks for these uses. */
#define P(call) probe_nr(P_TEXT(__NR_##call))
#define P_TEXT(x) P_TEXT2(x)
#define P_TEXT2(x) #x
int probe_nr(const char *text);

/* Newer than the kernel headers of Debian 12; the numbers are common to all. */
#ifndef __NR_fchmodat2
#define __NR_fchmodat2 452
#endif
#ifndef __NR_setxattrat
#define __NR_setxattrat 463
#define __NR_getxattrat 464
#define __NR_listxattrat 465
#define __NR_removexattrat 466
#endif
#ifndef __NR_open_tree_attr
#define __NR_open_tree_attr 467
#endif
#ifndef __NR_file_getattr
#define __NR_file_getattr 468
#define __NR_file_setattr 469
#endif
#if defined(__i386__) && !defined(__NR_utimensat_time64)
#define __NR_utimensat_time64 412
#endif

extern char probe_cwd[];		/* absolute name of the fixture directory */
extern char *const *probe_argv;		/* of main */

/* Raw call: result or -errno. */
long raw(int nr, ...);
#define RAW(call, ...) raw(P(call), __VA_ARGS__)

void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
const char *outcome(long r);		/* "ok" or the name of the errno */
const char *text_of(const void *data, size_t n);	/* escaped; static storage, 4 of them */
const char *type_of(unsigned mode);
char *in_cwd(const char *name);		/* heap: probe_cwd/name */

void put_file(const char *name, const char *text, mode_t mode);
void put_copy(const char *from, const char *to, mode_t mode);
void put_link(const char *text, const char *name);
void put_dir(const char *name);
void set_time(const char *name);	/* mtime 1000000000.123456789; links too */
void remove_tree(const char *name);
void say_file(const char *name);	/* name, type, mode, size, content or link text */
void say_fd(const char *label, long fd);	/* first bytes through fd, and closes it */
void say_tree(const char *name);
void say_status(const char *label, int status);	/* of waitpid */
pid_t must_fork(void);
int must_wait(pid_t pid);		/* status */

void expect_touched(const char *name, const char *kind);
void expect_missed(const char *name);

/*
 * The shapes that every call is tried on.  Below `dir`:
 * file, link -> file, abslink -> <cwd>/dir/file, sub/deep, dirlink -> sub,
 * chain -> dirlink/../link, dangling -> nowhere, loop -> loop
 */
void make_shapes(const char *dir);
void probe_fixture(const struct probe_case *c);

/* A call with one path operand, to be tried in all forms (forms.c). */
enum {
	CALL_MUTATES = 1,	/* on fresh shapes in "w" each time, listed afterwards */
	CALL_CHILD = 2,		/* in a child process */
	CALL_NEW = 4,		/* its operand is a name to be made */
	CALL_ABSENT_ONLY = 8,	/* may do harm to what exists: only on missing names */
};

struct call {
	int dir, path;		/* arguments; dir -1: none */
	long arg[6];		/* the others */
	int flags;		/* argument with AT_* flags, or -1 */
	long empty, nofollow, follow;	/* its bits, 0: has no such */
	const char *kind;	/* what the manifest must say of in/file, or NULL */
	unsigned how;
	void (*result)(long r);	/* prints more about a success; undoes it */
	void (*before)(long *arg);
};

void call_forms(const struct probe_case *c);	/* c->arg is a struct call */
extern char probe_buf[16384];	/* operand for results */

/* A case of call_forms named after its row, or with a name of its own. */
#define CALL_CASE(call, ...) CALL_CASE_AS(#call, call, __VA_ARGS__)
#define CALL_CASE_AS(title, call_name, ...) \
	{ title, call_forms, NULL, P_TEXT(__NR_##call_name), \
	  &(const struct call){ __VA_ARGS__ } }
/* A case with a function of its own; ROW_CASE: only where the call exists. */
#define CASE(name) { #name, name, NULL, NULL, NULL }
#define CASE_WITH(name, setup) { #name, name, setup, NULL, NULL }
#define ROW_CASE(name, call_name) { #name, name, NULL, P_TEXT(__NR_##call_name), NULL }
#define CASES_END { NULL, NULL, NULL, NULL, NULL }

#endif
