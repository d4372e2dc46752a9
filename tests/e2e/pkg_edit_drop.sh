#!/bin/sh
# drop, undo, redo: files leave the package and come back; --dry-run changes nothing and says
# what it would cost; gc deletes for good.
# once: cde-pkg looks at packages
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/edit.inc"
small_package
state "$WORK/start"
pkg drop --dry-run "$SRC/a" "$SRC/d" --format tsv
status_is pkg 0
awk -F '\t' -v p="$SRC/a" '$2 == p && $3 == -1 && $4 == -4 && $7 == "read by the run"' \
	"$WORK/pkg.out" | grep -q . || { show pkg; fail 'size and risk of a'; }
awk -F '\t' -v p="$SRC/d" '$2 == p && $3 == -1 && $4 == -6' "$WORK/pkg.out" | grep -q . ||
	{ show pkg; fail 'the directory'; }
state "$WORK/now" && same_state "$WORK/start" "$WORK/now" || fail '--dry-run changed something'
[ ! -e "$PACKAGE/.dropped" ] || fail '--dry-run made .dropped'

pkg drop "$SRC/a" "$SRC/d"
status_is pkg 0
[ ! -e "$R/a" ] && [ ! -e "$R/d" ] && [ -e "$R/b" ] || fail 'drop of two paths'
[ "$(file_state "$SRC/d/c")" = none ] || fail 'its row is there'
pkg verify --quick
status_is pkg 0
pkg undo
status_is pkg 0
state "$WORK/now" && same_state "$WORK/start" "$WORK/now" || fail 'undo after a write'
pkg redo
status_is pkg 0
[ ! -e "$R/a" ] && [ ! -e "$R/d" ] || fail 'redo'
pkg undo

pkg drop name:'[ab]'
status_is pkg 0
[ ! -e "$R/a" ] && [ ! -e "$R/b" ] && [ -e "$R/d/c" ] || fail 'drop by a filter'
pkg log --format tsv
[ "$(grep -c written "$WORK/pkg.out")" = 1 ] || { show pkg; fail 'a new act cuts the redo tail'; }
pkg gc --dry-run
[ -d "$PACKAGE/.dropped" ] || fail 'gc --dry-run deleted'
pkg gc --format json
status_is pkg 0
grep -q '"files":2' "$WORK/pkg.out" || { show pkg; fail 'gc counts'; }
[ ! -e "$PACKAGE/.dropped" ] || fail 'gc left .dropped'
pkg undo
status_is pkg 1
err_has pkg 'nothing to undo'
pkg drop "$SRC/nothing"
status_is pkg 1
err_has pkg 'not in the package'
pkg drop /
status_is pkg 1

# staged: only the log; the next act is refused, write applies all
pkg drop --stage "$SRC/d"
status_is pkg 0
[ -e "$R/d/c" ] || fail '--stage wrote'
pkg drop "$SRC/link"
status_is pkg 1
err_has pkg 'cde-pkg write'
pkg drop --stage "$SRC/link"
pkg undo
[ "$(manifest 'SELECT count(*) FROM edit WHERE done=1')" = 1 ] || fail 'undo of what is staged'
pkg write
status_is pkg 0
[ ! -e "$R/d" ] && [ -L "$R/link" ] || fail write
pkg undo --stage
[ ! -e "$R/d" ] || fail 'undo --stage wrote'
pkg edit --discard
pkg log --format tsv
grep -q 'written' "$WORK/pkg.out" || { show pkg; fail 'discard: as after the last write'; }
grep -Eq 'undone|taken|staged' "$WORK/pkg.out" && { show pkg; fail 'discard'; }

# nothing to do is an empty listing, not none
pkg write --format json
status_is pkg 0
err_has pkg 'nothing is staged'
tr -d ' \n' <"$WORK/pkg.out" | grep -qxF '{"cde-pkg":1,"verb":"write","rows":[]}' ||
	{ show pkg; fail 'no empty listing'; }
exit 0
