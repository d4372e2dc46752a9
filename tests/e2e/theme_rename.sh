#!/bin/sh
# Renames: a new file, an input, over an input. The package holds what was before.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
tool
mkdir d && echo in >in && echo old >target && echo new >d/new
trip ./tool put a text mv a b cat b cat a mv in was cat was cat in mv d/new target cat target ls . ls d
