#!/bin/sh
# --why names the engine, and why the better ones were not taken.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
mkdir -p "${PACKAGE%/*}"
echo x >f
record why "$CDE_BIN/cde" -q -o "$PACKAGE" --why cat f
out_is why x
err_has why ptrace
run_in "$PACKAGE/cde-root$SRC" xwhy "$PACKAGE/cde-exec" --why cat f
out_is xwhy x
err_has xwhy ptrace
record bad "$CDE_BIN/cde" --engine nonesuch cat f
status_is bad 125
err_has bad nonesuch
