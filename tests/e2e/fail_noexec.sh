#!/bin/sh
# The package on a file system that is mounted noexec: said, 126.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
[ -n "$CDE_ROOTLY" ] || skip 'mounting needs root'
tool
echo x >f
capture ./tool cat f
move_away
mkdir "$WORK/noexec" && mount --bind "$PACKAGE" "$WORK/noexec" 2>/dev/null ||
	skip 'nothing can be mounted here'
trap 'umount -l "$WORK/noexec"' EXIT
mount -o remount,bind,noexec "$WORK/noexec" || broken 'remount'
cd "$WORK/noexec/cde-root$SRC" || fail "no $SRC"
record noexec "$CDE_BIN/cde-exec" --engine "$EXEC_ENGINE" ./tool cat f
status_is noexec 126
err_has noexec 'mounted noexec'
out_is noexec ''
one_line noexec
chmod -x "$PACKAGE/cde-root$SRC/tool"
cd "$PACKAGE/cde-root$SRC" || fail "no $SRC"
record mode "$CDE_BIN/cde-exec" --engine "$EXEC_ENGINE" ./tool cat f
status_is mode 126
grep -q noexec "$WORK/mode.err" && fail 'another reason is given for a file without x'
exit 0
