#!/bin/sh
# -l: programs start by the host's dynamic linker.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
any_engine
tool
echo x >f
native ./tool cat f sh 'cat f' rl /proc/self/exe
capture ./tool cat f sh 'cat f' rl /proc/self/exe
move_away
EXEC_FLAGS=-l
replay ./tool cat f sh 'cat f' rl /proc/self/exe
same_output native replay
