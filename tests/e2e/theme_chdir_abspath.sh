#!/bin/sh
# chdir by absolute name, a file made there, getcwd.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
tool
mkdir -p d/e
trip ./tool cd "$SRC/d/e" put f text cwd cat f cat "$SRC/d/e/f"
[ -f "$PACKAGE/cde-root$SRC/d/e/f" ] || fail "the new file is not in the package"
