#!/bin/sh
# edit --script: all or nothing; what log --script prints does the same to another copy.
# once: cde-pkg looks at packages
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/edit.inc"
odd_names
small_package
capture sh -c 'cat ./* >/dev/null; cat a'
cp -a "$PACKAGE" "$WORK/copy"
state "$WORK/start"
cat >s <<-EOF2
	# two acts
	drop $SRC/a
	drop name:esc*
	group
	pin $SRC/d host
	note $SRC/b  a note\\twith a tab
	add $SRC/new from $SRC/b
	drop $SRC/\\x20blank\\x20
EOF2
pkg edit --script s
status_is pkg 0
[ ! -e "$R/a" ] && [ "$(cat "$R/new")" = two ] && [ ! -e "$R/ blank " ] || fail 'not done'
[ "$(manifest 'SELECT count(DISTINCT grp) FROM edit')" = 2 ] || fail 'two groups'
pkg log --script
cp "$WORK/pkg.out" "$WORK/script"
grep -q "^drop $SRC/esc.e\[31mred" "$WORK/script" || { cat "$WORK/script"; fail 'the name is raw'; }
state "$WORK/done"
ONE=$PACKAGE
PACKAGE=$WORK/copy
record pkg "$CDE_BIN/cde-pkg" edit -p "$PACKAGE" --script - <"$WORK/script"
"$CDE_BIN/cde-pkg" edit -p "$PACKAGE" --script - <"$WORK/script" >/dev/null || fail 'from stdin'
state "$WORK/copied"
same_state "$WORK/done" "$WORK/copied" || fail 'the log does not do the same'
pkg undo 2
state "$WORK/now"
same_state "$WORK/start" "$WORK/now" || fail 'undo of the script'
PACKAGE=$ONE
pkg undo 2
printf 'drop %s/b\nfly\n' "$SRC" >s
pkg edit --script s
status_is pkg 1
err_has pkg 's:2:1'
[ -e "$R/b" ] || fail 'half of it was done'
state "$WORK/now"
same_state "$WORK/start" "$WORK/now" || fail 'a wrong script changed something'
pkg edit
status_is pkg 2
exit 0
