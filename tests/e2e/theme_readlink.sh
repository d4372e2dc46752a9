#!/bin/sh
# readlink gives the text as it was.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
tool
ln -s "$SRC/nowhere/./x" abs
ln -s ../x/../y rel
ln -s "$SRC/tool" t
trip ./tool rl abs rl rel rl t rl "$SRC/abs" st abs rl none cat abs
