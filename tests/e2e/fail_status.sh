#!/bin/sh
# Exit statuses, deaths by signal, 126 and 127, for cde and cde-exec.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
tool
echo text >plain && mkdir dir
for n in 0 1 3 125 126 127 255; do
	capture ./tool exit $n
	status_is capture $n
	replay ./tool exit $n
	status_is replay $n
done
for s in 1 2 9 13 15 6 11 10; do
	ulimit -c 0
	capture ./tool kill $s
	status_is capture $((128 + s))
	replay ./tool kill $s
	status_is replay $((128 + s))
done
# Death by signal is a death, not a number: a parent sees WIFSIGNALED.
need python3
record sig python3 -c 'import subprocess, sys; print(subprocess.call(sys.argv[1:]))' \
	"$CDE_BIN/cde" -q -o "$PACKAGE" ./tool kill 15
out_is sig -15
capture ./none
status_is capture 127
err_has capture none
capture no-such-command-anywhere
status_is capture 127
err_has capture no-such-command-anywhere
# a directory of PATH that is not for us has nothing that could not be executed
mkdir -m 0 closed
(PATH=$SRC/closed:$PATH && capture no-such-program-here)
status_is capture 127
err_has capture 'not found'
rmdir closed
capture ./plain
status_is capture 126
err_has capture plain
capture ./dir
status_is capture 126
capture ./tool st plain
replay ./none
status_is replay 127
replay no-such-command-anywhere
status_is replay 127
err_has replay no-such-command-anywhere
replay ./plain
status_is replay 126
