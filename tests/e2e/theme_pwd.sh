#!/bin/sh
# pwd prints the directory of the captured run.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
trip pwd
out_is replay "$SRC"
