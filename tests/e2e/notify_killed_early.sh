#!/bin/sh
# cde is killed when the program already runs, and before there is a guard (strace holds it
# there): the program is killed, too, instead of getting ENOSYS from its calls.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
[ "$CAPTURE_ENGINE" = notify ] || skip "about cde --engine notify"
need cc strace
cat >run.c <<'END'
#include <stdio.h>
#include <unistd.h>

/* No call with a name as long as cde lives, and for some time afterwards. */
int main(void)
{
	pid_t parent = getppid();
	char line[64];
	int n = snprintf(line, sizeof(line), "%d %d\n", (int)getpid(), (int)parent);

	if (write(1, line, n) != n)
		return 1;
	while (getppid() == parent)
		usleep(1000);
	sleep(2);
	return write(1, "it runs on\n", 11) != 11;
}
END
cc -static -o run run.c || skip "no static C library"
# the first clone is the program's, the second one the guard's
strace -qq -o "$WORK/trace" -e trace=clone \
	-e inject=clone:delay_enter=50000000:when=2 \
	"$CDE_BIN/cde" -q --engine notify -o package ./run >out 2>"$WORK/err" &
strace=$!
program=
trap 'kill -KILL $strace $program 2>/dev/null' EXIT
wait_for test -s out
read -r program cde <out
gone()
{
	! kill -0 "$1" 2>/dev/null || grep -q '^State:.*[ZX]' "/proc/$1/status" 2>/dev/null
}
kill -KILL "$cde" || fail "cde has ended by itself"
kill -KILL $strace # it holds who is killed until its time is over
wait_for gone "$program"
[ "$(grep -c 'clone(' "$WORK/trace")" = 2 ] || broken "nothing was held up: $(cat "$WORK/trace" "$WORK/err")"
! grep 'runs on' out || fail "the program was not killed"
