#!/bin/sh
# A text file without #! is for the shell to run.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
echo 'echo I ran: $1' >s && chmod +x s
trip sh -c './s once; echo $?'
