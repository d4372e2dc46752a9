#!/bin/sh
# uname shows the machine that runs the program.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
trip uname -srm
grep -q "$(uname -r)" "$PACKAGE/cde.uname" || fail "cde.uname lacks the release"
