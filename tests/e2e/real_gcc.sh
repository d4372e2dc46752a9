#!/bin/sh
# gcc compiles, links and the result runs; also an error and its text.
# timeout: 120
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
need gcc
printf '#include <stdio.h>\n#include "my.h"\nint main(void) { puts(TEXT); return 6; }\n' >hello.c
echo '#define TEXT "hello"' >my.h
echo 'int main(void) { return x; }' >bad.c
trip sh -c 'gcc -O2 -g -Wall -o hello hello.c && ./hello; echo $?; LC_ALL=C gcc bad.c; echo $?'
