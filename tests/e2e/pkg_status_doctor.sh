#!/bin/sh
# status has the numbers; doctor says what this machine lacks.
# once: cde-pkg looks at packages
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/pkg.inc"
tool
echo x >f
capture ./tool cat f
pkg status --format tsv
files=$(find "$PACKAGE/cde-root" -type f | while read -r f; do
	grep -q '^cde placeholder' "$f" || echo "$f"; done | wc -l)
awk -F '\t' -v n="$files" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "files") c = i }
	NR == 2 { exit $c != n }' "$WORK/pkg.out" || { show pkg; fail "not $files files"; }
(cd "$PACKAGE/cde-root" && record pkg "$CDE_BIN/cde-pkg" status)
out_has pkg "$PACKAGE"
(cd "${PACKAGE%/*}" && record pkg "$CDE_BIN/cde-pkg" status)
out_has pkg "$PACKAGE"
(cd / && record pkg "$CDE_BIN/cde-pkg" status)
status_is pkg 1
err_has pkg "no package here"
pkg doctor
status_is pkg 0
grep -q '^ok  *kernel' "$WORK/pkg.out" || { show pkg; fail "no kernel"; }
grep -q '^ok  *loader .*in the package' "$WORK/pkg.out" || { show pkg; fail "no loader"; }
rm "$PACKAGE/cde-exec"
pkg doctor
status_is pkg 3
grep -q '^fails  *cde-exec' "$WORK/pkg.out" || { show pkg; fail "a missing cde-exec is fine"; }
