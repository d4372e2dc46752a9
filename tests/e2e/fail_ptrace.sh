#!/bin/sh
# ptrace forbidden, by a filter or because strace is there first: said, 125, nothing hangs.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
need cc
cc -O1 -o noptrace "$TOOLS/noptrace.c" || broken 'cc noptrace.c'
echo x >f
if [ "$CAPTURE_ENGINE" = notify ]; then
	# this engine does not need it
	record n ./noptrace -- "$CDE_BIN/cde" --engine notify -o "$WORK/n" cat f
	status_is n 0
	out_is n x
fi
record a ./noptrace -- "$CDE_BIN/cde" --engine ptrace -o "$WORK/p" cat f
status_is a 125
err_has a ptrace
grep -qiE 'seccomp|container|yama|filter' "$WORK/a.err" || { show a; fail "no likely cause is named"; }
out_is a ''
capture cat f
run_in "$PACKAGE/cde-root$SRC" b "$SRC/noptrace" -- "$PACKAGE/cde-exec" --engine "$EXEC_ENGINE" cat f
if [ "$EXEC_ENGINE" = namespace ]; then
	out_is b x
else
	status_is b 125
	err_has b ptrace
fi
has strace || exit 0
cd "$SRC" || exit
record c timeout 20 strace -f -o /dev/null "$CDE_BIN/cde" --engine ptrace -o "$WORK/q" cat f
status_is c 125
err_has c ptrace
record d timeout 20 "$CDE_BIN/cde" --engine ptrace -o "$WORK/q" strace -f -o /dev/null cat f
[ "$(cat "$WORK/d.status")" != 124 ] || fail "a tracer inside cde hangs"
