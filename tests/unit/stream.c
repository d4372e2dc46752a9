#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "stream/fetched.h"
#include "stream/line.h"
#include "stream/names.h"
#include "stream/remote_priv.h"
#include "stream/sftp.h"

Suite *suite_stream(void);

static char dir[] = "/tmp/cde-unit-stream.XXXXXX";
static int dirfd_, lock;

static void
setup(void)
{
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	dirfd_ = open(dir, O_RDONLY | O_DIRECTORY);
	lock = openat(dirfd_, "lock", O_RDWR | O_CREAT, 0600);
	ck_assert_int_ge(lock, 0);
}

static void
teardown(void)
{
	unlinkat(dirfd_, FETCHED_FILE, 0);
	unlinkat(dirfd_, "lock", 0);
	close(lock);
	close(dirfd_);
	rmdir(dir);
}

static void
add(struct names *n, const char *name, struct names_entry x)
{
	*names_add(n, name, strlen(name)) = x;
}

/* Any byte in a name; a text that is cut short anywhere is seen to be. */
START_TEST(listing_text)
{
	AUTO(names_fini) struct names n = { 0 };
	AUTO(str_fini) struct str text = STR_INIT;

	add(&n, "a b\n\xff",
	    (struct names_entry){ NAMES_FILE, 0644, 1ull << 40, -5, NULL });
	add(&n, "l 0 0",
	    (struct names_entry){ NAMES_LINK, 0777, 3, 1, mem_strdup("a\nb") });
	add(&n, "d", (struct names_entry){ NAMES_DIR, 01777, 0, 0, NULL });
	names_write(&n, "/x y", &text);
	for (size_t len = 0; len < text.len; len++) {
		AUTO(names_fini) struct names m = { 0 };
		AUTO(str_fini) struct str cut = STR_INIT;

		str_setn(&cut, text.s, len);
		ck_assert(!names_read(&m, "/x y", &cut));
	}
	AUTO(names_fini) struct names m = { 0 };
	ck_assert(names_read(&m, "/x y", &text));
	ck_assert_str_eq(names_dir(&text), "/x y");
	ck_assert_uint_eq(m.map.n, 3);
	ck_assert(names_same(names_get(&m, "a b\n\xff"), names_get(&n, "a b\n\xff")));
	ck_assert_str_eq(names_get(&m, "l 0 0")->text, "a\nb");
	ck_assert_int_eq(names_get(&m, "d")->mode, 01777);
	AUTO(names_fini) struct names other = { 0 };
	ck_assert(!names_read(&other, "/x", &text));
}
END_TEST

/* Any time that a mount may say is one that can be given to a file. */
START_TEST(odd_times)
{
	const struct timespec odd[] = {
		{ 0, 0 },	    { -1, 999999999 }, { -62135596800, 5 },
		{ INT64_MIN, 1 },   { INT64_MAX, 1 },  { 1800000000, 999999999 },
		{ -2147483648, 1 }, { -5, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(odd); i++) {
		struct stat st = { .st_mode = S_IFREG, .st_mtim = odd[i] };
		struct names_entry x = { 0 };
		struct timespec t;

		names_from_stat(&x, &st);
		t = names_time(x.mtime);
		ck_assert_int_eq(t.tv_nsec, odd[i].tv_nsec);
		st.st_mtim = t;
		ck_assert(names_is_untouched(&x, &st));
		if (odd[i].tv_sec >= INT32_MIN && odd[i].tv_sec < INT32_MAX)
			ck_assert_int_eq(t.tv_sec, odd[i].tv_sec);
	}
}
END_TEST

/* What could not be looked at is as it was, or is not there. */
START_TEST(unknown_names)
{
	AUTO(names_fini) struct names old = { 0 };
	AUTO(names_fini) struct names now = { 0 };
	const struct names_entry unknown = { NAMES_UNKNOWN, 0, EIO, 0, NULL };

	add(&old, "file", (struct names_entry){ NAMES_FILE, 0755, 7, 5, NULL });
	add(&old, "link",
	    (struct names_entry){ NAMES_LINK, 0777, 1, 1, mem_strdup("a") });
	add(&now, "file", unknown);
	add(&now, "link", unknown);
	add(&now, "new", unknown);
	add(&now, "newer", unknown);
	add(&now, "seen", (struct names_entry){ NAMES_DIR, 0755, 0, 0, NULL });
	names_settle(&now, &old);
	ck_assert_int_eq(now.map.n, 3);
	ck_assert(names_same(names_get(&now, "file"), names_get(&old, "file")));
	ck_assert_str_eq(names_get(&now, "link")->text, "a");
	ck_assert_ptr_nonnull(names_get(&now, "seen"));
	add(&now, "new", unknown);
	names_settle(&now, NULL);
	ck_assert_int_eq(now.map.n, 3);
}
END_TEST

static void
put(const char *text)
{
	int fd = openat(dirfd_, FETCHED_FILE, O_WRONLY | O_CREAT | O_APPEND, 0600);

	ck_assert_int_eq(fd_write_all(fd, text, strlen(text)), 0);
	close(fd);
}

/* A line without end counts for nothing, and does not become part of the next. */
START_TEST(torn_line)
{
	AUTO(str_fini) struct str names = STR_INIT, text = STR_INIT;
	struct fetched f;
	struct err e = ERR_INIT;

	put("/a\n/odd\\nname\\\\\n/usr/bin/python3");
	ck_assert_int_eq(fetched_open(&f, dirfd_, lock, 0600, &e), 0);
	ck_assert(fetched_has(&f, "/a"));
	ck_assert(fetched_has(&f, "/odd\nname\\"));
	ck_assert(!fetched_has(&f, "/usr/bin/python3"));
	str_addn(&names, "/b\nb", 5);
	str_addn(&names, "/c", 3);
	ck_assert_int_eq(fetched_add(&f, &names), 0);
	fetched_fini(&f);
	ck_assert_int_eq(fs_slurp(dirfd_, FETCHED_FILE, &text, &e), 0);
	ck_assert_str_eq(text.s, "/a\n/odd\\nname\\\\\n/b\\nb\n/c\n");
}
END_TEST

/* What another process has added is seen; what is half written is not, until it is. */
START_TEST(other_process)
{
	struct fetched f;
	struct err e = ERR_INIT;

	ck_assert_int_eq(fetched_open(&f, dirfd_, lock, 0600, &e), 0);
	put("/one\n/tw");
	fetched_update(&f);
	ck_assert(fetched_has(&f, "/one"));
	ck_assert(!fetched_has(&f, "/tw"));
	put("o\n");
	fetched_update(&f);
	ck_assert(fetched_has(&f, "/two"));
	ck_assert(!fetched_has(&f, "/tw"));
	fetched_fini(&f);
}
END_TEST

START_TEST(locks)
{
	int other = openat(dirfd_, "lock", O_RDWR);

	ck_assert(lock_take(lock, 'f', "/a", false));
	ck_assert(!lock_take(other, 'f', "/a", false));
	ck_assert(lock_take(other, 'f', "/b", false));
	ck_assert(lock_take(other, 'd', "/a", false));
	lock_drop(lock, 'f', "/a");
	ck_assert(lock_take(other, 'f', "/a", false));
	close(other);
	ck_assert(lock_take(lock, 'f', "/a", false));
}
END_TEST

static const struct {
	const char *url, *user, *host, *port, *root; /* host NULL: an error */
} urls[] = {
	{ "sftp://h/a/b", "", "h", "", "/a/b" },
	{ "sftp://h", "", "h", "", "" },
	{ "sftp://h/", "", "h", "", "" },
	{ "sftp://u@h:22/a/../b/", "u", "h", "22", "/b" },
	{ "sftp://u@[::1]:22/a%20b%", "u", "::1", "22", "/a b%" },
	{ "sftp://", NULL, NULL, NULL, NULL },
	{ "sftp://-oProxyCommand=x/a", NULL, NULL, NULL, NULL },
	{ "sftp://-l@h/a", NULL, NULL, NULL, NULL },
	{ "sftp://h:x/a", NULL, NULL, NULL, NULL },
	{ "sftp://[::1]x/a", NULL, NULL, NULL, NULL },
};

START_TEST(addresses)
{
	AUTO(err_fini) struct err e = ERR_INIT;
	struct remote *r = remote_new(urls[_i].url, NULL, &e);

	if (!urls[_i].host) {
		ck_assert_ptr_null(r);
		return;
	}
	ck_assert_ptr_nonnull(r);
	ck_assert_str_eq(r->user.s, urls[_i].user);
	ck_assert_str_eq(r->host.s, urls[_i].host);
	ck_assert_str_eq(r->port.s, urls[_i].port);
	ck_assert_str_eq(r->root.s, urls[_i].root);
	remote_free(r);
}
END_TEST

/* Answers of a server that lies about its lengths. */
START_TEST(hostile_answers)
{
	static const char bytes[] = "\0\0\0\x10xy";
	struct sftp_reply r = { .type = SSH_FXP_NAME, .p = bytes, .left = 6 };
	size_t n;

	reply_bytes(&r, &n);
	ck_assert_uint_eq(n, 0);
	ck_assert(r.bad);
	r = (struct sftp_reply){ .type = SSH_FXP_ATTRS,
				 .p = "\x80\0\0\0\xff\xff\xff\xff",
				 .left = 8 };
	reply_attrs(&r);
	ck_assert(r.bad);
	r = (struct sftp_reply){ .type = SSH_FXP_STATUS, .p = "\0\0\0\x63", .left = 4 };
	ck_assert_int_eq(reply_status(&r), -EIO);
	r = (struct sftp_reply){ .type = SSH_FXP_STATUS, .p = "\0\0\0\2", .left = 4 };
	ck_assert_int_eq(reply_status(&r), -ENOENT);
}
END_TEST

static void
on_over(struct run *run)
{
	atomic_fetch_add((atomic_int *)run->user, 1);
}

/* A server that goes at once, or says nonsense: all that is asked ends with an error, once,
 * whether somebody waits for it or not; so does what is asked later, and at the end. */
START_TEST(broken_line)
{
	static char *const servers[][2] = { { (char *)"true" }, { (char *)"yes" } };
	struct line *l = line_new("/nowhere");
	struct remote_list list[3][20] = { 0 };
	atomic_int over = 0;
	struct run guess[20];

	for (int k = 0; k < 3; k++) {
		AUTO(err_fini) struct err e = ERR_INIT;
		struct run run = { .list = list[k], .n = 1, .rank = LINE_NOW };

		for (int i = 0; i < 20; i++)
			list[k][i].dir = "/usr";
		ck_assert(!line_is_open(l));
		ck_assert_int_eq(line_start(l, servers[_i], &e), 0);
		for (int i = 1; i < 20; i++) {
			guess[i] = (struct run){ .list = &list[k][i],
						 .n = 1,
						 .rank = LINE_GUESS,
						 .batch = (unsigned)i / 4,
						 .over = on_over,
						 .user = &over };
			line_add(l, &guess[i]);
		}
		line_add(l, &run);
		ck_assert_int_eq(line_wait(l, &run, &e), -1);
		ck_assert_uint_ne(e.text.len, 0);
		while (over < 19)
			sched_yield();
		for (int i = 0; i < 20; i++)
			ck_assert_int_eq(list[k][i].error, -EIO);
		over = 0;
	}
	guess[1].list = &list[0][1];
	line_add(l, &guess[1]);
	line_free(l);
	ck_assert_int_eq(over, 1);
}
END_TEST

/* What has not been answered when the line goes, ends. */
START_TEST(line_ends)
{
	char *const silent[] = { (char *)"sh", (char *)"-c", (char *)"cat >/dev/null",
				 NULL };
	struct line *l = line_new("");
	struct remote_list list = { .dir = "/" };
	AUTO(err_fini) struct err e = ERR_INIT;
	atomic_int over = 0;
	struct run run = {
		.list = &list, .n = 1, .rank = LINE_SOON, .over = on_over, .user = &over
	};

	ck_assert_int_eq(line_start(l, silent, &e), 0);
	line_add(l, &run);
	line_hurry(l, &run, LINE_NOW);
	line_free(l);
	ck_assert_int_eq(over, 1);
	ck_assert_int_eq(list.error, -EIO);
}
END_TEST

Suite *
suite_stream(void)
{
	Suite *s = suite_create("stream");
	TCase *t = tcase_create("stream");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, listing_text);
	tcase_add_test(t, odd_times);
	tcase_add_test(t, unknown_names);
	tcase_add_test(t, torn_line);
	tcase_add_test(t, other_process);
	tcase_add_test(t, locks);
	tcase_add_loop_test(t, addresses, 0, sizeof(urls) / sizeof(urls[0]));
	tcase_add_test(t, hostile_answers);
	tcase_add_loop_test(t, broken_line, 0, 2);
	tcase_add_test(t, line_ends);
	suite_add_tcase(s, t);
	return s;
}
