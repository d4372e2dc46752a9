/*
 * What a program needs: its loader or interpreter, its libraries, and theirs.  That much
 * is said by its first bytes, and where it is by listings that are in memory.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "path/lex.h"
#include "path/walk.h"
#include "stream/stream_priv.h"

enum { DYNAMIC_MOST = 1024 << 10, LINE_MOST = 256, INTERP_MOST = 4096 };

/* Without asking, and without the disk: for this is done while names are made. */
const struct names *
ahead_peek(struct stream *s, const char *dir)
{
	struct map_slot *slot;
	const struct sdir *d;

	slot = map_get(&s->known, dir, strlen(dir));
	d = slot ? slot->p : NULL;
	if (d)
		return d->state == SDIR_REMOTE && d->loaded ? &d->names : NULL;
	slot = map_get(&s->guessed, dir, strlen(dir));
	return slot ? slot->p : NULL;
}

struct view {
	struct stream *s;
	struct str unknown; /* a directory that is not listed yet */
	struct names_entry found;
};

static int
look_up(void *ctx, const struct str *abs, bool last, struct str *text)
{
	struct view *v = ctx;
	AUTO(str_fini) struct str dir = STR_INIT;
	const struct names *n;
	const struct names_entry *x;

	if (abs->len <= 1)
		return FSV_DIR;
	str_set(&dir, abs->s);
	path_to_parent(&dir);
	n = ahead_peek(v->s, dir.s);
	if (!n) {
		str_swap(&v->unknown, &dir);
		return -EAGAIN;
	}
	x = names_get(n, path_base(abs->s));
	if (!x)
		return FSV_MISSING;
	if (x->type == NAMES_LINK) {
		str_set(text, x->text);
		return text->len ? FSV_LINK : FSV_MISSING;
	}
	v->found = *x;
	return x->type == NAMES_DIR ? FSV_DIR : FSV_FILE;
}

/* Fetch the file of that name.  0: it is on its way, or here; -ENOENT: there is none;
 * -EAGAIN: that is not known before a directory is listed, which has been asked for. */
static int
want(struct stream *s, const char *name)
{
	struct view v = { .s = s, .unknown = STR_INIT };
	const struct fsview view = { look_up, &v };
	AUTO(walk_fini) struct walk w = WALK_INIT;
	int r = path_walk(&view, "/", name, WALK_FOLLOW, NULL, NULL, &w);

	if (r == -EAGAIN)
		guess_dir(s, v.unknown.s);
	else if (r == 0 && w.kind == FSV_FILE)
		guess_file(s, w.abs.s, &v.found, LINE_SOON);
	else
		r = -ENOENT;
	str_fini(&v.unknown);
	return r;
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
	char *strings, *dynamic, *interp;
	size_t strings_len, entries;
};

static void
needed_fini(struct needed *x)
{
	free(x->strings);
	free(x->dynamic);
	free(x->interp);
}

static char *
read_text(int fd, const Elf64_Phdr *p)
{
	char *text = p->p_filesz < INTERP_MOST ? mem_alloc(p->p_filesz + 1) : NULL;

	if (text && !read_at(fd, text, p->p_filesz, p->p_offset))
		text[0] = 0;
	return text;
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
	for (size_t i = 0; i < h.e_phnum; i++) {
		if (ph[i].p_type == PT_DYNAMIC)
			dynamic = &ph[i];
		if (ph[i].p_type == PT_INTERP && !x->interp)
			x->interp = read_text(fd, &ph[i]);
	}
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

/* Where libraries usually are. */
static const char *const library_dirs[] = {
	"/lib/x86_64-linux-gnu",
	"/usr/lib/x86_64-linux-gnu",
	"/lib64",
	"/usr/lib64",
	"/lib",
	"/usr/lib",
	"/usr/local/lib",
};

static const char *
entry_text(const struct needed *x, int64_t tag, size_t i)
{
	const Elf64_Dyn *d = (const Elf64_Dyn *)x->dynamic + i;

	return d->d_tag == tag && d->d_un.d_val < x->strings_len
		       ? x->strings + d->d_un.d_val
		       : NULL;
}

/* Where this one says that its libraries are, then its own directory, then the usual. */
static void
search_path(const struct needed *x, const char *own, string_vec *v)
{
	static const char origin[] = "$ORIGIN", braced[] = "${ORIGIN}";

	for (size_t i = 0; i < x->entries; i++) {
		const char *path = entry_text(x, DT_RUNPATH, i);

		if (!path)
			path = entry_text(x, DT_RPATH, i);
		for (size_t n; path && *path; path += n + (path[n] == ':')) {
			AUTO(str_fini) struct str dir = STR_INIT;
			size_t skip = str_has_prefix(path, origin)   ? sizeof(origin) - 1
				      : str_has_prefix(path, braced) ? sizeof(braced) - 1
								     : 0;

			n = strcspn(path, ":");
			if (skip)
				str_set(&dir, own);
			if (skip <= n)
				str_addn(&dir, path + skip, n - skip);
			if (str_has_prefix(dir.s, "/"))
				vec_push(v, str_take(&dir));
		}
	}
	vec_push(v, mem_strdup(own));
	for (size_t i = 0; i < ARRAY_SIZE(library_dirs); i++)
		vec_push(v, mem_strdup(library_dirs[i]));
}

static int
want_library(struct stream *s, const string_vec *path, const char *name)
{
	AUTO(str_fini) struct str abs = STR_INIT;
	int r = -ENOENT;

	if (strchr(name, '/'))
		return want(s, name);
	for (size_t i = 0; i < path->n; i++) {
		int one;

		str_set(&abs, path->v[i]);
		path_append(&abs, name);
		one = want(s, abs.s);
		if (one == 0)
			return 0;
		if (one == -EAGAIN)
			r = one;
	}
	return r;
}

/* "#!/usr/bin/env python3" wants both. */
static int
want_interpreter(struct stream *s, int fd)
{
	static const char env[] = "/usr/bin/env";
	char line[LINE_MOST + 1] = { 0 }, *save = NULL, *word, *next;
	int r;

	if (pread(fd, line, LINE_MOST, 0) < 3 || line[0] != '#' || line[1] != '!')
		return -ENOENT;
	line[strcspn(line, "\n")] = 0;
	word = strtok_r(line + 2, " \t", &save);
	next = strtok_r(NULL, " \t", &save);
	if (!word || word[0] != '/')
		return -ENOENT;
	r = want(s, word);
	if (next && strcmp(word, env) == 0 && !strchr(next, '/')) {
		AUTO(str_fini) struct str abs = STR_INIT;

		str_addf(&abs, "/usr/bin/%s", next);
		if (want(s, abs.s) == -EAGAIN)
			r = -EAGAIN;
	}
	return r;
}

int
ahead_open(struct stream *s, const char *abs)
{
	return fetched_has(&s->fetched, abs)
		       ? fs_open_beneath(s->pkg->rootfd, abs + 1,
					 O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0)
		       : guess_open(s, abs);
}

/* -EAGAIN: not all of it could be found yet. */
static int
want_needed(struct stream *s, const char *abs)
{
	AUTO(fd_drop) int fd = ahead_open(s, abs);
	AUTO(needed_fini) struct needed x = { 0 };
	AUTO(str_fini) struct str own = STR_INIT;
	string_vec path = { 0 };
	int r = 0;

	if (fd < 0)
		return 0;
	if (!read_dynamic(fd, &x))
		return want_interpreter(s, fd);
	str_set(&own, abs);
	path_to_parent(&own);
	search_path(&x, own.s, &path);
	if (x.interp && x.interp[0] == '/' && want(s, x.interp) == -EAGAIN)
		r = -EAGAIN;
	for (size_t i = 0; i < x.entries; i++) {
		const char *name = entry_text(&x, DT_NEEDED, i);

		if (name && want_library(s, &path, name) == -EAGAIN)
			r = -EAGAIN;
	}
	string_vec_fini(&path);
	return r;
}

void
ahead_arrived(struct stream *s, const char *abs, const struct names_entry *x)
{
	if (!remote_is_parallel(s->remote) ||
	    (!(x->mode & 0111) && !strstr(path_base(abs), ".so")))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(library_dirs); i++)
		if (!ahead_peek(s, library_dirs[i]) && index_has(s, library_dirs[i]))
			ahead_names(s, library_dirs[i]); /* of a run before */
	if (want_needed(s, abs) == -EAGAIN)
		map_put(&s->waits, abs, strlen(abs));
}

/* try is -EAGAIN as long as it is not known. */
static void
retry(struct stream *s, struct map *m, int (*try)(struct stream *s, const char *name))
{
	string_vec v = { 0 };

	for (struct map_slot *x = NULL; (x = map_next(m, x));)
		vec_push(&v, mem_strdup(x->key));
	for (size_t i = 0; i < v.n; i++)
		if (try(s, v.v[i]) != -EAGAIN)
			map_del(m, v.v[i], strlen(v.v[i]));
	string_vec_fini(&v);
}

void
ahead_retry(struct stream *s)
{
	retry(s, &s->wishes, want);
	retry(s, &s->waits, want_needed);
}

/* What nearly every program uses, besides the program itself. */
void
ahead_start(struct stream *s, const char *program)
{
	static const char *const dirs[] = { "/usr/local/bin", "/usr/bin", "/usr/sbin" };
	static const char *const files[] = {
		"/lib64/ld-linux-x86-64.so.2",
		"/lib/x86_64-linux-gnu/libc.so.6",
		"/etc/ld.so.cache",
		"/usr/lib/x86_64-linux-gnu/gconv/gconv-modules.cache",
		"/usr/lib/locale/C.utf8/LC_CTYPE",
	};
	AUTO(str_fini) struct str abs = STR_INIT;

	if (!remote_is_parallel(s->remote))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(dirs) && !strchr(program, '/'); i++) {
		str_set(&abs, dirs[i]);
		path_append(&abs, program);
		map_put(&s->wishes, abs.s, abs.len);
	}
	if (program[0] == '/')
		map_put(&s->wishes, program, strlen(program));
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		map_put(&s->wishes, files[i], strlen(files[i]));
	ahead_retry(s);
}
