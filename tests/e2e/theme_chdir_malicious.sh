#!/bin/sh
# No number of ".." leads out of the package.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
tool
up=../../../../../../../../../../../../../../..
trip ./tool cd /.. cwd cd "$SRC" cd $up cwd cat "$up$SRC/none" cat etc/none cd "$SRC" cat "$up$SRC/tool.c"
