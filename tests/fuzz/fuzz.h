#ifndef CDE_TESTS_FUZZ_FUZZ_H
#define CDE_TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * A fuzzer is a file with LLVMFuzzerTestOneInput: any bytes must give a result or an
 * error, never a crash, a leak or a write to another place.  clang's libFuzzer calls it;
 * where there is none, driver.c, which only mutates the seeds.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An empty directory for this process, below $CDE_FUZZ_DIR (/tmp), which goes at its
 * end. */
const char *fuzz_dir(void);

/* A whole file below fuzz_dir; parents are made.  data NULL: removed. */
void fuzz_put(const char *name, const void *data, size_t size);

/* What became of an input; "N of M accepted" is printed at the end. */
void fuzz_count(bool accepted);

/* A failed promise: prints it and aborts, so that the input is kept. */
#define FUZZ_CHECK(fact) ((fact) ? (void)0 : fuzz_fail(#fact, __FILE__, __LINE__))
_Noreturn void fuzz_fail(const char *fact, const char *file, int line);

#endif
