#!/bin/sh
# A listed directory has all its names; what was not captured fails by name, and is never empty.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
tool
mkdir d && echo 1 >d/read && echo 2 >d/unread && mkdir d/sub && ln -s unread d/link && mkfifo d/p
native ./tool ls d cat d/read
capture ./tool ls d cat d/read
move_away
replay ./tool ls d cat d/read
same_output native replay
replay ./tool cat d/unread cat d/link cat d/read
grep -q '^cat d/unread: Permission denied' "$WORK/replay.out" || { show replay; fail "d/unread"; }
out_has replay 'cat d/read: ok'
# Said by whoever watches; by every engine with --diagnose.
[ "$EXEC_ENGINE" = namespace ] || err_has replay 'd/unread: was listed when the package was made'
run_in "$PACKAGE/cde-root$CAPTURE_CWD" diagnose "$PACKAGE/cde-exec" --diagnose ./tool cat d/unread
err_has diagnose 'd/unread: was listed when the package was made'
grep -q 'd/unread' "$PACKAGE/missing.jsonl" || fail "d/unread is not in missing.jsonl"
# One that is written over is a file like others, in the same run.
run_in "$PACKAGE/cde-root$CAPTURE_CWD" over "$PACKAGE/cde-exec" --engine "$EXEC_ENGINE" \
	./tool cat d/unread put d/unread new cat d/unread
out_has over 'cat d/unread: Permission denied'
out_has over 'cat d/unread: ok'
[ -p "$PACKAGE/cde-root$SRC/d/p" ] || [ "$(file_state "$SRC/d/p")" != none ] || fail "d/p is not known"
