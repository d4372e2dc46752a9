#!/bin/sh
# Arguments arrive as they are; cde.log can be pasted.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
tool
nl='a
b'
trip ./tool echo "a  b" echo "it's" echo '$HOME `x` "q" \' echo "$nl" echo "" echo "*"
grep -qF "cd 'cde-root$SRC'" "$PACKAGE/cde.log" ||
	grep -qF "cd cde-root$SRC" "$PACKAGE/cde.log" || fail "no cwd in cde.log"
line=$(grep -v '^#' "$PACKAGE/cde.log")
cd "$PACKAGE" || exit
record pasted sh -c "$line"
same_output native pasted
