#!/bin/sh
# pin: a rule of the path itself, where it stood, or at the end; the rest stays byte for byte, a
# version 1 file stays one; cde-exec heeds it; notes.
# once: cde-pkg looks at packages
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/edit.inc"
small_package
cp "$PACKAGE/cde.options" "$WORK/options"
pkg pin "$SRC/a" host
status_is pkg 0
sed "s|^redirect_exact=$SRC/a\$|ignore_exact=$SRC/a|" "$WORK/options" |
	cmp - "$PACKAGE/cde.options" || fail 'replaced where it stood'
pkg undo
cmp "$WORK/options" "$PACKAGE/cde.options" || fail undo
pkg pin "$SRC/d" hidden
{ cat "$WORK/options" && echo "hide_prefix=$SRC/d"; } | cmp - "$PACKAGE/cde.options" ||
	fail 'a directory, at the end'
CAPTURE_CWD=$SRC
replay cat d/c
[ "$(cat "$WORK/replay.status")" != 0 ] || fail 'cde-exec shows what is hidden'
pkg pin "$SRC/d" inherit
cmp "$WORK/options" "$PACKAGE/cde.options" || fail inherit
replay cat d/c
out_is replay three
pkg pin "$SRC/a" "$SRC/b" host --format json
status_is pkg 0
grep -q '"pins":2' "$WORK/pkg.out" || fail 'two pins'
pkg undo 3
cmp "$WORK/options" "$PACKAGE/cde.options" || fail 'undo of all'
pkg pin "$SRC/a" nowhere
status_is pkg 1

printf '# cde.options v1\n# old\nignore_prefix=/x\nredirect_substr=keep' >"$PACKAGE/cde.options"
cp "$PACKAGE/cde.options" "$WORK/options"
pkg pin "$SRC/d" host
status_is pkg 0
printf '\nignore_exact=%s\nignore_prefix=%s/\n' "$SRC/d" "$SRC/d" | cat "$WORK/options" - |
	cmp - "$PACKAGE/cde.options" || { cat "$PACKAGE/cde.options"; fail 'version 1'; }
pkg pin "$SRC/b" hidden
status_is pkg 1
err_has pkg v2
pkg pin /keep/x host
status_is pkg 1
err_has pkg redirect_substr
pkg undo
cmp "$WORK/options" "$PACKAGE/cde.options" || fail 'undo in version 1'

pkg note "$SRC/a" 'why it is here:' é
status_is pkg 0
pkg info "$SRC/a"
out_has pkg 'why it is here: é'
pkg note "$SRC/a" ''
pkg info "$SRC/a" --format json
grep -q 'why it' "$WORK/pkg.out" && fail 'the note is still there'
pkg undo
pkg info "$SRC/a"
out_has pkg 'why it is here'
pkg note "$SRC/none" x
status_is pkg 1
exit 0
