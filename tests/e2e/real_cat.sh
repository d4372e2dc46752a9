#!/bin/sh
# cat of several files, one absent.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
echo one >a && printf 'two\0bin\377' >b
trip cat a b none "$SRC/a"
