#!/bin/sh
# ../link and ../file; a relative link stays one.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
mkdir d && echo text >file && ln -s file link && ln -s ../file d/up
cd d || exit
native cat ../link ../file up
capture cat ../link ../file up
move_away
replay cat ../link ../file up
same_output native replay
[ "$(readlink "$PACKAGE/cde-root$SRC/link")" = file ] || fail "the link's text changed"
