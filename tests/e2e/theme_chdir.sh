#!/bin/sh
# chdir, write, read back by relative name; a thread moves the whole process.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
tool
mkdir d e && echo one >d/in && echo two >e/in
trip ./tool cd "$SRC/d" put x 1 cat x cat in tcd ../e cwd cat in put y 2 cat y
