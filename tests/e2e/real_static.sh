#!/bin/sh
# A static hello, and a static-pie one.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
tool -static 2>/dev/null || skip 'no static C library'
cc -O1 -w -D_GNU_SOURCE -pthread -static-pie -o pie "$TOOLS/tool.c" || cp tool pie
echo hello >f
trip sh -c './tool cat f rl /proc/self/exe; ./pie cat f self pie'
