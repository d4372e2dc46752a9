#!/bin/sh
# SIGTERM and SIGHUP to cde reach the program; its handler decides.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
cat >s.sh <<'END'
trap 'echo TERM; exit 8' TERM
trap 'echo HUP; exit 7' HUP
: >ready
while :; do sleep 0.05; done
END
mkdir -p "${PACKAGE%/*}"
for sig in TERM HUP; do
	rm -f ready
	"$CDE_BIN/cde" --engine "$CAPTURE_ENGINE" -o "$PACKAGE" sh s.sh >out &
	pid=$!
	wait_for test -e ready
	kill -$sig $pid
	status=0
	wait $pid || status=$?
	[ "$(cat out)" = $sig ] || fail "the program did not see SIG$sig"
	[ $status = 8 ] || [ $status = 7 ] || fail "status $status after SIG$sig"
done
