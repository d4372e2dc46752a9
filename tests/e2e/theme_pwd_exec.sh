#!/bin/sh
# A program started as ../prog, and read by an absolute name.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
tool
mkdir d && echo text >d/f
cd d || exit
native ../tool cat f cat "$SRC/d/f" rl /proc/self/exe
capture ../tool cat f cat "$SRC/d/f" rl /proc/self/exe
same_output native capture
move_away
replay ../tool cat f cat "$SRC/d/f" rl /proc/self/exe
same_output native replay
