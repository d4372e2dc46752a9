#!/bin/sh
# --why names the engine, and why the better ones were not taken.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
mkdir -p "${PACKAGE%/*}"
echo x >f
record why "$CDE_BIN/cde" -q -o "$PACKAGE" --why cat f
out_is why x
err_has why "engine: "
record asked "$CDE_BIN/cde" -q -o "$PACKAGE" --why --engine "$CAPTURE_ENGINE" cat f
err_has asked "engine: ${CAPTURE_ENGINE%-*}"
record plain "$CDE_BIN/cde" -q -o "$PACKAGE" --why -f cat f
err_has plain "engine: ptrace (not notify: -f"
run_in "$PACKAGE/cde-root$SRC" xwhy "$PACKAGE/cde-exec" --why --engine "$EXEC_ENGINE" cat f
out_is xwhy x
err_has xwhy "engine ${EXEC_ENGINE%-*}"
run_in "$PACKAGE/cde-root$SRC" diag "$PACKAGE/cde-exec" --why --diagnose cat f
out_is diag x
err_has diag "not namespace: --diagnose"
record bad "$CDE_BIN/cde" --engine nonesuch cat f
status_is bad 125
err_has bad nonesuch
