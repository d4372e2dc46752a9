#!/bin/sh
# A pipeline of awk, sort, sed, join, uniq, xargs.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
for i in 1 2 3 4 5 6 7 8 9; do echo "$i $((i * i % 7)) name$((i % 3))"; done >t
printf 'name0 zero\nname1 one\n' >n
echo '{ s[$3] += $2 } END { for (k in s) print k, s[k] }' >p.awk
trip sh -c 'awk -f p.awk t | sort | join - n | sed "s/o/0/g" | tee out | xargs -n1 echo | sort | uniq -c; cat out'
