#!/bin/sh
# ls of an absolute link to a directory.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
mkdir real && touch real/a real/b && ln -s "$SRC/real" abs
trip ls "$SRC/abs/"
