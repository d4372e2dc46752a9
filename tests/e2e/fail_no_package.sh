#!/bin/sh
# A missing package, one without cde-root, one without options: named, 125.
# once: no engine is started
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
record a "$CDE_BIN/cde-exec" --package "$WORK/nowhere" cat f
status_is a 125
err_has a "$WORK/nowhere"
one_line a
mkdir "$WORK/hollow"
record b "$CDE_BIN/cde-exec" --package "$WORK/hollow" cat f
status_is b 125
err_has b cde-root
one_line b
cp "$CDE_BIN/cde-exec" "$WORK/hollow/"
record c "$WORK/hollow/cde-exec" cat f
status_is c 125
one_line c
record d "$CDE_BIN/cde" -o "$WORK/no/such/dir/p" cat f
status_is d 125
one_line d
record e "$CDE_BIN/cde"
[ "$(cat "$WORK/e.status")" != 0 ] || fail "no command is no error"
record f "$CDE_BIN/cde" --no-such-option true
err_has f no-such-option
one_line f
