#include "inspect/elf.h"

#include <string.h>

enum { COUNT_MAX = 4096, TEXT_MAX = 256, NOTE_MAX = 65536 };

struct section { /* what DT_* say about the versions */
	uint64_t text, need, needs, give, gives, soname;
};

void
abi_fini(struct abi *a)
{
	for (size_t i = 0; i < a->need.n; i++) {
		free(a->need.v[i].file);
		free(a->need.v[i].version);
	}
	for (size_t i = 0; i < a->give.n; i++)
		free(a->give.v[i]);
	vec_fini(&a->need);
	vec_fini(&a->give);
	free(a->soname);
}

/* NULL: there is none. */
static char *
text_at(const struct elf *x, uint64_t at)
{
	char text[TEXT_MAX];
	uint64_t room;

	if (at >= x->size)
		return NULL;
	room = x->size - at < sizeof(text) ? x->size - at : sizeof(text);
	if (!elf_read_at(x, text, room, at) || !memchr(text, 0, room) || !*text)
		return NULL;
	return mem_strdup(text);
}

/* The structures are the same in both classes. */
static void
read_needs(struct abi *a, const struct elf *x, const struct section *s)
{
	uint64_t at = s->need, total = 0;

	for (uint64_t i = 0; i < s->needs; i++) {
		Elf64_Verneed n;
		uint64_t aux;
		AUTO(mem_free) char *file = NULL;

		if (!elf_read_at(x, &n, sizeof(n), at))
			return;
		file = text_at(x, s->text + n.vn_file);
		aux = at + n.vn_aux;
		for (unsigned k = 0; file && k < n.vn_cnt; k++) {
			Elf64_Vernaux v;
			struct abi_need need = { 0 };

			if (++total > COUNT_MAX || !elf_read_at(x, &v, sizeof(v), aux))
				return;
			need.version = text_at(x, s->text + v.vna_name);
			if (need.version) {
				need.file = mem_strdup(file);
				need.weak = v.vna_flags & VER_FLG_WEAK;
				vec_push(&a->need, need);
			}
			if (!v.vna_next)
				break;
			aux += v.vna_next;
		}
		if (!n.vn_next)
			return;
		at += n.vn_next;
	}
}

static void
read_gives(struct abi *a, const struct elf *x, const struct section *s)
{
	uint64_t at = s->give;

	for (uint64_t i = 0; i < s->gives; i++) {
		Elf64_Verdef d;
		Elf64_Verdaux v;
		char *version;

		if (!elf_read_at(x, &d, sizeof(d), at) ||
		    !elf_read_at(x, &v, sizeof(v), at + d.vd_aux))
			return;
		version = d.vd_flags & VER_FLG_BASE ? NULL
						    : text_at(x, s->text + v.vda_name);
		if (version)
			vec_push(&a->give, version);
		if (!d.vd_next)
			return;
		at += d.vd_next;
	}
}

static void
take(struct section *s, const struct elf *x, const Elf64_Dyn *d)
{
	switch (d->d_tag) {
	case DT_STRTAB:
		s->text = elf_offset_of(x, d->d_un.d_ptr);
		break;
	case DT_SONAME:
		s->soname = d->d_un.d_val;
		break;
	case DT_VERNEED:
		s->need = elf_offset_of(x, d->d_un.d_ptr);
		break;
	case DT_VERNEEDNUM:
		s->needs = d->d_un.d_val < COUNT_MAX ? d->d_un.d_val : COUNT_MAX;
		break;
	case DT_VERDEF:
		s->give = elf_offset_of(x, d->d_un.d_ptr);
		break;
	case DT_VERDEFNUM:
		s->gives = d->d_un.d_val < COUNT_MAX ? d->d_un.d_val : COUNT_MAX;
		break;
	default:
		break;
	}
}

static void
read_dynamic(struct abi *a, const struct elf *x, const Elf64_Phdr *p)
{
	size_t each = x->is64 ? sizeof(Elf64_Dyn) : sizeof(Elf32_Dyn);
	uint64_t length = p->p_filesz;
	struct section s = { .text = UINT64_MAX };
	AUTO(mem_free) char *table = NULL;

	if (length > ELF_DYN_MAX * each)
		length = ELF_DYN_MAX * each;
	table = mem_alloc(length);
	if (!elf_read_at(x, table, length, p->p_offset))
		return;
	for (size_t i = 0; i < length / each; i++) {
		Elf64_Dyn d = elf_dyn_at(x, table, i);

		if (d.d_tag == DT_NULL)
			break;
		take(&s, x, &d);
	}
	if (s.text >= x->size)
		return;
	if (s.soname && s.soname < x->size)
		a->soname = text_at(x, s.text + s.soname);
	read_needs(a, x, &s);
	read_gives(a, x, &s);
}

/* NT_GNU_ABI_TAG: the system, and its version. */
static void
read_notes(struct abi *a, const struct elf *x, const Elf64_Phdr *p)
{
	enum { TAG = 1, SYSTEM_LINUX = 0, LENGTH = 32 };
	size_t n = p->p_filesz < NOTE_MAX ? p->p_filesz : NOTE_MAX, at = 0;
	size_t align = x->is64 && p->p_align == 8 ? 8 : 4;
	AUTO(mem_free) unsigned char *data = mem_alloc(n);

	if (!elf_read_at(x, data, n, p->p_offset))
		return;
	while (n - at >= LENGTH) {
		Elf64_Nhdr h;
		uint32_t word[4];

		memcpy(&h, data + at, sizeof(h));
		if (h.n_namesz > n || h.n_descsz > n)
			return;
		if (h.n_type == TAG && h.n_namesz == 4 && h.n_descsz >= sizeof(word) &&
		    memcmp(data + at + sizeof(h), "GNU", 4) == 0) {
			memcpy(word, data + at + sizeof(h) + 4, sizeof(word));
			a->has_kernel = word[0] == SYSTEM_LINUX;
			memcpy(a->kernel, word + 1, sizeof(a->kernel));
			return;
		}
		at += sizeof(h) + ((h.n_namesz + align - 1) & ~(align - 1)) +
		      ((h.n_descsz + align - 1) & ~(align - 1));
		if (at > n)
			return;
	}
}

bool
abi_read(struct abi *a, int fd, uint64_t size)
{
	AUTO(elf_fini) struct elf x = { .fd = -1 };
	struct elf_what what;

	*a = (struct abi){ 0 };
	if (!elf_open(&x, fd, size, &what) || !what.whole)
		return false;
	for (size_t i = 0; i < x.phdrs; i++) {
		if (x.phdr[i].p_type == PT_DYNAMIC && !a->need.n && !a->give.n)
			read_dynamic(a, &x, &x.phdr[i]);
		else if (x.phdr[i].p_type == PT_NOTE && !a->has_kernel)
			read_notes(a, &x, &x.phdr[i]);
	}
	return true;
}

const char *
abi_lacks(const struct abi *giver, const struct abi *asker, const char *file)
{
	for (size_t i = 0; giver->give.n && i < asker->need.n; i++) {
		const struct abi_need *n = &asker->need.v[i];
		bool found = n->weak || strcmp(n->file, file) != 0;

		for (size_t k = 0; !found && k < giver->give.n; k++)
			found = strcmp(giver->give.v[k], n->version) == 0;
		if (!found)
			return n->version;
	}
	return NULL;
}
