#!/bin/sh
# A second capture adds a run, refreshes what changed, and forgets nothing.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
tool
echo one >f && echo same >g
capture ./tool cat f cat g
touch -d 2001-01-01 f && echo longer-than-before >f && touch -d 2001-01-01 f && echo new >h
native ./tool cat f cat g cat h
capture ./tool cat f cat g cat h
[ "$(manifest 'select count(*) from run')" = 2 ] || fail "not two runs in the manifest"
[ "$(grep -vc '^#' "$PACKAGE/cde.log")" -ge 2 ] || fail "not two commands in cde.log"
move_away
replay ./tool cat f cat g cat h
same_output native replay
