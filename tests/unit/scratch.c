/* Memory of a tracee for rewritten names. */
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "exec/scratch.h"
#include "suites.h"

/* No range overlaps another one, all are inside, aligned. */
static void
check_uses(const struct scratch *s)
{
	taddr end = s->from;
	bool good = true;

	for (size_t i = 0; i < s->use.n; i++) {
		good = good && s->use.v[i].at >= end && s->use.v[i].at % 8 == 0;
		end = s->use.v[i].at + s->use.v[i].len;
	}
	ck_assert(good && end <= s->to);
}

START_TEST(scratch_basics)
{
	struct scratch *s = scratch_new(0x1001, 0x1100);
	taddr a, b, c;

	ck_assert_uint_eq(scratch_alloc(NULL, 1, 8), 0);
	a = scratch_alloc(s, 1, 5);
	ck_assert_uint_eq(a, 0x1010);
	b = scratch_alloc(s, 2, 8);
	ck_assert_uint_eq(b, a + 8);
	c = scratch_alloc(s, 1, 100);
	ck_assert_uint_eq(c, b + 8);
	check_uses(s);
	/* exhaustion: nothing is taken, a smaller one still fits */
	ck_assert_uint_eq(scratch_alloc(s, 3, 200), 0);
	ck_assert_uint_eq(scratch_alloc(s, 3, 1 << 20), 0);
	ck_assert_uint_ne(scratch_alloc(s, 3, 120), 0);
	ck_assert_uint_eq(scratch_alloc(s, 3, 8), 0);
	check_uses(s);
	/* the gap of the first is found again */
	scratch_release(s, 1);
	ck_assert_uint_eq(scratch_alloc(s, 4, 8), a);
	ck_assert_uint_eq(scratch_alloc(s, 4, 104), c);
	check_uses(s);
	scratch_release(s, 2);
	scratch_release(s, 3);
	scratch_release(s, 4);
	scratch_release(s, 5);
	scratch_release(NULL, 5);
	ck_assert_uint_eq(s->use.n, 0);
	ck_assert_uint_eq(scratch_alloc(s, 1, 0xf0), 0x1010); /* all of it */
	scratch_unref(s);
}
END_TEST

START_TEST(scratch_many_threads)
{
	struct scratch *s = scratch_new(0x10000, 0x20000);
	unsigned seed = 42, got = 0, refused = 0;

	for (int round = 0; round < 2000; round++) {
		pid_t tid = (pid_t)(rand_r(&seed) % 64 + 1);
		size_t len = (size_t)rand_r(&seed) % 4000 + 1;

		if (rand_r(&seed) % 8 == 0)
			scratch_release(s, tid);
		else if (scratch_alloc(s, tid, len))
			got++;
		else
			refused++;
		check_uses(s);
	}
	ck_assert_uint_gt(got, 200);
	ck_assert_uint_gt(refused, 10);
	for (pid_t tid = 1; tid <= 64; tid++)
		scratch_release(s, tid);
	ck_assert_uint_eq(s->use.n, 0);
	ck_assert_ptr_eq(scratch_ref(s), s);
	scratch_unref(s);
	ck_assert_uint_ne(scratch_alloc(s, 1, 8), 0); /* one reference is left */
	scratch_unref(s);
	ck_assert_ptr_null(scratch_ref(NULL));
	scratch_unref(NULL);
}
END_TEST

START_TEST(scratch_writes)
{
	static char room[256];
	taddr from = (taddr)(uintptr_t)room, a;
	struct scratch *s = scratch_new(from, from + sizeof(room));

	a = scratch_put(s, getpid(), "text", 5);
	ck_assert_uint_ne(a, 0);
	ck_assert_str_eq((char *)(uintptr_t)a, "text");
	ck_assert_uint_eq(scratch_put(s, getpid(), room, 1000), 0);
	scratch_unref(s);
	s = scratch_new(0x10, 0x1000); /* not mapped */
	ck_assert_uint_eq(scratch_put(s, getpid(), "text", 5), 0);
	scratch_unref(s);
}
END_TEST

Suite *
suite_scratch(void)
{
	Suite *s = suite_create("scratch");
	TCase *t = tcase_create("scratch");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, scratch_basics);
	tcase_add_test(t, scratch_many_threads);
	tcase_add_test(t, scratch_writes);
	suite_add_tcase(s, t);
	return s;
}
