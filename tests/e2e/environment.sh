#!/bin/sh
# The captured environment is back; ignored names never reach the package.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
need python3
nl='two
lines'
export PLAIN=1 QUOTE="it's \"q\" = x" NL="$nl" EMPTY="" SSH_AUTH_SOCK=/tmp/x/agent DISPLAY=:7
export DBUS_SESSION_BUS_ADDRESS=unix:path=/x
code='import os; print([(k, os.environ.get(k)) for k in ("PLAIN", "QUOTE", "NL", "EMPTY")])'
capture sh -c :
native python3 -c "$code"
capture python3 -c "$code"
same_output native capture
tr '\0' '\n' <"$PACKAGE/cde.full-environment" | grep -E '^(SSH_|DISPLAY|DBUS)' &&
	fail "an ignored variable is in the package"
unset PLAIN QUOTE NL EMPTY
move_away
export ONLY_HERE=yes
replay python3 -c "$code"
same_output native replay
replay sh -c 'echo "$ONLY_HERE $DISPLAY"'
out_is replay 'yes :7'
# a shorter environment leaves nothing of the longer one
export LONG="$(head -c 5000 /dev/zero | tr '\0' x)"
cd "$SRC.away" || exit
capture true
unset LONG
capture true
grep -q xxxxx "$PACKAGE/cde.full-environment" && fail "a tail of the older environment"
exit 0
