#!/bin/sh
# The disk is full in mid-capture: the program goes on, the package says what it lacks.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
[ -n "$CDE_ROOTLY" ] || skip 'mounting a small file system needs root'
tool
mkdir small && mount -t tmpfs -o size=12m none small 2>/dev/null || skip 'no tmpfs can be mounted here'
trap 'umount -l "$WORK/src/small"' EXIT
head -c 20000000 /dev/urandom >large
echo last >last
native ./tool st large sh 'cksum <large' cat last exit 5
PACKAGE=$SRC/small/cde-package
capture ./tool st large sh 'cksum <large' cat last exit 5
same_output native capture noerr
status_is capture 5
grep -qi 'space' "$WORK/capture.err" || { show capture; fail "stderr does not say: no space"; }
err_has capture large
[ "$(file_state "$SRC/large")" = lost ] || fail "manifest: large is $(file_state "$SRC/large")"
[ -z "$(find "$PACKAGE/.tmp" -type f 2>/dev/null)" ] || fail "half-copied files are left"
find "$PACKAGE/cde-root$SRC" -name large -size +1M | grep -q . && fail "half a file in cde-root"
exit 0
