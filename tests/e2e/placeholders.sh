#!/bin/sh
# A listed directory has all its names; what was not captured fails by name, and is never empty.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
tool
mkdir d && echo 1 >d/read && echo 2 >d/unread && mkdir d/sub && ln -s unread d/link && mkfifo d/p
mkdir e && for i in $(seq 40); do echo "$i" >"e/f$i"; done
native ./tool ls d ls e cat d/read
capture ./tool ls d ls e cat d/read
move_away
replay ./tool ls d ls e cat d/read
same_output native replay
replay ./tool cat d/unread cat d/link cat d/read
grep -q '^cat d/unread: Permission denied' "$WORK/replay.out" || { show replay; fail "d/unread"; }
out_has replay 'cat d/read: ok'
# Said by whoever watches; by every engine with --diagnose.
[ "$EXEC_ENGINE" = namespace ] || err_has replay 'd/unread: was listed when the package was made'
run_in "$PACKAGE/cde-root$CAPTURE_CWD" diagnose "$PACKAGE/cde-exec" --diagnose ./tool cat d/unread
err_has diagnose 'd/unread: was listed when the package was made'
grep -q 'd/unread' "$PACKAGE/missing.jsonl" || fail "d/unread is not in missing.jsonl"
# Not what is expected to be missing; it is noted all the same.
cp "$PACKAGE/cde.options" "$WORK/options" && rm "$PACKAGE/missing.jsonl"
echo "#:absent_exact=$CAPTURE_CWD/d/unread" >>"$PACKAGE/cde.options"
run_in "$PACKAGE/cde-root$CAPTURE_CWD" expected "$PACKAGE/cde-exec" --diagnose ./tool cat d/unread cat e/f1
grep -q 'd/unread: was listed' "$WORK/expected.err" && fail "d/unread is said to be missing"
err_has expected 'e/f1: was listed when the package was made'
grep -q 'd/unread' "$PACKAGE/missing.jsonl" || fail "d/unread is not noted"
replay ./tool cat d/unread
grep -q 'd/unread: was listed' "$WORK/replay.err" && fail "d/unread is said to be missing"
grep -q '^cat d/unread: Permission denied' "$WORK/replay.out" || { show replay; fail "d/unread"; }
mv "$WORK/options" "$PACKAGE/cde.options" && rm "$PACKAGE/missing.jsonl"
# One that is written over is a file like others, in the same run.
run_in "$PACKAGE/cde-root$CAPTURE_CWD" over "$PACKAGE/cde-exec" --engine "$EXEC_ENGINE" \
	./tool cat d/unread put d/unread new cat d/unread
out_has over 'cat d/unread: Permission denied'
out_has over 'cat d/unread: ok'
[ -p "$PACKAGE/cde-root$SRC/d/p" ] || [ "$(file_state "$SRC/d/p")" != none ] || fail "d/p is not known"
# Hundreds of them, as fontconfig opens: a few lines, and all in missing.jsonl.
all=
for i in $(seq 40); do all="$all cat e/f$i"; done
# shellcheck disable=SC2086 # words
replay ./tool $all
[ "$(grep -c 'was listed' "$WORK/replay.err")" = 5 ] || { show replay; fail "not 5 names"; }
err_has replay 'and more of these'
[ "$(wc -l <"$WORK/replay.err")" = 6 ] || { show replay; fail "not 6 lines"; }
[ "$(grep -c '/e/f.*"placeholder":true' "$PACKAGE/missing.jsonl")" = 40 ] ||
	fail "not all are in missing.jsonl"
EXEC_FLAGS=-v
# shellcheck disable=SC2086
replay ./tool $all
[ "$(grep -c 'was listed' "$WORK/replay.err")" = 40 ] || { show replay; fail "-v names all"; }
