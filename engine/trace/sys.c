#include <stddef.h>
#include <string.h>

#include "base/mem.h"
#include "trace/sys.h"

#define P(d, a, f, fa, e) \
	{ \
		.kind = OP_PATH, .dirarg = d, .arg = a, .follow = f, .flagarg = fa, \
		.effect = e \
	}
#define PE(d, a, f, fa, e) \
	{ \
		.kind = OP_PATH, .dirarg = d, .arg = a, .follow = f, .flagarg = fa, \
		.effect = e, .empty_ok = true \
	}
#define A(a, e) \
	{ \
		.kind = OP_SOCKADDR, .dirarg = DIR_CWD, .arg = a, .flagarg = -1, \
		.effect = e \
	}
#define M(k, a, e) \
	{ \
		.kind = k, .dirarg = DIR_CWD, .arg = a, .flagarg = -1, .effect = e \
	}
#define NO \
	{ \
		.kind = OP_NONE \
	}
#define SYS(n, o1, o2, fl, c) \
	{ .name = #n, .operand = { o1, o2 }, .flags = fl, .cond = c },

const struct sys sys_table[] = {
#include "trace/sys.def"
};
#undef SYS

const unsigned sys_table_count = ARRAY_SIZE(sys_table);

enum { NR_MAX = 512 };

struct sys_number {
	const char *name;
	const struct sys *row;
};

static struct sys_number by_number[ARCH_COUNT][NR_MAX];

/* Rows by the hash of their names; only while by_number is filled, at each start. */
struct names {
	unsigned char row[1024]; /* 1 + its place in sys_table; 0: free */
};
_Static_assert(ARRAY_SIZE(sys_table) < 255, "names.row is too narrow");

/* The place of the name, or the free one that it would have. */
static unsigned
names_slot(const struct names *x, const char *name)
{
	unsigned h = 0;

	for (const char *c = name; *c; c++)
		h = h * 31 + (unsigned char)*c;
	while (x->row[h % 1024] &&
	       strcmp(sys_table[x->row[h % 1024] - 1].name, name) != 0)
		h++;
	return h % 1024;
}

static void
fill(const struct names *x, enum arch a, unsigned nr, const char *name)
{
	unsigned char row = x->row[names_slot(x, name)];

	by_number[a][nr].name = name;
	by_number[a][nr].row = row ? &sys_table[row - 1] : NULL;
}

__attribute__((constructor)) static void
sys_init(void)
{
	struct names x = { 0 };

	for (unsigned i = 0; i < sys_table_count; i++)
		x.row[names_slot(&x, sys_table[i].name)] = (unsigned char)(i + 1);
#define NR(nr, name) fill(&x, ARCH_X86_64, nr, #name);
#include "trace/nr_x86_64.def"
#undef NR
#define NR(nr, name) fill(&x, ARCH_I386, nr, #name);
#include "trace/nr_i386.def"
#undef NR
}

const struct sys *
sys_by_number(enum arch a, uint64_t nr)
{
	return nr < NR_MAX ? by_number[a][nr].row : NULL;
}

const struct sys *
sys_by_name(const char *name)
{
	for (unsigned i = 0; i < sys_table_count; i++)
		if (strcmp(sys_table[i].name, name) == 0)
			return &sys_table[i];
	return NULL;
}

bool
sys_is_known(enum arch a, uint64_t nr)
{
	return nr < NR_MAX && by_number[a][nr].name;
}

const char *
sys_name(enum arch a, uint64_t nr)
{
	return nr < NR_MAX ? by_number[a][nr].name : NULL;
}

int
sys_number(enum arch a, const char *name)
{
	for (int nr = 0; nr < NR_MAX; nr++)
		if (by_number[a][nr].name && strcmp(by_number[a][nr].name, name) == 0)
			return nr;
	return -1;
}
