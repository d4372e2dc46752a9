#!/bin/sh
# add: one file, its chain of links, a directory, from elsewhere, and what a program needs; the
# program that was added runs from the package.
# once: cde-pkg looks at packages
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/edit.inc"
small_package
state "$WORK/start"
mkdir -p tree/sub && echo t >tree/sub/t && ln -s sub/t tree/l1 && ln -s l1 tree/l2
chmod 640 tree/sub/t

pkg add new
status_is pkg 0
[ "$(cat "$R/new")" = new ] && [ "$(file_state "$SRC/new")" = captured ] || fail 'a file'
pkg add "$SRC/tree/l2"
[ "$(readlink "$R/tree/l2")" = l1 ] && [ -L "$R/tree/l1" ] && [ "$(cat "$R/tree/l2")" = t ] ||
	fail 'the chain of links'
[ "$(stat -c %a "$R/tree/sub/t")" = 640 ] || fail 'its mode'
pkg undo
[ ! -e "$R/tree" ] && [ ! -L "$R/tree/l2" ] || fail 'undo leaves something'
echo u >tree/u
pkg add tree
[ "$(cat "$R/tree/u")" = u ] && [ -L "$R/tree/l1" ] || fail 'a directory'
pkg add /opt/x/y from tree/u
[ "$(cat "$PACKAGE/cde-root/opt/x/y")" = u ] || fail 'from elsewhere'
pkg add /opt/t from tree
[ "$(cat "$PACKAGE/cde-root/opt/t/sub/t")" = t ] || fail 'a directory from elsewhere'
echo one1 >p && echo two2 >q && touch -r p q # size and time are the same
pkg add p
pkg add "$SRC/p" from q
[ "$(cat "$R/p")" = two2 ] || fail 'another file of the same time'
pkg undo 2
echo changed >a
pkg add a
[ "$(cat "$R/a")" = changed ] || fail 'replacing'
pkg undo
[ "$(cat "$R/a")" = one ] || fail 'undo of replacing'
pkg add none
status_is pkg 1
pkg add "$PACKAGE"
status_is pkg 1
err_has pkg 'is the package itself'
pkg verify --quick
status_is pkg 0

# what it needs: libraries and interpreter are marked, and it runs where there is nothing
PROG=$(command -v xz || command -v bzip2 || command -v gzip)
pkg add --dry-run --format tsv "$PROG"
grep -q "for	risk" "$WORK/pkg.out" || { show pkg; fail 'no columns'; }
pkg add "$PROG"
status_is pkg 0
ldd "$PROG" | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p' | while read -r lib; do
	[ -e "$PACKAGE/cde-root$lib" ] || fail "$lib is not in the package"
done || exit 1
CAPTURE_CWD=$SRC
replay "$PROG" --help
status_is replay 0
printf '#!%s -u\n' "$(command -v awk)" >script && chmod +x script
pkg add --dry-run --format tsv script
awk -F '\t' -v s="$SRC/script" '$6 == s' "$WORK/pkg.out" | grep -q "awk" ||
	grep -q awk "$WORK/pkg.out" || fail 'the interpreter of a script'
pkg undo 5
status_is pkg 0
pkg undo
state "$WORK/now"
same_state "$WORK/start" "$WORK/now" || fail 'undo of all is not the start'
if [ -r /var/lib/dpkg/info/gzip.list ]; then
	pkg add --package-files /usr/bin/gzip --dry-run --format tsv
	status_is pkg 0
	grep -q zcat "$WORK/pkg.out" || { show pkg; fail 'files of the package'; }
fi
exit 0
