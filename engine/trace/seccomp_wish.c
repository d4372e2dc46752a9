#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>

#include "trace/peek.h"
#include "trace/seccomp.h"

/* struct sock_fprog of a program of either architecture; 0 or -errno. */
static int
read_fprog(const struct proc *p, taddr at, taddr *code, unsigned *n)
{
	uint32_t w[4];
	int r = peek_bytes(p->tid, at, w, p->sys.arch == ARCH_I386 ? 8 : 16);

	if (r < 0)
		return r;
	*n = w[0] & 0xffff;
	*code = p->sys.arch == ARCH_I386 ? w[1] : w[2] | (uint64_t)w[3] << 32;
	return 0;
}

static bool
returns_trace(const struct proc *p, taddr at)
{
	struct sock_filter f[64];
	unsigned n, part;
	taddr code;

	if (read_fprog(p, at, &code, &n) < 0)
		return false;
	for (; n; n -= part, code += part * sizeof(*f)) {
		part = n < ARRAY_SIZE(f) ? n : ARRAY_SIZE(f);
		if (peek_bytes(p->tid, code, f, part * sizeof(*f)) < 0)
			return false;
		for (unsigned i = 0; i < part; i++)
			if (f[i].code == (BPF_RET | BPF_K) &&
			    (f[i].k & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_TRACE)
				return true;
	}
	return false;
}

enum seccomp_wish
seccomp_wish(const struct proc *p)
{
	const uint64_t *arg = p->sys.arg;

	if (strcmp(p->row->name, "seccomp") == 0) {
		if (arg[0] != SECCOMP_SET_MODE_FILTER)
			return SECCOMP_WISH_NONE;
		if (arg[1] & SECCOMP_FILTER_FLAG_NEW_LISTENER)
			return SECCOMP_WISH_LISTENER;
	} else if ((int)arg[0] != PR_SET_SECCOMP || arg[1] != SECCOMP_MODE_FILTER) {
		return SECCOMP_WISH_NONE;
	}
	return returns_trace(p, arg[2]) ? SECCOMP_WISH_TRACER : SECCOMP_WISH_NONE;
}
