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

# Rules that were changed by hand in between: places to mount on are made for them, by a
# capture that copies nothing.
fresh_src
PACKAGE=$WORK/pkg/cde-package
tool
echo one >f && mkdir pin
capture ./tool cat f
capture ./tool cat f
not_in_package "$SRC/pin"
echo "ignore_prefix=$SRC/pin" >>"$PACKAGE/cde.options"
capture ./tool cat f
in_package "$SRC/pin"

# A program that is written anew between two starts has another interpreter.
printf '#!/bin/sh\necho first\n' >s && chmod 755 s
capture sh -c "./s; printf '#!%s -n1\nsecond\n' '$(command -v head)' >s; ./s"
[ "$(tail -n 1 "$WORK/capture.out")" != first ] || { show capture; fail "it was not written anew"; }
in_manifest "$(readlink -f "$(command -v head)")" exec
