#!/bin/sh
# doctor: versions of symbols between the package and libraries that are taken from this machine,
# in both directions; a library that is not here; the kernel and processor that files ask for.
# once: cde-pkg looks at packages
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/pkg.inc"
need cc readelf

# library NAME SONAME-VERSIONS…: lib/NAME with a function f of each version
library()
{
	l_name=$1
	shift
	: >v.map
	: >v.c
	l_before=
	for l_v; do
		echo "int f_$l_v(void); int f_$l_v(void) { return 0; }" >>v.c
		echo "$l_v { global: f_$l_v; local: *; } $l_before;" >>v.map
		l_before=$l_v
	done
	# shellcheck disable=SC2086 # options
	cc -shared -fPIC -nostdlib -Wl,-soname,"$l_name" -Wl,--version-script,v.map ${L_ISA-} \
		-o "lib/$l_name" v.c ${L_LIBS-} || broken "cc $l_name"
}

mkdir lib
library libv.so.1 V_1 V_2
library libw.so.1 W_1
echo 'int f_V_2(void); int f_W_1(void); int main(void) { return f_V_2() + f_W_1(); }' |
	cc -o prog -x c - -x none lib/libv.so.1 lib/libw.so.1 -Wl,-rpath,"$SRC/lib" || broken cc
capture ./prog
status_is capture 0
pkg doctor
status_is pkg 0
! grep -q '^[a-z]*  *library' "$WORK/pkg.out" || { show pkg; fail 'nothing is the host'"'"'s'; }
# the kernel that the C library asks for, by another program
abi=$(readelf -n prog | sed -n 's/.*OS: Linux, ABI: //p')
[ -z "$abi" ] || grep -q "^ok  *kernel .*asks for Linux" "$WORK/pkg.out" ||
	{ show pkg; fail 'no ABI note'; }

pkg pin "$SRC/lib/libv.so.1" host
pkg doctor
status_is pkg 0
grep -q "^ok  *library .*libv.so.1 is this machine's; 1 files need it, up to V_2" "$WORK/pkg.out" ||
	{ show pkg; fail 'the pinned library'; }
library libv.so.1 V_1
pkg doctor
status_is pkg 3
grep -q "^fails  *library .*$SRC/prog needs V_2 of libv.so.1" "$WORK/pkg.out" ||
	{ show pkg; fail 'an old library here is fine'; }
pkg doctor --format json
grep -q '"verdict":"fails","check":"library"' "$WORK/pkg.out" || { show pkg; fail JSON; }

# the other way round: it is new enough, but wants more of the package's libw
library libw.so.1 W_1 W_2
echo 'int f_W_2(void); int g(void); int g(void) { return f_W_2(); }' >more.c
L_LIBS='more.c lib/libw.so.1' library libv.so.1 V_1 V_2
pkg doctor
status_is pkg 3
grep -q "^fails  *library .*libv.so.1 needs W_2 of libw.so.1" "$WORK/pkg.out" ||
	{ show pkg; fail 'a library here that is too new is fine'; }

rm lib/libv.so.1
pkg doctor
status_is pkg 3
grep -q "^fails  *library .*libv.so.1 is taken from this machine, which has none" \
	"$WORK/pkg.out" || { show pkg; fail 'a library that is not here is fine'; }

# glibc itself, which also says what this processor has
pkg undo
level=$("$(readelf -l prog | sed -n 's/.*program interpreter: \(.*\)\]/\1/p')" --help 2>/dev/null |
	sed -n 's/^ *\(x86-64-v[0-9]\) (supported, searched).*/\1/p' | head -n 1)
pkg doctor
[ -z "$level" ] || grep -q "^ok  *cpu  *$level\$" "$WORK/pkg.out" ||
	{ show pkg; fail "ld.so says $level"; }
libc=$(sqlite3 "$PACKAGE/manifest.db" "SELECT path FROM file WHERE path LIKE '%/libc.so.6'")
pkg pin "$libc" host
pkg doctor
grep -q "^ok  *library .*libc.so.6 is this machine's; .* need it, up to GLIBC_2" "$WORK/pkg.out" ||
	{ show pkg; fail 'libc'; }
exit 0
