#!/bin/sh
# What /proc says about a program: exe, cwd, maps, its own pid.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
tool
trip ./tool rl /proc/self/exe rl /proc/self/cwd pidexe maps self again st /proc/self/exe
out_has replay "rl /proc/self/exe: $SRC/tool"
