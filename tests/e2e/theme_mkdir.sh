#!/bin/sh
# mkdir, also of what is there already: the same answers again.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
tool
mkdir old
trip ./tool mk "$SRC/new" mk "$SRC/new" mk "$SRC/old" mk new/sub ls new rd new/sub rd "$SRC/new" rd "$SRC/new" st new
