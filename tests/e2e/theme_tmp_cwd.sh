#!/bin/sh
# Someone who works below /tmp gets a rule of his own, and is told so.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
need script
any_engine
tool
where=$(mktemp -d /tmp/cde-e2e.XXXXXX) || exit
trap 'rm -rf "$where"' EXIT
mkdir "$where/w" && cp tool "$where/w/" && cd "$where/w" || exit
echo text >f && mkdir d && echo in >d/g
native ./tool cwd cat f cat "$where/w/d/g" ls d
capture ./tool cwd cat f cat "$where/w/d/g" ls d
same_output native capture
grep -qx "redirect_prefix=$where/w" "$PACKAGE/cde.options" || fail "no rule for $where/w"
record tty script -qec "'$CDE_BIN/cde' -o '$WORK/t' cat f" /dev/null
out_has tty "redirect_prefix=$where/w"
cd "$WORK" && rm -rf "$where/w" || exit
replay ./tool cwd cat f cat "$where/w/d/g" ls d
same_output native replay
