#!/bin/sh
# gnuplot draws text art and a picture.
# timeout: 120
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
need gnuplot
printf '1 1\n2 4\n3 9\n4 16\n' >d
cat >s.gp <<'END'
set terminal dumb 60 15
plot 'd' with linespoints
set terminal svg
set output 'o.svg'
plot 'd', x**2
END
trip sh -c 'gnuplot s.gp && cksum <o.svg'
