#!/bin/sh
# A package that cannot be written can be looked at, types included; so can one of the
# first format, and one that a killed capture left.
# once: cde-pkg looks at packages
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/pkg.inc"
[ -z "$CDE_ROOTLY" ] || skip "root writes everywhere"
tool
echo x >f
capture ./tool cat f
chmod a-w "$PACKAGE" "$PACKAGE/manifest.db"
cp "$PACKAGE/manifest.db" "$WORK/before"
for v in "ls type:elf" "du --by type" "why /lib/x86_64-linux-gnu/libc.so.6" status doctor "verify"; do
	# shellcheck disable=SC2086
	pkg $v
	status_is pkg 0
done
pkg ls --format tsv --columns path type:elf-exec "$SRC"
out_is pkg "path
$SRC/tool"
pkg scan
status_is pkg 1
cmp "$PACKAGE/manifest.db" "$WORK/before" || fail "it was written"
chmod u+w "$PACKAGE" "$PACKAGE/manifest.db"
