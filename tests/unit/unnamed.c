#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "own_package.h"
#include "trace/seccomp.h"
#include "trace/unnamed.h"

/* Calls that are known to have no name; part of suite_sysdef, which has their filter. */
TCase *tcase_unnamed(void);

OWN_PACKAGE("pkg");

static void
put_file(const char *text)
{
	ck_assert_int_eq(fs_replace(l.dirfd, PKG_UNNAMED, text, strlen(text), 0644, &e),
			 0);
}

/* What the file says, "" for nothing: "9f56b ffff8000 ". */
static const char *
file_says(void)
{
	static char text[UNNAMED_MOST * 12];
	struct unnamed x;
	int n = 0;

	text[0] = '\0';
	unnamed_read(&x, l.dirfd, PKG_UNNAMED);
	for (size_t i = 0; i < UNNAMED_MOST && x.gap[i]; i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n, "%x ", x.gap[i]);
	return text;
}

static void
see(struct unnamed_seen *seen, const char *call, uint32_t gap, int flags, size_t times)
{
	struct proc p = { .row = sys_by_name(call) };
	struct path_event ev = { .fd_itself = true, .name = STR_INIT };

	p.sys = (struct sysregs){ .arch = ARCH_X86_64, .ip = 0x7f00e0000000 };
	p.sys.arg[0] = 3;
	p.sys.arg[1] = p.sys.ip + gap;
	p.sys.arg[3] = (uint64_t)flags;
	while (times--)
		unnamed_note(seen, &p, &ev);
}

static void
save(const struct unnamed_seen *seen)
{
	struct unnamed x;

	unnamed_read(&x, l.dirfd, PKG_UNNAMED);
	unnamed_write(&x, seen, l.dirfd, PKG_UNNAMED);
}

START_TEST(what_most_calls_had_is_learned)
{
	struct unnamed_seen seen = { 0 };

	see(&seen, "newfstatat", 0x500, AT_EMPTY_PATH, 30);
	see(&seen, "newfstatat", 0x9f56b, AT_EMPTY_PATH, 100);
	see(&seen, "newfstatat", 0x600, AT_EMPTY_PATH, 20);
	see(&seen, "newfstatat", 0x700, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW, 500);
	see(&seen, "statx", 0x700, AT_EMPTY_PATH, 500);
	save(&seen);
	ck_assert_str_eq(file_says(), "9f56b ");
}
END_TEST

START_TEST(few_are_not_worth_it)
{
	struct unnamed_seen seen = { 0 };

	see(&seen, "newfstatat", 0x9f56b, AT_EMPTY_PATH, 15);
	save(&seen);
	ck_assert_str_eq(file_says(), "");
	see(&seen, "newfstatat", 0x9f56b, AT_EMPTY_PATH, 1);
	save(&seen);
	ck_assert_str_eq(file_says(), "9f56b ");
}
END_TEST

START_TEST(the_oldest_of_four_is_forgotten)
{
	for (uint32_t i = 1; i <= 5; i++) {
		struct unnamed_seen seen = { 0 };

		see(&seen, "newfstatat", i << 4, AT_EMPTY_PATH, 50);
		save(&seen);
	}
	ck_assert_str_eq(file_says(), "50 40 30 20 ");
}
END_TEST

START_TEST(another_file_says_nothing)
{
	static const char *const bad[] = {
		"",
		"cde unnamed 2\n0009f56b\n",
		"cde unnamed 1",
		"cde unnamed 1\n",
		"cde unnamed 1\n9f56b\n",
		"cde unnamed 1\n0009F56B\n",
		"cde unnamed 1\n00000000\n",
		"cde unnamed 1\n-009f56b\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		put_file(bad[i]);
		ck_assert_msg(!*file_says(), "%s", bad[i]);
	}
	put_file("cde unnamed 1\n0009f56b\nffff8000");
	ck_assert_str_eq(file_says(), "9f56b ffff8000 ");
	put_file("cde unnamed 1\n00000001\n00000002\n00000003\n00000004\n00000005\n");
	ck_assert_str_eq(file_says(), "1 2 3 4 ");
	ck_assert_int_eq(unlinkat(l.dirfd, PKG_UNNAMED, 0), 0);
	ck_assert_int_eq(mkfifoat(l.dirfd, PKG_UNNAMED, 0666), 0);
	ck_assert_str_eq(file_says(), "");
}
END_TEST

static struct sysregs
call_with(int dirfd, uint64_t name, int flags)
{
	return (struct sysregs){
		.arch = ARCH_X86_64,
		.nr = SYS_newfstatat,
		.ip = 0x7f00ffff0000,
		.arg = { (uint64_t)dirfd, name, 0, (uint64_t)flags },
	};
}

START_TEST(only_the_same_distance_in_the_same_half)
{
	struct trace_opts o = { .execution = true,
				.answer = true,
				.unnamed = { { 0x500, (uint32_t)-0x500, 0x20000 } } };
	const uint64_t ip = 0x7f00ffff0000;
	const struct {
		struct sysregs call;
		int seen; /* seccomp_decide */
	} t[] = {
		{ call_with(3, ip + 0x500, AT_EMPTY_PATH), 0 },
		{ call_with(0, ip - 0x500, AT_EMPTY_PATH), 0 },
		{ call_with(3, ip + 0x501, AT_EMPTY_PATH), SECCOMP_NOTICE },
		{ call_with(3, ip, AT_EMPTY_PATH), SECCOMP_NOTICE },
		{ call_with(AT_FDCWD, ip + 0x500, AT_EMPTY_PATH), SECCOMP_NOTICE },
		{ call_with(3, ip + 0x500, 0), SECCOMP_NOTICE },
		{ call_with(3, ip + 0x500, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW),
		  SECCOMP_NOTICE },
		/* the low half is right, but 4 GiB away; and across such a border */
		{ call_with(3, ip + 0x500 + (1ull << 32), AT_EMPTY_PATH),
		  SECCOMP_NOTICE },
		{ call_with(3, ip + 0x20000, AT_EMPTY_PATH), SECCOMP_NOTICE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++)
		ck_assert_msg(seccomp_decide(&o, &t[i].call) == t[i].seen, "call %zu", i);
	o.hold_changes = true;
	ck_assert_int_ne(seccomp_decide(&o, &t[0].call), 0);
}
END_TEST

TCase *
tcase_unnamed(void)
{
	TCase *tc = tcase_create("unnamed");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, what_most_calls_had_is_learned);
	tcase_add_test(tc, few_are_not_worth_it);
	tcase_add_test(tc, the_oldest_of_four_is_forgotten);
	tcase_add_test(tc, another_file_says_nothing);
	tcase_add_test(tc, only_the_same_distance_in_the_same_half);
	return tc;
}
