#ifndef CDE_BASE_MEM_H
#define CDE_BASE_MEM_H

#include <stddef.h>

/*
 * Allocation that cannot fail: out of memory prints one line and exits with
 * status 125.  Lengths that come from outside are checked before they get here.
 */
void *mem_alloc(size_t size);				/* zeroed; size 0 gives 1 byte */
void *mem_resize(void *old, size_t count, size_t each); /* overflow-checked */
char *mem_strdup(const char *s);
void *mem_dup(const void *data, size_t size);
_Noreturn void mem_die(void);

/* AUTO(str_fini) struct str s = STR_INIT;   calls str_fini(&s) at end of scope */
#define AUTO(fini) __attribute__((cleanup(fini)))

void mem_free(void *pp); /* AUTO(mem_free) char *s; gets &s */

#define ARRAY_SIZE(a)	  (sizeof(a) / sizeof((a)[0]))
#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

#endif
