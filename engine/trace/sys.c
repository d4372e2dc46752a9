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

static void
fill(enum arch a, unsigned nr, const char *name)
{
	by_number[a][nr].name = name;
	by_number[a][nr].row = sys_by_name(name);
}

__attribute__((constructor)) static void
sys_init(void)
{
#define NR(nr, name) fill(ARCH_X86_64, nr, #name);
#include "trace/nr_x86_64.def"
#undef NR
#define NR(nr, name) fill(ARCH_I386, nr, #name);
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
