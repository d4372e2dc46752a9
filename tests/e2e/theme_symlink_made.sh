#!/bin/sh
# Links that the program makes itself, relative and absolute.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
tool
mkdir d && echo text >f
trip ./tool sym ../f d/rel rl d/rel cat d/rel sym "$SRC/f" abs rl abs cat abs sym "$SRC/d" dd ls dd
