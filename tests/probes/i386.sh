#!/bin/sh
# The probes' i386 variants are cases of their own ("m32") where the machine can run them.
# shellcheck source=tests/harness/lib.sh
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"

set -- "$CDE_BUILD"/tests/probe_*.m32
[ -x "$1" ] && exit 0
echo 'int main(void) { return 0; }' >try.c
gcc -m32 try.c -o try 2>/dev/null || skip "no gcc -m32 here (Debian: gcc-multilib)"
./try 2>/dev/null || skip "this kernel does not run i386 programs (CONFIG_IA32_EMULATION)"
fail "i386 programs run here, but the probes were not built for i386"
