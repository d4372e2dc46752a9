#!/bin/sh
# A static program, by relative and by absolute name.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
tool -static 2>/dev/null
echo text >f
trip ./tool cat f rl /proc/self/exe self again
replay "$SRC/tool" cat f rl /proc/self/exe self again
same_output native replay
