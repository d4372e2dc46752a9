#!/bin/sh
# Every *at call, by absolute name, by the working directory and by a descriptor.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
tool
mkdir d && echo text >d/f
for where in "$SRC/d" d; do
	set -- "$@" at "$where" cat f put new x cat new ln f f2 mv f2 f3 sym f l rl l \
		cat l mk sub st sub rd sub st f rm f3 rm l rm new fifo p st p rm p rm f2 ls .
	set -- "$@" cat "$SRC/d/f" st "$SRC/d/f"
done
trip ./tool "$@"
