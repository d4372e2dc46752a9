#!/bin/sh
# A setuid program loses its rights under ptrace: said in one line that names it.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
[ -z "$CDE_ROOTLY" ] || skip 'for root a setuid program is one like others'
for p in /usr/bin/su /usr/bin/passwd /usr/bin/mount; do
	[ -u $p ] && break
done
[ -u "$p" ] || skip 'no setuid program here'
capture "$p" --help
grep -iE "setuid|set-user-id" "$WORK/capture.err" | grep -q "$(basename "$p")" || { show capture; fail "no line that names $p"; }
