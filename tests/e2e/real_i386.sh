#!/bin/sh
# A 32-bit program under the 64-bit cde.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
tool -m32 2>/dev/null || skip 'no 32-bit compiler (gcc-multilib)'
./tool 2>/dev/null || skip 'this kernel runs no 32-bit programs'
mkdir d && echo text >d/f && ln -s "$SRC/d" l
trip ./tool cat l/f at d cat f mk n st n ls . mv n m rl /proc/self/exe self again sh 'cat d/f; ./tool echo deep' cd d cwd unix s maps
