#!/bin/sh
# One probe case, for one.sh:  probe.sh probe_NAME CASE [VARIANT]
# Runs it native, captured, and from the moved package in a root with nothing else; each
# in the same (fresh) directory.  Outputs must be equal and the manifest must hold what the
# probe expects.  $PROBE_NATIVE: only native, twice; $PROBE_CAPTURE: without the replay.
# shellcheck source=tests/harness/lib.sh
. "$CDE_TOP/tests/harness/lib.sh"

program=$CDE_BUILD/tests/$1${3:+.$3}
case=$2

fresh_fixture()
{
	fresh_src
	cp "$program" probe || broken "cp $program"
	./probe --setup "$case" || broken "setup of $program $case"
}

put_aside()
{
	cd "$WORK" || broken "cd $WORK"
	mv "$SRC" "$SRC.$1" || broken "cannot move $SRC"
}

check_expectations()
{
	[ -f "$WORK/expect" ] || return 0
	sort -u "$WORK/expect" | while read -r what rest; do
		case $what in
		touched) in_manifest "${rest% *}" "${rest##* }" ;;
		missed) missed "$rest" ;;
		*) broken "expectation $what $rest" ;;
		esac
	done || exit 1
}

fresh_fixture
PROBE_EXPECT=$WORK/expect
export PROBE_EXPECT
native ./probe "$case"
unset PROBE_EXPECT
put_aside native
fresh_fixture
if [ -n "${PROBE_NATIVE-}" ]; then
	record capture ./probe "$case"
	same_output native capture
	exit 0
fi
capture ./probe "$case"
put_aside captured
# Both comparisons are made, so that one failure does not hide the other.
(same_output native capture)
captured=$?
if [ -n "${PROBE_CAPTURE-}" ]; then
	[ $captured -eq 0 ] || exit 1
	check_expectations
	exit 0
fi
move_package
# io_uring hides nothing from mounts.
[ "$EXEC_ENGINE" != namespace ] || export PROBE_UNTRACED=1
if [ -n "$HOLD" ]; then
	case $case in
	rename_directory | exchange) skip "EXDEV, as with overlayfs" ;;
	odd_dirfds) skip "'..' of a removed directory" ;;
	long_names | odd_addresses) skip "names of sockets become longer" ;;
	deep_names) HOLD= ;; # for cp
	*) cp -a "$PACKAGE/cde-root" "$WORK/held" || broken "cp -a" ;;
	esac
fi
if can_bare; then
	replay_bare ./probe "$case"
else
	replay ./probe "$case"
fi
(same_output native replay) || exit 1
[ -z "$HOLD" ] || same_files "$WORK/held" "$PACKAGE/cde-root"
[ $captured -eq 0 ] || exit 1
check_expectations
