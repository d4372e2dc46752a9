/*
 * What will probably be asked for next.  On a line with a delay of 20 ms a question
 * costs as much as 250 kB at 100 Mbit/s: so guesses pay even if most are wrong.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "path/lex.h"
#include "stream/stream_priv.h"

enum {
	SIBLINGS_MOST = 32,	/* directories that are listed along with one of them */
	WINDOW_FIRST = 1 << 20, /* bytes after the first file of a directory … */
	WINDOW_MOST = 4 << 20,	/* … four times as much after each further one */
	COUSIN_MOST = 192 << 10,
	WINDOW_MODULES = 2 << 20,
	STEM_MOST = 2 << 20,
	LITTLE = 32 << 10,
	NAMES_FEW = 200,
	DYNAMIC_MOST = 1024 << 10,
};

void
string_vec_fini(string_vec *v)
{
	for (size_t i = 0; i < v->n; i++)
		free(v->v[i]);
	vec_fini(v);
}

/* Names and state of a directory that is here already. */
static struct names *
names_here(struct stream *s, const char *dir)
{
	const struct names_entry *x;
	AUTO(str_fini) struct str any = STR_INIT;
	struct map_slot *slot;

	if (!index_has(s, dir))
		return (struct names *)list_guess(s, dir);
	str_set(&any, dir);
	path_append(&any, "x");
	if (stream_entry(s, any.s, &x) < 0)
		return NULL;
	slot = map_get(&s->known, dir, strlen(dir));
	return slot && ((struct sdir *)slot->p)->state == SDIR_REMOTE
		       ? &((struct sdir *)slot->p)->names
		       : NULL;
}

/* Directories that are seldom far from their parent; asking for one that is not there
 * costs nothing when it is asked together with others. */
static const char *const children[] = { "__pycache__" };

static void
want_dir(struct stream *s, const char *dir, const char *name, string_vec *v)
{
	AUTO(str_fini) struct str abs = STR_INIT;

	str_set(&abs, dir);
	if (name)
		path_append(&abs, name);
	if (!map_get(&s->known, abs.s, abs.len) &&
	    !map_get(&s->guessed, abs.s, abs.len) && !index_has(s, abs.s))
		vec_push(v, mem_strdup(abs.s));
}

/* Where every program looks. */
static const char *const first_dirs[] = {
	"/etc",
	"/etc/alternatives",
	"/usr",
	"/usr/bin",
	"/usr/lib",
	"/usr/lib/python3",
	"/usr/lib/python3/dist-packages",
	"/usr/lib/locale",
	"/usr/lib/locale/C.utf8",
	"/usr/lib/locale/C.utf8/LC_MESSAGES",
	"/usr/lib/x86_64-linux-gnu",
	"/usr/lib/x86_64-linux-gnu/gconv",
	"/usr/lib64",
	"/usr/local",
	"/usr/local/bin",
	"/usr/local/lib",
	"/usr/local/sbin",
	"/usr/sbin",
	"/usr/share",
	"/usr/share/locale",
	"/usr/share/zoneinfo",
	"/usr/share/zoneinfo/Etc",
};

void
ahead_first(struct stream *s, string_vec *v)
{
	for (size_t i = 0; i < ARRAY_SIZE(first_dirs) && remote_is_parallel(s->remote);
	     i++)
		want_dir(s, first_dirs[i], NULL, v);
}

/* Its brothers and sisters, unless there are many. */
static void
want_siblings(struct stream *s, const char *dir, string_vec *v)
{
	AUTO(str_fini) struct str parent = STR_INIT, abs = STR_INIT;
	struct names *n;
	size_t count = 0;

	str_set(&parent, dir);
	path_to_parent(&parent);
	n = parent.len > 1 ? names_here(s, parent.s) : NULL;
	if (!n)
		return;
	for (struct map_slot *x = NULL; (x = map_next(&n->map, x));)
		count += ((struct names_entry *)x->p)->type == NAMES_DIR;
	if (count > SIBLINGS_MOST)
		return;
	for (struct map_slot *x = NULL; (x = map_next(&n->map, x));) {
		str_set(&abs, parent.s);
		path_append(&abs, x->key);
		if (((struct names_entry *)x->p)->type == NAMES_DIR &&
		    strcmp(abs.s, dir) != 0)
			want_dir(s, abs.s, NULL, v);
	}
}

void
ahead_dirs(struct stream *s, const char *dir, string_vec *v)
{
	size_t n;

	if (!remote_is_parallel(s->remote))
		return;
	want_siblings(s, dir, v);
	n = v->n;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < ARRAY_SIZE(children); k++)
			if (strcmp(path_base(v->v[i]), children[k]) != 0)
				want_dir(s, v->v[i], children[k], v);
}

/* ".pyc", ".so", ".h"; not ".6", the version of a library. */
static const char *
suffix_of(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && dot[1] > '9' ? dot : NULL;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What stands before the first dot: "base" of base, base.rdb and base.rdx. */
static bool
has_same_stem(const char *a, const char *b)
{
	size_t n = strcspn(a, ".");

	return n && n == strcspn(b, ".") && memcmp(a, b, n) == 0;
}

/* One file, and the directory that it stands in. */
struct beside {
	const char *name, *suffix;
	const struct names *names;
	bool small; /* the directory has few names: its little files come along */
	uint64_t window;
};

static bool
is_alike(const struct beside *f, const char *name, const struct names_entry *x)
{
	const char *suffix = suffix_of(name);

	if (x->type != NAMES_FILE || strcmp(name, f->name) == 0)
		return false;
	if (has_same_stem(name, f->name))
		return x->size <= STEM_MOST;
	if (f->small && x->size <= LITTLE)
		return true;
	return suffix && f->suffix && strcmp(suffix, f->suffix) == 0 &&
	       x->size <= f->window / 2;
}

/* Those from this one on in order of names, around the end, and first of all the ones
 * that have its stem. */
static void
choose(struct stream *s, const struct beside *f, const char *dir, string_vec *v)
{
	VEC(const char *) names = { 0 };
	AUTO(str_fini) struct str abs = STR_INIT;
	uint64_t sum = 0;
	size_t from = 0;

	for (struct map_slot *x = NULL; (x = map_next(&f->names->map, x));)
		if (is_alike(f, x->key, x->p))
			vec_push(&names, x->key);
	if (names.n)
		qsort(names.v, names.n, sizeof(names.v[0]), by_name);
	while (from < names.n && strcmp(names.v[from], f->name) <= 0)
		from++;
	for (size_t i = 0; i < 2 * names.n; i++) {
		const char *name = names.v[(from + i) % names.n];
		bool stem = has_same_stem(name, f->name);
		uint64_t size = names_get(f->names, name)->size;

		str_set(&abs, dir);
		path_append(&abs, name);
		if (stem != (i < names.n) || fetched_has(&s->fetched, abs.s))
			continue;
		if (!stem && sum + size > f->window)
			break;
		sum += size;
		vec_push(v, mem_strdup(abs.s));
	}
	vec_fini(&names);
}

/* Has a file been fetched from there for its own sake? */
static bool
is_used(struct stream *s, const char *dir)
{
	const struct map_slot *slot = map_get(&s->known, dir, strlen(dir));

	return slot && ((struct sdir *)slot->p)->fetches > 0;
}

/* The parts of a package are used together: when two have been, then here is what the
 * others have of this kind. */
static void
choose_cousins(struct stream *s, const struct beside *f, const char *dir, string_vec *v)
{
	bool below = strcmp(path_base(dir), children[0]) == 0;
	AUTO(str_fini) struct str part = STR_INIT, whole = STR_INIT;
	string_vec others = { 0 };
	struct names *n;
	size_t used = 0;

	str_set(&part, dir);
	if (below)
		path_to_parent(&part);
	str_set(&whole, part.s);
	path_to_parent(&whole);
	n = whole.len > 1 ? names_here(s, whole.s) : NULL;
	for (struct map_slot *x = NULL; n && (x = map_next(&n->map, x));) {
		if (((struct names_entry *)x->p)->type != NAMES_DIR ||
		    str_has_prefix(x->key, "test"))
			continue;
		str_set(&part, whole.s);
		path_append(&part, x->key);
		if (below)
			path_append(&part, children[0]);
		if (is_used(s, part.s))
			used++;
		else if (names_here(s, part.s))
			vec_push(&others, mem_strdup(part.s));
	}
	for (size_t i = 0; used > 1 && others.n <= SIBLINGS_MOST && i < others.n; i++) {
		const struct beside o = { "", f->suffix, names_here(s, others.v[i]),
					  false, COUSIN_MOST };

		choose(s, &o, others.v[i], v);
	}
	string_vec_fini(&others);
}

/* The compiled modules of a package go with its text. */
static void
choose_modules(struct stream *s, const char *dir, string_vec *v)
{
	AUTO(str_fini) struct str part = STR_INIT;
	struct beside o = { "", ".so", NULL, false, WINDOW_MODULES };

	if (strcmp(path_base(dir), children[0]) != 0)
		return;
	str_set(&part, dir);
	path_to_parent(&part);
	o.names = names_here(s, part.s);
	if (o.names && names_get(o.names, "__init__.py"))
		choose(s, &o, part.s, v);
}

void
ahead_files(struct stream *s, const char *abs, string_vec *v)
{
	AUTO(str_fini) struct str dir = STR_INIT;
	struct beside f = { .name = path_base(abs), .suffix = suffix_of(path_base(abs)) };
	struct sdir *d;

	str_set(&dir, abs);
	path_to_parent(&dir);
	f.names = remote_is_parallel(s->remote) ? names_here(s, dir.s) : NULL;
	if (!f.names)
		return;
	d = map_get(&s->known, dir.s, dir.len)->p;
	f.window =
		d->fetches < 2 ? (uint64_t)WINDOW_FIRST << 2 * d->fetches : WINDOW_MOST;
	f.small = f.names->map.n <= NAMES_FEW;
	d->fetches++;
	choose(s, &f, dir.s, v);
	if (f.suffix) {
		choose_cousins(s, &f, dir.s, v);
		choose_modules(s, dir.s, v);
	}
}

static bool
read_at(int fd, void *buf, size_t n, uint64_t at)
{
	return at < INT64_MAX && pread(fd, buf, n, (off_t)at) == (ssize_t)n;
}

/* Where an address of the file's image stands in the file. */
static uint64_t
offset_of(const Elf64_Phdr *ph, size_t n, uint64_t addr)
{
	for (size_t i = 0; i < n; i++)
		if (ph[i].p_type == PT_LOAD && addr >= ph[i].p_vaddr &&
		    addr - ph[i].p_vaddr < ph[i].p_filesz)
			return addr - ph[i].p_vaddr + ph[i].p_offset;
	return UINT64_MAX;
}

struct needed {
	char *strings, *dynamic;
	size_t strings_len, entries;
};

static void
needed_fini(struct needed *x)
{
	free(x->strings);
	free(x->dynamic);
}

/* The dynamic section and its strings; only of this machine's own kind of ELF. */
static bool
read_dynamic(int fd, struct needed *x)
{
	AUTO(mem_free) Elf64_Phdr *ph = NULL;
	const Elf64_Phdr *dynamic = NULL;
	uint64_t strings = 0, size = 0;
	Elf64_Ehdr h;

	if (!read_at(fd, &h, sizeof(h), 0) || memcmp(h.e_ident, ELFMAG, SELFMAG) ||
	    h.e_ident[EI_CLASS] != ELFCLASS64 || h.e_phentsize != sizeof(*ph) ||
	    !h.e_phnum || h.e_phnum > 1024)
		return false;
	ph = mem_alloc(h.e_phnum * sizeof(*ph));
	if (!read_at(fd, ph, h.e_phnum * sizeof(*ph), h.e_phoff))
		return false;
	for (size_t i = 0; i < h.e_phnum; i++)
		if (ph[i].p_type == PT_DYNAMIC)
			dynamic = &ph[i];
	if (!dynamic || dynamic->p_filesz > DYNAMIC_MOST)
		return false;
	x->entries = dynamic->p_filesz / sizeof(Elf64_Dyn);
	x->dynamic = mem_alloc(dynamic->p_filesz);
	if (!read_at(fd, x->dynamic, x->entries * sizeof(Elf64_Dyn), dynamic->p_offset))
		return false;
	for (size_t i = 0; i < x->entries; i++) {
		const Elf64_Dyn *d = (const Elf64_Dyn *)x->dynamic + i;

		if (d->d_tag == DT_STRTAB)
			strings = offset_of(ph, h.e_phnum, d->d_un.d_ptr);
		else if (d->d_tag == DT_STRSZ)
			size = d->d_un.d_val;
	}
	if (!size || size > DYNAMIC_MOST)
		return false;
	x->strings_len = size;
	x->strings = mem_alloc(size + 1);
	return read_at(fd, x->strings, size, strings);
}

/* Where libraries usually are; those of the program's own directory besides. */
static const char *const library_dirs[] = {
	"/lib/x86_64-linux-gnu",
	"/usr/lib/x86_64-linux-gnu",
	"/lib64",
	"/usr/lib64",
	"/lib",
	"/usr/lib",
};

/* The file that a name in dir leads to, by links inside of dir; NULL: none. */
static const char *
follow(const struct names *n, const char *name)
{
	for (int i = 0; i < 8; i++) {
		const struct names_entry *x = names_get(n, name);

		if (!x || (x->type != NAMES_FILE && x->type != NAMES_LINK))
			return NULL;
		if (x->type == NAMES_FILE)
			return name;
		name = x->text;
		if (strchr(name, '/'))
			return NULL;
	}
	return NULL;
}

static bool
find_library(struct stream *s, const char *own, const char *name, string_vec *v)
{
	AUTO(str_fini) struct str abs = STR_INIT;

	for (size_t i = 0; i <= ARRAY_SIZE(library_dirs); i++) {
		const char *dir = i ? library_dirs[i - 1] : own;
		struct names *n = names_here(s, dir);
		const char *file = n ? follow(n, name) : NULL;

		if (!file)
			continue;
		str_set(&abs, dir);
		path_append(&abs, file);
		for (size_t k = 0; k < v->n; k++)
			if (strcmp(v->v[k], abs.s) == 0)
				return true;
		vec_push(v, mem_strdup(abs.s));
		return true;
	}
	return false;
}

/* What this one needs, and what that needs in turn: as far as it is not here yet. */
static bool
add_needed(struct stream *s, const char *abs, string_vec *all)
{
	AUTO(fd_drop)
	int fd = fs_open_beneath(s->pkg->rootfd, abs + 1,
				 O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0);
	AUTO(needed_fini) struct needed x = { 0 };
	AUTO(str_fini) struct str own = STR_INIT;
	bool found = true;

	if (fd < 0 || !read_dynamic(fd, &x))
		return true;
	str_set(&own, abs);
	path_to_parent(&own);
	for (size_t i = 0; i < x.entries; i++) {
		const Elf64_Dyn *d = (const Elf64_Dyn *)x.dynamic + i;

		if (d->d_tag == DT_NEEDED && d->d_un.d_val < x.strings_len)
			found &= find_library(s, own.s, x.strings + d->d_un.d_val, all);
	}
	return found;
}

bool
ahead_needed(struct stream *s, const char *abs, string_vec *v)
{
	string_vec all = { 0 };
	bool found = add_needed(s, abs, &all);

	for (size_t i = 0; i < all.n; i++)
		if (fetched_has(&s->fetched, all.v[i]))
			add_needed(s, all.v[i], &all);
		else
			vec_push(v, mem_strdup(all.v[i]));
	string_vec_fini(&all);
	return found;
}

/* Directories on the way of a name that may all be there: one question for all. */
void
stream_hint(struct stream *s, const char *base, const char *name)
{
	AUTO(str_fini) struct str abs = STR_INIT, dir = STR_INIT;
	AUTO(err_fini) struct err e = ERR_INIT;
	string_vec v = { 0 };

	if (strstr(name, "..") || !strchr(name, '/') || !remote_is_parallel(s->remote))
		return;
	str_set(&abs, name[0] == '/' ? "/" : base);
	path_append(&abs, name);
	path_clean(&abs);
	for (size_t at = 0; at < abs.len; at += 1 + strcspn(abs.s + at + 1, "/")) {
		struct map_slot *slot;
		const struct names_entry *x;

		str_setn(&dir, abs.s, at ? at : 1);
		slot = map_get(&s->known, dir.s, dir.len);
		if (slot && ((struct sdir *)slot->p)->state != SDIR_REMOTE)
			break;
		if (slot || index_has(s, dir.s) || list_guess(s, dir.s))
			continue;
		if (!v.n && at &&
		    (stream_entry(s, dir.s, &x) < 0 || !x || x->type != NAMES_DIR))
			break;
		vec_push(&v, mem_strdup(dir.s));
	}
	if (v.n && v.v[0][1] == 0)
		ahead_first(s, &v);
	if (v.n > 1 && stream_may_ask(s, &e))
		list_dirs(s, v.v, v.n, &e);
	string_vec_fini(&v);
}
