#ifndef CDE_TRACE_BPF_H
#define CDE_TRACE_BPF_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A program for seccomp(2), put together instruction by instruction.  Conditional jumps
 * reach 255 instructions, long ones (bpf_jump) everything.
 */
struct bpf {
	struct sock_filter *v; /* heap; as a VEC */
	size_t n, cap;
};

enum {
	BPF_EQUAL = BPF_JMP | BPF_JEQ | BPF_K,
	BPF_LEAST = BPF_JMP | BPF_JGE | BPF_K,
	BPF_ANY_BIT = BPF_JMP | BPF_JSET | BPF_K
};

void bpf_fini(struct bpf *b);

/* What follows works on a member of struct seccomp_data; of an argument on one half. */
void bpf_load(struct bpf *b, size_t offset);
void bpf_load_arg(struct bpf *b, int arg, bool high);

/* What was loaded is kept; it is subtracted from what was loaded later. */
void bpf_keep(struct bpf *b);
void bpf_subtract_kept(struct bpf *b);

/* Skip so many instructions if `op` is true of it and k, or not. */
void bpf_if(struct bpf *b, uint16_t op, uint32_t k, uint8_t yes, uint8_t no);
void bpf_return(struct bpf *b, uint32_t action);

/* A jump from here, to where bpf_land is called with the result. */
size_t bpf_jump(struct bpf *b);
void bpf_land(struct bpf *b, size_t jump);

/*
 * Look for what was loaded among n cases, sorted by `from`, the first of which is 0: the
 * last that is not above it goes on with body[body], which must end with a return.
 */
struct bpf_case {
	uint32_t from;
	size_t body;
};

void bpf_search(struct bpf *b, const struct bpf_case *cases, size_t n,
		const struct bpf *body, size_t nbodies);

#endif
