#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../tui/groups.h"
#include "../../tui/tree.h"
#include "suites.h"

/* A random tree, and what its rows must be by a naive walk. */
static unsigned seed;

static unsigned
dice(unsigned n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % n;
}

static void
grow(struct model *m, int files)
{
	for (int i = 0; i < files; i++) {
		AUTO(str_fini) struct str path = STR_INIT;
		uint32_t n;

		for (unsigned d = dice(4); d; d--)
			str_addf(&path, "/d%u", dice(5));
		str_addf(&path, "/f%u", dice(1000));
		n = model_add(m, path.s, path.len);
		ck_assert_uint_ne(n, UINT32_MAX);
		if (m->node[n].first)
			continue;
		m->node[n].kind = 'f';
		m->node[n].row = n;
		m->node[n].size = dice(100);
		m->node[n].flags = dice(10) == 0 ? ENTRY_DROP : 0;
	}
}

static uint64_t
naive_bytes(const struct model *m, uint32_t n, bool dropped)
{
	uint64_t sum = 0;

	if (m->node[n].kind == 'f' && (dropped || !(m->node[n].flags & ENTRY_DROP)))
		sum = m->node[n].size;
	for (uint32_t c = m->node[n].first; c; c = m->node[c].next)
		sum += naive_bytes(m, c, dropped);
	return sum;
}

/* Rows are in the order of the tree; siblings by size, largest first, then by name. */
static void
check_rows(const struct tree *t)
{
	const struct model *m = t->m;

	for (size_t i = 0; i < t->row.n; i++) {
		const struct tree_row *r = &t->row.v[i];

		ck_assert_uint_eq(tree_row_of(t, r->node), i);
		ck_assert_uint_eq(tree_total(t, r->node).bytes,
				  naive_bytes(m, r->node, false));
		ck_assert_uint_eq(tree_saved(t, r->node), naive_bytes(m, r->node, true));
		for (size_t k = i + 1; k < t->row.n && t->row.v[k].depth >= r->depth;
		     k++) {
			uint64_t a, b;

			if (t->row.v[k].depth != r->depth)
				continue;
			a = m->node[r->node].kind == 'd' ? tree_saved(t, r->node)
							 : m->node[r->node].size;
			b = m->node[t->row.v[k].node].kind == 'd'
				    ? tree_saved(t, t->row.v[k].node)
				    : m->node[t->row.v[k].node].size;
			ck_assert_uint_ge(a, b);
			break;
		}
	}
}

static size_t
naive_rows(const struct tree *t, uint32_t n)
{
	const struct model *m = t->m;
	size_t rows = 1;

	/* A chain is one row. */
	while (n && m->node[n].kind == 'd' && m->node[n].first &&
	       !m->node[m->node[n].first].next && m->node[m->node[n].first].kind == 'd')
		n = m->node[n].first;
	if (m->node[n].kind == 'd' && tree_is_open(t, n))
		for (uint32_t c = m->node[n].first; c; c = m->node[c].next)
			rows += naive_rows(t, c);
	return rows;
}

START_TEST(rows_against_naive)
{
	for (unsigned round = 0; round < 30; round++) {
		struct model m = { 0 };
		struct tree t;

		seed = round + 1;
		grow(&m, 3 + (int)dice(200));
		tree_init(&t, &m, NULL);
		tree_rebuild(&t);
		for (int step = 0; step < 40; step++) {
			uint32_t n = dice(m.n);

			if (m.node[n].kind == 'd')
				tree_set_open(&t, n, dice(3) != 0);
			ck_assert_uint_eq(t.row.n, naive_rows(&t, 0));
			check_rows(&t);
		}
		tree_fini(&t);
		model_fini(&m);
	}
}
END_TEST

/* In slices or at once, the same; totals are of what is shown. */
START_TEST(filter_shows_what_matches)
{
	struct model m = { 0 };
	struct tree t;
	AUTO(err_fini) struct err e = ERR_INIT;
	struct query q = { 0 };
	uint64_t sum = 0;
	size_t hits = 0;

	seed = 7;
	grow(&m, 500);
	for (uint32_t i = 0; i < m.n; i++)
		m.node[i].flags &= ~(unsigned)ENTRY_DROP;
	tree_init(&t, &m, NULL);
	ck_assert_int_eq(query_parse(&q, "name:f1*", NULL, &e), 0);
	tree_filter(&t, &q);
	while (!tree_filter_step(&t, 0))
		;
	for (uint32_t i = 1; i < m.n; i++)
		if (m.node[i].kind == 'f' && strncmp(model_name(&m, i), "f1", 2) == 0) {
			sum += m.node[i].size;
			hits++;
		}
	ck_assert_uint_gt(hits, 0);
	ck_assert_uint_eq(tree_total(&t, 0).bytes, sum);
	ck_assert_uint_eq(tree_total(&t, 0).files, hits);
	tree_set_flat(&t, true);
	ck_assert_uint_eq(t.row.n, hits);
	ck_assert_int_eq(query_parse(&q, "", NULL, &e), 0);
	tree_filter(&t, &q);
	ck_assert(!t.filtered);
	ck_assert_uint_gt(t.row.n, hits);
	tree_fini(&t);
	model_fini(&m);
}
END_TEST

START_TEST(sorts_are_total)
{
	struct model m = { 0 };
	struct tree t;

	seed = 11;
	grow(&m, 300);
	tree_init(&t, &m, NULL);
	tree_set_flat(&t, true);
	for (int s = 0; s < TREE_SORT_COUNT; s++) {
		VEC(uint32_t) once = { 0 };

		tree_set_sort(&t, (enum tree_sort)s, false);
		for (size_t i = 0; i < t.row.n; i++)
			vec_push(&once, t.row.v[i].node);
		tree_set_sort(&t, TREE_SIZE, true);
		tree_set_sort(&t, (enum tree_sort)s, false);
		for (size_t i = 0; i < t.row.n; i++)
			ck_assert_uint_eq(once.v[i], t.row.v[i].node);
		vec_fini(&once);
	}
	tree_fini(&t);
	model_fini(&m);
}
END_TEST

/* Thousands of rows take another way than few: each pair is as the key says. */
START_TEST(many_are_sorted)
{
	struct model m = { 0 };
	struct tree t;

	seed = 5;
	grow(&m, 6000);
	for (uint32_t i = 0; i < m.n; i++)
		if (m.node[i].kind == 'f' && dice(4) == 0)
			m.node[i].size = (uint64_t)dice(1 << 30) << dice(30);
	tree_init(&t, &m, NULL);
	tree_set_flat(&t, true);
	for (int down = 0; down < 2; down++) {
		tree_set_sort(&t, TREE_SIZE, down);
		ck_assert_uint_gt(t.row.n, 2000);
		for (size_t i = 1; i < t.row.n; i++) {
			uint32_t a = t.row.v[i - 1].node, b = t.row.v[i].node;

			ck_assert(down ? m.node[a].size >= m.node[b].size
				       : m.node[a].size <= m.node[b].size);
		}
		tree_set_sort(&t, TREE_NAME, down);
		for (size_t i = 1; i < t.row.n; i++) {
			int r = strcmp(model_name(&m, t.row.v[i - 1].node),
				       model_name(&m, t.row.v[i].node));

			ck_assert(down ? r >= 0 : r <= 0);
		}
	}
	tree_fini(&t);
	model_fini(&m);
}
END_TEST

static void
check_all(const struct tree *t)
{
	const struct model *m = t->m;
	uint64_t files = 0, bytes = 0, after = 0;

	for (uint32_t i = 1; i < m->n; i++) {
		const struct node *x = &m->node[i];

		if (x->kind != 'f')
			continue;
		files += x->row != 0;
		bytes += x->row ? x->size : 0;
		after += x->flags & ENTRY_DROP ? 0 : x->size;
	}
	ck_assert_uint_eq(t->all.files, files);
	ck_assert_uint_eq(t->all.bytes, bytes);
	ck_assert_uint_eq(t->all.bytes_after, after);
	ck_assert_uint_eq(t->all.dropped_bytes, bytes - after);
}

/* What is dropped and kept again, one by one: totals as if they were made anew. */
START_TEST(staged_by_parts)
{
	for (unsigned round = 0; round < 20; round++) {
		struct model m = { 0 };
		struct tree t;

		seed = round + 100;
		grow(&m, 100);
		for (uint32_t i = 0; i < m.n; i++)
			m.node[i].row = i + 1;
		tree_init(&t, &m, NULL);
		tree_open_below(&t, 0, true);
		for (int step = 0; step < 50; step++) {
			for (unsigned k = dice(5); k-- > 0;)
				m.node[1 + dice(m.n - 1)].flags ^= ENTRY_DROP;
			ck_assert(tree_staged(&t));
			check_rows(&t);
			check_all(&t);
		}
		tree_fini(&t);
		model_fini(&m);
	}
}
END_TEST

START_TEST(marks_are_counted)
{
	struct model m = { 0 };
	struct tree t;

	seed = 3;
	grow(&m, 20);
	tree_init(&t, &m, NULL);
	tree_mark(&t, 1, true);
	tree_mark(&t, 1, true);
	tree_mark(&t, 2, true);
	ck_assert_uint_eq(t.marks, 2);
	tree_mark(&t, 1, false);
	ck_assert_uint_eq(t.marks, 1);
	tree_unmark_all(&t);
	ck_assert_uint_eq(t.marks, 0);
	tree_fini(&t);
	model_fini(&m);
}
END_TEST

/* Of a file, or of all below a directory, unless that is below another marked one. */
static uint64_t
naive_marked(const struct tree *t, uint32_t n)
{
	uint64_t sum = 0;

	if (t->bit[n] & TREE_MARK)
		return t->m->node[n].kind == 'f' ? t->m->node[n].size
						 : naive_bytes(t->m, n, false);
	for (uint32_t c = t->m->node[n].first; c; c = t->m->node[c].next)
		sum += naive_marked(t, c);
	return sum;
}

START_TEST(marked_bytes_against_naive)
{
	struct model m = { 0 };
	struct tree t;

	seed = 7;
	grow(&m, 200);
	tree_init(&t, &m, NULL);
	for (int i = 0; i < 500; i++) {
		uint32_t n = dice(m.n);

		/* first only files, which are added up one by one */
		if (i < 100 && m.node[n].kind == 'd')
			continue;
		tree_mark(&t, n, dice(3));
		ck_assert_uint_eq(tree_marked_bytes(&t), naive_marked(&t, 0));
	}
	tree_unmark_all(&t);
	ck_assert_uint_eq(tree_marked_bytes(&t), 0);
	tree_fini(&t);
	model_fini(&m);
}
END_TEST

/* Rows of open groups: each file once, below its group, largest first, as it is staged. */
static void
check_groups(const struct groups *g, const struct tree *t)
{
	AUTO(mem_free) uint8_t *seen = mem_alloc(t->m->n);
	struct group head = { 0 }, before = { 0 };
	size_t files = 0;

	for (size_t i = 0; i < g->n; i++) {
		struct group x = groups_at(g, t, i);

		if (x.kind != GROUP_FILE) {
			head = before = x;
			ck_assert_uint_eq(groups_head(g, i), i);
			continue;
		}
		ck_assert(group_has(&head, t, x.id));
		ck_assert(!seen[x.id]);
		seen[x.id] = 1;
		files++;
		ck_assert_uint_eq(x.bytes, t->m->node[x.id].size);
		ck_assert_uint_eq(x.drops, (t->m->node[x.id].flags & ENTRY_DROP) != 0);
		ck_assert_int_eq(x.depth, head.depth + 1);
		if (before.kind == GROUP_FILE)
			ck_assert_uint_ge(before.bytes, x.bytes);
		before = x;
		ck_assert_uint_lt(groups_head(g, i), i);
	}
	for (uint32_t n = 1; n < t->m->n; n++)
		files -= t->m->node[n].kind == 'f';
	ck_assert_uint_eq(files, 0);
}

START_TEST(groups_have_their_files)
{
	struct model m = { 0 };
	struct tree t;
	struct groups g = { .what = GROUPS_TYPES };
	uint64_t drops = 0;

	seed = 11;
	grow(&m, 600);
	for (uint32_t n = 1; n < m.n; n++)
		m.node[n].type = model_type_id(&m, dice(3)   ? "text"
						   : dice(2) ? "elf"
							     : "");
	tree_init(&t, &m, NULL);
	groups_build(&g, &t);
	for (size_t i = 0; i < g.n; i++) {
		groups_set_open(&g, i, true);
		groups_build(&g, &t);
		while (i + 1 < g.n && groups_at(&g, &t, i + 1).kind == GROUP_FILE)
			i++;
	}
	check_groups(&g, &t);
	for (int k = 0; k < 20; k++) { /* staged one by one, without building it anew */
		uint32_t n = 1 + dice(m.n - 1);

		if (m.node[n].kind == 'f')
			m.node[n].flags ^= ENTRY_DROP;
		ck_assert(tree_staged(&t));
		groups_staged(&g, &t);
		ck_assert(g.fresh);
	}
	check_groups(&g, &t);
	for (size_t i = 0; i < g.n; i++)
		if (groups_at(&g, &t, i).kind == GROUP_TYPE)
			drops += groups_at(&g, &t, i).drops;
	ck_assert_uint_eq(drops, t.all.dropped);
	groups_fini(&g);
	tree_fini(&t);
	model_fini(&m);
}
END_TEST

Suite *
suite_tui_tree(void)
{
	Suite *s = suite_create("tui_tree");
	TCase *t = tcase_create("all");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, rows_against_naive);
	tcase_add_test(t, filter_shows_what_matches);
	tcase_add_test(t, sorts_are_total);
	tcase_add_test(t, many_are_sorted);
	tcase_add_test(t, staged_by_parts);
	tcase_add_test(t, marks_are_counted);
	tcase_add_test(t, marked_bytes_against_naive);
	tcase_add_test(t, groups_have_their_files);
	suite_add_tcase(s, t);
	return s;
}
