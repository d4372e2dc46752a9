#!/bin/sh
# A FIFO made by absolute name, and one that was there.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
tool
mkfifo old
trip ./tool fifo "$SRC/p" st "$SRC/p" st old fifo old
[ -p "$PACKAGE/cde-root$SRC/old" ] || fail "the old FIFO is none in the package"
