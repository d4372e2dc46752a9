#!/bin/sh
# One case, for run.sh:  one.sh "NUMBER UID ENGINE SUITE NAME [PROBE-CASE [VARIANT]]"
# Leaves $CDE_RESULTS/NUMBER.{pass,fail,skip}; prints a line for failures and skips.
set -u
umask 022
# shellcheck disable=SC2086
set -- $1
n=$1 uid=$2 CDE_ENGINE=$3 suite=$4 name=$5
shift 5
tests=$CDE_TOP/tests
limit=60
case $name in
*.sh)
	limit=$(sed -n 's/^# timeout: *\([0-9]*\).*/\1/p' "$tests/$suite/$name" | head -n 1)
	set -- "$tests/$suite/$name" "$@"
	title=$suite/$name
	;;
*)
	title="$name $*"
	set -- "$tests/harness/probe.sh" "$name" "$@"
	;;
esac
title="$title [$CDE_ENGINE, uid $uid]"

# Not below /tmp or /var/tmp: the default rules leave these to the host.
WORK=$(mktemp -d "$CDE_TEST_DIR/cde-test.XXXXXX") || exit 1
mkdir "$WORK/src" "$WORK/home" && chown -R "$uid" "$WORK" && chmod 755 "$WORK"
HOME=$WORK/home SRC=$WORK/src
CDE_ROOTLY=
[ "$uid" = 0 ] && CDE_ROOTLY=1
export WORK HOME SRC CDE_ENGINE CDE_ROOTLY
unset TMPDIR CDPATH LD_PRELOAD
log=$CDE_RESULTS/$n.log

[ "$uid" = "$(id -u)" ] ||
	set -- setpriv --reuid="$uid" --regid="$uid" --clear-groups "$@"
status=0 began=$(date +%s%3N)
(cd "$SRC" && exec timeout -k 5 "${limit:-60}" "$@") >"$log" 2>&1 </dev/null || status=$?

echo "$(($(date +%s%3N) - began)) $title" >"$CDE_RESULTS/$n.time"

finish()
{
	chmod -R u+rwx "$WORK" 2>/dev/null
	rm -rf "$WORK"
}

case $status in
0)
	: >"$CDE_RESULTS/$n.pass"
	if [ -n "$CDE_KEEP" ]; then
		echo "PASS  $title · kept $WORK"
	else
		finish
	fi
	;;
77)
	: >"$CDE_RESULTS/$n.skip"
	echo "SKIP  $title: $(tail -n 1 "$log")"
	finish
	;;
*)
	: >"$CDE_RESULTS/$n.fail"
	why="status $status"
	[ "$status" = 124 ] && why="timeout after ${limit:-60} s"
	[ "$status" = 137 ] && why="killed after ${limit:-60} s"
	[ "$status" = 99 ] && why="harness failure"
	{
		echo "FAIL  $title · $why · kept $WORK"
		tail -n 25 "$log" | sed 's/^/      /'
	} >"$CDE_RESULTS/$n.text"
	cat "$CDE_RESULTS/$n.text"
	;;
esac
exit 0
