#!/bin/sh
# hello and hello.txt are two names; neither is the other by its beginning.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
tool
echo 1 >hello && echo 2 >hello.txt && mkdir helloo && echo 3 >helloo/x
trip ./tool cat hello.txt cat helloo/x cat .//./hello.txt st hell
not_in_package "$SRC/hello"
