#ifndef CDE_BASE_VEC_H
#define CDE_BASE_VEC_H

#include <stdlib.h>

#include "base/mem.h"

/*
 * A growable array: struct { T *v; size_t n, cap; }, declared as VEC(T) name;
 * zero-initialised is empty.  Elements move when it grows.
 */
#define VEC(type) \
	struct { \
		type *v; \
		size_t n, cap; \
	}

#define vec_push(x, item) \
	do { \
		if ((x)->n == (x)->cap) { \
			(x)->cap = (x)->cap ? (x)->cap * 2 : 8; \
			(x)->v = mem_resize((x)->v, (x)->cap, sizeof(*(x)->v)); \
		} \
		(x)->v[(x)->n++] = (item); \
	} while (0)

#define vec_pop(x)  ((x)->v[--(x)->n])
#define vec_fini(x) (free((x)->v), (x)->v = NULL, (x)->n = (x)->cap = 0)

#endif
