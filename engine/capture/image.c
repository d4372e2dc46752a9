#include "capture/image.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"

enum { COMMAND_LINE_MAX = 32 << 10 };

struct image *
image_new(int64_t id)
{
	struct image *x = mem_alloc(sizeof(*x));

	x->id = id;
	x->refs = 1;
	return x;
}

struct image *
image_ref(struct image *x)
{
	x->refs++;
	return x;
}

void
image_drop(struct image *x)
{
	if (!x || --x->refs)
		return;
	free(x->seen);
	free(x);
}

static uint64_t *
seen_slot(uint64_t *table, size_t cap, uint64_t key)
{
	size_t at = (key * 0x9e3779b97f4a7c15u) >> 20;

	for (;; at++) {
		uint64_t *s = &table[at & (cap - 1)];

		if (*s == 0 || *s >> 8 == key)
			return s;
	}
}

static void
seen_grow(struct image *x)
{
	size_t cap = x->cap ? x->cap * 2 : 64;
	uint64_t *table = mem_alloc(cap * sizeof(*table));

	for (size_t i = 0; i < x->cap; i++)
		if (x->seen[i])
			*seen_slot(table, cap, x->seen[i] >> 8) = x->seen[i];
	free(x->seen);
	x->seen = table;
	x->cap = cap;
}

unsigned
image_access(struct image *x, const struct node *n, unsigned kinds)
{
	uint64_t key = (uint64_t)n->index + 1, *s;
	unsigned fresh;

	if (x->n * 4 >= x->cap * 3)
		seen_grow(x);
	s = seen_slot(x->seen, x->cap, key);
	if (*s == 0) {
		*s = key << 8;
		x->n++;
	}
	fresh = kinds & ~(unsigned)(*s & 0xff);
	*s |= kinds;
	return fresh;
}

struct task *
task_new(struct image *shared)
{
	struct task *t = mem_alloc(sizeof(*t));

	t->image = shared ? image_ref(shared) : image_new(0);
	str_init(&t->pending[0].path);
	str_init(&t->pending[1].path);
	return t;
}

void
task_free(struct task *t)
{
	if (!t)
		return;
	image_drop(t->image);
	vec_fini(&t->program);
	str_fini(&t->pending[0].path);
	str_fini(&t->pending[1].path);
	free(t);
}

void
task_command_line(pid_t tid, struct str *out)
{
	AUTO(str_fini) struct str name = STR_INIT, raw = STR_INIT;
	AUTO(fd_drop) int fd = -1;

	str_addf(&name, "/proc/%d/cmdline", (int)tid);
	fd = open(name.s, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fd_read_all(fd, &raw) < 0)
		return;
	for (size_t at = 0; at < raw.len && out->len < COMMAND_LINE_MAX;
	     at += strlen(raw.s + at) + 1) {
		if (out->len)
			str_addc(out, ' ');
		str_add_quoted(out, raw.s + at);
	}
	if (out->len > COMMAND_LINE_MAX)
		str_trunc(out, COMMAND_LINE_MAX);
}
