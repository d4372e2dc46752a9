#!/bin/sh
# Files below links to directories, relative, absolute, and in one another.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
tool
mkdir -p real/deep && echo text >real/f && echo deep >real/deep/f
ln -s real rel
ln -s "$SRC/real" abs
ln -s deep real/inner
ln -s "$SRC/abs/inner" both
trip ./tool cat rel/f cat abs/f cat both/f ls abs cat abs/inner/../f rl rel rl abs rl both cat rel/inner/f
[ -L "$PACKAGE/cde-root$SRC/abs" ] || fail "abs is no link in the package"
