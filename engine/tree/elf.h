#ifndef CDE_TREE_ELF_H
#define CDE_TREE_ELF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/*
 * What the kernel reads of a program before it starts it (elf(5)).  All
 * offsets and counts come from an untrusted file and are checked.
 */
struct elf_head {
	bool is64;
	bool msb;
	uint16_t type;	  /* ET_EXEC, ET_DYN */
	uint16_t machine; /* EM_X86_64, EM_386, … */
	bool has_interp;
	struct str interp;    /* text of PT_INTERP */
	uint64_t interp_phdr; /* file offset of that program header */
};

#define ELF_HEAD_INIT \
	{ \
		.interp = STR_INIT \
	}
void elf_head_fini(struct elf_head *h);

/* 0; -ENOEXEC: not ELF or not well-formed; other -errno from reading. */
int elf_read(int fd, struct elf_head *h);

/*
 * Make `out` (an empty file open for writing) a copy of the program `in` whose
 * PT_INTERP names `loader`: the new text stands at the end of the file, and
 * p_offset and p_filesz of that header point to it; p_vaddr, which ld.so reads,
 * stays.  0 or -errno.  h is from elf_read(in).
 */
int elf_copy_with_loader(int in, int out, const struct elf_head *h, const char *loader);

#endif
