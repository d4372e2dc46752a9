#!/bin/sh
# ls: all of the package or what matches, in order, as a tree, with columns of one's choice.
# once: cde-pkg looks at packages
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/pkg.inc"
tool
mkdir -p d/sub
printf 12345 >d/five && printf 1 >d/one && printf 333 >d/sub/three && ln -s five d/link
capture ./tool cat d/five cat d/one cat d/sub/three cat d/link
pkg ls --format 0 "$SRC/d"
tr '\0' '\n' <"$WORK/pkg.out" >"$WORK/names"
[ "$(cat "$WORK/names")" = "$SRC/d
$SRC/d/five
$SRC/d/link
$SRC/d/one
$SRC/d/sub
$SRC/d/sub/three" ] || { cat "$WORK/names"; fail "not the paths, in their order"; }

# … of what a Debian package has, too, not its name.
pkg ls --format 0 class:package
tr '\0' '\n' <"$WORK/pkg.out" >"$WORK/names"
[ -s "$WORK/names" ] || fail "nothing of the distribution"
grep -v '^/' "$WORK/names" && fail "not paths"

# The same entries whichever way they are read: streamed, sorted, as a tree, from the files.
pkg ls --format tsv --columns path
sort "$WORK/pkg.out" >"$WORK/streamed"
pkg ls --format tsv --columns path --sort size
sort "$WORK/pkg.out" | diff "$WORK/streamed" - || fail "--sort shows other rows"
pkg ls --format tsv --columns path -r
sort "$WORK/pkg.out" | diff "$WORK/streamed" - || fail "-r shows other rows"
(cd "$PACKAGE/cde-root" && find . -path ".$SRC*" -print | sed 's/^.//') |
	sort >"$WORK/found"
pkg ls --no-manifest --format tsv --columns path "path:$SRC*"
sed 1d "$WORK/pkg.out" | sort | diff "$WORK/found" - || fail "--no-manifest is not the tree"

pkg ls --sort size --format tsv --columns size,name "$SRC/d/" kind:f
out_is pkg "size	name
5	five
3	three
1	one"
pkg ls --format tsv --columns size,name "size>=3 !three" "$SRC/d/" kind:f
out_is pkg "size	name
5	five"
pkg ls -t "$SRC/d/"
grep -q '9 B  dir .* d/$' "$WORK/pkg.out" || { show pkg; fail "the tree has no sum of d/"; }
pkg ls -t --depth 1 "$SRC"
[ "$(wc -l <"$WORK/pkg.out")" = 3 ] || { show pkg; fail "--depth 1 goes deeper"; }
pkg ls --format tsv --columns acc,name "acc:x" "$SRC"
out_is pkg "acc	name
x	tool"
pkg ls --format 0 proc:tool "$SRC/d/five"
[ -s "$WORK/pkg.out" ] || fail "proc: finds nothing"
pkg ls --format 0 proc:nonesuch
[ -s "$WORK/pkg.out" ] && fail "proc: finds what nobody used"
pkg ls --format 0 type:elf-exec "$SRC/"
[ "$(tr '\0' '\n' <"$WORK/pkg.out")" = "$SRC/tool" ] || { show pkg; fail "type:elf-exec"; }

# A reader that goes away is no error.
"$CDE_BIN/cde-pkg" ls -p "$PACKAGE" 2>"$WORK/head.err" | head -n 1 >/dev/null
[ -s "$WORK/head.err" ] && { cat "$WORK/head.err"; fail "a message for a closed pipe"; }

# Errors of the filter point at the place, and are wrong usage.
pkg ls 'size>big'
status_is pkg 2
err_has pkg "  size>big
       ^"
pkg ls --columns nix
status_is pkg 2
record pkg "$CDE_BIN/cde-pkg" ls -p "$WORK/nowhere"
status_is pkg 1
err_has pkg nowhere
