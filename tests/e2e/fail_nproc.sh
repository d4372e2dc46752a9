#!/bin/sh
# No process is left for the child, for the thread that watches it, for the guard (RLIMIT_NPROC
# of a user who has no other): the program does not run, and the reason is said.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
[ "$CAPTURE_ENGINE" = notify ] || skip "about the notification engine"
[ -n "$CDE_ROOTLY" ] || skip "a user without processes: needs root"
need setpriv prlimit timeout ps
user=54321
[ -z "$(ps -o pid= -u $user)" ] || skip "user $user has processes"
mkdir "$WORK/np" || broken "mkdir"
chmod 755 "$WORK" && chown $user "$SRC" "$WORK/np"

limited() # N NAME
{
	record "$2" timeout -s KILL 20 setpriv --reuid=$user --regid=$user --clear-groups \
		prlimit --nproc="$1" "$CDE_BIN/cde" -q --engine notify -o "$WORK/np/package" \
		sh -c ': >ran'
}

for n in 1 2 3; do
	limited $n "limit$n"
	status_is "limit$n" 125
	err_has "limit$n" "Resource temporarily unavailable"
	[ ! -e ran ] || fail "with $n processes it ran"
	[ -z "$(ps -o pid= -u $user)" ] || fail "with $n processes something is left"
done
limited 4 enough
status_is enough 0
[ -e ran ] || fail "it did not run"
