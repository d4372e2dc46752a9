#include "tree/elf.h"

#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"

enum { PHDRS_MAX = 65536 }; /* bytes; the kernel's limit, too */

/* One program header, of either class. */
struct phdr {
	uint32_t type;
	uint64_t offset;
	uint64_t filesz;
};

void
elf_head_fini(struct elf_head *h)
{
	str_fini(&h->interp);
}

static uint64_t
get(const struct elf_head *h, const unsigned char *p, size_t width)
{
	uint64_t v = 0;

	for (size_t i = 0; i < width; i++)
		v = v << 8 | p[h->msb ? i : width - 1 - i];
	return v;
}

static void
put(const struct elf_head *h, unsigned char *p, size_t width, uint64_t v)
{
	for (size_t i = 0; i < width; i++)
		p[h->msb ? width - 1 - i : i] = (unsigned char)(v >> (8 * i));
}

/* A field of a structure that has both classes, as text of the file. */
#define FIELD(h, p, type, field) \
	((h)->is64 ? get(h, (p) + offsetof(Elf64_##type, field), \
			 sizeof(((Elf64_##type *)0)->field)) \
		   : get(h, (p) + offsetof(Elf32_##type, field), \
			 sizeof(((Elf32_##type *)0)->field)))

#define PUT_FIELD(h, p, type, field, v) \
	((h)->is64 ? put(h, (p) + offsetof(Elf64_##type, field), \
			 sizeof(((Elf64_##type *)0)->field), v) \
		   : put(h, (p) + offsetof(Elf32_##type, field), \
			 sizeof(((Elf32_##type *)0)->field), v))

/* Bytes read (fewer only at end of file), or -errno. */
static ssize_t
read_at(int fd, void *buf, size_t n, uint64_t at)
{
	size_t done = 0;

	if (at > INT64_MAX - n)
		return -ENOEXEC;
	while (done < n) {
		ssize_t r = pread(fd, (char *)buf + done, n - done, (off_t)(at + done));

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		if (r == 0)
			break;
		done += (size_t)r;
	}
	return (ssize_t)done;
}

static int
read_exact(int fd, void *buf, size_t n, uint64_t at)
{
	ssize_t r = read_at(fd, buf, n, at);

	if (r < 0)
		return (int)r;
	return (size_t)r == n ? 0 : -ENOEXEC;
}

static int
read_ident(struct elf_head *h, const unsigned char *ident)
{
	if (memcmp(ident, ELFMAG, SELFMAG) != 0)
		return -ENOEXEC;
	if (ident[EI_CLASS] != ELFCLASS64 && ident[EI_CLASS] != ELFCLASS32)
		return -ENOEXEC;
	if (ident[EI_DATA] != ELFDATA2LSB && ident[EI_DATA] != ELFDATA2MSB)
		return -ENOEXEC;
	h->is64 = ident[EI_CLASS] == ELFCLASS64;
	h->msb = ident[EI_DATA] == ELFDATA2MSB;
	return 0;
}

static int
read_interp(int fd, struct elf_head *h, const struct phdr *ph)
{
	AUTO(mem_free) char *text = NULL;
	int r;

	if (ph->filesz < 2 || ph->filesz > PATH_MAX) /* as the kernel has it */
		return -ENOEXEC;
	text = mem_alloc(ph->filesz);
	r = read_exact(fd, text, ph->filesz, ph->offset);
	if (r < 0)
		return r;
	if (text[ph->filesz - 1] != '\0')
		return -ENOEXEC;
	str_set(&h->interp, text);
	h->has_interp = true;
	return 0;
}

static size_t
phdr_size(const struct elf_head *h)
{
	return h->is64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
}

/* The first PT_INTERP counts, as for the kernel. */
static int
read_phdrs(int fd, struct elf_head *h, uint64_t at, size_t count)
{
	size_t each = phdr_size(h), size = count * each;
	AUTO(mem_free) unsigned char *table = NULL;
	int r;

	if (size == 0 || size > PHDRS_MAX)
		return -ENOEXEC;
	table = mem_alloc(size);
	r = read_exact(fd, table, size, at);
	for (size_t i = 0; r == 0 && i < count; i++) {
		const unsigned char *p = table + i * each;
		struct phdr ph = {
			.type = (uint32_t)FIELD(h, p, Phdr, p_type),
			.offset = FIELD(h, p, Phdr, p_offset),
			.filesz = FIELD(h, p, Phdr, p_filesz),
		};

		if (ph.type != PT_INTERP)
			continue;
		h->interp_phdr = at + i * each;
		return read_interp(fd, h, &ph);
	}
	return r;
}

int
elf_read(int fd, struct elf_head *h)
{
	unsigned char eh[sizeof(Elf64_Ehdr)];
	ssize_t n = read_at(fd, eh, sizeof(eh), 0);
	int r;

	h->has_interp = false;
	h->interp_phdr = 0;
	str_clear(&h->interp);
	if (n < 0)
		return (int)n;
	if ((size_t)n < sizeof(Elf32_Ehdr))
		return -ENOEXEC;
	r = read_ident(h, eh);
	if (r < 0)
		return r;
	if (h->is64 && (size_t)n < sizeof(Elf64_Ehdr))
		return -ENOEXEC;
	h->type = (uint16_t)FIELD(h, eh, Ehdr, e_type);
	h->machine = (uint16_t)FIELD(h, eh, Ehdr, e_machine);
	if (h->type != ET_EXEC && h->type != ET_DYN)
		return -ENOEXEC;
	if (FIELD(h, eh, Ehdr, e_phentsize) != phdr_size(h))
		return -ENOEXEC;
	return read_phdrs(fd, h, FIELD(h, eh, Ehdr, e_phoff),
			  (size_t)FIELD(h, eh, Ehdr, e_phnum));
}

static int
write_at(int fd, const void *data, size_t n, uint64_t at)
{
	while (n > 0) {
		ssize_t r = pwrite(fd, data, n, (off_t)at);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		data = (const char *)data + r;
		n -= (size_t)r;
		at += (uint64_t)r;
	}
	return 0;
}

int
elf_copy_with_loader(int in, int out, const struct elf_head *h, const char *loader)
{
	unsigned char ph[sizeof(Elf64_Phdr)];
	size_t len = strlen(loader) + 1;
	struct stat st;
	int r;

	if (!h->has_interp)
		return -EINVAL;
	if (len > PATH_MAX)
		return -ENAMETOOLONG;
	if (fstat(in, &st) < 0)
		return -errno;
	if (!h->is64 && (uint64_t)st.st_size + len > UINT32_MAX)
		return -EFBIG;
	r = read_exact(in, ph, phdr_size(h), h->interp_phdr);
	if (r < 0)
		return r;
	r = fs_copy_data(in, out, (uint64_t)st.st_size);
	if (r < 0)
		return r;
	PUT_FIELD(h, ph, Phdr, p_offset, (uint64_t)st.st_size);
	PUT_FIELD(h, ph, Phdr, p_filesz, len);
	PUT_FIELD(h, ph, Phdr, p_memsz, len);
	r = write_at(out, loader, len, (uint64_t)st.st_size);
	return r < 0 ? r : write_at(out, ph, phdr_size(h), h->interp_phdr);
}
