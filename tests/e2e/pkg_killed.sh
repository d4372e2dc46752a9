#!/bin/sh
# scan that is killed or interrupted leaves a manifest that opens; the next one goes on.
# once: cde-pkg looks at packages
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/pkg.inc"
mkdir d
i=0
while [ $i -lt 1500 ]; do echo $i >d/$i; i=$((i + 1)); done
head -c 30000000 /dev/zero >d/large
capture sh -c 'cat d/* >/dev/null'
for sig in KILL INT TERM KILL; do
	"$CDE_BIN/cde-pkg" scan --all -p "$PACKAGE" >/dev/null 2>&1 &
	pid=$!
	wait_for test -e "$PACKAGE/manifest.db-journal" -o ! -d /proc/$pid
	kill -$sig $pid 2>/dev/null
	wait $pid 2>/dev/null
	pkg ls --format 0 "$SRC/d/"
	status_is pkg 0
	[ "$(tr -dc '\0' <"$WORK/pkg.out" | wc -c)" = 1501 ] || fail "after $sig rows are missing"
	[ "$(manifest 'PRAGMA integrity_check')" = ok ] || fail "after $sig the manifest is damaged"
done
pkg scan
status_is pkg 0
[ "$(manifest "SELECT count(*) FROM file WHERE state=0 AND kind='f' AND (sha256 IS NULL OR type IS NULL)")" = 0 ] ||
	fail "not all was done in the end"
