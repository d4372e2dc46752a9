#!/bin/sh
# A script with #!/bin/sh.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
printf '#!/bin/sh\necho "$0 $# $1"; cat f\n' >s && chmod +x s && echo data >f
trip ./s "a b" c
