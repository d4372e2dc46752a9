#!/bin/sh
# Programs that end at once, many times: nobody is asked for ever about one that is gone
# (PTRACE.md 64).
# once: about the notification engine
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
[ "$CAPTURE_ENGINE" = notify ] || skip "about cde --engine notify"
need timeout
n=0
while [ $n -lt 60 ]; do
	out=$(timeout -s KILL 20 "$CDE_BIN/cde" -q --engine notify -o "$PACKAGE" echo "run $n")
	status=$?
	[ "$status:$out" = "0:run $n" ] || fail "run $n: status $status, output '$out'"
	n=$((n + 1))
done
