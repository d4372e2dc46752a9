#!/bin/sh
# The working directory is below an ignored prefix (/tmp): it gets a redirect rule of its own,
# and its files come from the package, by relative and absolute name.
# shellcheck source=tests/harness/lib.sh
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
any_engine

dir=$(mktemp -d /tmp/cde-cwd.XXXXXX) || broken "mktemp"
trap 'rm -rf "$dir" "$dir.away"' EXIT
cd "$dir" || broken "cd"
echo "kept in tmp" >data
native cat data "$dir/data"
capture cat data "$dir/data"
same_output native capture noerr
in_package "$dir/data"
grep -q "^redirect_prefix=$dir" "$PACKAGE/cde.options" || fail "no redirect rule for the cwd"
move_away "$dir"
replay cat data "$dir/data"
same_output native replay
can_bare || exit 0
replay_bare cat data "$dir/data"
same_output native replay
