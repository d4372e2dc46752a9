#!/bin/sh
# A file that may be seen but not read: recorded, named in the summary, fails again.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
[ -z "$CDE_ROOTLY" ] || skip 'root reads everything'
tool
echo secret >f && chmod 0 f && mkdir d && echo x >d/g && chmod 0 d && cp /bin/true noexec && chmod 644 noexec
trap 'chmod -R u+rwx "$WORK"' EXIT
native ./tool st f cat f cat d/g sh ./noexec
capture ./tool st f cat f cat d/g sh ./noexec
same_output native capture noerr
[ "$(file_state "$SRC/f")" = unreadable ] || fail "manifest: f is $(file_state "$SRC/f")"
chmod 755 "$SRC/d"
move_away
replay ./tool st f cat f sh ./noexec
grep -q 'cat f: Permission denied' "$WORK/replay.out" || { show replay; fail "f was read"; }
grep -q 'sh: 126' "$WORK/replay.out" || { show replay; fail "noexec was run"; }
