#ifndef CDE_INSPECT_DIGEST_H
#define CDE_INSPECT_DIGEST_H

#include <stdbool.h>

#include "base/err.h"

/* The longest of them in hex, and NUL. */
#define DIGEST_HEX 65

/*
 * SHA-256 of what fd has from its beginning, and in the same pass a second one: "md5",
 * "sha1" or "sha256"; NULL none, others give "".  0 or -errno.
 */
int digest_file(int fd, char sha256[static DIGEST_HEX], const char *second,
		char other[static DIGEST_HEX]);

/* Is `hex` the checksum "ALGO:HEX"? */
bool digest_is(const char *sum, const char *hex);

/* "md5" of "md5:…"; NULL when it is none that digest_file knows. */
const char *digest_algorithm(const char *sum);

#endif
