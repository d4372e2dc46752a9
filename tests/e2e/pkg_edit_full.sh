#!/bin/sh
# The disk is full in the middle of a write: the package is as it was, and nothing is left.
# once: cde-pkg looks at packages
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/edit.inc"
[ -n "$CDE_ROOTLY" ] || skip 'mounting a small file system needs root'
mkdir small && mount -t tmpfs -o size=12m none small 2>/dev/null || skip 'no tmpfs can be mounted here'
trap 'umount -l "$WORK/src/small"' EXIT
PACKAGE=$SRC/small/cde-package
small_package
head -c 2000000 /dev/urandom >one
head -c 20000000 /dev/urandom >large
state "$WORK/start"
free=$(df --output=avail small | tail -1)
pkg add one large
status_is pkg 1
err_has pkg 'No space left'
state "$WORK/now"
same_state "$WORK/start" "$WORK/now" || fail 'the package is another'
[ "$(manifest 'SELECT count(*) FROM edit')" = 0 ] || fail 'it is staged still'
left=$(df --output=avail small | tail -1)
[ $((free - left)) -lt 300 ] || fail "$((free - left)) KiB are lost"
# not even room for the rows: whatever happens, it is old or new
head -c $((left * 1024 - 8192)) /dev/zero >small/fill 2>/dev/null
i=0
while [ $i -lt 40 ]; do echo "note $SRC/a $(printf '%2000s' $i | tr ' ' x)"; echo group; i=$((i + 1)); done >s
pkg edit --script s
rm small/fill
if [ "$(cat "$WORK/pkg.status")" = 0 ]; then
	skip 'the rest was room enough for the rows'
fi
record next "$CDE_BIN/cde-pkg" edit --discard -p "$PACKAGE"
status_is next 0
state "$WORK/now"
same_state "$WORK/start" "$WORK/now" || fail 'rows without room'
pkg add one
status_is pkg 0
