#!/bin/sh
# A program that starts others, from changing directories.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
tool
mkdir -p a/b && echo A >a/f && echo B >a/b/f
trip ./tool cd a cwd sh 'pwd; cat f' cd b cwd sh 'pwd; cat f ../f' cd "$SRC" sh 'a=$(ls a); echo $a'
