#!/bin/sh
# A file through several absolute links; every level is packaged.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
echo text >f
mkdir d
ln -s "$SRC/f" d/one
ln -s "$SRC/d/one" two
ln -s two three
trip cat "$SRC/three"
for n in three two d/one f; do
	in_package "$SRC/$n"
done
