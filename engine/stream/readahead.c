/*
 * What will probably be asked for next.  On a line with a delay of 20 ms a question
 * costs as much as 250 kB at 100 Mbit/s: so guesses pay even if most are wrong.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "path/lex.h"
#include "stream/stream_priv.h"

enum {
	SIBLINGS_MOST = 32,	  /* directories that are listed along with one of them */
	WINDOW_FIRST = 256 << 10, /* bytes after the first file of a directory … */
	WINDOW_MOST = 1024 << 10, /* … twice as much after each further one */
	COUSIN_MOST = 192 << 10,
	WINDOW_MODULES = 512 << 10,
	STEM_MOST = 2 << 20,
	LITTLE = 32 << 10,
	NAMES_FEW = 200,
	BELOW_MOST = 48, /* directories that are listed along with their parent */
};

void
string_vec_fini(string_vec *v)
{
	for (size_t i = 0; i < v->n; i++)
		free(v->v[i]);
	vec_fini(v);
}

/* Names and state of a directory that is here already. */
struct names *
ahead_names(struct stream *s, const char *dir)
{
	const struct names_entry *x;
	AUTO(str_fini) struct str any = STR_INIT;
	struct map_slot *slot;

	slot = map_get(&s->known, dir, strlen(dir));
	if (!slot && !index_has(s, dir))
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
want_dir(struct stream *s, const char *dir, const char *name)
{
	AUTO(str_fini) struct str abs = STR_INIT;

	str_set(&abs, dir);
	if (name)
		path_append(&abs, name);
	guess_dir(s, abs.s);
}

/* A directory, and what is seldom far from it. */
static void
want_dirs(struct stream *s, const char *dir)
{
	guess_dir(s, dir);
	for (size_t k = 0; k < ARRAY_SIZE(children); k++)
		if (strcmp(path_base(dir), children[k]) != 0)
			want_dir(s, dir, children[k]);
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
ahead_first(struct stream *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(first_dirs); i++)
		guess_dir(s, first_dirs[i]);
}

/* All directories in one, unless there are many. */
static void
want_all_in(struct stream *s, const char *dir, const struct names *n, size_t most)
{
	AUTO(str_fini) struct str abs = STR_INIT;
	size_t count = 0;

	for (struct map_slot *x = NULL; (x = map_next(&n->map, x));)
		count += ((struct names_entry *)x->p)->type == NAMES_DIR;
	for (struct map_slot *x = NULL; count <= most && (x = map_next(&n->map, x));) {
		if (((struct names_entry *)x->p)->type != NAMES_DIR)
			continue;
		str_set(&abs, dir);
		path_append(&abs, x->key);
		want_dirs(s, abs.s);
	}
}

/* Its brothers and sisters are probably next. */
void
ahead_dirs(struct stream *s, const char *dir)
{
	AUTO(str_fini) struct str parent = STR_INIT;
	const struct names *n;

	if (!remote_is_parallel(s->remote))
		return;
	str_set(&parent, dir);
	path_to_parent(&parent);
	n = parent.len > 1 ? ahead_names(s, parent.s) : NULL;
	if (n)
		want_all_in(s, parent.s, n, SIBLINGS_MOST);
	for (size_t k = 0; k < ARRAY_SIZE(children); k++)
		want_dir(s, dir, children[k]);
}

/* And then the ones in it; not those of /usr/share and its like. */
void
ahead_below(struct stream *s, const char *dir)
{
	size_t depth = 0;
	const struct names *n;

	for (const char *p = dir; *p; p++)
		depth += *p == '/';
	if (depth < 3 || !remote_is_parallel(s->remote))
		return;
	n = ahead_names(s, dir);
	if (n)
		want_all_in(s, dir, n, BELOW_MOST);
}

/* ".pyc", ".so", ".h"; not ".6", the version of a library. */
const char *
ahead_suffix(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && dot[1] > '9' ? dot : NULL;
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
	const char *suffix = ahead_suffix(name);

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
choose(struct stream *s, const struct beside *f, const char *dir)
{
	VEC(const char *) names = { 0 };
	AUTO(str_fini) struct str abs = STR_INIT;
	uint64_t sum = 0;
	size_t from = 0;

	for (struct map_slot *x = NULL; (x = map_next(&f->names->map, x));)
		if (is_alike(f, x->key, x->p))
			vec_push(&names, x->key);
	if (names.n)
		qsort(names.v, names.n, sizeof(names.v[0]), str_order);
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
		guess_file(s, abs.s, names_get(f->names, name), LINE_GUESS);
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
choose_cousins(struct stream *s, const struct beside *f, const char *dir)
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
	n = whole.len > 1 ? ahead_names(s, whole.s) : NULL;
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
		else if (ahead_names(s, part.s))
			vec_push(&others, mem_strdup(part.s));
	}
	for (size_t i = 0; used > 1 && others.n <= SIBLINGS_MOST && i < others.n; i++) {
		const struct beside o = { "", f->suffix, ahead_names(s, others.v[i]),
					  false, COUSIN_MOST };

		choose(s, &o, others.v[i]);
	}
	string_vec_fini(&others);
}

/* The compiled modules of a package go with its text. */
static void
choose_modules(struct stream *s, const char *dir)
{
	AUTO(str_fini) struct str part = STR_INIT;
	struct beside o = { "", ".so", NULL, false, WINDOW_MODULES };

	if (strcmp(path_base(dir), children[0]) != 0)
		return;
	str_set(&part, dir);
	path_to_parent(&part);
	o.names = ahead_names(s, part.s);
	if (o.names && names_get(o.names, "__init__.py"))
		choose(s, &o, part.s);
}

void
ahead_files(struct stream *s, const char *abs)
{
	AUTO(str_fini) struct str dir = STR_INIT;
	struct beside f = { .name = path_base(abs),
			    .suffix = ahead_suffix(path_base(abs)) };
	struct sdir *d;

	str_set(&dir, abs);
	path_to_parent(&dir);
	f.names = remote_is_parallel(s->remote) ? ahead_names(s, dir.s) : NULL;
	if (!f.names)
		return;
	d = map_get(&s->known, dir.s, dir.len)->p;
	f.window = d->fetches < 2 ? (uint64_t)WINDOW_FIRST << d->fetches : WINDOW_MOST;
	f.small = f.names->map.n <= NAMES_FEW;
	d->fetches++;
	choose(s, &f, dir.s);
	if (f.suffix) {
		choose_cousins(s, &f, dir.s);
		choose_modules(s, dir.s);
	}
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
		ahead_first(s);
	for (size_t i = 0; v.n > 1 && i < v.n && stream_may_ask(s, &e); i++)
		guess_dir(s, v.v[i]);
	string_vec_fini(&v);
}
