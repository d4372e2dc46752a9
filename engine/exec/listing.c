/*
 * getdents: a directory that exists on both sides has the names of both, and one
 * that a rule speaks below has that name, too.  The kernel lists the directory of the
 * program's descriptor; names that the program must not see are taken out of its
 * buffers, and when it says "end" the names of the other side follow.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "exec/session.h"
#include "path/lex.h"
#include "trace/peek.h"

/* The three layouts of a record: getdents64, and getdents by word size.  The type
 * stands before the name, or in the last byte. */
struct shape {
	uint8_t word; /* of inode and offset */
	uint8_t name; /* where the name begins */
	bool type_first;
};

/* What is still to come of one open directory. */
struct listing {
	char *real;
	struct str names; /* type letter, name, NUL … */
	size_t at;
};

struct key {
	pid_t tgid;
	int fd;
};

static struct shape
shape_of(const struct proc *p)
{
	if (strcmp(p->row->name, "getdents64") == 0)
		return (struct shape){ 8, 19, true };
	return p->sys.arch == ARCH_I386 ? (struct shape){ 4, 10, false }
					: (struct shape){ 8, 18, false };
}

static void
listing_free(struct listing *x)
{
	free(x->real);
	str_fini(&x->names);
	free(x);
}

void
listings_fini(struct session *s)
{
	for (struct map_slot *slot = NULL; (slot = map_next(&s->listing, slot));)
		listing_free(slot->p);
	map_fini(&s->listing);
}

static struct key
key_of(const struct proc *p)
{
	return (struct key){ p->tgid, (int)p->sys.arg[0] };
}

static void
listing_drop(struct session *s, const struct proc *p)
{
	struct key k = key_of(p);
	struct map_slot *slot = map_get(&s->listing, (char *)&k, sizeof(k));

	if (!slot)
		return;
	listing_free(slot->p);
	map_del(&s->listing, (char *)&k, sizeof(k));
}

/* Does a rule speak of a name in the directory v?  (Those that match a part of a name
 * are not asked: any directory could have such a name.) */
static bool
is_ruled(struct session *s, const char *v)
{
	return map_get(&s->world.leads, v, strlen(v));
}

/* The names of both sides: the package has the directory, and so has this machine. */
static bool
is_union(struct session *s, const char *v, const char *real)
{
	struct stat st;

	return s->world.seamless && v != real &&
	       rules_decide(s->world.rules, v, strlen(v)).verdict == VERDICT_DEFAULT &&
	       stat(v, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Any names but those that the kernel lists, or fewer? */
static bool
is_split(struct session *s, const char *v)
{
	return is_ruled(s, v) || world_is_changed(&s->world, v) ||
	       world_passes_in(&s->world, v);
}

enum resume
listing_wanted(struct session *s, struct proc *p)
{
	const char *v;

	if (proc_base(p, (int)p->sys.arg[0], &s->base) < 0)
		return RESUME_RUN;
	v = world_virtual(&s->world, s->base.s);
	return is_split(s, v) || is_union(s, v, s->base.s) ? RESUME_EXIT : RESUME_RUN;
}

/* Is there something at the virtual name, and on which side? */
static bool
is_there(struct session *s, const struct str *abs, enum side *side, struct stat *st)
{
	*side = world_side(&s->world, abs);
	return world_stat(&s->world, *side, abs->s, st) == 0;
}

static void
add_name(struct session *s, struct listing *x, struct map *known, const struct str *abs)
{
	const char *name = path_base(abs->s);
	enum side side;
	struct stat st;

	if (map_get(known, name, strlen(name)) || !is_there(s, abs, &side, &st))
		return;
	map_put(known, name, strlen(name));
	str_addc(&x->names, (char)IFTODT(st.st_mode));
	str_addn(&x->names, name, strlen(name) + 1);
}

/* cb for each name in a real directory. */
static void
each_name(const char *dir, void (*cb)(void *ctx, const char *name), void *ctx)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d)))
		cb(ctx, e->d_name);
	if (d)
		closedir(d);
}

struct others {
	struct session *s;
	struct listing *x;
	struct map known;
	struct str abs;
	size_t dir; /* length of the directory's name in abs */
};

static void
know(void *ctx, const char *name)
{
	struct others *o = ctx;

	map_put(&o->known, name, strlen(name));
}

static void
offer(void *ctx, const char *name)
{
	struct others *o = ctx;

	str_trunc(&o->abs, o->dir);
	path_append(&o->abs, name);
	add_name(o->s, o->x, &o->known, &o->abs);
}

/* `text` is the name of a rule, or one that leads to it: is it in the directory? */
static void
offer_ruled(struct others *o, const char *text, size_t len)
{
	AUTO(str_fini) struct str dir = STR_INIT;

	str_setn(&dir, text, len);
	path_clean(&dir);
	if (dir.len <= 1)
		return;
	path_to_parent(&dir);
	if (dir.len == o->dir && memcmp(dir.s, o->abs.s, o->dir) == 0)
		offer(o, path_base(text));
}

/* All that any tree has: what is not to be seen there is left out by its side. */
static void
offer_trees(struct others *o, const char *v)
{
	AUTO(str_fini) struct str dir = STR_INIT;

	for (unsigned i = 0; i < ARRAY_SIZE(o->s->world.layer); i++) {
		const struct layer *l = &o->s->world.layer[i];

		for (int upper = 0; l->dir.len && upper < 2; upper++) {
			layer_name(l, upper, v, &dir);
			each_name(dir.s, offer, o);
		}
	}
}

static struct listing *
listing_make(struct session *s, const char *v, const char *real)
{
	struct listing *x = mem_alloc(sizeof(*x));
	struct others o = { .s = s, .x = x, .abs = STR_INIT };

	str_init(&x->names);
	x->real = mem_strdup(real);
	str_set(&o.abs, v);
	o.dir = o.abs.len;
	each_name(real, know, &o);
	if (is_union(s, v, real))
		each_name(v, offer, &o);
	if (world_is_changed(&s->world, v))
		offer_trees(&o, v);
	str_trunc(&o.abs, o.dir);
	for (size_t i = 0; i < s->world.rules->rule.n; i++) {
		const struct rule *r = &s->world.rules->rule.v[i];

		if (r->match != MATCH_SUBSTR)
			offer_ruled(&o, r->text, strlen(r->text));
	}
	for (struct map_slot *slot = NULL; (slot = map_next(&s->world.leads, slot));)
		offer_ruled(&o, slot->key, slot->len);
	map_fini(&o.known);
	str_fini(&o.abs);
	return x;
}

/* One record into buf; its size, or 0: it does not fit into room. */
static size_t
put_record(unsigned char *buf, size_t room, struct shape f, char type, const char *name)
{
	size_t n = strlen(name), align = f.word;
	size_t size = (f.name + n + (f.type_first ? 1 : 2) + align - 1) / align * align;
	uint64_t inode = 1, offset = INT32_MAX;
	uint16_t reclen = (uint16_t)size;

	if (size > room)
		return 0;
	memset(buf, 0, size);
	memcpy(buf, &inode, f.word);
	memcpy(buf + f.word, &offset, f.word);
	memcpy(buf + 2 * f.word, &reclen, sizeof(reclen));
	memcpy(buf + f.name, name, n);
	buf[f.type_first ? f.name - 1u : size - 1] = (unsigned char)type;
	return size;
}

enum { BUFFER_MOST = 32 << 10 };

/* The kernel is at the end: what is left of the other names, and 0 after them. */
static void
listing_rest(struct session *s, struct proc *p, const char *v, const char *real)
{
	struct key k = key_of(p);
	struct map_slot *slot = map_put(&s->listing, (char *)&k, sizeof(k));
	size_t room = p->sys.arg[2] < BUFFER_MOST ? (size_t)p->sys.arg[2] : BUFFER_MOST;
	unsigned char buf[BUFFER_MOST];
	struct listing *x = slot->p;
	size_t n = 0;

	if (x && strcmp(x->real, real) != 0) {
		listing_free(x);
		x = NULL;
	}
	if (!x)
		slot->p = x = listing_make(s, v, real);
	while (x->at < x->names.len) {
		const char *e = x->names.s + x->at;
		size_t size = put_record(buf + n, room - n, shape_of(p), e[0], e + 1);

		if (!size)
			break;
		n += size;
		x->at += strlen(e + 1) + 2;
	}
	if (n == 0 && x->at < x->names.len)
		proc_set_result(p, -EINVAL);
	else if (n == 0)
		listing_drop(s, p);
	else if (poke_bytes(p->tid, p->sys.arg[1], buf, n) < 0)
		proc_set_result(p, -EFAULT);
	else
		proc_set_result(p, (int64_t)n);
}

static bool
is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Is the listed directory on the side that its rule says?  If not, it is there only
 * because it leads to something. */
static bool
is_own_side(const struct session *s, struct decision d, bool host)
{
	if (d.verdict == VERDICT_DEFAULT)
		return s->world.seamless || !host;
	return (d.verdict == VERDICT_HOST) == host;
}

/* of_dir: the rule of the directory, NULL when names below must be asked one by one. */
static bool
is_shown(struct session *s, const struct str *abs, const struct decision *of_dir)
{
	enum side side;
	struct stat st;

	if (of_dir && rules_decide(s->world.rules, abs->s, abs->len).rule == of_dir->rule)
		return true;
	return is_there(s, abs, &side, &st);
}

/* Names that the program must not see leave the kernel's buffer.  One that would
 * then be empty, and say "end", keeps a record without an inode. */
static void
listing_clean(struct session *s, struct proc *p, const char *v, bool host)
{
	AUTO(str_fini) struct str buf = STR_INIT, abs = STR_INIT;
	size_t len = (size_t)p->sys.ret, kept = 0, size;
	const struct decision d = rules_decide(s->world.rules, v, strlen(v));
	const struct decision *of_dir = is_own_side(s, d, host) &&
							!world_is_changed(&s->world, v) &&
							!world_passes_in(&s->world, v)
						? &d
						: NULL;
	struct shape f = shape_of(p);
	uint16_t reclen;

	str_reserve(&buf, len);
	if (peek_bytes(p->tid, p->sys.arg[1], buf.s, len) < 0)
		return;
	for (size_t at = 0; at + f.name < len; at += size) {
		memcpy(&reclen, buf.s + at + 2 * f.word, sizeof(reclen));
		size = reclen;
		if (size <= f.name || at + size > len)
			return;
		str_set(&abs, v);
		path_append(&abs, buf.s + at + f.name);
		if (!is_dots(buf.s + at + f.name) && !is_shown(s, &abs, of_dir))
			continue;
		memmove(buf.s + kept, buf.s + at, size);
		kept += size;
	}
	if (kept == len)
		return;
	if (kept == 0) {
		memset(buf.s, 0, f.word);
		memcpy(&reclen, buf.s + 2 * f.word, sizeof(reclen));
		kept = reclen;
	}
	if (poke_bytes(p->tid, p->sys.arg[1], buf.s, kept) == 0)
		proc_set_result(p, (int64_t)kept);
}

void
listing_results(struct session *s, struct proc *p)
{
	AUTO(str_fini) struct str real = STR_INIT;
	const char *v;

	if (p->sys.ret < 0 || proc_base(p, (int)p->sys.arg[0], &real) < 0)
		return;
	v = world_virtual(&s->world, real.s);
	if (p->sys.ret == 0) {
		listing_rest(s, p, v, real.s);
		return;
	}
	listing_drop(s, p); /* it is read from the beginning */
	if (is_split(s, v))
		listing_clean(s, p, v, v == real.s);
}
