#!/bin/sh
# timeout: 120
# cde is killed: so are the program's children, also those that are busy, that have lost their
# parents, that sleep in a session of their own, and that were never heard of.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
[ "$CAPTURE_ENGINE" = notify ] || skip "about the notification engine"
need setsid
cat >s.sh <<'END'
echo $$ >pid.sh
(sh -c 'echo $$ >pid.orphan; while :; do :; done' &)
setsid sh -c 'echo $$ >pid.session; exec sleep 1000' &
(exec sleep 1001) &
echo $! >pid.child
(while :; do :; done) &
echo $! >pid.busy
(while :; do cat data >/dev/null; done) &
echo $! >pid.calls
for f in orphan session; do while [ ! -s pid.$f ]; do sleep 0.1; done; done
: >ready
wait
END
echo x >data
mkdir -p "${PACKAGE%/*}"
gone()
{
	! kill -0 "$1" 2>/dev/null || grep -q '^State:.*[ZX]' "/proc/$1/status" 2>/dev/null
}
for how in KILL "KILL group"; do
	rm -f ready pid.*
	if [ "$how" = KILL ]; then
		"$CDE_BIN/cde" --engine notify -o "$PACKAGE" sh s.sh >/dev/null 2>&1 &
	else
		setsid "$CDE_BIN/cde" --engine notify -o "$PACKAGE" sh s.sh >/dev/null 2>&1 &
	fi
	cde=$!
	wait_for test -e ready
	if [ "$how" = KILL ]; then
		kill -9 $cde
	else
		kill -9 -$cde
	fi
	wait $cde 2>/dev/null
	for f in pid.*; do
		wait_for gone "$(cat "$f")"
	done
done
[ "$(manifest 'pragma integrity_check')" = ok ] || fail "manifest.db is damaged"
capture cat data
status_is capture 0
