#!/bin/sh
# One closing line, on a terminal only, and not with -q; nothing of ours on stdout.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
need script
echo x >f
capture cat f
out_is capture x
[ ! -s "$WORK/capture.err" ] || { show capture; fail "stderr is no terminal, yet:"; }
record tty script -qec "'$CDE_BIN/cde' -o '$WORK/t' cat f" /dev/null
grep -q '^cde: .* files.*→.*run:.*cat.cde' "$WORK/tty.out" || { show tty; fail "no closing line"; }
record quiet script -qec "'$CDE_BIN/cde' -q -o '$WORK/t' cat f" /dev/null
[ "$(tr -d '\r' <"$WORK/quiet.out")" = x ] || { show quiet; fail "-q is not quiet"; }
