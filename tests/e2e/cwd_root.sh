#!/bin/sh
# Capture and replay with the working directory /.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
tool
echo x >f
cd / || exit
native "$SRC/tool" cwd cat "${SRC#/}/f" cat "$SRC/f"
capture "$SRC/tool" cwd cat "${SRC#/}/f" cat "$SRC/f"
same_output native capture
move_away
replay "$SRC/tool" cwd cat "${SRC#/}/f" cat "$SRC/f"
same_output native replay
cd / || exit
record seamless "$PACKAGE/cde-exec" "$SRC/tool" cwd cat "$SRC/f"
out_is seamless "cwd: /
cat $SRC/f: ok
x"
