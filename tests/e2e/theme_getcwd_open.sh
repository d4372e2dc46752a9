#!/bin/sh
# Names built from getcwd, unclean ones.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
tool
echo x >x
mkdir d && echo y >d/y
trip ./tool cwd cat "$SRC/./x" cat "$SRC/d/../x" cat "$SRC//d/./y" cd d cat ../x cat "$SRC/d/../d/y"
