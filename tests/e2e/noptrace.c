/*
 * noptrace [-e ERRNO] [CALL [N VALUE]] -- CMD: CMD under a seccomp filter that denies ptrace,
 * as some containers do, or the call with this number, or that call where the low 32 bits of
 * argument N are VALUE.  ERRNO: a number, without it EPERM.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	unsigned error = EPERM, v[3] = { SYS_ptrace };
	int i = 1, n = 0;

	if (argc > 2 && strcmp(argv[1], "-e") == 0) {
		error = strtoul(argv[2], NULL, 0);
		i = 3;
	}
	for (; i < argc && n < 3 && strcmp(argv[i], "--") != 0; n++)
		v[n] = strtoul(argv[i++], NULL, 0);
	const unsigned arg = offsetof(struct seccomp_data, args) + v[1] * 8;
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, v[0], 0, 3),
		/* without N and VALUE: always equal */
		n == 3 ? (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, arg)
		       : (struct sock_filter)BPF_STMT(BPF_LD | BPF_IMM, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, v[2], 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { sizeof(code) / sizeof(code[0]), code };

	if (n == 2 || argc < i + 2 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) < 0)
		return 99;
	execvp(argv[i + 1], argv + i + 1);
	return 98;
}
