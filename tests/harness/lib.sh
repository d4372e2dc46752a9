# shellcheck shell=sh
# Functions for test cases: a case is an executable script in tests/SUITE/ that starts with
#
#	#!/bin/sh
#	. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
#
# CONTRACT (stable)
#
# Given by run.sh
#   CDE_TOP      the checkout             CDE_BUILD  its build directory
#   CDE_BIN      programs under test      CDE_ENGINE the engine under test
#   CAPTURE_ENGINE, EXEC_ENGINE  what cde and cde-exec take: of "notify+namespace" one each,
#                of a single name what they have of it, else ptrace
#   CDE_ROOTLY   1 when the case runs as root, else empty
#   WORK         fresh directory of this case, deleted when it passes; HOME is in it
#   It starts in $WORK/src (empty; = $SRC), stdin is /dev/null, LC_ALL=C.UTF-8, umask 022.
#   $WORK is not below /tmp or /var/tmp: the default rules leave these to the host.
#
# How a case ends
#   exit 0 passed · `skip REASON` (77, last line is the reason) · `fail TEXT` (1)
#   `broken TEXT` (99: the harness itself failed).  `set -u` is on, `set -e` is not:
#   the functions below fail by themselves.
#   A line `# timeout: 300` raises the limit of 60 seconds.
#   A line `# once: REASON`: which engine runs does not matter, the first one is enough.
#
# Running things.  Each keeps $WORK/NAME.out, NAME.err, NAME.status (128+n: signal n) and
# returns 0 whatever the status was; NAME is native, capture, replay, or yours.
#   record NAME CMD…   CMD in the present directory
#   native CMD…        = record native CMD…
#   capture CMD…       cde -o $WORK/pkg/cde-package --engine $CAPTURE_ENGINE $CDE_FLAGS CMD…
#                      and remembers the present directory for replay ($CAPTURE_CWD).
#                      CDE_FLAGS: more options, split at blanks; unset it afterwards.
#   move_away [DIR…]   moves the package to $WORK/moved/cde-package ($PACKAGE) and renames
#                      each DIR (default $SRC) to DIR.away: the originals are gone.
#                      The case then stands in $WORK.
#   move_package       the package only
#   replay CMD…        in $PACKAGE/cde-root$CAPTURE_CWD: cde-exec --engine … $EXEC_FLAGS CMD…
#                      (before move_away too: $PACKAGE is where the package is)
#   replay_bare CMD…   the same in a root directory with nothing but a static busybox
#   in_bare_root NAME PACKAGE CWD CMD…  record CMD in such a root: PACKAGE is /pkg there,
#                      CWD a directory there; /proc, /dev and an empty /tmp are present.
#                      Needs `can_bare` (root, or user namespaces).
#   replay_hidden DIR… -- CMD…  as replay, with an empty tmpfs over each DIR (can_bare, too)
#   fresh_src          $SRC is made anew, empty; the case stands in it
#
# Looking
#   status_is NAME N · out_is NAME TEXT · out_has NAME TEXT · err_has NAME TEXT
#   same_output A B    stdout, stderr and status of two runs; `same_output A B noerr`
#                      leaves stderr out
#   in_package PATH    cde-root has it (also links): fails the case when not
#   not_in_package PATH
#   in_manifest PATH KIND    access row; KIND stat read write exec list link any
#   file_state PATH    prints captured placeholder output unreadable special host lost none
#   missed PATH        a miss row
#   manifest SQL       prints rows of the package's manifest.db, columns parted by |
#   same_files A B     content, types, modes, link texts of two trees (diff)
#   has PROG…          all are on PATH (returns 1 when not)
#   any_engine         what the case asks for, mounts cannot express: where the namespace
#                      engine is under test, cde-exec must find out itself, and take ptrace
#   need PROG…         skips the case when one is missing
#   wait_for CMD…      until CMD succeeds; fails after 20 s
#   show NAME          prints the log of a run, for failures

set -u
: "${WORK:?}" "${CDE_BIN:?}" "${CDE_ENGINE:=ptrace}" "${CDE_BUILD:=$CDE_TOP/build}"
SRC=$WORK/src
PACKAGE=$WORK/pkg/cde-package
CAPTURE_CWD=$SRC
CDE_FLAGS=
EXEC_FLAGS=
SANDBOX=$CDE_BUILD/tests/sandbox
CAPTURE_ENGINE=${CDE_ENGINE%+*} EXEC_ENGINE=${CDE_ENGINE#*+}
[ "$CAPTURE_ENGINE" != namespace ] || CAPTURE_ENGINE=ptrace
# As an engine of cde-exec: ptrace, and the package must be after each replay as it was.
HOLD=
if [ "$EXEC_ENGINE" = ephemeral ]; then
	[ "$CAPTURE_ENGINE" != ephemeral ] || CAPTURE_ENGINE=ptrace
	EXEC_ENGINE=ptrace HOLD=1 EXEC_FLAGS=--ephemeral
fi

show()
{
	for show_f in out err status; do
		[ -s "$WORK/$1.$show_f" ] || continue
		echo "--- $1.$show_f"
		tail -n 25 "$WORK/$1.$show_f"
	done
}

fail()
{
	echo "FAIL: $*"
	exit 1
}

skip()
{
	echo "$*"
	exit 77
}

broken()
{
	echo "BROKEN: $*"
	exit 99
}

has()
{
	for has_p; do
		command -v "$has_p" >/dev/null 2>&1 || return 1
	done
}

any_engine()
{
	[ "$EXEC_ENGINE" != namespace ] || EXEC_ENGINE=auto
}

need()
{
	for need_p; do
		has "$need_p" || skip "no $need_p on this machine"
	done
}

record()
{
	record_n=$1
	shift
	record_s=0
	"$@" >"$WORK/$record_n.out" 2>"$WORK/$record_n.err" </dev/null || record_s=$?
	echo "$record_s" >"$WORK/$record_n.status"
	return 0
}

native()
{
	record native "$@"
}

capture()
{
	mkdir -p "${PACKAGE%/*}"
	CAPTURE_CWD=$(pwd -P)
	# shellcheck disable=SC2086 # options are split on purpose
	record capture "$CDE_BIN/cde" -o "$PACKAGE" --engine "$CAPTURE_ENGINE" $CDE_FLAGS "$@"
	[ -d "$PACKAGE/cde-root" ] || { show capture; fail "cde made no package"; }
}

move_package()
{
	cd "$WORK" || broken "cd $WORK"
	mkdir -p "$WORK/moved" || broken "mkdir moved"
	mv "$PACKAGE" "$WORK/moved/cde-package" || broken "cannot move the package"
	PACKAGE=$WORK/moved/cde-package
}

move_away()
{
	move_package
	[ $# -gt 0 ] || set -- "$SRC"
	for move_d; do
		mv "$move_d" "$move_d.away" || broken "cannot move $move_d away"
	done
}

replay()
{
	[ -d "$PACKAGE/cde-root$CAPTURE_CWD" ] ||
		fail "the package has no directory $CAPTURE_CWD"
	replay_old=$PWD
	cd "$PACKAGE/cde-root$CAPTURE_CWD" || broken "cd into the package"
	# shellcheck disable=SC2086
	record replay "$PACKAGE/cde-exec" --engine "$EXEC_ENGINE" $EXEC_FLAGS "$@"
	cd "$replay_old" || cd "$WORK" || broken "cd back"
}

# A dynamic cde-exec (sanitizers) has no libraries in a bare root.
can_bare()
{
	[ -x "$SANDBOX" ] && "$SANDBOX" --probe 2>/dev/null || return 1
	[ ! -e "$CDE_BIN/cde-exec" ] || ! readelf -lW "$CDE_BIN/cde-exec" | grep -q INTERP
}

make_bare()
{
	[ -d "$WORK/bare" ] && return
	bare_bb=$(command -v busybox) || skip "no busybox (Debian: busybox-static)"
	for bare_d in bin proc dev tmp pkg; do
		mkdir -p "$WORK/bare/$bare_d" || broken "mkdir bare/$bare_d"
	done
	cp "$bare_bb" "$WORK/bare/bin/busybox" || broken "cp busybox"
	ln -s busybox "$WORK/bare/bin/sh"
}

in_bare_root()
{
	bare_n=$1 bare_p=$2 bare_c=$3
	shift 3
	make_bare
	record "$bare_n" "$SANDBOX" --root "$WORK/bare" --bind "$bare_p" /pkg \
		--cwd "$bare_c" -- "$@"
	[ "$(cat "$WORK/$bare_n.status")" != 99 ] || { show "$bare_n"; broken "bare root"; }
}

replay_bare()
{
	[ -d "$PACKAGE/cde-root$CAPTURE_CWD" ] ||
		fail "the package has no directory $CAPTURE_CWD"
	# shellcheck disable=SC2086
	in_bare_root replay "$PACKAGE" "/pkg/cde-root$CAPTURE_CWD" \
		/pkg/cde-exec --engine "$EXEC_ENGINE" $EXEC_FLAGS "$@"
}

replay_hidden()
{
	hide_args=
	while [ "$1" != -- ]; do
		hide_args="$hide_args --hide $1"
		shift
	done
	shift
	# shellcheck disable=SC2086
	record replay "$SANDBOX" $hide_args --cwd "$PACKAGE/cde-root$CAPTURE_CWD" -- \
		"$PACKAGE/cde-exec" --engine "$EXEC_ENGINE" $EXEC_FLAGS "$@"
}

fresh_src()
{
	cd "$WORK" || broken "cd $WORK"
	rm -rf "$SRC"
	mkdir "$SRC" || broken "cannot make $SRC"
	cd "$SRC" || broken "cannot enter $SRC"
}

status_is()
{
	[ "$(cat "$WORK/$1.status")" = "$2" ] && return
	show "$1"
	fail "status of $1 is $(cat "$WORK/$1.status"), not $2"
}

out_is()
{
	[ "$(cat "$WORK/$1.out")" = "$2" ] && return
	show "$1"
	fail "output of $1 is not: $2"
}

out_has()
{
	grep -qF -e "$2" "$WORK/$1.out" && return
	show "$1"
	fail "output of $1 has no: $2"
}

err_has()
{
	grep -qF -e "$2" "$WORK/$1.err" && return
	show "$1"
	fail "stderr of $1 has no: $2"
}

same_output()
{
	same_parts="out err status"
	[ "${3-}" = noerr ] && same_parts="out status"
	same_bad=
	for same_p in $same_parts; do
		cmp -s "$WORK/$1.$same_p" "$WORK/$2.$same_p" && continue
		echo "$same_p of $1 (-) and $2 (+) differ:"
		diff -a -U 1 "$WORK/$1.$same_p" "$WORK/$2.$same_p" | tail -n +3 | head -n 40
		same_bad=$same_bad$same_p
	done
	[ -z "$same_bad" ] && return
	case $same_bad in
	*err*) ;;
	*) [ -s "$WORK/$2.err" ] && tail -n 5 "$WORK/$2.err" ;;
	esac
	fail "$1 and $2 differ ($same_bad)"
}

in_package()
{
	[ -e "$PACKAGE/cde-root$1" ] || [ -L "$PACKAGE/cde-root$1" ] ||
		fail "not in the package: $1"
}

not_in_package()
{
	[ -e "$PACKAGE/cde-root$1" ] || [ -L "$PACKAGE/cde-root$1" ] || return 0
	fail "in the package: $1"
}

manifest()
{
	sqlite3 -batch "$PACKAGE/manifest.db" "$1"
}

# Names that are not UTF-8 are blobs in the manifest: compare bytes.
sql_path()
{
	printf "CAST(X'%s' AS TEXT)" "$(printf %s "$1" | od -An -tx1 -v | tr -d ' \n')"
}

access_count()
{
	manifest "SELECT count(*) FROM access a JOIN file f ON a.file = f.id
		WHERE CAST(f.path AS TEXT) = $(sql_path "$1") AND a.kind & $2"
}

in_manifest()
{
	case $2 in
	stat) im_bit=1 ;;
	read) im_bit=2 ;;
	write) im_bit=4 ;;
	exec) im_bit=8 ;;
	list) im_bit=16 ;;
	link) im_bit=32 ;;
	any) im_bit=63 ;;
	*) broken "in_manifest: kind $2" ;;
	esac
	im_n=$(access_count "$1" "$im_bit" 2>&1)
	[ "$im_n" -gt 0 ] 2>/dev/null || fail "manifest: no $2 access of $1 ($im_n)"
}

file_state()
{
	fs_n=$(manifest "SELECT state FROM file WHERE CAST(path AS TEXT) = $(sql_path "$1")
		ORDER BY id DESC LIMIT 1")
	case $fs_n in
	0) echo captured ;;
	1) echo placeholder ;;
	2) echo output ;;
	3) echo unreadable ;;
	4) echo special ;;
	5) echo host ;;
	6) echo lost ;;
	*) echo none ;;
	esac
}

missed()
{
	ms_n=$(manifest "SELECT count(*) FROM miss
		WHERE CAST(path AS TEXT) = $(sql_path "$1")" 2>&1)
	[ "$ms_n" -gt 0 ] 2>/dev/null || fail "manifest: no miss of $1 ($ms_n)"
}

same_files()
{
	sf_script='{ find . -printf "%P %y %m %l\n"; find . -type f -exec sha256sum {} +; } | sort'
	(cd "$1" && sh -c "$sf_script") >"$WORK/tree.1" || fail "cannot list $1"
	(cd "$2" && sh -c "$sf_script") >"$WORK/tree.2" || fail "cannot list $2"
	diff "$WORK/tree.1" "$WORK/tree.2" || fail "$1 and $2 differ"
}

wait_for()
{
	wf_i=0
	until "$@" >/dev/null 2>&1; do
		wf_i=$((wf_i + 1))
		[ "$wf_i" -lt 400 ] || fail "waited 20 s for: $*"
		sleep 0.05
	done
}
