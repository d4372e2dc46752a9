#!/bin/sh
# tsan.sh BUILD: the cases in which cde and cde-exec have threads, by programs that were built
# under ThreadSanitizer (make check-tsan).  No process may report a race, also where its
# status and stderr are not looked at.
set -u
top=$(cd "$(dirname "$0")/.." && pwd -P)
build=$(cd "$1" && pwd -P) || exit
users=$(id -u)
[ "$users" = 0 ] && users=0,65534
out=$(mktemp -d) || exit 1
trap 'rm -rf "$out"' EXIT
chmod 1777 "$out"
export TSAN_OPTIONS="log_path=$out/race" CDE_BUILD="$build"

# Streaming, and capture with much to do, many threads, processes, deaths.
"$top/tests/harness/run.sh" -e notify --as "$users" -f \
	'e2e (stream_|notify_|killed|background|live|real_(make|python|threads|git_log))' e2e
status=$?
for f in "$out"/race.*; do
	[ -e "$f" ] || continue
	cat "$f"
	status=1
done
exit $status
