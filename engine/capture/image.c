#include "capture/image.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "trace/peek.h"

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
task_new(struct task **spare, struct image *shared)
{
	struct task *t = *spare;

	if (t)
		*spare = t->next;
	else {
		t = mem_alloc(sizeof(*t));
		t->decode = (struct decode)DECODE_INIT;
		str_init(&t->words);
		str_init(&t->base[0]);
		str_init(&t->base[1]);
	}
	t->image = shared ? image_ref(shared) : image_new(0);
	t->program.n = 0;
	str_clear(&t->words);
	call_begin(&t->call);
	return t;
}

void
task_drop(struct task **spare, struct task *t)
{
	if (!t)
		return;
	image_drop(t->image);
	t->image = NULL;
	t->next = *spare;
	*spare = t;
}

void
task_fini_all(struct task **spare)
{
	while (*spare) {
		struct task *t = *spare;

		*spare = t->next;
		vec_fini(&t->program);
		decode_fini(&t->decode);
		str_fini(&t->words);
		str_fini(&t->base[0]);
		str_fini(&t->base[1]);
		free(t);
	}
}

static void
add_word(struct str *line, const char *word)
{
	if (line->len)
		str_addc(line, ' ');
	str_add_quoted(line, word);
}

void
task_exec_line(const struct proc *p, struct str *out)
{
	/* execve(name, argv, …), execveat(fd, name, argv, …) */
	taddr at = p->sys.arg[p->row->operand[0].arg + 1];
	size_t word = p->sys.arch == ARCH_I386 ? 4 : 8;
	AUTO(str_fini) struct str text = STR_INIT;

	str_clear(out);
	for (; out->len < COMMAND_LINE_MAX; at += word) {
		uint64_t ptr = 0;

		if (peek_bytes(p->tid, at, &ptr, word) < 0 || !ptr ||
		    peek_str(p->tid, ptr, COMMAND_LINE_MAX, &text) < 0)
			return;
		add_word(out, text.s);
	}
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
	     at += strlen(raw.s + at) + 1)
		add_word(out, raw.s + at);
	if (out->len > COMMAND_LINE_MAX)
		str_trunc(out, COMMAND_LINE_MAX);
}
