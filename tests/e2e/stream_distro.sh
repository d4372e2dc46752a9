#!/bin/sh
# timeout: 900
# Whole distributions, older and newer than this machine's, as remotes: their interpreters,
# compilers, editors, Java and X programs run here.  `make stream-roots` makes the roots.
# One is a directory, and what sshfs has mounted is one, too; both are served by a real sshd
# (sftp://).  What was fetched is then compared with the remote.  WAYS: which of "directory
# sftp sshfs" for each of them.
# once: root streams by ptrace, others by notification
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
. "$CDE_TOP/tests/e2e/stream.inc"
roots=${CDE_FARM:-/var/cache/cde-farm}/stream
: "${WAYS:=}"
xvfb='' SSHD='' mounted=''
# shellcheck disable=SC2154
clean_up()
{
	[ -z "$xvfb" ] || kill "$xvfb" 2>/dev/null
	[ -z "$mounted" ] || umount -l "$mounted"
	[ -z "$SSHD" ] || kill "$SSHD" 2>/dev/null
}

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
	xvfb=
	unset DISPLAY
}

say() { echo "$*"; }

# remote WAY: sets $remote to the distribution in that way, or fails
remote()
{
	remote=$REMOTE_ROOT
	case $1 in
	sftp) remote=sftp://localhost$REMOTE_ROOT ;;
	sshfs)
		mounted=$WORK/mnt
		mkdir -p "$mounted"
		contain=
		sshfs -h 2>&1 | grep -q no_contain && contain=,no_contain_symlinks
		sshfs -F "$WORK/ssh/client" -o "ro$contain" "localhost:$REMOTE_ROOT" "$mounted" ||
			fail "sshfs says $?"
		remote=$mounted
		;;
	esac
}

distro()
{
	REMOTE_ROOT=$roots/$1
	remote "$3"
	suite="$1 as $3" glibc=$2
	workspace "$remote"
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
	same_as_remote
	say "$suite: $(wc -l <"$LISTED") files are the remote's"
	[ -z "$mounted" ] || { umount -l "$mounted" && mounted=; }
}

# A real sshd, where it lets us in.  (start_sshd ends the case, so it is tried beside it.)
ways=${WAYS:-directory sftp sshfs}
if [ "$ways" != directory ]; then
	(start_sshd) >"$WORK/try" 2>&1
	case $? in
	0) rm -r "$WORK/ssh" && start_sshd ;;
	77) ways=directory; tail -n 1 "$WORK/try" ;;
	*) cat "$WORK/try"; fail 'no sshd' ;;
	esac
fi
if ! has sshfs || ! [ -w /dev/fuse ] || [ -z "$CDE_ROOTLY" ]; then
	say 'no sshfs for this user'
	ways=$(echo "$ways" | sed 's/sshfs//')
fi
trap clean_up EXIT

# ways_of SUITE: mounted or not, the code is the same
ways_of()
{
	case $WAYS,$1,$ways in
	,bullseye,*) echo "$ways" | sed 's/sshfs//' ;;
	,trixie,*sftp*sshfs*) echo "$ways" | sed 's/directory//' ;;
	*) echo "$ways" ;;
	esac
}

found=
for pair in bullseye:2.31 trixie:2.41; do
	[ -e "$roots/${pair%:*}/.cde-profiles/environment" ] || continue
	found=1
	for way in $(ways_of "${pair%:*}"); do distro "${pair%:*}" "${pair#*:}" "$way"; done
done
[ -n "$found" ] || skip "no $roots/bullseye or trixie (make stream-roots)"
