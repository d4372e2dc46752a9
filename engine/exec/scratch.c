#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "exec/scratch.h"
#include "trace/loop.h"
#include "trace/peek.h"

struct scratch *
scratch_new(taddr from, taddr to)
{
	struct scratch *s = mem_alloc(sizeof(*s));

	s->refs = 1;
	s->from = (from + 15) & ~15ull;
	s->to = to;
	return s;
}

struct scratch *
scratch_ref(struct scratch *s)
{
	if (s)
		s->refs++;
	return s;
}

void
scratch_unref(struct scratch *s)
{
	if (!s || --s->refs)
		return;
	vec_fini(&s->use);
	free(s);
}

taddr
scratch_alloc(struct scratch *s, pid_t tid, size_t len)
{
	taddr at;
	size_t i;

	if (!s)
		return 0;
	len = (len + 7) & ~(size_t)7;
	at = s->from;
	for (i = 0; i < s->use.n && s->use.v[i].at - at < len; i++)
		at = s->use.v[i].at + s->use.v[i].len;
	if (at + len > s->to)
		return 0;
	vec_push(&s->use, ((struct scratch_use){ 0 }));
	memmove(&s->use.v[i + 1], &s->use.v[i], (s->use.n - 1 - i) * sizeof(s->use.v[0]));
	s->use.v[i] = (struct scratch_use){ tid, at, len };
	return at;
}

void
scratch_release(struct scratch *s, pid_t tid)
{
	size_t kept = 0;

	if (!s)
		return;
	for (size_t i = 0; i < s->use.n; i++)
		if (s->use.v[i].tid != tid)
			s->use.v[kept++] = s->use.v[i];
	s->use.n = kept;
}

taddr
scratch_put(struct scratch *s, pid_t tid, const void *data, size_t len)
{
	taddr at = scratch_alloc(s, tid, len);

	return at && poke_bytes(tid, at, data, len) == 0 ? at : 0;
}

/* The words at the new stack pointer, as the kernel's create_elf_tables left them. */
struct block {
	char *data;
	size_t len;
	size_t word;   /* 4 or 8 */
	size_t execfn; /* offset of AT_EXECFN's value, 0: none */
};

static uint64_t
word_at(const struct block *b, size_t off)
{
	uint32_t w32;
	uint64_t w64;

	if (b->word == 4) {
		memcpy(&w32, b->data + off, sizeof(w32));
		return w32;
	}
	memcpy(&w64, b->data + off, sizeof(w64));
	return w64;
}

/* Length of the block if it ends within `have` bytes, else 0. */
static size_t
block_measure(struct block *b, size_t have)
{
	size_t off = b->word; /* argc */
	uint64_t type;

	for (int list = 0; list < 2; list++) { /* argv, envp: to NULL */
		while (off + b->word <= have && word_at(b, off))
			off += b->word;
		off += b->word;
	}
	do {
		if (off + 2 * b->word > have)
			return 0;
		type = word_at(b, off);
		if (type == AT_EXECFN)
			b->execfn = off + b->word;
		off += 2 * b->word;
	} while (type != AT_NULL);
	return off;
}

static bool
block_read(const struct proc *p, struct block *b)
{
	enum { MOST = 64 << 20 };

	for (size_t want = 4096; want <= MOST; want *= 2) {
		int have;

		b->data = mem_resize(b->data, want, 1);
		have = peek_some(p->tid, p->sys.sp, b->data, want);
		if (have <= 0)
			return false;
		b->execfn = 0;
		b->len = block_measure(b, (size_t)have);
		if (b->len)
			return true;
		if ((size_t)have < want)
			return false;
	}
	return false;
}

/* Move the block down by `shift`, the text of AT_EXECFN into the gap (PTRACE.md 31, 36). */
static struct scratch *
block_move(struct proc *p, struct block *b, size_t shift, const char *execfn)
{
	taddr sp = p->sys.sp - shift, from = sp + b->len, to = p->sys.sp + b->len;
	size_t n = execfn ? strlen(execfn) + 1 : 0;

	if (n > shift / 2)
		n = 0;
	if (n && b->execfn) {
		memcpy(b->data + b->execfn, &from, b->word);
		if (poke_bytes(p->tid, from, execfn, n) < 0)
			return NULL;
	}
	if (poke_bytes(p->tid, sp, b->data, b->len) < 0 || proc_set_sp(p, sp) < 0)
		return NULL;
	return scratch_new(from + n, to);
}

struct scratch *
scratch_at_exec(struct proc *p, const char *execfn)
{
	static const size_t shift[] = { 64 << 10, 16 << 10 };
	struct block b = { .word = p->sys.arch == ARCH_I386 ? 4 : 8 };
	struct scratch *s = NULL;

	if (block_read(p, &b))
		for (size_t i = 0; i < ARRAY_SIZE(shift) && !s; i++)
			s = block_move(p, &b, shift[i], execfn);
	free(b.data);
	return s;
}
