#!/bin/sh
# A script for an interpreter of our own; scripts of scripts; one argument.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
compile show <<'END'
#include <stdio.h>
int main(int n, char **a) { for (int i = 0; i < n; i++) printf("[%s]\n", a[i]); return n; }
END
printf '#!%s  one argument  only \n' "$SRC/show" >s
printf '#!%s\n' "$SRC/s" >t
printf '#!./show\n' >rel
chmod +x s t rel
trip sh -c './s "a b"; ./t x; ./rel y; "$PWD/t" z; echo $?'
