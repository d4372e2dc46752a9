#!/bin/sh
# bash: globs, arrays, process substitution, here documents, traps, jobs.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
need bash
cat >lib.bash <<'END'
greet() { echo "hello ${1^^}"; }
END
touch a.x b.x 'c d.x'
cat >s <<'END'
#!/usr/bin/env bash
set -eu
. ./lib.bash
a=(*.x)
greet "${a[-1]}"
mapfile -t l < <(sort -r < <(printf '%s\n' "${a[@]}"))
echo "${l[@]}"
cat <<X
$(pwd) ${#a[@]}
X
trap 'echo bye' EXIT
sleep 0 & wait $!
echo "$0 ${BASH_SOURCE[0]} $(readlink /proc/self/exe)"
exit 3
END
chmod +x s
trip ./s
