#!/bin/sh
# find with names, types, times, -printf and -exec.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
for i in 1 2 3 4 5; do
	mkdir -p d$i/e/f && echo $i >d$i/e/f/x.txt && touch d$i/y.c && ln -s ../y.c d$i/e/l
done
touch -d 2001-01-01 d3/y.c
trip sh -c 'find . -name "*.txt" -o -type l | sort; find d3 -printf "%p %y %m %s %l %TY\n" |
	sort; find . -not -newermt 2010-01-01; find d1 -type f -exec head -v {} + | sort'
