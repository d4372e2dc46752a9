#!/bin/sh
# A package that the original cde made runs under our cde-exec.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
[ -x /usr/bin/cde ] && [ -x /usr/bin/cde-exec ] || skip 'the original cde is not installed'
/usr/bin/cde -V 2>&1 | grep -q 'CDE v0\.1' || skip '/usr/bin/cde is not the original'
echo text >f && cp /bin/cat mycat
record original /usr/bin/cde "$SRC/mycat" "$SRC/f"
out_is original text
[ -d cde-package/cde-root ] || skip 'the original made no package'
PACKAGE=$SRC/cde-package
rm f mycat
EXEC_FLAGS=
replay_dir=$PACKAGE/cde-root$SRC
mkdir -p "$replay_dir"
run_in "$replay_dir" replay "$CDE_BIN/cde-exec" --package "$PACKAGE" "$SRC/mycat" "$SRC/f"
out_is replay text
status_is replay 0
cp "$CDE_BIN/cde-exec" "$PACKAGE/cde-exec"
run_in "$replay_dir" swapped "$PACKAGE/cde-exec" "$SRC/mycat" "$SRC/f"
out_is swapped text
