#!/bin/sh
# check.sh BUILD: unit tests, probes and end-to-end cases of the programs in
# BUILD/bin, as the calling user, and when that is root as an unprivileged one
# (uid 65534) too.  Last line: the sum of all, "N passed, N failed, N skipped".
set -u
top=$(cd "$(dirname "$0")/.." && pwd -P)
build=$(cd "$1" && pwd -P) || exit
users=$(id -u)
[ "$users" = 0 ] && users=0,65534
# LeakSanitizer is a tracer itself; what runs under ptrace cannot have it.
export ASAN_OPTIONS=detect_leaks=0
out=$(mktemp -d) || exit 1
trap 'rm -rf "$out"' EXIT
passed=0 failed=0 skipped=0

add()
{
	passed=$((passed + $1))
	failed=$((failed + $2))
	skipped=$((skipped + $3))
}

# unit: Check's closing line is "100%: Checks: N, Failures: N, Errors: N".
unit()
{
	"$@" >"$out/unit" 2>&1
	status=$?
	cat "$out/unit"
	sums=$(sed -n 's/^[0-9]*%: Checks: \([0-9]*\), Failures: \([0-9]*\), Errors: \([0-9]*\).*/\1 \2 \3/p' \
		"$out/unit" | awk '{ c += $1; f += $2 + $3 } END { if (NR) print c - f, f, 0 }')
	# shellcheck disable=SC2086 # three numbers
	add ${sums:-0 1 0}
	# A crash after the counting is a failure, too.
	[ $status = 0 ] || [ "$failed" != 0 ] || add 0 1 0
}

suite()
{
	"$top/tests/harness/run.sh" "$@" | tee "$out/suite"
	sums=$(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped$/\1 \2 \3/p' \
		"$out/suite" | tail -n 1)
	# shellcheck disable=SC2086 # three numbers
	add ${sums:-0 1 0}
}

# A checkout in a closed directory (/root) is copied to one that uid 65534 reaches.
reached()
{
	[ "$users" = 0,65534 ] || return 0
	# shellcheck disable=SC2016 # for the inner shell
	setpriv --reuid=65534 --regid=65534 --clear-groups \
		sh -c 'test -x "$1/bin/cde" && test -r "$2/tests/check.sh"' sh "$build" "$top"
}

copy_out()
{
	for p in /srv /opt /var/tmp; do
		copy=$(mktemp -d "$p/cde-check.XXXXXX" 2>/dev/null) && break
	done
	chmod 755 "$copy" && mkdir "$copy/build" &&
		cp -a "$top/tests" "$top/engine" "$top/pkgtools" "$copy/" &&
		cp -a "$build/bin" "$copy/build/" || exit
	[ ! -d "$build/tests" ] || cp -a "$build/tests" "$copy/build/"
	top=$copy build=$copy/build
}

# The scenarios of cde-tui, as the calling user.
tui()
{
	"$top/tests/tui/run.sh" "$build" | tee "$out/suite"
	"$top/tests/tui/tmux.sh" "$build" | tee -a "$out/suite"
	sums=$(awk '/ passed, / { p += $1; f += $3; s += $5 } END { if (NR) print p, f, s }' \
		"$out/suite")
	# shellcheck disable=SC2086 # three numbers
	add ${sums:-0 1 0}
}

echo "== cde-tui"
[ ! -x "$build/bin/cde-tui" ] || tui
echo "== unit tests"
unit "$build/bin/unit"
copy=
reached || copy_out
export CDE_BUILD="$build" CDE_BIN="$build/bin"
for s in probes e2e; do
	echo "== $s, as uid $users"
	suite --as "$users" "$s"
done
[ -z "$copy" ] || [ "$failed" != 0 ] || rm -rf "$copy"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
