#!/bin/sh
# A library found by $ORIGIN, in the package too, and through a link to the program.
# shellcheck source=tests/harness/lib.sh
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"

need gcc
mkdir -p app/lib bin
echo 'int seven(void) { return 7; }' >seven.c
echo 'int seven(void); int main(void) { return seven(); }' >main.c
gcc -shared -fPIC -o app/lib/libseven.so seven.c || broken "gcc"
# shellcheck disable=SC2016
gcc -o app/main main.c -Lapp/lib -lseven '-Wl,-rpath,$ORIGIN/lib' || broken "gcc"
ln -s ../app/main bin/main
native bin/main
status_is native 7
capture bin/main
same_output native capture
in_package "$SRC/app/lib/libseven.so"
in_manifest "$SRC/app/main" exec
in_manifest "$SRC/app/lib/libseven.so" read
move_away
replay bin/main
same_output native replay
can_bare || exit 0
replay_bare "$SRC/app/main"
same_output native replay
