#!/bin/sh
# timeout: 300
# A write that is killed at any step leaves the old package or the new one: whoever looks at it
# next, or edits it, finds no mix, and the log agrees.  cde-exec does not start in between, and
# where it cannot be finished that is said.
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

# b is "two" or, after the write, "new"; nothing runs from a mix.
runs_whole()
{
	record run "$PACKAGE/cde-exec" --engine ptrace cat "$SRC/b"
	state "$WORK/now"
	case $(cat "$WORK/run.status") in
	125)
		err_has run 'was interrupted'
		refused=$((refused + 1))
		;;
	*)
		cmp -s "$WORK/now" "$WORK/old" || same_state "$WORK/now" "$WORK/new" ||
			fail "step $n: cde-exec starts in a mix"
		;;
	esac
}

# A copy that cannot be written, which root has not got: rows as they shall be, and a word.
is_said()
{
	rm -rf "$WORK/still" && cp -a "$PACKAGE" "$WORK/still" && chmod -R a-w "$WORK/still"
	record still "$CDE_BIN/cde-pkg" ls --format 0 -p "$WORK/still" "path:$SRC/*"
	chmod -R u+w "$WORK/still"
	status_is still 0
	if [ "$(manifest 'SELECT count(*) FROM move')" -gt 0 ]; then
		err_has still 'was interrupted'
	elif [ -s "$WORK/still.err" ]; then
		show still
		fail "step $n: something is said of a package that is whole"
	fi
}

n=0 killed=0 olds=0 news=0 refused=0
while :; do
	n=$((n + 1))
	rm -rf "$PACKAGE" && cp -a "$WORK/fresh" "$PACKAGE"
	CDE_FAIL=write:$n
	export CDE_FAIL
	record pkg "$CDE_BIN/cde-pkg" write -p "$PACKAGE"
	unset CDE_FAIL
	[ "$(cat "$WORK/pkg.status")" = 137 ] || break
	killed=$((killed + 1))
	runs_whole
	[ -n "$CDE_ROOTLY" ] || is_said
	# any next program puts things right, also one that only looks
	if [ $((n % 2)) = 0 ]; then
		record next "$CDE_BIN/cde-pkg" edit --discard -p "$PACKAGE"
	else
		record next "$CDE_BIN/cde-pkg" cat -p "$PACKAGE" "$SRC/b"
	fi
	status_is next 0
	[ ! -e "$PACKAGE/.unfinished" ] || fail "step $n: it is never finished"
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
[ "$refused" -ge 3 ] || fail "cde-exec refused only $refused times"
[ "$olds" -ge 4 ] && [ "$news" -ge 6 ] || fail "killed at $killed steps: $olds old, $news new"
echo "killed at $killed steps: $olds old, $news new; not started $refused times"
