#!/bin/sh
# --rerun and the rerun script repeat a captured command; --package from anywhere.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
mkdir 'a b' && cd 'a b' && echo one >f && echo two >g || exit
capture sh -c 'cat "$1"; echo "$0 $#"' "it's" f 'x  y'
capture cat g
move_away
cd "$WORK" || exit
record one "$PACKAGE/cde-exec" --rerun 1
out_is one "one
it's 2"
record last "$PACKAGE/cde-exec" --rerun
out_is last two
record script "$PACKAGE/rerun" 1
out_is script "one
it's 2"
record none "$PACKAGE/cde-exec" --rerun 7
status_is none 125
one_line none
cp "$CDE_BIN/cde-exec" "$WORK/ours"
record by "$WORK/ours" --package "$PACKAGE" --rerun 2
out_is by two
record seam "$WORK/ours" --package "$PACKAGE" cat "$SRC/a b/f"
out_is seam one
