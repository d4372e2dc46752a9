#!/bin/sh
# Children that outlive the first program are waited for; its status counts.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
mkfifo go
capture sh -c '(read x <go; echo late >late) & exit 4' &
wait_for test -d "$PACKAGE"
echo >go
wait
[ "$(cat late)" = late ] || fail "the child did not finish"
status_is capture 4
