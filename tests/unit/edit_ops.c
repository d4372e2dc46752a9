/* Packed operations, and sets of paths, against what was put into them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/edit_priv.h"
#include "suites.h"

enum { OPS = 700 };

struct expected {
	struct edit_op op;
	char path[80], arg[16], why[16];
};

static struct expected want[OPS];
static unsigned seed;

static unsigned
dice(unsigned n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % n;
}

static void
some_path(char out[80])
{
	int n = 0;

	for (unsigned d = 1 + dice(4); d; d--)
		n += snprintf(out + n, 80 - (size_t)n, "/%c%u", "dx\xff"[dice(3)],
			      dice(12));
	if (dice(4) == 0)
		snprintf(out + n, 80 - (size_t)n, "/%040d", (int)dice(10));
}

static void
some_op(struct expected *x, int64_t *id)
{
	static const uint64_t sizes[] = { 0, 1, 127, 128, 70000, UINT64_MAX };

	some_path(x->path);
	snprintf(x->arg, sizeof(x->arg), "%s", dice(2) ? "" : "host");
	snprintf(x->why, sizeof(x->why), "/w%u", dice(9));
	x->op = (struct edit_op){ .id = *id,
				  .verb = dice(EDIT_VERBS),
				  .path = x->path,
				  .arg = dice(3) ? NULL : x->arg,
				  .why = dice(3) ? NULL : x->why,
				  .dead = dice(5) == 0,
				  .row = dice(3) ? dice(3) * 0x7fffffffU + dice(9) : 0 };
	if (x->op.row) {
		x->op.kind = "fl"[dice(2)];
		x->op.state = (uint8_t)dice(6);
		x->op.size = sizes[dice(6)];
	}
	if (*id)
		*id += 1 + (dice(4) ? 0 : dice(1000000));
}

static bool
same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static void
check_op(const struct edit_ops *o, size_t i, struct edit_walk *w)
{
	const struct edit_op *is = edit_ops_at(o, i, w), *x = &want[i].op;

	ck_assert_int_eq(is->id, x->id);
	ck_assert_int_eq(is->verb, x->verb);
	ck_assert_str_eq(is->path, x->path);
	ck_assert_uint_eq(w->len, strlen(x->path));
	ck_assert(same_text(is->arg, x->arg));
	ck_assert(same_text(is->why, x->why));
	ck_assert_int_eq(is->dead, x->dead);
	ck_assert_uint_eq(is->row, x->row);
	ck_assert_int_eq(is->kind, x->kind);
	ck_assert_int_eq(is->state, x->state);
	ck_assert_uint_eq(is->size, x->size);
}

/* One after another, backwards, anyhow; and the counts. */
static void
check_ops(const struct edit_ops *o, size_t n)
{
	AUTO(edit_walk_fini) struct edit_walk w = { 0 };
	size_t count[EDIT_VERBS] = { 0 }, dead[EDIT_VERBS] = { 0 }, needed = 0;

	ck_assert_uint_eq(o->n, n);
	for (size_t i = 0; i < n; i++) {
		check_op(o, i, &w);
		count[want[i].op.verb]++;
		dead[want[i].op.verb] += want[i].op.dead;
		needed += want[i].op.verb == EDIT_ADD && want[i].op.why;
	}
	for (size_t v = 0; v < EDIT_VERBS; v++) {
		ck_assert_uint_eq(o->count[v], count[v]);
		ck_assert_uint_eq(o->dead[v], dead[v]);
	}
	ck_assert_uint_eq(o->needed, needed);
	for (size_t i = n; i-- > 0;)
		check_op(o, i, &w);
	for (int k = 0; k < 200 && n; k++)
		check_op(o, dice((unsigned)n), &w);
}

START_TEST(operations_are_what_was_put)
{
	struct edit_ops o = { 0 };
	int64_t id = _i % 2 ? 1 + dice(100) : 0, at[OPS + 1];
	size_t n = 0;

	seed = (unsigned)_i;
	for (; n < OPS; n++) {
		at[n] = id;
		some_op(&want[n], &id);
		edit_ops_add(&o, &want[n].op);
	}
	check_ops(&o, n);
	for (int k = 0; k < 20; k++) { /* shorter, and others instead */
		n = dice(OPS);
		edit_ops_trunc(&o, n);
		check_ops(&o, n);
		id = at[n];
		for (; n < OPS && dice(50); n++) {
			at[n] = id;
			some_op(&want[n], &id);
			edit_ops_add(&o, &want[n].op);
		}
		at[n] = id;
		check_ops(&o, n);
		while (n < OPS) {
			at[n] = id;
			some_op(&want[n], &id);
			edit_ops_add(&o, &want[n++].op);
		}
	}
	edit_ops_trunc(&o, 0);
	check_ops(&o, 0);
	edit_ops_fini(&o);
}
END_TEST

/* A list is numbered when it is stored; what is dead changes; rows become stale. */
START_TEST(what_changes_later)
{
	AUTO(edit_ops_fini) struct edit_ops o = { 0 };
	AUTO(edit_walk_fini) struct edit_walk w = { 0 };
	int64_t none = 0;

	seed = 5;
	for (size_t i = 0; i < 100; i++) {
		some_op(&want[i], &none);
		edit_ops_add(&o, &want[i].op);
	}
	o.id = 4711;
	for (size_t i = 0; i < 100; i++)
		want[i].op.id = 4711 + (int64_t)i;
	check_ops(&o, 100);
	for (size_t i = 0; i < 100; i++) {
		want[i].op.dead = i % 3 == 0;
		edit_ops_at(&o, i, &w);
		edit_ops_set_dead(&o, &w, i % 3 == 0);
	}
	check_ops(&o, 100);
	o.stale = true;
	for (size_t i = 0; i < 100; i++) {
		ck_assert_uint_eq(edit_ops_at(&o, i, &w)->row, 0);
		ck_assert_int_eq(w.op.kind, 0);
	}
}
END_TEST

START_TEST(a_million_files_take_little)
{
	AUTO(edit_ops_fini) struct edit_ops o = { 0 };
	char path[64];

	for (unsigned i = 0; i < 1000000; i++) {
		snprintf(path, sizeof(path), "/data/part%04u/file%03u.dat", i / 1000,
			 i % 1000);
		edit_ops_add(&o, &(struct edit_op){ .verb = EDIT_DROP,
						    .path = path,
						    .row = i + 1,
						    .kind = 'f',
						    .size = i });
	}
	ck_assert_uint_lt(o.len, 20000000);
}
END_TEST

START_TEST(a_set_knows_what_is_in_it)
{
	AUTO(edit_set_fini) struct edit_set s = { 0 };
	AUTO(map_fini) struct map naive = { 0 };
	char path[80];

	seed = 9;
	ck_assert(!edit_set_has_above(&s, "/a"));
	for (int i = 0; i < 5000; i++) {
		bool above = false;
		struct map_slot *own;

		some_path(path);
		own = map_get(&naive, path, strlen(path));
		ck_assert_uint_eq(edit_set_find(&s, path), own ? own->u : 0);
		for (size_t n = strlen(path); n > 1; n--)
			above |= (!path[n] || path[n] == '/') && map_get(&naive, path, n);
		ck_assert_int_eq(edit_set_has_above(&s, path), above);
		if (own)
			ck_assert_str_eq(edit_set_at(&s, own->u), path);
		if (dice(3))
			continue;
		edit_set_put(&s, path);
		if (!own)
			map_put(&naive, path, strlen(path))->u = naive.n;
		ck_assert_uint_eq(edit_set_count(&s), naive.n);
	}
	ck_assert_uint_gt(naive.n, 500);
}
END_TEST

Suite *
suite_edit_ops(void)
{
	Suite *s = suite_create("edit_ops");
	TCase *t = tcase_create("all");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, operations_are_what_was_put, 0, 10);
	tcase_add_test(t, what_changes_later);
	tcase_add_test(t, a_million_files_take_little);
	tcase_add_test(t, a_set_knows_what_is_in_it);
	suite_add_tcase(s, t);
	return s;
}
