#!/bin/sh
# umask, descriptors, limits, signal settings, stdout and stderr byte for byte.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
tool
umask 027
ulimit -c 0
ulimit -n 333
trap '' USR1
exec 7<"$TOOLS/tool.c"
native ./tool state put new x st new sh 'ls -l /proc/self/fd | wc -l'
rm -f new
capture ./tool state put new x st new sh 'ls -l /proc/self/fd | wc -l'
same_output native capture
rm -f new
move_away
replay ./tool state put new x st new sh 'ls -l /proc/self/fd | wc -l'
same_output native replay
cd "$SRC.away" || exit
head -c 100000 /dev/urandom >bytes
capture sh -c 'cat bytes; cat bytes >&2'
cmp -s bytes "$WORK/capture.out" || fail "stdout differs"
cmp -s bytes "$WORK/capture.err" || fail "stderr differs"
