#!/bin/sh
# cat and extract give the content as it was captured; nothing is written elsewhere.
# once: cde-pkg looks at packages
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/pkg.inc"
tool
mkdir d && head -c 100000 /dev/urandom >d/rand && ln -s rand d/link && chmod 640 d/rand
odd_names
capture sh -c './tool cat d/link >/dev/null; cat ./* 2>/dev/null; ls d'
cp -a "$SRC" "$WORK/orig"
move_away
pkg cat "$SRC/d/link"
cmp "$WORK/pkg.out" "$WORK/orig/d/rand" || fail "cat: not the content"
pkg cat "$SRC/d"
status_is pkg 1
pkg extract -n "$SRC" "$WORK/out"
[ -e "$WORK/out" ] && fail "--dry-run made the directory"
pkg extract "path:$SRC*" "$WORK/out"
status_is pkg 0
same_files "$WORK/orig" "$WORK/out$SRC"
pkg extract "path:$SRC*" "$WORK/out"
status_is pkg 1
err_has pkg "there already"
pkg extract -f "path:$SRC*" "$WORK/out"
status_is pkg 0
same_files "$WORK/orig" "$WORK/out$SRC"
# A link that lies in the destination is not followed.
mkdir -p "$WORK/trap/${SRC%/*}" "$WORK/elsewhere"
ln -s "$WORK/elsewhere" "$WORK/trap$SRC"
pkg extract -f "$SRC/d/rand" "$WORK/trap"
[ -z "$(ls "$WORK/elsewhere")" ] || fail "extract followed a link of the destination"
pkg extract nothing-like-it "$WORK/out2"
status_is pkg 1
