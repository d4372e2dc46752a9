#!/bin/sh
# diff: files, environment and versions of two packages.
# once: cde-pkg looks at packages
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/pkg.inc"
tool
echo same >same && echo one >changed && echo x >only-a && ln -s same link
VAR=1 capture ./tool cat same cat changed cat only-a cat link
cp -a "$PACKAGE" "$WORK/a"
rm -rf "$PACKAGE"
echo two >changed && rm only-a && echo y >only-b && rm link && ln -s changed link
VAR=2 capture ./tool cat same cat changed cat only-b cat link
pkg diff "$WORK/a" "$WORK/a"
status_is pkg 0
pkg diff --format tsv "$WORK/a" "$PACKAGE"
status_is pkg 1
grep -v "^what\|	$SRC	\|PWD" "$WORK/pkg.out" | cut -f 1-3 | sort >"$WORK/got"
printf '%s\n' "environment	changed	VAR" "file	added	$SRC/only-b" \
	"file	changed	$SRC/changed" "file	changed	$SRC/link" "file	removed	$SRC/only-a" |
	sort >"$WORK/want"
diff "$WORK/want" "$WORK/got" || fail "not these differences"
sqlite3 "$PACKAGE/manifest.db" "UPDATE file SET origin_package='zlib1g', origin_version='9'
	WHERE path='$SRC/same'"
sqlite3 "$WORK/a/manifest.db" "UPDATE file SET origin_package='zlib1g', origin_version='8'
	WHERE path='$SRC/same'"
pkg diff --format tsv "$WORK/a" "$PACKAGE"
grep -q "^package	changed	zlib1g	8	9" "$WORK/pkg.out" || { show pkg; fail "no version"; }
