#!/bin/sh
# timeout: 300
# Each verb by itself, and fix, killed at any step of its write: the old package or the new
# one, never a mix; and where the old one is left, the same edit can be made again.
# once: cde-pkg looks at packages
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/edit.inc"
small_package
cp -a "$PACKAGE" "$WORK/whole"
rm "$R/b" # what fix brings back
cp -a "$PACKAGE" "$WORK/lacking"

# each NAME ARG…: `cde-pkg ARG…` on a fresh package, until a run of it is not killed.
each()
{
	name=$1 start=$2
	shift 2
	rm -rf "$PACKAGE" && cp -a "$start" "$PACKAGE"
	state "$WORK/old"
	pkg "$@"
	status_is pkg 0
	state "$WORK/new"
	same_state "$WORK/old" "$WORK/new" >/dev/null && broken "$name does nothing"
	n=0 olds=0 news=0
	while :; do
		n=$((n + 1))
		rm -rf "$PACKAGE" && cp -a "$start" "$PACKAGE"
		CDE_FAIL=write:$n
		export CDE_FAIL
		record pkg "$CDE_BIN/cde-pkg" "$@" -p "$PACKAGE"
		unset CDE_FAIL
		[ "$(cat "$WORK/pkg.status")" = 137 ] || break
		record next "$CDE_BIN/cde-pkg" log -p "$PACKAGE"
		record next "$CDE_BIN/cde-pkg" edit --discard -p "$PACKAGE"
		status_is next 0
		[ ! -e "$PACKAGE/.unfinished" ] || fail "$name, step $n: it is never finished"
		state "$WORK/now"
		if cmp -s "$WORK/now" "$WORK/old"; then
			olds=$((olds + 1))
			[ "$news" = 0 ] || fail "$name, step $n: old after new"
			record again "$CDE_BIN/cde-pkg" "$@" -p "$PACKAGE"
			status_is again 0
			state "$WORK/now"
		else
			news=$((news + 1))
		fi
		same_state "$WORK/now" "$WORK/new" || fail "$name, step $n: a mix"
		[ "$(manifest 'PRAGMA integrity_check')" = ok ] || fail "$name, step $n: the manifest"
		[ "$(manifest 'SELECT count(*) FROM move')" = 0 ] || fail "$name, step $n: renames"
	done
	status_is pkg 0
	if [ "$olds" -lt 3 ] || [ "$news" -lt 1 ]; then
		fail "$name: $olds old, $news new"
	fi
	echo "$name: killed at $((n - 1)) steps: $olds old, $news new"
}

each add "$WORK/whole" add "$SRC/new"
each add-over "$WORK/whole" add "$SRC/b" from "$SRC/new"
each pin "$WORK/whole" pin "$SRC/link" host
each hide "$WORK/whole" pin "$SRC/d" hidden
each note "$WORK/whole" note "$SRC/b" text
each fix "$WORK/lacking" fix --all
