/* Apart from sysdef.c: both kernel headers define the same macros. */
#include "numbers.h"

#if __has_include(<asm/unistd_32.h>)
#include <asm/unistd_32.h>
#endif

const struct number numbers_i386[] = {
#define NR(nr, name) { nr, #name, NUMBER_MACRO(__NR_##name) },
#include "trace/nr_i386.def"
};

const unsigned numbers_i386_count = sizeof(numbers_i386) / sizeof(numbers_i386[0]);
