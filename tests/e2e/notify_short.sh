#!/bin/sh
# A program that has ended before the guard has closed its copies of our descriptors (strace
# holds it there): nobody is asked for ever about one that is gone (PTRACE.md 64).
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
[ "$CAPTURE_ENGINE" = notify ] || skip "about cde --engine notify"
need strace timeout
# Where the program is over before there is a guard, there was nothing to hold up.
for try in 1 2 3 4 5 6 7 8; do
	record short timeout -s KILL 20 strace -f -qq -o "$WORK/trace" -e trace=close_range \
		-e inject=close_range:delay_enter=500000 \
		"$CDE_BIN/cde" -q --engine notify -o package echo "it ran $try"
	status_is short 0
	out_is short "it ran $try"
	if grep -q close_range "$WORK/trace"; then
		exit 0
	fi
done
broken "no close_range was held up"
