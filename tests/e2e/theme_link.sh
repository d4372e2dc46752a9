#!/bin/sh
# link() of ../f: both names are there.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
tool
mkdir d && mv tool d/ && echo text >f
cd d || exit
capture ./tool ln ../f ../g cat ../g
cd "$SRC" && rm g && cd d || exit
native ./tool ln ../f ../g cat ../g
same_output native capture
move_away
replay ./tool ln ../f ../g cat ../g
same_output native replay
in_package "$SRC/f"
in_package "$SRC/g"
