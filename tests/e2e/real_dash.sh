#!/bin/sh
# dash: loops, pipes, redirections, subshells.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
need dash
cat >s <<'END'
i=0
while [ $i -lt 5 ]; do echo line $i; i=$((i + 1)); done >out
(cd / && pwd) | cat - out | sort -r | head -n 4
read x <out && echo "$x" >>out && wc -l <out
kill -TERM $$
END
trip dash s
status_is replay 143
