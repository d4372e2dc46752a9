#!/bin/sh
# -i and -p: this run takes the path from the host, on both sides.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
any_engine
tool
mkdir d && echo captured >d/f && echo captured >g && echo captured >h
mkdir dd && echo captured >dd/f
CDE_FLAGS="-i $SRC/h"
capture ./tool cat d/f cat g cat h cat dd/f
CDE_FLAGS=
[ "$(file_state "$SRC/h")" != captured ] && ! grep -qs captured "$PACKAGE/cde-root$SRC/h" ||
	fail "h is in the package"
in_package "$SRC/g"
for f in d/f g h dd/f; do
	echo host >$f
done
EXEC_FLAGS="-i $SRC/g -p $SRC/d"
replay ./tool cat d/f cat g cat dd/f
out_is replay "cat d/f: ok
host
cat g: ok
host
cat dd/f: ok
captured"
EXEC_FLAGS=
replay ./tool cat d/f cat g
out_is replay "cat d/f: ok
captured
cat g: ok
captured"
