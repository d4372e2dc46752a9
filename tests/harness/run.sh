#!/bin/sh
# Runs test cases in parallel.
#
#	run.sh [-j N] [-f FILTER] [-e ENGINE]… [--as USER[,USER]] [--keep] [SUITE…]
#
# SUITE: a directory of tests/ (default: probes e2e).  Its executable *.sh files are cases;
# the suite "probes" also has one case per `probe_X --list` line.  FILTER: an extended regular
# expression on the case's name.  --as root,65534: every case as each of these (numbers, or
# root); needs root, otherwise cases run as oneself.  -e ENGINE (repeatable) as every user;
# without it: ptrace, notify+namespace (cde with the one, cde-exec with the other), as root
# also ptrace-noseccomp over the probes, and as another user cde-exec --ephemeral
# (-e ephemeral) over those that change something, and cde-exec --engine notify
# (-e ptrace+notify) over those whose calls it answers, and some more.  Long cases come first.
#
# A line per failure and per skip, the slowest of many cases, then one line "N passed, N failed, N skipped"; status 1
# if anything failed.  Work directories: $CDE_TEST_DIR (default /srv, or $HOME when not root).
# Writing cases: lib.sh.
set -u
umask 022
LC_ALL=C.UTF-8
export LC_ALL

here=$(cd "$(dirname "$0")" && pwd -P)
CDE_TOP=$(cd "$here/../.." && pwd -P)
: "${CDE_BUILD:=$CDE_TOP/build}"
case $CDE_BUILD in
/*) ;;
*) CDE_BUILD=$CDE_TOP/$CDE_BUILD ;;
esac
: "${CDE_BIN:=$CDE_BUILD/bin}"
export CDE_TOP CDE_BUILD CDE_BIN

jobs=$(nproc) filter=. engines='' users='' suites='' CDE_KEEP=''
while [ $# -gt 0 ]; do
	case $1 in
	-j) jobs=$2; shift ;;
	-j*) jobs=${1#-j} ;;
	-f) filter=$2; shift ;;
	-e) engines="$engines $2"; shift ;;
	--as) users=$(echo "$2" | tr , ' '); shift ;;
	--user) users=$2; shift ;;
	--keep) CDE_KEEP=1 ;;
	-*) sed -n '2,17s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
	*) suites="$suites $1" ;;
	esac
	shift
done
export CDE_KEEP
# Where work directories go: short (AF_UNIX names), reachable by every user, not in /tmp.
if [ -z "${CDE_TEST_DIR-}" ]; then
	CDE_TEST_DIR=$HOME
	[ "$(id -u)" = 0 ] && [ -d /srv ] && CDE_TEST_DIR=/srv
fi
export CDE_TEST_DIR
suites=${suites:-probes e2e}
if [ "$(id -u)" != 0 ]; then
	[ -z "$users" ] || [ "$users" = "$(id -u)" ] ||
		echo "note: not root, running only as uid $(id -u)" >&2
	users=$(id -u)
fi
users=$(echo "${users:-root}" | sed 's/\<root\>/0/g')

make -s -C "$CDE_TOP/tests/probes" O="$CDE_BUILD/tests" || exit 99

results=$(mktemp -d "${TMPDIR:-/tmp}/cde-results.XXXXXX") || exit 99
trap 'rm -rf "$results"' EXIT
trap 'exit 130' INT TERM
CDE_RESULTS=$results
export CDE_RESULTS
chmod 755 "$results"

# USER ENGINE SUITE NAME…
list_suite()
{
	for l_f in "$CDE_TOP/tests/$1"/*.sh; do
		[ -f "$l_f" ] && [ -x "$l_f" ] && echo "$1 $(basename "$l_f")"
	done
	[ "$1" = probes ] || return 0
	for l_f in "$CDE_BUILD"/tests/probe_*; do
		[ -x "$l_f" ] || continue
		l_name=${l_f##*/}
		case $l_f in
		*.m32 | *.static) l_end=" ${l_f##*.}" ;;
		*) l_end= ;;
		esac
		"$l_f" --list | sed "s|^|$1 ${l_name%.*} |; s|\$|$l_end|"
	done
}

for s in $suites; do
	[ -d "$CDE_TOP/tests/$s" ] || { echo "no suite $s" >&2; exit 2; }
	list_suite "$s"
done | grep -E -e "$filter" >"$results/cases"
# Cases for which the engine does not matter.
for s in $suites; do
	(cd "$CDE_TOP/tests/$s" && grep -l '^# once: ' -- *.sh) | sed "s|^|$s |"
done >"$results/once"

# In a chroot, for example, nobody gets a user namespace, and root's mounts stay shared.
can_mount()
{
	if [ "$1" = "$(id -u)" ] && [ "$1" != 0 ]; then
		unshare -U -m true
	elif [ "$1" != 0 ]; then
		setpriv --reuid="$1" --regid="$1" --clear-groups unshare -U -m true
	else
		unshare -m mount --make-rprivate /
	fi 2>/dev/null
}

for u in $users; do
	e=${engines:-ptrace notify+namespace}
	if [ -z "$engines" ] && ! can_mount "$u"; then
		echo "note: no mount namespace for uid $u here: notify instead of notify+namespace" >&2
		e='ptrace notify'
	fi
	[ -z "$engines" ] && [ "$u" = 0 ] && e="$e ptrace-noseccomp"
	[ -z "$engines" ] && [ "$u" != 0 ] && e="$e ephemeral ptrace+notify"
	first=1
	for en in $e; do
		if [ -z "$engines" ] && [ "$en" = ptrace-noseccomp ]; then
			grep '^probes probe_' "$results/cases" | grep -vE ' (m32|static)$'
		elif [ -z "$engines" ] && [ "$en" = ephemeral ]; then
			grep -E '^probes probe_change [a-z0-9_]+$' "$results/cases"
		elif [ -z "$engines" ] && [ "$en" = ptrace+notify ]; then
			grep -E -e '^probes probe_(open|stat|paths) [a-z0-9_]+$' \
				-e '^e2e (conformance|host_program|seamless_[a-z]+)\.sh$' \
				-e '^e2e real_(bash|gcc|git|make|numpy)\.sh$' "$results/cases"
		elif [ -n "$first" ]; then
			cat "$results/cases"
		else
			grep -vxFf "$results/once" "$results/cases"
		fi | sed "s|^|$u $en |"
		first=
	done
done >"$results/unsorted"
# At the end of the list a long one would keep one processor busy, and the others idle.
for s in $suites; do
	(cd "$CDE_TOP/tests/$s" && grep '^# timeout: ' -- *.sh /dev/null) |
		sed -n "s|^\(.*\.sh\):# timeout: *\([0-9]*\).*|\2 $s \1|p"
done >"$results/limits"
awk 'FILENAME == ARGV[1] { limit[$2 " " $3] = $1; next }
	{ n = limit[$3 " " $4]; print (n ? n : 60), FNR, $0 }' "$results/limits" "$results/unsorted" |
	sort -k 1,1nr -k 2,2n | cut -d ' ' -f 3- | awk '{ print NR, $0 }' >"$results/jobs"
total=$(wc -l <"$results/jobs")
[ "$total" -gt 0 ] || { echo "no case matches" >&2; exit 2; }

xargs -P "$jobs" -d '\n' -n 1 "$here/one.sh" <"$results/jobs"

count()
{
	find "$results" -name "*.$1" | wc -l
}
# Who looks for time to save begins here.
[ "$total" -lt 100 ] || find "$results" -name '*.time' -exec cat {} + | sort -nr |
	awk 'NR <= 8 { t = $1 / 1000; $1 = ""; printf "%7.1f s %s\n", t, $0 }'
p=$(count pass) f=$(count fail) k=$(count skip)
lost=$((total - p - f - k))
if [ "$lost" -gt 0 ]; then
	echo "FAIL  $lost cases left no result"
	f=$((f + lost))
fi
echo "$p passed, $f failed, $k skipped"
[ "$f" -eq 0 ]
