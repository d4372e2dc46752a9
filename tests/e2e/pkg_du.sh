#!/bin/sh
# du: sums are those of the files themselves, whatever they are grouped by.
# once: cde-pkg looks at packages
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/pkg.inc"
tool
mkdir d e && head -c 5000 /dev/zero >d/a && head -c 300 /dev/zero >e/b
capture ./tool cat d/a cat e/b
all=$(manifest "SELECT sum(size) || ' ' || count(*) FROM file WHERE state=0 AND kind='f'")
for by in origin package type dir; do
	pkg du --by $by --format tsv
	got=$(awk -F '\t' 'NR > 1 { s += $1; n += $2 } END { print s, n }' "$WORK/pkg.out")
	[ "$got" = "$all" ] || { show pkg; fail "du --by $by: $got, not $all"; }
done
pkg du --by package --format tsv
manifest "SELECT sum(size) || '|' || count(*) || '|' || origin_package FROM file
	WHERE state=0 AND kind='f' AND origin_package IS NOT NULL GROUP BY origin_package" |
	sort >"$WORK/want"
awk -F '\t' 'NR > 1 && $4 != "" { print $1 "|" $2 "|" $3 }' "$WORK/pkg.out" | sort >"$WORK/got"
diff "$WORK/want" "$WORK/got" || fail "packages differ from the manifest"
pkg du --by dir --depth 9 --format tsv "$SRC/d" or "$SRC/e"
lines_are "size	files	name
5000	1	$SRC/d
300	1	$SRC/e"
pkg du --by process --format tsv "$SRC/d"
grep -q "^5000	1	.*tool" "$WORK/pkg.out" || { show pkg; fail "no process has read d/a"; }
pkg du --by class
status_is pkg 2
