#!/bin/sh
# timeout: 120
# Seccomp filters of the program beside ours: what does not go together is said in one line
# that names the program, and a cde inside of cde takes the other engine.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
[ "$CAPTURE_ENGINE" = notify ] || skip "about the notification engine"
need cc
cat >listen.c <<'END'
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct sock_filter f[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_chroot, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, argc > 1 ? SECCOMP_RET_TRACE : SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog p = { 4, f };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (argc > 1) {
		puts(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &p) ? "no" : "yes");
		return 0;
	}
	puts(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		     SECCOMP_FILTER_FLAG_NEW_LISTENER, &p) < 0 ? strerror(errno) : "yes");
	return 0;
}
END
cc -o listen listen.c || broken "cc listen.c"
native ./listen
out_is native yes
capture ./listen
out_is capture "Device or resource busy"
err_has capture "$SRC/listen"
err_has capture "wanted a seccomp listener"
capture ./listen tracer
out_is capture yes
err_has capture "have a seccomp filter for their tracer"

echo inner >data
capture "$CDE_BIN/cde" --why -o "$WORK/inner" cat data
out_is capture inner
err_has capture "engine: ptrace (not notify: another supervisor"
[ "$(cat "$WORK/inner/cde-root$SRC/data")" = inner ] || fail "the inner cde captured nothing"
in_manifest "$SRC/data" read
