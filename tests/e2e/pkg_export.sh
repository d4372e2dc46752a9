#!/bin/sh
# export: what is in cde-root as a root file system.  The program runs in it; nothing of
# the package beside it is there, and no placeholder; twice the same bytes.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/pkg.inc"
need tar
tool
mkdir listed && echo unread >listed/none && echo data >data && ln -s data "$(printf 'l\377\nk')"
mkdir manifest.db && echo mine >manifest.db/x.tmp && echo mine >cde.options.tmp
capture sh -c './tool cat data cat manifest.db/x.tmp cat cde.options.tmp; ./tool cat ./l*k; ls listed'
move_package
pkg export -o "$WORK/root.tar.gz"
status_is pkg 0
mkdir "$WORK/root"
tar -xzf "$WORK/root.tar.gz" -C "$WORK/root" 2>"$WORK/tar.err" || fail "$(cat "$WORK/tar.err")"
(cd "$PACKAGE/cde-root" && find . ! -type s -print0 | LC_ALL=C sort -z) >"$WORK/theirs"
(cd "$WORK/root" && find . -print0 | LC_ALL=C sort -z) >"$WORK/ours"
tr '\n\0' '\001\n' <"$WORK/theirs" >"$WORK/t" && tr '\n\0' '\001\n' <"$WORK/ours" >"$WORK/o"
comm -13 "$WORK/t" "$WORK/o" | grep . && fail 'names that cde-root has not got'
missing=$(comm -23 "$WORK/t" "$WORK/o")
echo "$missing" | grep -qx ".$SRC/listed/none" || fail 'the placeholder is in it'
n=$(echo "$missing" | wc -l)
for f in $missing; do
	head -n 1 "$PACKAGE/cde-root/$f" | grep -q '^cde placeholder:' || fail "left out: $f"
done
for f in data manifest.db/x.tmp cde.options.tmp; do
	cmp "$PACKAGE/cde-root$SRC/$f" "$WORK/root$SRC/$f" || fail "$f"
done
pkg export -o "$WORK/again.tar.gz" --format json
out_has pkg "\"left_out\":$n"
cmp "$WORK/root.tar.gz" "$WORK/again.tar.gz" || fail 'another export has other bytes'
pkg export -o "$WORK/again.tar.gz"
status_is pkg 1
err_has pkg '--force'
pkg export -o "$WORK/root.iso"
[ "$(cat "$WORK/pkg.status")" = 2 ] || { show pkg; fail 'no such format'; }
pkg export -o "$WORK/owned.tar.xz" --owner
tar -tvJf "$WORK/owned.tar.xz" --numeric-owner | grep -q "$(id -u)/$(id -g) .* .$SRC/data\$" ||
	fail 'owners'
if [ "$(id -u)" = 0 ]; then
	chroot "$WORK/root" /bin/sh -c "cd '$SRC' && ./tool cat data" >"$WORK/run.out" || fail 'chroot'
	grep -qx data "$WORK/run.out" || fail 'its output'
elif unshare -Ur true 2>/dev/null; then
	unshare -Ur chroot "$WORK/root" /bin/sh -c "cd '$SRC' && ./tool cat data" >"$WORK/run.out" ||
		fail 'chroot'
	grep -qx data "$WORK/run.out" || fail 'its output'
else
	echo 'not tried: to run it (no namespaces here)'
fi
exit 0
