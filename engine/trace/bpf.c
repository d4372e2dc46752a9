#include "trace/bpf.h"

#include <linux/seccomp.h>
#include <stdlib.h>

#include "base/vec.h"

void
bpf_fini(struct bpf *b)
{
	vec_fini(b);
}

static void
emit(struct bpf *b, uint16_t op, uint8_t yes, uint8_t no, uint32_t k)
{
	vec_push(b, ((struct sock_filter){ op, yes, no, k }));
}

void
bpf_load(struct bpf *b, size_t offset)
{
	emit(b, BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)offset);
}

void
bpf_load_arg(struct bpf *b, int arg, bool high)
{
	/* little endian: the low half comes first */
	bpf_load(b, offsetof(struct seccomp_data, args[arg]) + (high ? 4 : 0));
}

void
bpf_keep(struct bpf *b)
{
	emit(b, BPF_MISC | BPF_TAX, 0, 0, 0);
}

void
bpf_subtract_kept(struct bpf *b)
{
	emit(b, BPF_ALU | BPF_SUB | BPF_X, 0, 0, 0);
}

void
bpf_if(struct bpf *b, uint16_t op, uint32_t k, uint8_t yes, uint8_t no)
{
	emit(b, op, yes, no, k);
}

void
bpf_return(struct bpf *b, uint32_t action)
{
	emit(b, BPF_RET | BPF_K, 0, 0, action);
}

size_t
bpf_jump(struct bpf *b)
{
	emit(b, BPF_JMP | BPF_JA, 0, 0, 0);
	return b->n - 1;
}

void
bpf_land(struct bpf *b, size_t jump)
{
	b->v[jump].k = (uint32_t)(b->n - jump - 1);
}

/*
 * A search is put together from its end, since jumps only go forward: then it is known
 * where they lead, and how far.  Places are counted from the end, too.
 */
enum { REACH = 255, NEAR = 128, NOWHERE = -1 };

struct search {
	struct bpf code; /* the last instruction first */
	const struct bpf *body;
	ptrdiff_t *at; /* of each body the copy that was made last, or NOWHERE */
};

static size_t
skipped(const struct search *s, size_t to)
{
	return s->code.n - to - 1;
}

static size_t
place_body(struct search *s, size_t i)
{
	const struct bpf *body = &s->body[i];

	if (s->at[i] == NOWHERE || skipped(s, (size_t)s->at[i]) > NEAR) {
		for (size_t k = body->n; k-- > 0;)
			vec_push(&s->code, body->v[k]);
		s->at[i] = (ptrdiff_t)s->code.n - 1;
	}
	return (size_t)s->at[i];
}

/* A place that the next two instructions reach. */
static size_t
reachable(struct search *s, size_t to)
{
	if (skipped(s, to) < REACH)
		return to;
	emit(&s->code, BPF_JMP | BPF_JA, 0, 0, (uint32_t)skipped(s, to));
	return s->code.n - 1;
}

static size_t
place_search(struct search *s, const struct bpf_case *c, size_t n)
{
	size_t half = n / 2, low, high;

	if (n == 1)
		return place_body(s, c->body);
	high = place_search(s, c + half, n - half);
	low = place_search(s, c, half);
	high = reachable(s, high);
	low = reachable(s, low);
	emit(&s->code, BPF_LEAST, (uint8_t)skipped(s, high), (uint8_t)skipped(s, low),
	     c[half].from);
	return s->code.n - 1;
}

void
bpf_search(struct bpf *b, const struct bpf_case *cases, size_t n, const struct bpf *body,
	   size_t nbodies)
{
	struct search s = { .body = body,
			    .at = mem_alloc((nbodies + 1) * sizeof(*s.at)) };

	for (size_t i = 0; i < nbodies; i++)
		s.at[i] = NOWHERE;
	place_search(&s, cases, n);
	while (s.code.n)
		vec_push(b, vec_pop(&s.code));
	bpf_fini(&s.code);
	free(s.at);
}
