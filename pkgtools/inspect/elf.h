#ifndef CDE_INSPECT_ELF_H
#define CDE_INSPECT_ELF_H

#include <elf.h>

#include "inspect/ftype.h"

/*
 * ELF files of anybody: all numbers are checked before they are used.  Only files of this
 * machine's byte order are read beyond their first bytes.
 */
struct elf {
	int fd; /* borrowed */
	uint64_t size;
	bool is64;
	struct ftype *out; /* of ftype_elf */
	Elf64_Phdr *phdr;  /* of either class */
	size_t phdrs;
};

struct elf_what {
	uint16_t type, machine;
	bool native; /* the byte order */
	bool whole;  /* a program or library, whose program headers were read */
};

enum { ELF_DYN_MAX = 65536 }; /* entries of the dynamic section that are looked at */

/* False: it is none.  elf_fini after it in any case. */
bool elf_open(struct elf *x, int fd, uint64_t size, struct elf_what *what);
void elf_fini(struct elf *x);

bool elf_read_at(const struct elf *x, void *buf, size_t n, uint64_t at);
uint64_t elf_offset_of(const struct elf *x, uint64_t addr); /* UINT64_MAX: nowhere */
Elf64_Dyn elf_dyn_at(const struct elf *x, const char *table, size_t i);

/*
 * What a program or library asks of others, and gives to them: versions of symbols (as
 * "GLIBC_2.34" of "libc.so.6"), and the kernel (the ABI note).
 */
struct abi_need {
	char *file, *version;
	bool weak; /* it does without */
};

struct abi {
	VEC(struct abi_need) need;
	VEC(char *) give;
	char *soname;	 /* or NULL */
	bool has_kernel; /* there is a note: at least this Linux */
	uint32_t kernel[3];
};

void abi_fini(struct abi *a);

/* False: it is no program or library of this byte order. */
bool abi_read(struct abi *a, int fd, uint64_t size);

/* Does it give all versions that others call `file` for?  NULL, or the first that it does
 * not give.  A file that gives none at all is not asked: it has no versions. */
const char *abi_lacks(const struct abi *giver, const struct abi *asker, const char *file);

#endif
