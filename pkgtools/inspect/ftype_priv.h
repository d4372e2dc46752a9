#ifndef CDE_INSPECT_FTYPE_PRIV_H
#define CDE_INSPECT_FTYPE_PRIV_H

#include "inspect/ftype.h"

/* Inside of ftype*.c. */
void ftype_fact_add(struct ftype *t, const char *key, const char *value, size_t len);

/* Facts and the type of an ELF file; all its numbers are checked.  False: it is none. */
bool ftype_elf(int fd, uint64_t size, struct ftype *out);

/* Modules that Python source imports (the part of it that is in text). */
void ftype_imports(const char *text, size_t len, struct ftype *out);

#endif
