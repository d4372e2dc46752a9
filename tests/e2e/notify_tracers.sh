#!/bin/sh
# timeout: 120
# The captured program traces others itself: gdb, strace, LeakSanitizer work as without cde,
# which is what the notification engine is for.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
[ "$CAPTURE_ENGINE" = notify ] || skip "a tracer is in the way of other tracers"
need cc
ran=
echo data >data
cat >leak.c <<'END'
#include <stdio.h>
#include <stdlib.h>
int main(void)
{
	volatile char *p = malloc(77);
	FILE *f = fopen("data", "r");
	char line[10];

	p[0] = 1;
	p = NULL;
	puts(f && fgets(line, 10, f) ? "read" : "not read");
	return 3;
}
END
cc -g -O0 -o plain leak.c || broken "cc leak.c"
if has strace; then
	capture strace -f -o log -e trace=openat,execve ./plain
	status_is capture 3
	out_has capture read
	grep -q '"data"' log || fail "strace under cde did not see the call"
	in_manifest "$SRC/data" read
	ran=1
fi
if has gdb; then
	native gdb -q -nx -batch -ex 'break main' -ex run -ex 'next' -ex continue ./plain
	capture gdb -q -nx -batch -ex 'break main' -ex run -ex 'next' -ex continue ./plain
	out_has capture 'Breakpoint 1, main'
	out_has capture 'exited with code 03'
	status_is capture "$(cat "$WORK/native.status")"
	in_manifest "$SRC/leak.c" read
	ran=1
fi
if cc -g -fsanitize=address -o leak leak.c 2>/dev/null; then
	native env ASAN_OPTIONS=detect_leaks=1 ./leak
	capture env ASAN_OPTIONS=detect_leaks=1 ./leak
	status_is capture "$(cat "$WORK/native.status")"
	err_has native '77 byte'
	err_has capture '77 byte'
	ran=1
fi
[ "$ran" ] || skip "no strace, gdb or sanitizer here"
