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
