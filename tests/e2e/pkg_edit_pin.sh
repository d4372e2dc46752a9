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
# The directory is the host's, what the package has of it stays the package's.
mkdir "$SRC/d/more" && echo new >"$SRC/d/more/new" && echo changed >"$SRC/d/c"
pkg pin "$SRC/d" both
status_is pkg 0
grep -qx "ignore_prefix=$SRC/d" "$PACKAGE/cde.options" || fail 'both: the directory'
grep -qx "redirect_exact=$SRC/d/c" "$PACKAGE/cde.options" || fail 'both: a file of it'
replay cat d/c
out_is replay three
replay cat d/more/new
out_is replay new
pkg undo
cmp "$WORK/options" "$PACKAGE/cde.options" || fail 'undo of both'
echo "pin $SRC/d both" >"$WORK/script"
pkg edit --script "$WORK/script"
status_is pkg 0
grep -qx "redirect_exact=$SRC/d/c" "$PACKAGE/cde.options" || fail 'both in a script'
pkg undo
rm -r "$SRC/d/more" && echo three >"$SRC/d/c"
pkg pin "$SRC/a" nowhere
status_is pkg 1

# A note that the name is expected to be missing: beside the rule of the path, and programs
# see what they saw.
pkg pin "$SRC/none" absent
status_is pkg 0
{ cat "$WORK/options" && echo "#:absent_exact=$SRC/none"; } | cmp - "$PACKAGE/cde.options" ||
	fail 'absent, at the end'
pkg why "$SRC/none" --format tsv
grep -q '^absent	' "$WORK/pkg.out" || fail 'why does not tell'
pkg pin "$SRC/a" absent
replay cat a
out_is replay one
sed "s|^redirect_exact=$SRC/a\$|&\n#:absent_exact=$SRC/a|" "$WORK/options" >"$WORK/both"
echo "#:absent_exact=$SRC/none" | cat "$WORK/both" - | cmp - "$PACKAGE/cde.options" ||
	fail 'absent, beside a rule'
pkg pin "$SRC/a" host
grep -q "absent_exact=$SRC/a" "$PACKAGE/cde.options" && fail 'a side, and absent'
pkg undo
grep -q "^redirect_exact=$SRC/a\$" "$PACKAGE/cde.options" &&
	grep -q "^#:absent_exact=$SRC/a\$" "$PACKAGE/cde.options" || fail 'undo of the side'
pkg undo
pkg pin "$SRC/none" inherit
cmp "$WORK/options" "$PACKAGE/cde.options" || fail 'inherit takes the note away'
echo "pin $SRC/none absent" >"$WORK/script"
pkg edit --script "$WORK/script"
status_is pkg 0
grep -qx "#:absent_exact=$SRC/none" "$PACKAGE/cde.options" || fail 'absent in a script'
pkg undo
pkg redo
grep -qx "#:absent_exact=$SRC/none" "$PACKAGE/cde.options" || fail 'redo'
pkg undo
cmp "$WORK/options" "$PACKAGE/cde.options" || fail 'undo of absent'
pkg pin "$SRC/blank " absent
status_is pkg 1
err_has pkg 'cannot hold this name'

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
pkg pin /x absent
status_is pkg 0
pkg why /x --format tsv
grep -q '^absent	' "$WORK/pkg.out" && grep -q '^rule	ignore_prefix' "$WORK/pkg.out" ||
	fail 'absent in version 1'
pkg undo
cmp "$WORK/options" "$PACKAGE/cde.options" || fail 'undo of absent in version 1'

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
