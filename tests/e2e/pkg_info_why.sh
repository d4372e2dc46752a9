#!/bin/sh
# info and why: who asked for a file, and what in the package needs it.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/pkg.inc"
need cc python3
echo 'int f(void) { return 0; }' | cc -x c -shared -fPIC -Wl,-soname,libmine.so.1 -o libmine.so.1.0 -
ln -s libmine.so.1.0 libmine.so.1
echo 'int f(void); int main(void) { return f(); }' |
	cc -o prog -x c - -x none ./libmine.so.1 -Wl,-rpath,"$SRC"
echo : >late
printf '#!/bin/sh\n./prog\ncat data\ncat late\n. ./late\ncat missing 2>/dev/null\npython3 -c "import mod"\n' >run.sh
echo 'import helper' >mod.py && echo >helper.py
chmod +x run.sh
echo text >data
export PYTHONDONTWRITEBYTECODE=1
capture ./run.sh
pkg why "$SRC/data"
out_has pkg "cat data"
grep -q '^started by .*run.sh' "$WORK/pkg.out" || { show pkg; fail "no chain up to run.sh"; }
grep -q '^first call  *open' "$WORK/pkg.out" || { show pkg; fail "no first call"; }
grep -q '^in run  *1: ./run.sh' "$WORK/pkg.out" || { show pkg; fail "no run"; }
# the first is who came first, not who was started first
pkg why --format json "$SRC/late"
grep -q '"relation":"read by","name":"[0-9]* cat late"' "$WORK/pkg.out" &&
	grep -q '"relation":"first call","name":"open' "$WORK/pkg.out" &&
	grep -q '"relation":"also","name":".*sh ./run.sh (run 1, open' "$WORK/pkg.out" ||
	{ show pkg; fail 'the wrong one was first'; }
pkg why "$SRC/run.sh"
grep -q '^first call  *execve' "$WORK/pkg.out" || { show pkg; fail "not executed"; }
pkg why "$SRC/libmine.so.1.0"
grep -q "^linked by  *$SRC/prog" "$WORK/pkg.out" || { show pkg; fail "nobody needs the library"; }
pkg why /bin/sh
grep -q "^runs script  *$SRC/run.sh" "$WORK/pkg.out" || { show pkg; fail "no script needs sh"; }
pkg why "$SRC/helper.py"
grep -q "^imported by  *$SRC/mod.py" "$WORK/pkg.out" || { show pkg; fail "no import"; }
pkg why "$SRC/missing"
grep -q '^not found .*No such file.*cat missing' "$WORK/pkg.out" ||
	{ show pkg; fail "a failed look-up is not explained"; }
pkg why /never/heard/of
status_is pkg 1
pkg info "$SRC/prog"
out_has pkg "elf.needed libmine.so.1"
grep -q '^type  *elf-exec' "$WORK/pkg.out" || { show pkg; fail "no type"; }
pkg info --format json "$SRC/data"
grep -q "\"path\":\"$SRC/data\"" "$WORK/pkg.out" || { show pkg; fail "no JSON"; }
pkg info "$SRC/prog" "$SRC/libmine.so.1"
grep -q '^link  *libmine.so.1.0' "$WORK/pkg.out" || { show pkg; fail "no text of a link"; }
