#!/bin/sh
# A socket file by absolute and by relative name; its directory is packaged.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
tool
mkdir d
trip ./tool unix "$SRC/d/s" unix d/s unix s cd d unix ../s
