#!/bin/sh
# The smallest tracer (tests/trace/echo.c: base, path and trace alone) prints the events of
# a small program, the same with the filter and without it.
# once: a tracer of its own
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
echo=$CDE_BUILD/tests/echo
[ -x "$echo" ] || broken "no $echo"
echo x >f
mkdir d
compile small -static <<'END'
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
int main(void)
{
	int dir = open("d", O_RDONLY | O_DIRECTORY), fd, status;
	struct stat st;
	dup2(dir, 50);
	open("f", O_WRONLY | O_APPEND);
	openat(50, "new\n", O_CREAT | O_EXCL | O_RDWR, 0644);
	fstatat(50, "", &st, AT_EMPTY_PATH);
	renameat(50, "new\n", 50, "newer");
	open((char *)8, O_RDONLY);
	syscall(4000);
	if (fork() == 0) {
		chdir("d");
		execl("../small2", "small2", (char *)0);
		unlink("newer");
		raise(SIGTERM);
	}
	wait(&status);
	return status == SIGTERM ? 3 : 1;
}
END
[ -x small ] || skip 'no static C library'
cat >want <<'END'
first new, kind 0
first execve("./small") exec follow
first exec
first open("d") list follow
first open("f") write follow
first openat(50, "new\n") write nofollow
first newfstatat(50, "") stat follow
first renameat(50, "new\n") rename-from nofollow
first renameat(50, "newer") rename-to nofollow
first unknown call 4000
child new, kind 1
child chdir("d") chdir follow
child execve("../small2") exec follow
child unlink("newer") delete nofollow
child gone, status f
first gone, status 300
END
# Numbers become names; what the C library does at its start is left out; glibc may open by
# openat, and fork and stat by newer calls.
events()
{
	awk 'NR == 1 { first = $1 }
		{ $1 = $1 == first ? "first" : "child"; print }' "$1" |
		sed -e 's/openat("/open("/' -e 's/kind 3/kind 1/' -e 's/ statx(/ newfstatat(/' \
			-e '/"\/proc\/\|"\/sys\/\|"\/etc\//d' -e 's/renameat2/renameat/'
}
for kind in seccomp ptrace; do
	rm -rf d && mkdir d
	record $kind "$echo" $kind ./small
	status_is $kind 3
	events "$WORK/$kind.err" >"$kind.got"
	diff want $kind.got || fail "events of $kind"
done
rm -rf d && mkdir d
record x "$echo" x ./small
grep -q 'unknown call' "$WORK/x.err" && fail "execution saw an unknown call"
status_is x 3
