#!/bin/sh
# timeout: 600
# Whole distributions, older and newer than this machine's, as remotes: their interpreters,
# compilers, editors, Java and X programs run here.  `make stream-roots` makes the roots.
# once: streaming takes the ptrace engine
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
. "$CDE_TOP/tests/e2e/stream.inc"
roots=${CDE_FARM:-/var/cache/cde-farm}/stream

# says NAME WANT CMD…: a run from the user's directory prints WANT
says()
{
	says_n=$1 says_want=$2
	shift 2
	seamless "$says_n" "$@"
	[ -z "$says_want" ] || grep -q -- "$says_want" "$WORK/$says_n.out" "$WORK/$says_n.err" ||
		{ show "$says_n"; fail "$suite: $says_n does not say $says_want"; }
	status_is "$says_n" 0
}

xterm_draws()
{
	has Xvfb import || return 0
	say "$suite: xterm"
	rm -f "$WORK/display"
	Xvfb -displayfd 3 -screen 0 320x200x24 -nolisten tcp 3>"$WORK/display" 2>/dev/null &
	xvfb=$!
	trap 'kill $xvfb 2>/dev/null' EXIT
	wait_for grep -q "[0-9]" "$WORK/display"
	DISPLAY=:$(cat "$WORK/display")
	export DISPLAY
	rm -f "$SRC/drawn"
	(cd "$SRC" && exec "$WS/cde-exec" xterm -bg '#0000c0' -e \
		sh -c 'echo here; : >drawn; while [ -e drawn ]; do sleep .2; done') \
		>"$WORK/xterm.out" 2>&1 &
	term=$!
	wait_for test -e "$SRC/drawn"
	wait_for sh -c 'import -window root -depth 8 txt:- | grep -qi "#0000c0"'
	rm "$SRC/drawn"
	wait $term || { cat "$WORK/xterm.out"; fail "$suite: xterm: status $?"; }
	kill $xvfb
	wait $xvfb
	trap - EXIT
	unset DISPLAY
}

say() { echo "$*"; }

distro()
{
	suite=$1 glibc=$2
	workspace "$roots/$suite"
	max_age 300
	rm -rf "$SRC"
	mkdir "$SRC"
	cat >"$SRC/a.c" <<-'C'
		#include <gnu/libc-version.h>
		#include <stdio.h>
		int main(void) { printf("glibc %s\n", gnu_get_libc_version()); }
	C
	cat >"$SRC/A.java" <<-'C'
		public class A { public static void main(String[] a) { System.out.println("sum " + (40 + 2)); } }
	C
	says numpy 'numpy 36' python3 -c 'import numpy; print("numpy", numpy.arange(9).sum())'
	says perl 'perl 4' perl -MPOSIX -MData::Dumper -e 'print "perl ", floor(4.5), "\n"'
	says git 'first' sh -c 'git init -q r && cd r && echo a >f && git add f &&
		git -c user.name=a -c user.email=a@b commit -qm first && git log --format=%s'
	says vim '' vim -es -u NONE -c 'call writefile(["by vim"], "v")' -c 'qa!'
	grep -q 'by vim' "$SRC/v" || fail "$suite: vim wrote nothing"
	says gcc '' gcc a.c -o a
	# what root has made in a directory of root's counts as this machine's program
	[ -z "$CDE_ROOTLY" ] || glibc=
	says made "glibc $glibc" sh -c ./a
	says java 'sum 42' java A.java
	xterm_draws
}

found=
for pair in bullseye:2.31 trixie:2.41; do
	[ -e "$roots/${pair%:*}/.cde-profiles/environment" ] || continue
	found=1
	distro "${pair%:*}" "${pair#*:}"
done
[ -n "$found" ] || skip "no $roots/bullseye or trixie (make stream-roots)"
