#!/bin/sh
# A broken cde.options: file, line and reason; 125; on both sides.
# once: no engine is started
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
echo x >f
capture cat f
for bad in '# cde.options v9' 'no version' '# cde.options v2
ignore_prefix=/tmp
ignore_everything=/x' '# cde.options v2
ignore_prefix' '# cde.options v2
ignore_process=/bin/x
{
process_ignore_prefix=/y' '# cde.options v2

process_ignore_prefix=/y' '# cde.options v1
redirect_all=/'; do
	printf '%s\n' "$bad" >"$PACKAGE/cde.options"
	run_in "$PACKAGE/cde-root$SRC" replay "$PACKAGE/cde-exec" cat f
	status_is replay 125
	grep -q 'cde\.options:[0-9]*:* *[^ ]' "$WORK/replay.err" ||
		{ show replay; fail "no file:line: reason for: $bad"; }
	one_line replay
	out_is replay ''
done
printf '# cde.options v2\nignore_prefix=/tmp\nbroken line\n' >"$SRC/cde.options"
run_in "$SRC" again "$CDE_BIN/cde" -o "$WORK/other" cat f
status_is again 125
err_has again 'cde.options:3'
[ ! -s "$WORK/again.out" ] || fail "the program ran"
