#!/bin/sh
# chdir upwards stops at the root.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
tool
trip ./tool cd .. cwd cd ../../../../../../../../.. cwd cd ../.. cwd
