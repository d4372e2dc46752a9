/*
 * ELF: class, machine, what ld.so reads of the dynamic section, build id, the level of
 * x86-64 that it asks for.  Files of the other byte order have class and machine only.
 */
#include <endian.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "inspect/elf.h"
#include "inspect/ftype_priv.h"

enum { PHDRS_MAX = 1024, STRTAB_MAX = 64 << 20, NOTE_MAX = 65536, TEXT_MAX = 4096 };

#ifndef GNU_PROPERTY_X86_ISA_1_NEEDED
#define GNU_PROPERTY_X86_ISA_1_NEEDED 0xc0008002
#endif

bool
elf_read_at(const struct elf *x, void *buf, size_t n, uint64_t at)
{
	if (at > x->size || n > x->size - at)
		return false;
	while (n) {
		ssize_t r = pread(x->fd, buf, n, (off_t)at);

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return false;
		buf = (char *)buf + r;
		at += (uint64_t)r;
		n -= (size_t)r;
	}
	return true;
}

static void
fact(const struct elf *x, const char *key, const char *text)
{
	ftype_fact_add(x->out, key, text, strlen(text));
}

static void
machine(const struct elf *x, uint16_t m)
{
	static const struct {
		uint16_t number;
		const char *name;
	} table[] = {
		{ EM_X86_64, "x86-64" },   { EM_386, "i386" },
		{ EM_AARCH64, "aarch64" }, { EM_ARM, "arm" },
		{ EM_RISCV, "riscv" },	   { EM_PPC64, "ppc64" },
		{ EM_S390, "s390" },	   { EM_MIPS, "mips" },
		{ EM_PPC, "ppc" },	   { EM_SPARCV9, "sparc64" },
		{ EM_BPF, "bpf" },
	};
	AUTO(str_fini) struct str text = STR_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (table[i].number == m) {
			fact(x, "elf.machine", table[i].name);
			return;
		}
	str_addf(&text, "%u", m);
	fact(x, "elf.machine", text.s);
}

static bool
read_phdrs(struct elf *x, uint64_t at, size_t n)
{
	if (n == 0 || n > PHDRS_MAX)
		return false;
	x->phdr = mem_alloc(n * sizeof(*x->phdr));
	x->phdrs = n;
	if (x->is64)
		return elf_read_at(x, x->phdr, n * sizeof(*x->phdr), at);
	for (size_t i = 0; i < n; i++) {
		Elf32_Phdr p;

		if (!elf_read_at(x, &p, sizeof(p), at + i * sizeof(p)))
			return false;
		x->phdr[i] = (Elf64_Phdr){
			.p_type = p.p_type,
			.p_offset = p.p_offset,
			.p_vaddr = p.p_vaddr,
			.p_filesz = p.p_filesz,
		};
	}
	return true;
}

uint64_t
elf_offset_of(const struct elf *x, uint64_t addr)
{
	for (size_t i = 0; i < x->phdrs; i++) {
		const Elf64_Phdr *p = &x->phdr[i];

		if (p->p_type == PT_LOAD && addr >= p->p_vaddr &&
		    addr - p->p_vaddr < p->p_filesz)
			return p->p_offset + (addr - p->p_vaddr);
	}
	return UINT64_MAX;
}

static void
string_fact(const struct elf *x, const char *key, uint64_t at)
{
	char text[TEXT_MAX];
	uint64_t room;
	const char *end;

	if (at >= x->size)
		return;
	room = x->size - at < sizeof(text) ? x->size - at : sizeof(text);
	if (elf_read_at(x, text, room, at) && (end = memchr(text, '\0', room)) &&
	    end != text)
		ftype_fact_add(x->out, key, text, (size_t)(end - text));
}

Elf64_Dyn
elf_dyn_at(const struct elf *x, const char *table, size_t i)
{
	Elf64_Dyn d;
	Elf32_Dyn s;

	if (x->is64) {
		memcpy(&d, table + i * sizeof(d), sizeof(d));
		return d;
	}
	memcpy(&s, table + i * sizeof(s), sizeof(s));
	return (Elf64_Dyn){ .d_tag = s.d_tag, .d_un.d_val = s.d_un.d_val };
}

static const char *
key_of(int64_t tag)
{
	switch (tag) {
	case DT_NEEDED:
		return "elf.needed";
	case DT_SONAME:
		return "elf.soname";
	case DT_RUNPATH:
	case DT_RPATH:
		return "elf.runpath";
	default:
		return NULL;
	}
}

/* *pie: DF_1_PIE, a program although it has no interpreter. */
static void
dynamic(const struct elf *x, const Elf64_Phdr *p, bool *pie)
{
	size_t each = x->is64 ? sizeof(Elf64_Dyn) : sizeof(Elf32_Dyn), n;
	uint64_t strtab = UINT64_MAX, length = p->p_filesz;
	AUTO(mem_free) char *table = NULL;

	if (length > ELF_DYN_MAX * each)
		length = ELF_DYN_MAX * each;
	n = length / each;
	table = mem_alloc(length);
	if (!elf_read_at(x, table, length, p->p_offset))
		return;
	for (size_t i = 0; i < n; i++) {
		Elf64_Dyn d = elf_dyn_at(x, table, i);

		if (d.d_tag == DT_NULL)
			n = i;
		else if (d.d_tag == DT_STRTAB)
			strtab = elf_offset_of(x, d.d_un.d_ptr);
		else if (d.d_tag == DT_FLAGS_1)
			*pie = d.d_un.d_val & DF_1_PIE;
	}
	for (size_t i = 0; strtab < x->size && i < n; i++) {
		Elf64_Dyn d = elf_dyn_at(x, table, i);
		const char *key = key_of(d.d_tag);

		if (key && d.d_un.d_val < STRTAB_MAX)
			string_fact(x, key, strtab + d.d_un.d_val);
	}
}

static void
build_id(const struct elf *x, const unsigned char *data, size_t n)
{
	AUTO(str_fini) struct str hex = STR_INIT;

	for (size_t i = 0; i < n; i++)
		str_addf(&hex, "%02x", data[i]);
	fact(x, "elf.build-id", hex.s);
}

/* NT_GNU_PROPERTY_TYPE_0: which x86-64-vN the code needs. */
static void
properties(const struct elf *x, const unsigned char *data, size_t n)
{
	size_t align = x->is64 ? 8 : 4;

	while (n >= 8) {
		uint32_t type, size;

		memcpy(&type, data, 4);
		memcpy(&size, data + 4, 4);
		if (size > n - 8)
			return;
		if (type == GNU_PROPERTY_X86_ISA_1_NEEDED && size == 4) {
			uint32_t bits;

			memcpy(&bits, data + 8, 4);
			fact(x, "elf.isa",
			     bits & 8	? "x86-64-v4"
			     : bits & 4 ? "x86-64-v3"
			     : bits & 2 ? "x86-64-v2"
					: "x86-64");
		}
		size = (size + 8 + align - 1) & ~(align - 1);
		if (size > n)
			return;
		data += size;
		n -= size;
	}
}

static void
notes(const struct elf *x, const Elf64_Phdr *p)
{
	size_t n = p->p_filesz < NOTE_MAX ? p->p_filesz : NOTE_MAX, at = 0;
	AUTO(mem_free) unsigned char *data = mem_alloc(n);

	if (!elf_read_at(x, data, n, p->p_offset))
		return;
	while (n - at >= sizeof(Elf64_Nhdr)) {
		Elf64_Nhdr h; /* the same in both classes */
		size_t name, desc, align = x->is64 && p->p_align == 8 ? 8 : 4;

		memcpy(&h, data + at, sizeof(h));
		name = at + sizeof(h);
		if (h.n_namesz > n - name)
			return;
		desc = (name + h.n_namesz + align - 1) & ~(align - 1);
		if (desc > n || h.n_descsz > n - desc)
			return;
		if (h.n_namesz == 4 && memcmp(data + name, "GNU", 4) == 0) {
			if (h.n_type == NT_GNU_BUILD_ID)
				build_id(x, data + desc, h.n_descsz);
			else if (h.n_type == 5)
				properties(x, data + desc, h.n_descsz);
		}
		at = (desc + h.n_descsz + align - 1) & ~(align - 1);
		if (at > n)
			return;
	}
}

static bool
has_fact(const struct ftype *t, const char *key)
{
	for (size_t i = 0; i < t->fact.n; i++)
		if (strcmp(t->fact.v[i].key, key) == 0)
			return true;
	return false;
}

static bool
segments(struct elf *x)
{
	bool pie = false;

	for (size_t i = 0; i < x->phdrs; i++) {
		const Elf64_Phdr *p = &x->phdr[i];

		if (p->p_type == PT_DYNAMIC)
			dynamic(x, p, &pie);
		else if (p->p_type == PT_INTERP)
			string_fact(x, "elf.interp", p->p_offset);
		else if (p->p_type == PT_NOTE && !has_fact(x->out, "elf.build-id"))
			notes(x, p);
		else if (p->p_type == PT_GNU_PROPERTY && !has_fact(x->out, "elf.isa"))
			notes(x, p);
	}
	return pie;
}

bool
elf_open(struct elf *x, int fd, uint64_t size, struct elf_what *what)
{
	Elf64_Ehdr h = { 0 };
	Elf32_Ehdr *h32 = (Elf32_Ehdr *)&h;

	*x = (struct elf){ .fd = fd, .size = size };
	if (!elf_read_at(x, &h, sizeof(*h32), 0) || memcmp(h.e_ident, ELFMAG, SELFMAG))
		return false;
	x->is64 = h.e_ident[EI_CLASS] == ELFCLASS64;
	what->native = h.e_ident[EI_DATA] ==
		       (BYTE_ORDER == LITTLE_ENDIAN ? ELFDATA2LSB : ELFDATA2MSB);
	if (x->is64 && !elf_read_at(x, &h, sizeof(h), 0))
		return false;
	what->type = h.e_type;
	what->machine = h.e_machine;
	what->whole = what->native && (h.e_type == ET_EXEC || h.e_type == ET_DYN) &&
		      (x->is64 ? read_phdrs(x, h.e_phoff, h.e_phnum)
			       : read_phdrs(x, h32->e_phoff, h32->e_phnum));
	return true;
}

void
elf_fini(struct elf *x)
{
	free(x->phdr);
}

bool
ftype_elf(int fd, uint64_t size, struct ftype *out)
{
	AUTO(elf_fini) struct elf x = { .fd = -1 };
	struct elf_what what;
	bool pie = false;

	if (!elf_open(&x, fd, size, &what))
		return false;
	x.out = out;
	fact(&x, "elf.class", x.is64 ? "64" : "32");
	out->type = "elf-obj";
	if (!what.native)
		return true;
	machine(&x, what.machine);
	if (what.type == ET_CORE)
		out->type = "elf-core";
	if (what.type != ET_EXEC && what.type != ET_DYN)
		return true;
	if (what.whole)
		pie = segments(&x);
	out->type = what.type == ET_EXEC || pie || has_fact(out, "elf.interp")
			    ? "elf-exec"
			    : "elf-so";
	if (has_fact(out, "elf.soname") && what.type == ET_DYN && !pie)
		out->type = "elf-so"; /* libc.so.6 can be started, too */
	return true;
}
