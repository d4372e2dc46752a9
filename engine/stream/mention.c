#include "stream/mention.h"

#include <ctype.h>
#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "path/lex.h"
#include "stream/stream_priv.h"

enum { SCAN_MOST = 512 << 10, STEM_LEAST = 2, FILES_MOST = 8, NAMES_MOST = 5000 };

/* A module that is a directory: this file in it, or below where its compiled form is. */
static const char init[] = "__init__", compiled[] = "__pycache__";

void
mentions_fini(struct mentions *m)
{
	for (struct map_slot *x = NULL; (x = map_next(&m->stems, x));) {
		str_fini(x->p);
		free(x->p);
	}
	map_fini(&m->stems);
	map_fini(&m->suffixes);
	map_fini(&m->dirs);
	map_fini(&m->scanned);
}

static void
add_stem(struct stream *s, const char *stem, size_t len, const char *dir,
	 const char *name)
{
	struct map_slot *slot = map_put(&s->mentions.stems, stem, len);
	AUTO(str_fini) struct str abs = STR_INIT;

	if (!slot->p) {
		slot->p = mem_alloc(sizeof(struct str));
		*(struct str *)slot->p = (struct str)STR_INIT;
	}
	str_set(&abs, dir);
	path_append(&abs, name);
	str_addn(slot->p, abs.s, abs.len + 1);
}

/* The directory of the module, which may be that of its compiled form. */
static void
module_of(const char *dir, struct str *module)
{
	str_set(module, dir);
	if (strcmp(path_base(dir), compiled) == 0)
		path_to_parent(module);
}

static bool
is_init(const char *name)
{
	return str_has_prefix(name, init) && name[sizeof(init) - 1] == '.';
}

/* The names of its files; with `only_init` its own, as that of a module. */
static void
add_dir(struct stream *s, const char *dir, bool only_init)
{
	AUTO(str_fini) struct str module = STR_INIT;
	const struct names *n = ahead_peek(s, dir);
	const char *base;

	module_of(dir, &module);
	base = path_base(module.s);
	if (n && n->map.n > NAMES_MOST)
		return;
	for (struct map_slot *x = NULL; n && (x = map_next(&n->map, x));) {
		const struct names_entry *entry = x->p;

		if (entry->type != NAMES_FILE || !ahead_suffix(x->key))
			continue;
		if (is_init(x->key))
			add_stem(s, base, strlen(base), dir, x->key);
		else if (!only_init)
			add_stem(s, x->key, strcspn(x->key, "."), dir, x->key);
	}
}

static void
add_module(struct stream *s, const char *dir, bool only_init)
{
	struct map_slot *slot = map_get(&s->mentions.dirs, dir, strlen(dir));
	const uint64_t mark = only_init ? 1 : 2;

	if ((slot && slot->u >= mark) || !ahead_peek(s, dir))
		return;
	map_put(&s->mentions.dirs, dir, strlen(dir))->u = mark;
	add_dir(s, dir, only_init);
}

static bool
is_used(struct stream *s, const char *dir)
{
	const struct map_slot *slot = map_get(&s->mentions.dirs, dir, strlen(dir));

	return slot && slot->u > 1;
}

void
mention_listed(struct stream *s, const char *dir)
{
	AUTO(str_fini) struct str parent = STR_INIT, cache = STR_INIT;

	module_of(dir, &parent);
	path_to_parent(&parent);
	str_set(&cache, parent.s);
	path_append(&cache, compiled);
	if (is_used(s, parent.s) || is_used(s, cache.s))
		add_module(s, dir, true);
}

/* It is used, so the modules in it are in reach. */
static void
use_dir(struct stream *s, const char *dir)
{
	AUTO(str_fini) struct str module = STR_INIT, part = STR_INIT;
	const struct names *n;

	if (is_used(s, dir))
		return;
	add_module(s, dir, false);
	module_of(dir, &module);
	n = ahead_peek(s, module.s);
	for (struct map_slot *x = NULL; n && (x = map_next(&n->map, x));) {
		if (((struct names_entry *)x->p)->type != NAMES_DIR)
			continue;
		str_set(&part, module.s);
		path_append(&part, x->key);
		add_module(s, part.s, true);
		path_append(&part, compiled);
		add_module(s, part.s, true);
	}
}

static void
want_stem(struct stream *s, const char *stem, size_t len)
{
	const struct map_slot *slot =
		len < STEM_LEAST ? NULL : map_get(&s->mentions.stems, stem, len);
	const struct str *names = slot ? slot->p : NULL;
	size_t count = 0;

	for (size_t at = 0; names && at < names->len && count < FILES_MOST; count++) {
		AUTO(str_fini) struct str dir = STR_INIT;
		const char *abs = names->s + at, *suffix = ahead_suffix(path_base(abs));
		const struct names *n;
		const struct names_entry *x;

		at += strlen(abs) + 1;
		if (!map_get(&s->mentions.suffixes, suffix, strlen(suffix)))
			continue;
		str_set(&dir, abs);
		path_to_parent(&dir);
		n = ahead_peek(s, dir.s);
		x = n ? names_get(n, path_base(abs)) : NULL;
		if (x)
			guess_file(s, abs, x, LINE_LIKELY);
	}
}

/* a.b.c: each of them. */
static void
want_parts(struct stream *s, const char *name, size_t len)
{
	for (size_t at = 0; at < len;) {
		const char *dot = memchr(name + at, '.', len - at);
		size_t n = dot ? (size_t)(dot - name) - at : len - at;

		want_stem(s, name + at, n);
		at += n + 1;
	}
}

static bool
is_part(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '+' || c == '.';
}

/* In a text words count; else strings whose length stands before them. */
static void
scan(struct stream *s, const char *p, size_t size)
{
	bool text = !memchr(p, 0, size);

	for (size_t i = 0; i < size; i++) {
		size_t n = 0, length = i ? (unsigned char)p[i - 1] : 0;

		if (!is_part(p[i]))
			continue;
		while (i + n < size && is_part(p[i + n]))
			n++;
		if (text)
			want_parts(s, p + i, n);
		else if (length <= n)
			want_parts(s, p + i, length);
		i += n;
	}
}

/* A part of a package that is used will be used, too. */
static void
use_part(struct stream *s, const char *abs)
{
	AUTO(str_fini) struct str dir = STR_INIT, parent = STR_INIT, text = STR_INIT;
	const struct names *n;

	if (!is_init(path_base(abs)))
		return;
	str_set(&dir, abs);
	path_to_parent(&dir);
	module_of(dir.s, &parent);
	path_to_parent(&parent);
	n = ahead_peek(s, parent.s);
	str_addf(&text, "%s.py", init);
	if (n && names_get(n, text.s))
		use_dir(s, dir.s);
}

void
mention_scan(struct stream *s, const char *abs)
{
	AUTO(mem_free) char *buf = NULL;
	AUTO(fd_drop) int fd = -1;
	struct stat st;
	ssize_t n;

	if (!s->mentions.stems.n || !ahead_suffix(path_base(abs)) ||
	    map_get(&s->mentions.scanned, abs, strlen(abs)))
		return;
	map_put(&s->mentions.scanned, abs, strlen(abs));
	use_part(s, abs);
	fd = ahead_open(s, abs);
	if (fd < 0 || fstat(fd, &st) < 0 || st.st_size > SCAN_MOST)
		return;
	buf = mem_alloc((size_t)st.st_size + 1);
	n = pread(fd, buf, (size_t)st.st_size, 0);
	if (n > SELFMAG && memcmp(buf, ELFMAG, SELFMAG) != 0)
		scan(s, buf, (size_t)n);
}

void
mention_use(struct stream *s, const char *abs)
{
	AUTO(str_fini) struct str dir = STR_INIT;
	const char *suffix = ahead_suffix(path_base(abs));

	if (!suffix || !remote_is_parallel(s->remote))
		return;
	map_put(&s->mentions.suffixes, suffix, strlen(suffix));
	str_set(&dir, abs);
	path_to_parent(&dir);
	use_dir(s, dir.s);
	mention_scan(s, abs);
}
