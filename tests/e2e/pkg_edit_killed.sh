#!/bin/sh
# timeout: 300
# A write that is killed at any step leaves the old package or the new one: the next edit of it
# finds no mix, and the log agrees.
# once: cde-pkg looks at packages
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/edit.inc"
small_package
cat >s <<-EOF2
	drop $SRC/a
	drop $SRC/d
	add $SRC/new
	add $SRC/b from $SRC/new
	pin $SRC/link host
	note $SRC/b text
EOF2
pkg drop "$SRC/a" && pkg undo # there is a .dropped already
pkg edit --script s --stage
cp -a "$PACKAGE" "$WORK/fresh"
state "$WORK/old"
pkg write
status_is pkg 0
state "$WORK/new"
same_state "$WORK/old" "$WORK/new" >/dev/null && broken 'the script does nothing'
n=0 killed=0 olds=0 news=0
while :; do
	n=$((n + 1))
	rm -rf "$PACKAGE" && cp -a "$WORK/fresh" "$PACKAGE"
	CDE_FAIL=write:$n
	export CDE_FAIL
	record pkg "$CDE_BIN/cde-pkg" write -p "$PACKAGE"
	unset CDE_FAIL
	[ "$(cat "$WORK/pkg.status")" = 137 ] || break
	killed=$((killed + 1))
	# any next program that edits puts things right: this one does nothing else
	record next "$CDE_BIN/cde-pkg" edit --discard -p "$PACKAGE"
	status_is next 0
	state "$WORK/now"
	if cmp -s "$WORK/now" "$WORK/old"; then
		olds=$((olds + 1))
		[ "$news" = 0 ] || fail "old after new, at step $n"
	elif same_state "$WORK/now" "$WORK/new"; then
		news=$((news + 1))
		[ "$(manifest 'SELECT count(*) FROM edit WHERE written=1')" -ge 6 ] ||
			fail "step $n: the log says it is not written"
		record next "$CDE_BIN/cde-pkg" undo -p "$PACKAGE"
		state "$WORK/now"
		same_state "$WORK/now" "$WORK/old" || fail "step $n: undo"
	else
		fail "step $n: a mix"
	fi
	[ "$(manifest 'PRAGMA integrity_check')" = ok ] || fail "step $n: the manifest is damaged"
	[ "$(manifest 'SELECT count(*) FROM move')" = 0 ] || fail "step $n: renames are left"
done
status_is pkg 0
[ "$olds" -ge 4 ] && [ "$news" -ge 6 ] || fail "killed at $killed steps: $olds old, $news new"
echo "killed at $killed steps: $olds old, $news new"
