#!/bin/sh
# style.sh: form (.clang-format) and size.  Hard limits: 800 lines of a file, 90
# of a function; tables (*.def) are no code.
set -u
cd "$(dirname "$0")/../.." || exit
bad=0
dirs=$(find engine pkgtools tui -maxdepth 0 2>/dev/null) # those that there are
files=$(find $dirs tests -name '*.[ch]' | sort)
programs=$(find $dirs -name '*.[ch]' | sort)

# The harness passes over a case that cannot be executed.
find tests/e2e tests/probes -name '*.sh' ! -perm -u+x | grep . &&
	{ echo "style: these are not executable" >&2; bad=1; }

for f in $files; do
	awk -v name="$f" '
		/^\{/ { start = FNR }
		/^\}/ && start {
			if (FNR - start > 90) {
				printf "style: %s:%d: function of %d lines (90)\n", name, start, FNR - start
				bad = 1
			}
			start = 0
		}
		END {
			if (FNR > 800) {
				printf "style: %s: %d lines (800)\n", name, FNR
				bad = 1
			}
			exit bad
		}' "$f" || bad=1
	# A tab is 8 columns; a line that is one string literal cannot be broken.
	expand "$f" | awk -v name="$f" '
		length($0) > 100 && !/^ *"/ {
			printf "style: %s:%d: %d columns\n", name, FNR, length($0)
			bad = 1
		}
		/[ \t]$/ { printf "style: %s:%d: blanks at the end\n", name, FNR; bad = 1 }
		END { exit bad }' || bad=1
done

if [ "${1-}" = --format ]; then
	command -v clang-format >/dev/null || { echo "style: no clang-format"; exit $bad; }
	for f in $programs; do
		clang-format "$f" | diff -u --label "$f" --label "$f, formatted" "$f" - || bad=1
	done
fi
exit $bad
