#include "trace/unnamed.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"

#define HEAD "cde unnamed 1\n"

enum { DIRFD, NAME, BUFFER, FLAGS };		 /* arguments of newfstatat */
enum { WORTH = 16, SHOWN = 8, SIZE_MOST = 128 }; /* hexadecimal digits; bytes */

/* 0: not one that can be told without its name. */
static uint32_t
gap_of(const struct sysregs *s)
{
	uint64_t name = s->arg[NAME];

	if (s->arch != ARCH_X86_64 || (uint32_t)s->arg[FLAGS] != AT_EMPTY_PATH ||
	    (int)s->arg[DIRFD] < 0 || name >> 32 != s->ip >> 32)
		return 0;
	return (uint32_t)name - (uint32_t)s->ip;
}

static bool
has_gap(const struct unnamed *x, uint32_t gap)
{
	for (size_t i = 0; i < UNNAMED_MOST && x->gap[i]; i++)
		if (x->gap[i] == gap)
			return true;
	return false;
}

bool
unnamed_is(const struct unnamed *x, const struct sysregs *s)
{
	return has_gap(x, gap_of(s));
}

void
unnamed_note(struct unnamed_seen *x, const struct proc *p, const struct path_event *ev)
{
	uint32_t gap = ev->fd_itself && strcmp(p->row->name, "newfstatat") == 0
			       ? gap_of(&p->sys)
			       : 0;

	if (!gap)
		return;
	if (!x->lead)
		x->gap = gap;
	x->lead += x->gap == gap ? 1 : -1;
}

/* The difference of two words of seccomp_data. */
static void
emit_distance(struct bpf *b, size_t from, size_t to)
{
	bpf_load(b, from);
	bpf_keep(b);
	bpf_load(b, to);
	bpf_subtract_kept(b);
}

void
unnamed_emit(const struct unnamed *x, struct bpf *b)
{
	const size_t ip = offsetof(struct seccomp_data, instruction_pointer);
	const size_t name = offsetof(struct seccomp_data, args[NAME]);
	uint8_t n = 0;

	while (n < UNNAMED_MOST && x->gap[n])
		n++;
	if (!n)
		return;
	bpf_load_arg(b, FLAGS, false);
	bpf_if(b, BPF_EQUAL, AT_EMPTY_PATH, 0, 12 + n);
	bpf_load_arg(b, DIRFD, false);
	bpf_if(b, BPF_ANY_BIT, 1u << 31, 10 + n, 0);
	emit_distance(b, ip + 4, name + 4); /* little endian: the high halves */
	bpf_if(b, BPF_EQUAL, 0, 0, 5 + n);
	emit_distance(b, ip, name);
	for (uint8_t i = 0; i < n; i++)
		bpf_if(b, BPF_EQUAL, x->gap[i], n - 1 - i, i == n - 1);
	bpf_return(b, SECCOMP_RET_ALLOW);
}

void
unnamed_read(struct unnamed *x, int dirfd, const char *name)
{
	AUTO(fd_drop)
	int fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char text[SIZE_MOST + 1], *at = text + strlen(HEAD);
	ssize_t got = fd < 0 ? -1 : read(fd, text, SIZE_MOST);

	*x = (struct unnamed){ { 0 } };
	if (got <= 0)
		return;
	text[got] = '\0';
	if (!str_has_prefix(text, HEAD))
		return;
	for (size_t i = 0; i < UNNAMED_MOST && strspn(at, "0123456789abcdef") == SHOWN;
	     i++, at += SHOWN + 1) {
		x->gap[i] = (uint32_t)strtoul(at, NULL, 16);
		if (at[SHOWN] != '\n')
			break;
	}
}

/* The new one first: the last of four is forgotten. */
void
unnamed_write(const struct unnamed *x, const struct unnamed_seen *seen, int dirfd,
	      const char *name)
{
	AUTO(str_fini) struct str text = STR_INIT;
	AUTO(err_fini) struct err e = ERR_INIT;

	if (seen->lead < WORTH || has_gap(x, seen->gap))
		return;
	str_addf(&text, HEAD "%08x\n", seen->gap);
	for (size_t i = 0; i < UNNAMED_MOST - 1 && x->gap[i]; i++)
		str_addf(&text, "%08x\n", x->gap[i]);
	fs_replace(dirfd, name, text.s, text.len, 0644, &e);
}
